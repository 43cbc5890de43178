"""A slip is left out at once where that buys nothing, and by the highest role's leave where it may."""

import pytest
from tests.helpers.saas import BASE, saas

FACTS = {"list_price": "100,000 USD", "segment": "enterprise", "decision_maker_known": "yes"}
HELD = {"why": "w", "on": "our terms", "then": "hold"}


def they(**terms):
    return {"type": "offer", "by": "them", "terms": terms}


def we(**terms):
    return {"type": "offer", "by": "us", "actor": "ana", "terms": terms}


def approves(who, discount):
    return {"type": "approve", "approver": who, "role": "director", "terms": {"discount": discount}}


@pytest.fixture
def asks(tell):
    """Return a function that tells whether the highest role is asked about leaving out one of some events."""

    def voided(events, of, rules=None, at=None):
        deal = tell(saas(rules=BASE["rules"] if rules is None else rules))
        deal.open(facts=FACTS)
        deal.all(events)
        seen = deal(type="void", of=of, reason="a slip", actor="ana", **({} if at is None else {"at": at}))
        assert "voiding" in seen.fired or seen.verdict == "proceed"
        return "voiding" in seen.fired

    return voided


@pytest.mark.parametrize(("of", "asked"), [("e3", True), ("e2", False)])
def test_an_approval_that_another_took_the_place_of_comes_back_by_leave_alone(asks, of, asked):
    """Dana approved 9%, and then 5%: without the second the first counts again. Without the first nothing is there."""
    assert asks([approves("dana", "9%"), approves("dana", "5%")], of) is asked


def test_an_approval_is_taken_away_at_once(asks):
    """Nothing is bought by it."""
    assert not asks([approves("dana", "9%"), approves("cleo", "5%")], "e3")


def test_what_would_be_agreed_without_a_slip_is_so_by_leave_alone(asks):
    """We took our word back, so that theirs was an offer and no acceptance of it."""
    withdrawn = {"type": "withdraw", "by": "us", "actor": "ana"}
    assert asks([we(term="24 months"), withdrawn, they(term="24 months")], "e3", {"busy": {**HELD, "when": "no"}})
    assert not asks([we(term="24 months"), withdrawn, they(term="23 months")], "e3", {"busy": {**HELD, "when": "no"}})


def test_other_terms_are_agreed_without_a_slip_by_leave_alone(asks):
    """They took 24 months, and then terms that are worth as much: without the second acceptance it is the first."""
    yes, other = {"type": "accept", "by": "them"}, {"term": "36 months", "discount": "1.5%"}
    assert asks([we(term="24 months"), yes, we(**other), yes], "e5", {"busy": {**HELD, "when": "no"}})
    assert not asks([we(term="24 months"), yes, we(term="24 months"), yes], "e5", {"busy": {**HELD, "when": "no"}})


@pytest.mark.parametrize(("at", "asked"), [("12:59:59", True), ("13:00:00", True), ("13:00:01", False)])
def test_what_has_lapsed_by_then_buys_nothing(asks, at, asked):
    """They took back 5%, which bound until one: that they did not matters while it would bind."""
    offered = {**they(discount="5%"), "until": "2026-10-01T13:00:00Z"}
    events = [they(discount="9%"), offered, {"type": "withdraw", "by": "them"}]
    assert asks(events, "e4", {"busy": {**HELD, "when": "no"}}, f"2026-10-01T{at}Z") is asked


def test_a_fact_behind_a_conclusion_stays_as_it_is_but_by_leave(asks):
    """The rule that decides reads what another one concludes."""
    pushy = {"why": "w", "on": "our terms", "when": "theirs.in_a_row >= 2", "then": {"conclude": "pushy"}}
    rules = {"pushy": pushy, "wait": {**HELD, "when": "concluded.pushy"}}
    events = [they(discount="30%"), they(discount="30%")]
    assert asks(events, "e3", rules)
    assert not asks(events, "e3", {"wait": {**HELD, "when": "no"}})


def test_what_they_have_conceded_may_be_less_at_once_though_rules_read_it(asks):
    """Their first word sets the base: without 9% the 5% after it is no concession, without 5% the 9% is no retreat."""
    rules = {"little": {**HELD, "when": "theirs.net < 1 USD"}}
    assert not asks([they(discount="9%"), they(discount="5%")], "e2", rules)
    assert asks([they(discount="5%"), they(discount="9%")], "e2", rules)
