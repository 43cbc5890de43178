"""What a rep and what the other side is told about one offer."""

from typing import Any

import pytest
from tests.helpers.asking import asked

from walkaway.advice.briefing import Answer, Briefing, answer, brief
from walkaway.advice.counteroffers import Seeker

POLICY = """
policy: outlook
version: 1
side: seller
currency: USD
deal: {list_price: money}
issues:
  discount: {type: percent, start: 0%, worth: -1% of deal.list_price per 1%, wish: 0%, want: 8%, walk: 20%}
  term: {type: months, start: 12 months, worth: 0.125% of deal.list_price per month, wish: 24 months}
package: {base: deal.list_price}
signals: [deception]
roles: [manager]
rules:
  fair: {why: w, on: our offer, when: give.value > get.value, then: trade, say: What about a longer term?}
  near: {why: w, on: our offer, when: room.discount < 5%, then: escalate, to: manager, say: I have to ask.}
  lied: {why: w, on: any, when: signals.deception >= 1, then: walk, door: closed, say: That was not true.}
"""


@pytest.fixture
def deal(tell):
    """Return an open deal."""
    found = tell(POLICY)
    found.open()
    return found


def for_rep(deal: Any, **terms: Any) -> Briefing:
    """Ask for the rep."""
    return brief(Seeker(deal.engine), deal.engine.evaluate(deal.position, asked(deal.engine, deal.position, terms)))


def for_customer(deal: Any, **terms: Any) -> Answer:
    """Ask for the other side."""
    return answer(Seeker(deal.engine), deal.engine.evaluate(deal.position, asked(deal.engine, deal.position, terms)))


def test_the_rep_sees_everything_at_once(deal):
    """Decision with counteroffers, approvals, and room."""
    found = for_rep(deal, discount="16%")
    assert found.decision.verdict == "escalate"
    assert found.decision.counteroffers
    assert [n.role for n in found.approvals.needed] == ["manager"]
    assert found.rooms.issues[0].to_walk == "4%"


def test_their_offer_and_ours_are_both_looked_at(deal):
    """Of theirs, the room is that of their terms, and counteroffers are counters."""
    event = asked(deal.engine, deal.position, {"discount": "30%"})
    theirs = type(event)(
        id="t", deal=event.deal, at=event.at, instant=event.instant, by=event.by.other, terms=event.terms
    )
    evaluation = deal.engine.evaluate(deal.position, theirs)
    found = brief(Seeker(deal.engine), evaluation)
    assert found.decision.verdict == "trade"
    assert found.rooms.issues[0].to_walk == "-10%"
    assert evaluation.after.theirs.offers == 1


def test_the_other_side_hears_the_policys_words_and_terms_that_pass(deal):
    """The words of a rule that reads no limit, and offers that may be made."""
    found = for_customer(deal, discount="3%")
    assert (found.agreed, found.ended) == (False, False)
    assert found.say == ("What about a longer term?",)
    assert {"discount": "3%", "term": "36 months"} in found.proposals


def test_the_other_side_hears_nothing_of_rules_that_read_a_limit(deal):
    """The rule near the floor has something to say to a rep, and nothing to them."""
    rep, customer = (
        for_rep(deal, discount="16%", term="60 months"),
        for_customer(deal, discount="16%", term="60 months"),
    )
    assert "I have to ask." in [r.say for r in rep.decision.reasons]
    assert "I have to ask." not in customer.say


def test_what_is_named_to_them_is_chosen_without_the_wish(deal):
    """We wish for 24 months at most, and name 36 as well: who knew the limit could tell it from the terms."""
    assert any(p.get("term") == "36 months" for p in for_customer(deal, discount="3%").proposals)
    assert all(c.terms.get("term") != "36 months" for c in for_rep(deal, discount="3%").decision.counteroffers)


def test_yes_is_yes(deal):
    """Terms that pass are named back, without anything else."""
    assert for_customer(deal, discount="1%", term="24 months") == Answer(
        True, False, (), (), {"discount": "1%", "term": "24 months"}
    )


def test_after_bad_faith_the_other_side_hears_the_end_and_no_terms(deal):
    """The reason, and that it is over."""
    deal(type="signal", by="them", kind="deception")
    found = for_customer(deal, discount="3%")
    assert (found.ended, found.say, found.proposals) == (True, ("That was not true.",), ())
