"""Questions to the log on both kinds of store: entries are left out by their bytes, and nothing is that fits."""

from tests.helpers.logs import POLICY, deal, make_policy, record

from walkaway.log import store as db
from walkaway.log.questions import LogQuestion
from walkaway.log.reports import Reports
from walkaway.log.store import Store


def test_a_store_leaves_out_what_cannot_fit(store: Store) -> None:
    """The same decisions are found as by reading all of them, each with what was given and got, and by whom."""
    record(store, [*deal("D-1"), *deal("D-2")])
    reports = Reports(store)
    every = [*reports.rows(LogQuestion())]
    assert every
    for question in (
        LogQuestion(conceded=True),
        LogQuestion(rule="nothing-for-nothing"),
        LogQuestion(rule="deep", deal="D-2"),
        LogQuestion(approved_by="sam"),
        LogQuestion(overridden=True),
    ):
        deals = [question.deal] if question.deal else ["D-1", "D-2"]
        fits = [row.entry.n for row in every if row.deal in deals and row.fits(question)]
        assert [row.entry.n for row in reports.rows(question)] == fits
    (conceded, *_) = reports.rows(LogQuestion(conceded=True))
    assert conceded.give is not None
    assert conceded.get is not None
    assert conceded.give > conceded.get
    assert conceded.currency == "USD"


def test_what_a_row_says_is_what_its_deal_says(store: Store) -> None:
    """Terms as people write them, the line of each rule, and names opened by the salts that are there."""
    record(store, deal("D-1"))
    for row in Reports(store).rows(LogQuestion()):
        assert all(row.line(fired) for fired in row.fired)
        assert not row.actor.startswith("sealed:")
    for row in Reports(store, opens=False).rows(LogQuestion()):
        assert row.actor == "" or row.actor.startswith("sealed:")


SALARIES = POLICY.replace("contact: {type: text, optional: yes, personal: yes}", "salary: {type: money, personal: yes}")
SALARIES = SALARIES.replace("when: offer.discount > 15%", "when: offer.discount > 15% and deal.salary > 1 USD")


def test_sealed_reasoning_is_read_while_its_text_is_there(store: Store) -> None:
    """Under a policy that reckons with a personal quantity; once it is erased, a row shows no figures."""
    events = [{**e, "facts": {**e["facts"], "salary": "9 USD"}} if e["type"] == "open" else e for e in deal("D-1")[:5]]
    for event in events:
        event.get("facts", {}).pop("contact", None)
    record(store, events, make_policy(SALARIES))
    (found,) = Reports(store).rows(LogQuestion(conceded=True))
    assert found.give is not None
    assert found.terms["discount"] == "5.5%"
    (same,) = Reports(store).rows(LogQuestion(rule="nothing-for-nothing"))
    assert same.entry.n == found.entry.n
    assert [*Reports(store, opens=False).rows(LogQuestion(conceded=True))] == []
    with store.writing():
        db.remove_items(store, [("D-1", seal) for seal in db.items(store, "D-1")])
    assert [*Reports(store).rows(LogQuestion(conceded=True))] == []
    assert all(row.give is None and row.fired == () for row in Reports(store).rows(LogQuestion()))
