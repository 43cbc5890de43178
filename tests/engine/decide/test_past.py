"""What looks back on a deal, or on a deal as a layer above has it: nothing is cleared by it, and nothing is lost."""

import pytest
from tests.helpers.saas import BASE, below, saas

FACTS = {"list_price": "100,000 USD", "segment": "enterprise", "decision_maker_known": "yes"}
SEATS = {"deal": {**BASE["deal"], "seats": {"type": "count", "default": "5", "meaning": "m"}}}
BUSY = {"why": "w", "on": "our terms", "when": "deal.seats < 10 and give.value > 0 USD", "then": "hold"}


@pytest.fixture
def begun(tell):
    """Return a function that opens a deal."""

    def opened(policy, **facts):
        found = tell(policy)
        found.open(facts={**FACTS, **facts})
        return found

    return opened


def they(**terms):
    return {"type": "offer", "by": "them", "terms": terms}


def we(**terms):
    return {"type": "offer", "by": "us", "actor": "ana", "terms": terms}


@pytest.mark.parametrize(
    "words",
    [
        [we(discount="1%")],
        [{"type": "offer", "by": "us", "actor": "ana", "packages": [{"discount": "1%"}, {"discount": "2%"}]}],
        [they(discount="1%"), {"type": "accept", "by": "us", "actor": "ana"}],
        [we(discount="1%"), {"type": "accept", "by": "them"}],
    ],
    ids=["our offer", "our packages", "our acceptance", "their acceptance"],
)
def test_what_was_not_let_through_is_not_cleared_by_folding_again(begun, words):
    """A fact that would have let it through is stated later: the deal is folded again, and that clears nothing."""
    deal = begun(saas(rules={"busy": BUSY}, **SEATS))
    assert deal(**we(term="24 months")).verdict == "proceed"
    cleared = deal.position.cleared
    assert deal.all(words)[-1].verdict == "hold"
    deal(type="update", actor="ana", facts={"seats": 50})
    assert deal.position.cleared == cleared
    assert deal.position.agreement is None or not deal.position.agreement.cleared


def test_what_had_lapsed_has_lapsed_when_it_is_folded_again(begun):
    """We say what they had offered until an earlier day: an offer of ours, also once something after it is voided."""
    deal = begun(saas())
    ours = we(discount="5%", term="36 months", prepay="yes")
    deal(**they(**ours["terms"]), until="2026-10-05T20:00:00Z", at="2026-10-05T18:00:00Z")
    deal(**ours, at="2026-10-06T09:00:00Z")
    deal(type="reject", by="them", at="2026-10-06T10:00:00Z")
    before = deal.position
    assert before.agreement is None
    void = {"type": "void", "of": "e4", "reason": "a slip", "actor": "ana"}
    assert deal(**void, at="2026-10-06T11:00:00Z").fired == {"voiding"}
    deal(type="approve", approver="dana", role=BASE["roles"][-1], of="e5", at="2026-10-06T12:00:00Z")
    assert (deal.position.agreement, deal.position.ours.rejected) == (None, False)


def test_who_signs_what_they_took_moves_nothing_of_theirs(begun):
    """Their acceptance is judged again when it is signed: what we give by it is no step of theirs."""
    back = {"why": "w", "on": "their acceptance", "when": "move.value < 0 USD", "then": "refuse"}
    deal = begun(saas(rules={"busy": BUSY, "back": back}, **SEATS))
    deal(**we(discount="1%"))
    assert deal(type="accept", by="them").fired == {"busy"}
    deal(type="update", actor="ana", facts={"seats": 50})
    assert deal(type="close", outcome="won", actor="ana").verdict == "proceed"


def test_an_issue_of_a_replaced_offer_is_taken_without_what_nobody_declared(begun):
    """The whole of it is taken with that."""
    for more, other in (({"issues": ["discount"]}, False), ({}, True)):
        deal = begun(saas())
        deal(**they(discount="5%", exclusivity="one year"))
        deal(**they(discount="30%"))
        seen = deal(type="accept", by="us", actor="ana", of="e2", **more)
        assert (("unvalued" in seen.fired), bool(deal.position.ours.other)) == (other, other)


def test_what_means_nothing_above_happens_there_all_the_same(begun):
    """Far ahead and confirmed, an approval by a role that the layer above has not moves both layers to its instant."""
    deal = begun(below({"policy": "team", "version": 1, "roles": ["clerk", *BASE["roles"]]}))
    clerk = {"type": "approve", "approver": "carl", "role": "clerk", "terms": {"discount": "1%"}}
    seen = deal(**clerk, confirmed=True, at="2028-03-01T09:00:00Z")
    assert "far-ahead" not in seen.fired
    assert deal.position.above.last == deal.position.last


