"""Worths and limits that hang on the value of another issue: how a deal is weighed, limited, approved and folded."""

import json
from fractions import Fraction
from typing import Any

import pytest
from tests.helpers.findings import read

from walkaway import Decision, Engine, Policy, Stream
from walkaway.deal.decode import Decoder
from walkaway.deal.fold import opening
from walkaway.deal.position import Position, packed, unpacked
from walkaway.events import Open

TEXT = """\
policy: contract
version: 1
side: seller
currency: USD
deal: {year: {type: money, least: 0 USD}}
issues:
  term: {type: months, values: [12 months, 24 months, 36 months], start: 12 months}
  discount:
    type: percent
    start: 0%
    least: 0%
    by: term
    worth:
      12 months: -1% of deal.year per 1%
      24 months: -2% of deal.year per 1%
      36 months: -3% of deal.year per 1%
    walk: {12 months: 20%, 24 months: 18%, 36 months: 15%}
package:
  by: term
  base: {12 months: deal.year, 24 months: 200% of deal.year, 36 months: 300% of deal.year}
  walk: 80% of package.base
roles: [manager, vp]
rules:
  free: {why: w, on: our terms, when: give.value > get.value, then: trade}
  deep: {why: w, on: our terms, when: offer.discount > 9%, then: escalate, to: manager}
"""
YEAR = 10_000_000
"""In cents."""


def policy_of(text: str = TEXT) -> Policy:
    """Read a policy."""
    return read(text).unwrap()


ENGINE = Engine(policy_of())
GENEROUS = Engine(policy_of(TEXT.replace("give.value > get.value", "give.value > deal.year")))
"""Gives without a return."""


def event(number: int, kind: str, **fields: Any) -> bytes:
    """Write an event of the deal."""
    at = f"2026-10-0{number}T09:00:00Z"
    return json.dumps({"id": str(number), "deal": "d", "at": at, "type": kind, **fields}).encode()


def opened(**more: Any) -> bytes:
    """Write the opening."""
    return event(1, "open", facts={"year": "100,000 USD"}, **more)


def offer(number: int, by: str, **terms: str) -> bytes:
    """Write an offer."""
    actor = {"actor": "ana"} if by == "us" else {}
    return event(number, "offer", by=by, terms=terms, **actor)


def decided(*lines: bytes, engine: Engine = ENGINE) -> list[Decision]:
    """Decide the events of the deal."""
    found = list(Stream(engine).lines(lines, "deal"))
    assert all(isinstance(each, Decision) for each in found), found
    return [each for each in found if isinstance(each, Decision)]


def followed(*lines: bytes, engine: Engine = ENGINE) -> tuple[dict[str, Any], Position]:
    """Return all facts of the last event, and the deal after it."""
    position: Position | None = None
    for line in lines:
        found = engine.evaluate(position, Decoder(engine.policy).decode(line).unwrap())
        position = found.after
    assert position is not None
    return engine.all_facts(found), position


def test_the_selector_moves_first_at_the_old_terms_and_then_the_rest_at_its_new_value() -> None:
    """From 12 months and 10% to 36 months and 15% we give 15% of a year and ask for 180% of one."""
    approved = event(2, "approve", approver="dana", role="vp", terms={"discount": "10%"})
    lines = [opened(), approved, offer(3, "us", discount="10%"), offer(4, "us", term="36 months", discount="15%")]
    facts, _ = followed(*lines, engine=GENEROUS)
    assert facts["asked.value"] == YEAR * Fraction(180, 100)
    assert facts["give.value"] == YEAR * Fraction(15, 100)
    assert facts["ours.net"] == -YEAR * Fraction(10, 100)


def test_room_is_that_to_the_walk_value_at_the_term_on_the_table() -> None:
    """18% is past the walk value of 36 months alone, and so is the whole."""
    rooms = [decided(opened(), offer(2, "us", discount="18%", term=t))[-1].room for t in ("12 months", "36 months")]
    assert [r["discount"] for r in rooms] == ["2%", "-3%"]
    assert [r["package"] for r in rooms] == ["2,000 USD", "6,000 USD"]


def test_an_approval_covers_the_term_alone_that_it_names() -> None:
    """What is approved at 24 months asks again at 36."""
    approved = event(2, "approve", approver="dana", role="manager", terms={"discount": "12%", "term": "24 months"})
    same, other = (
        decided(opened(), approved, offer(3, "us", **terms), engine=GENEROUS)
        for terms in ({"discount": "12%", "term": "24 months"}, {"discount": "12%", "term": "36 months"})
    )
    assert [each[-1].verdict for each in (same, other)] == ["proceed", "escalate"]


