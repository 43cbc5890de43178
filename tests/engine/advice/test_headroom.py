"""Room to want and walk, what may still be given, and the next step. List price 100,000 USD: 1% is 1,000 USD."""

from typing import Any

import pytest
from tests.helpers.asking import asked

from walkaway.advice.counteroffers import Seeker
from walkaway.advice.headroom import Budget, Headroom, IssueRoom, rooms

POLICY = """
policy: room
version: 1
side: seller
currency: USD
deal: {list_price: money}
issues:
  discount: {type: percent, start: 0%, worth: -1% of deal.list_price per 1%, want: 8%, walk: 20%}
  term: {type: months, start: 24 months, worth: 100 USD per month}
  support: {one of: {none: "1,000 USD", basic: 0 USD, gold: "-4,000 USD"}, start: basic, walk: basic, want: none}
package: {base: deal.list_price, walk: 75% of deal.list_price}
roles: [manager]
rules:
  near: {why: w, on: our offer, when: room.discount < 5%, then: escalate, to: manager}
  cap: {why: w, on: our offer, when: "give.value - ours.net > 18,000 USD", then: refuse}
"""
FAIR = "  fair: {why: w, on: our offer, when: 'give.value > 3,000 USD and asked.value < 1,000 USD', then: trade}\n"


def seen(deal: Any, **terms: Any) -> Headroom:
    """Ask about one more offer of ours, or about nothing new."""
    offer = asked(deal.engine, deal.position, terms or {"support": "basic"})
    seeker, found = Seeker(deal.engine), deal.engine.evaluate(deal.position, offer)
    return rooms(seeker, found, seeker.asked(found))


def issue(found: Headroom, name: str) -> IssueRoom:
    """Return one row."""
    return next(r for r in found.issues if r.issue == name)


@pytest.fixture
def deal(tell):
    """Return an open deal."""
    found = tell(POLICY)
    found.open()
    return found


def test_each_issue_shows_the_way_to_want_and_to_walk(deal):
    """In the issue's own unit, in our favour; below 0 where the terms are beyond."""
    row = issue(seen(deal, discount="10%"), "discount")
    assert (row.now, row.want, row.to_want, row.walk, row.to_walk) == ("10%", "8%", "-2%", "20%", "10%")


def test_words_meet_a_limit_or_are_beyond_it(deal):
    """They have no distance."""
    row = issue(seen(deal, support="gold"), "support")
    assert (row.want, row.to_want, row.walk, row.to_walk) == ("none", "beyond", "basic", "beyond")
    assert issue(seen(deal, support="none"), "support").to_want == "met"


def test_an_issue_without_limits_shows_none(deal):
    """The package comes last, in money."""
    found = seen(deal, discount="10%", term="12 months")
    row = issue(found, "term")
    assert (row.want, row.to_want, row.walk, row.to_walk) == ("", "", "", "")
    assert found.issues[-1].issue == "package"
    assert (found.issues[-1].now, found.issues[-1].to_walk) == ("88,800 USD", "13,800 USD")


def test_what_may_still_be_given_ends_where_a_rule_refuses(deal):
    """The cap ends the discount at 18%, above 15% the manager must agree; the term has no end but its start."""
    assert issue(seen(deal), "discount").budget == Budget("18%", "18,000 USD", "escalate", True)
    assert issue(seen(deal), "support").budget == Budget("", "0 USD", "proceed", True)
    assert seen(deal).left == "18,000 USD"


def test_what_was_given_counts_against_the_cap(deal):
    """After 10% only 8% are left."""
    deal.us(discount="10%")
    found = seen(deal)
    assert issue(found, "discount").budget == Budget("18%", "8,000 USD", "escalate", True)
    assert found.left == "8,000 USD"


def test_an_issue_without_a_walk_value_may_go_where_both_sides_have_been(deal):
    """They ask for 12 months, and nothing refuses that; how far it might go beyond nobody has tried."""
    deal.them(term="12 months")
    assert issue(seen(deal), "term").budget == Budget("12 months", "1,200 USD", "proceed", False)


def test_the_first_step_is_a_quarter_of_the_way_to_want(deal):
    """They ask for 30%; a quarter of 8% is 2%."""
    deal.them(discount="30%")
    step = seen(deal).step
    assert (step.terms, step.give, step.verdict) == ({"discount": "2%"}, "2,000 USD", "proceed")


def test_the_next_step_is_at_most_half_of_the_last(deal):
    """From 3% it goes on to 4.5%; then, once they have answered, by no more than half of that."""
    deal.them(discount="30%")
    deal.us(discount="3%")
    deal.them(discount="28%")
    assert seen(deal).step.terms == {"discount": "4.5%"}
    deal.us(discount="4.5%")
    deal.them(discount="27%")
    assert seen(deal).step.terms == {"discount": "5%"}


def test_past_the_want_value_the_walk_value_ends_it(deal):
    """From 10% the walk value of 20% is what a step goes towards, and never what lies beyond their own ask."""
    deal.them(discount="30%")
    deal.us(discount="10%")
    deal.them(discount="11%")
    assert seen(deal).step.terms == {"discount": "11%"}


def test_there_is_no_step_while_it_is_their_move(deal):
    """Whoever moves again bids against themselves; nor is there one before they have asked for anything."""
    assert seen(deal).step is None
    deal.them(discount="30%")
    deal.us(discount="2%")
    assert seen(deal).step is None


def test_a_step_that_does_not_pass_alone_comes_with_what_makes_it_pass(tell):
    """A quarter of 20,000 USD is 5,000 USD: it wants something in return."""
    deal = tell(POLICY.replace("want: 8%, ", "") + FAIR)
    deal.open()
    deal.them(discount="30%")
    step = seen(deal).step
    assert step.verdict == "proceed"
    assert step.terms != {"discount": "5%"}
    assert step.give != "0 USD"


def test_without_worths_there_is_no_room(tell):
    """A deal without a list price has none."""
    deal = tell(POLICY)
    deal(type="open", facts={})
    assert seen(deal, discount="2%") == Headroom()