def test_what_we_took_is_voided_by_the_highest_role_alone(begun):
    """The other side has heard it, as it hears an offer of ours."""
    for word in (we(term="24 months"), {"type": "accept", "by": "us", "actor": "ana"}):
        deal = begun(saas())
        deal.all([they(discount="5%"), word])
        assert deal(type="void", of="e3", reason="a slip", actor="ana").fired == {"voiding"}


def test_a_void_by_which_the_very_next_answer_would_be_milder_asks_the_highest_role(begun):
    """Their second offer in a row was held: without the first it is the first, though nothing tells by now."""
    again = {"why": "w", "on": "their offer", "when": "theirs.in_a_row >= 1", "then": "hold"}
    deal = begun(saas(rules={"again": again}))
    seen = deal.all([they(discount="30%"), they(discount="30%"), we(term="24 months")])
    assert [s.verdict for s in seen] == ["trade", "hold", "proceed"]
    assert deal(type="void", of="e2", reason="a slip", actor="ana").fired == {"voiding"}


def test_who_signs_is_not_who_agreed(begun):
    """Ana took it, dana approves and signs: the approval counts, since it is ana's acceptance that is judged again."""
    ask = {"why": "w", "on": "our terms", "when": "give.value > 0 USD", "then": "escalate", "to": "director"}
    deal = begun(saas(rules={"ask": ask}))
    deal.all([they(discount="1%"), {"type": "accept", "by": "us", "actor": "ana"}])
    deal(type="approve", approver="dana", role="director", terms={"discount": "1%"})
    assert deal(type="close", outcome="won", actor="dana").verdict == "proceed"


def test_what_was_confirmed_far_ahead_is_so_when_it_is_folded_again(begun):
    """An approval is taken back, and nothing that came after the long pause is lost by it."""
    deal = begun(saas())
    deal(type="approve", approver="dana", role="director", terms={"discount": "9%"})
    deal(type="tick", confirmed=True, at="2028-03-01T09:00:00Z")
    assert deal(**we(term="24 months"), at="2028-03-01T09:00:00Z").verdict == "proceed"
    deal(type="revoke", approver="dana", of="e2", at="2028-03-02T09:00:00Z")
    assert deal.position.cleared["term"] == 24


@pytest.mark.parametrize("place", [0, 1])
def test_of_several_packages_of_theirs_each_is_held_against_what_taking_it_would_be(begun, place):
    """The one of least worth might be taken; the other, worth more to us, might not: so both together are no yes."""
    long = {"why": "w", "on": "our acceptance", "when": "offer.term > 36 months", "then": "refuse"}
    packages = [{"discount": "2%", "term": "12 months"}]
    deal = begun(saas(rules={"long": long}))
    packages.insert(place, {"discount": "1%", "term": "48 months"})
    assert deal(type="offer", by="them", packages=packages).verdict == "trade"
    assert deal(type="accept", by="us", actor="ana", package=place + 1).verdict == "refuse"
    assert deal(type="accept", by="us", actor="ana", package=2 - place).verdict == "proceed"


def test_what_they_concede_by_packages_pays_for_taking_one_of_them(begun):
    """As by a single offer: from 30% to 5% or 6% they come down by more than either gives."""
    for word in ({"terms": {"discount": "5%"}}, {"packages": [{"discount": "5%"}, {"discount": "6%"}]}):
        deal = begun(saas())
        assert deal(**they(discount="30%")).verdict == "trade"
        assert deal(type="offer", by="them", **word).verdict == "proceed"


def test_one_person_is_one_whatever_each_approval_was_given_for(begun):
    """Two directors are asked: one of them, spelled otherwise and approving what waits in the deal as well, is one."""
    ask = {"why": "w", "on": "our terms", "when": "give.value > 0 USD", "then": "escalate"}
    deal = begun(saas(rules={"ask": {**ask, "to": {"role": "director", "count": "2"}}}))
    terms = {"discount": "2%"}
    deal(**we(term="24 months"))
    assert deal(type="void", of="e2", reason="a slip", actor="ana").fired == {"voiding"}
    deal(type="approve", approver="dana", role="director", terms=terms)
    deal(type="approve", approver=" Dana", role="cfo", of="e3", terms=terms)
    assert deal(**we(**terms)).verdict == "escalate"
    deal(type="approve", approver="erin", role="director", terms=terms)
    assert deal(**we(**terms)).verdict == "proceed"