def test_a_longer_term_at_a_deeper_discount_is_neither_better_nor_worse() -> None:
    """So an offer of theirs that is worth more to us is no acceptance of our word at another term."""
    _, position = followed(opened(), offer(2, "us", discount="0%"), offer(3, "them", term="36 months", discount="1%"))
    assert position.agreement is None
    assert position.theirs.worth > position.ours.worth


def test_what_they_leave_out_of_an_offer_is_the_worse_for_us() -> None:
    """Of the term that they never named, that of our word and of the start which makes the whole worth less."""
    _, shorter = followed(opened(), offer(2, "us", term="36 months"), offer(3, "them", discount="10%"))
    assert shorter.theirs.standing == {"term": 12, "discount": 100_000}
    starts_long = Engine(policy_of(TEXT.replace("start: 12 months}", "start: 36 months}")))
    _, longer = followed(
        opened(), offer(2, "us", term="12 months"), offer(3, "them", discount="10%"), engine=starts_long
    )
    assert longer.theirs.standing["term"] == 12


def test_a_demand_named_for_the_first_time_is_no_move_whatever_term_came_before() -> None:
    """They go from 36 to 12 months and ask for a discount: it is the term that they take back, at the start terms."""
    lines = [opened(), offer(2, "them", term="36 months"), offer(3, "them", term="12 months", discount="30%")]
    facts, position = followed(*lines)
    assert facts["move.value"] == -2 * YEAR
    assert facts["move.retracted"] == 1
    assert position.theirs.net == -2 * YEAR


def test_each_move_adds_up_to_their_last_word_over_their_first() -> None:
    """By whatever path they came there."""
    _, position = followed(
        opened(),
        offer(2, "them", term="12 months", discount="20%"),
        offer(3, "them", term="24 months"),
        offer(4, "them", discount="15%"),
        offer(5, "them", term="36 months"),
    )
    assert position.theirs.net == 2 * YEAR + YEAR * Fraction(3 * 5, 100)


def test_a_limit_that_a_deal_brings_is_held_at_every_term() -> None:
    """A tighter one takes the place of all; one that is looser at some term is none."""
    tight = Decoder(ENGINE.policy).decode(opened(limits={"discount": {"walk": "10%"}})).unwrap()
    assert isinstance(tight, Open)
    known = opening(ENGINE.policy, tight).known
    assert {known[f"walk.discount@{n} months"] for n in (12, 24, 36)} == {100_000}
    (loose,) = Stream(ENGINE).lines([opened(limits={"discount": {"walk": "17%"}})], "deal")
    assert "17%" in str(loose)


def test_nobody_brings_a_limit_of_what_has_no_order() -> None:
    """A walk value of the term is a dead letter."""
    (letter,) = Stream(ENGINE).lines([opened(limits={"term": {"walk": "24 months"}})], "deal")
    assert "has no order" in str(letter)


def test_a_deal_with_scales_for_each_term_can_be_laid_aside() -> None:
    """And taken back as it was."""
    _, position = followed(opened(), offer(2, "us", term="24 months", discount="5%"))
    assert unpacked(packed(position)) == position


@pytest.mark.parametrize(("term", "verdict"), [("12 months", "proceed"), ("36 months", "refuse")])
def test_rules_may_read_the_limit_of_the_term_on_the_table(term: str, verdict: str) -> None:
    """Known where there are terms."""
    rule = "  half: {why: w, on: our terms, when: offer.discount > walk.discount - 7%, then: refuse}\n"
    engine = Engine(policy_of(TEXT + rule))
    asked = offer(2, "us", discount="8.5%", term=term)
    lines = [opened(), offer(2, "them", term="36 months", discount="9%"), asked.replace(b'"2"', b'"3"')]
    assert ("half" in [r.rule for r in decided(*lines, engine=engine)[-1].reasons]) is (verdict == "refuse")


def test_an_issue_of_a_layer_below_is_worth_what_the_layer_above_allows_at_every_term() -> None:
    """Told apart or not, it pays for nothing."""
    below = """\
policy: team
version: 1
extends: up
issues:
  plain: {type: yes/no, start: no, worth: "50,000 USD"}
  apart:
    type: yes/no
    start: no
    by: term
    worth: {12 months: 0 USD, 24 months: "50,000 USD", 36 months: "60,000 USD"}
"""
    layered = read(below, {"up/policy.yaml": TEXT.encode()}).unwrap()
    known = opening(layered, Decoder(layered).decode(opened()).unwrap())  # type: ignore[arg-type]
    assert known.valuation is not None
    for at in known.valuation.by.values():
        assert at.change("plain", 0, 1) == at.change("apart", 0, 1) == 0
    assert known.valuation.change("plain", 0, 1) == 0
