"""A rate that is pinned anew: what was said is worth what it is now, and what was counted stays the amount it was."""

from fractions import Fraction
from typing import Any

import pytest
from tests.helpers.currencies import abroad, made

from walkaway.policy import in_currency

BEFORE, AFTER = "2026-03-04T16:00:00Z", "2026-03-10T12:00:00Z"


@pytest.fixture(params=[("2", "1"), ("2", "0.7"), ("0.7", "2"), ("0.7", "0.3")])
def moved(request: pytest.FixtureRequest, tell: Any) -> tuple[Any, Any, list[int]]:
    """Return a position before and after a new rate, and how many cents of a euro a reference is worth at each.

    It is worth 3,000 USD. We say 3% for a reference, which is cleared, and then 12%, which is not;
    they say 9% with a reference, and then 8% with it.
    """
    policy = abroad(file=made(("2026-03-03", "USD", request.param[0]), ("2026-03-09", "USD", request.param[1])))
    deal = tell(in_currency(policy, "EUR"))
    deal(type="open", at=BEFORE, currency="EUR", facts={"list_price": "150,000 EUR"})
    they: dict[str, Any] = {"type": "offer", "by": "them", "at": BEFORE}
    we: dict[str, Any] = {"type": "offer", "by": "us", "actor": "rep", "at": BEFORE}
    deal(**they, terms={"discount": "9%", "reference": "yes"})
    deal(**they, terms={"discount": "8%"})
    assert deal(**we, terms={"discount": "3%", "reference": "yes"}).verdict == "proceed"
    assert deal(**we, terms={"discount": "12%", "reference": "no"}).verdict == "escalate"
    before = deal.position
    deal(type="update", fx="now", actor="rep", at=AFTER)
    return before, deal.position, [round(Fraction(300_000) / Fraction(rate)) for rate in request.param]


def test_what_both_sides_said_is_worth_what_it_is_at_the_new_rate(moved: tuple[Any, Any, list[int]]) -> None:
    """A share of the list price, in euros, is what it was; what the policy says in dollars is not."""
    before, after, references = moved

    def euros(of: Any, worth: int) -> int:
        return round(Fraction(of.valuation.exact(worth)))

    for of, cents in zip((before, after), references, strict=True):
        assert euros(of, of.ours.worth) == -1_800_000
        assert euros(of, of.ours.net) == -450_000 + cents
        assert euros(of, of.theirs.worth) == -1_200_000 + cents
        assert euros(of, of.theirs.net) == 150_000
        assert euros(of, of.valuation.base) == 15_000_000


def test_a_concession_stays_the_amount_that_it_was(moved: tuple[Any, Any, list[int]]) -> None:
    """Theirs gave 1,500 EUR, ours what 3% for a reference was."""
    before, after, _ = moved
    for side in ("ours", "theirs"):
        was, now = (getattr(of, side).last_give for of in (before, after))
        assert was
        assert after.valuation.exact(now) == before.valuation.exact(was)
    assert before.theirs.concessions == after.theirs.concessions == 1
    assert after.cleared == before.cleared


def test_a_day_without_a_rate_pins_none_in_place_of_one_that_there_is(tell: Any) -> None:
    """Published rates count for six days: asked for one after that, the deal keeps its own, and learns that none is."""
    deal = tell(in_currency(abroad(file=made(("2026-03-03", "USD", "2"))), "EUR"))
    deal(type="open", at=BEFORE, currency="EUR", facts={"list_price": "150,000 EUR"})
    pinned = deal.position.pinned
    assert not pinned.lacks
    deal(type="update", fx="now", actor="rep", at=AFTER)
    assert deal.position.pinned == pinned
    late = tell(in_currency(abroad(file=made(("2026-03-03", "USD", "2"))), "EUR"))
    late(type="open", at=AFTER, currency="EUR", facts={"list_price": "150,000 EUR"})
    assert late.position.pinned.lacks
    late(type="update", fx="now", actor="rep", at="2026-03-10T13:00:00Z")
    assert late.position.pinned.lacks
