"""Law 8: nothing is rounded before it is compared, on both sides of the table, at every list price with cents."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.engine.conftest import RULES, Telling, read_policy

from walkaway import policy
from walkaway.language.values import Kind, Unit, format_value

USD, PERCENT = Unit(Kind.MONEY, "USD"), Unit(Kind.PERCENT)

SELLER = """
policy: seller
version: 1
side: seller
currency: USD
deal: {list_price: money}
issues:
  discount: {type: percent, start: 0%, worth: -1% of deal.list_price per 1%, walk: 20%}
package: {base: deal.list_price, walk: 80% of deal.list_price}
rules:
  cap: {why: w, on: our offer, when: give.value > 15% of deal.list_price, then: hold}
  gift: {why: w, on: our offer, when: give.value > 0 USD, then: trade, enforcement: advisory}
"""
BUYER = """
policy: buyer
version: 1
side: buyer
currency: USD
deal: {budget: money}
issues:
  markup: {type: percent, start: 0%, worth: -1% of deal.budget per 1%, walk: 20%}
package: {base: -1 * deal.budget, walk: -120% of deal.budget}
rules:
  cap: {why: w, on: our offer, when: give.value > 15% of deal.budget, then: hold}
  gift: {why: w, on: our offer, when: give.value > 0 USD, then: trade, enforcement: advisory}
"""
SIDES = {
    "seller": (read_policy(SELLER), "list_price", "discount"),
    "buyer": (read_policy(BUYER), "budget", "markup"),
}


def begun(side, cents):
    """Return a deal at a list price, or a budget, in cents, and the name of its one issue."""
    rules, fact, issue = SIDES[side]
    deal = Telling(rules)
    deal.open(facts={fact: format_value(cents, USD)})
    return deal, issue


@pytest.mark.slow
@pytest.mark.parametrize("side", SIDES)
@given(cents=st.integers(1, 10**12))
def test_at_a_limit_we_may_and_one_smallest_unit_past_it_not(side, cents):
    """20% is not beyond a 20% floor, 15% not above a 15% cap; a ten-thousandth of a percent more is."""
    for at, more, expected in (
        (150_000, 0, "proceed"),
        (150_000, 1, "hold"),
        (200_000, 0, "hold"),
        (200_000, 1, "refuse"),
    ):
        deal, issue = begun(side, cents)
        seen = deal.us(**{issue: format_value(at + more, PERCENT)})
        assert seen.verdict == expected
        assert ("beyond-walk" in seen.fired) == (expected == "refuse")


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("cents", [40, 10_000])
def test_no_step_is_too_small_to_be_a_give(side, cents):
    """At a list price of 0.40 USD, or of 100 USD, a ten-thousandth of a percent is given all the same."""
    deal, issue = begun(side, cents)
    assert "gift" in deal.us(**{issue: "0.0001%"}).fired


@pytest.mark.parametrize("price", ["12,345.68 USD", "12,345.30 USD", "4.50 USD", "100,000 USD"])
@pytest.mark.parametrize(
    ("discount", "fired"),
    [("15%", set()), ("15.0001%", {"cumulative-cap"}), ("20%", {"cumulative-cap"}),
     ("20.0001%", {"cumulative-cap", "beyond-walk"})],
)  # fmt: skip
def test_the_shipped_floor_and_cap_hold_at_list_prices_with_cents(price, discount, fired):
    """The floor of 20% is passed above 20% and the cap of 15% above 15%, as for a round list price."""
    deal = Telling(policy.load(RULES / "saas-discounting").unwrap())
    deal.open(facts={"list_price": price, "segment": "enterprise", "decision_maker_known": "yes"})
    assert deal.us(discount=discount).fired & {"cumulative-cap", "beyond-walk"} == fired


@pytest.mark.slow
@pytest.mark.parametrize("side", SIDES)
@given(cents=st.integers(1, 10**9), past=st.integers(1, 3))
def test_an_explanation_shows_numbers_that_differ(side, cents, past):
    """What is seen is never shown as what is needed, or as satisfying it, however little lies between them."""
    deal, issue = begun(side, cents)
    seen = deal.us(**{issue: format_value(200_000 + past, PERCENT)})
    leaves = {leaf.text: leaf for r in seen.decision.reasons for leaf in r.leaves}
    package = leaves["offer.worth beyond walk"]
    assert package.needed.removeprefix(">= ") != package.seen
    assert cap_of(seen).needed.removeprefix("<= ") != cap_of(seen).seen


def cap_of(seen):
    """Return the one leaf of the rule `cap`."""
    (leaf,) = next(r for r in seen.decision.reasons if r.rule == "cap").leaves
    return leaf


def test_a_number_between_two_cents_is_shown_on_the_side_where_it_fails():
    """80% of 12,345.68 USD is 9,876.544: what falls short of it is shown as 9,876.54, and 9,876.55 as needed."""
    deal, _ = begun("seller", 1_234_568)
    leaves = deal.us(discount="20.0001%").decision.reasons[0].leaves
    assert [(leaf.text, leaf.seen, leaf.needed) for leaf in leaves] == [
        ("offer.discount beyond walk", "20.0001%", "<= 20%"),
        ("offer.worth beyond walk", "9,876.53 USD", ">= 9,876.55 USD"),
    ]


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        (
            {"discount": "20.0001%"},
            (
                "Come back to where discount is at most 20% (now 20.0001%)"
                " and the offer's worth to us is at least 9,876.55 USD (now 9,876.53 USD)."
            ),
        ),
        ({"discount": "15.0001%"}, "Change the offer until what we give is at most 1,851.85 USD (now 1,851.87 USD)."),
    ],
)
def test_a_hint_shows_the_numbers_of_the_reason(said, hint):
    """What to come back to, and what is now, are written on the sides where the reason wrote them, so they differ."""
    deal, _ = begun("seller", 1_234_568)
    assert hint in [o.what for o in deal.us(**said).decision.obligations]
