"""Questions to the log on both kinds of store: entries are left out by their bytes, and nothing is that fits."""

from tests.helpers.logs import deal, record

from walkaway.log.reports import LogQuestion, Reports
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
