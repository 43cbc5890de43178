"""Coverage: a rule fires, a leaf is true and false, a comparison is met on both sides, and only by decisions."""

import json

import pytest
from tests.helpers.findings import BASE, read, with_rule

from walkaway import Decision, Stream
from walkaway.advice.counteroffers import Seeker
from walkaway.decide.decision import Counteroffer
from walkaway.decide.evaluation import Evaluation
from walkaway.testing.coverage import Point, Watch


def covered(policy: str, *events: dict[str, object], facts: dict[str, str] | None = None) -> dict[str, set[str]]:
    """Return what a deal exercises of the rule `example`: leaf → points, and whether it fires under its own name."""
    watch = Watch(read(policy).unwrap())
    opening = {"type": "open", "facts": {"list_price": "10,000 USD", "segment": "smb", **(facts or {})}}
    stream = Stream(watch.engine, record=lambda _: watch.record)
    lines = [
        json.dumps({"id": f"e{n}", "deal": "d", "at": f"2026-10-05T{9 + n:02}:00:00Z", **event}).encode()
        for n, event in enumerate([opening, *events])
    ]
    assert len(list(stream.lines(lines, "deal"))) == len(lines)
    rule = next(r for r in watch.coverage().rules if r.rule.id == "example")
    return {leaf.text: {str(p) for p in leaf.seen} for leaf in rule.leaves} | {
        "example": {"fired"} if rule.fired else set()
    }


def offer(discount: str) -> dict[str, object]:
    """Return an offer of ours."""
    return {"type": "offer", "by": "us", "terms": {"discount": discount}}


@pytest.mark.parametrize(
    ("when", "discounts", "seen"),
    [
        ("offer.discount > 5%", ["6%"], "true"),
        ("offer.discount > 5%", ["5%"], "false past"),
        ("offer.discount > 5%", ["4.9999%"], "false"),
        ("offer.discount > 5%", ["5.0001%"], "true last"),
        ("offer.discount > 5%", ["5%", "5.0001%"], "true false last past"),
        ("offer.discount >= 5%", ["4.9999%", "5%"], "true false last past"),
        ("offer.discount < 5%", ["4.9999%", "5%"], "true false last past"),
        ("offer.discount <= 5%", ["5%", "5.0001%"], "true false last past"),
        ("offer.discount <= 5%", ["5%", "5.0002%"], "true false last"),
        ("offer.discount = 5%", ["5%", "4.9999%"], "true false last past"),
        ("offer.discount != 5%", ["5%", "5.0001%"], "true false last past"),
        ("room.discount < 3%", ["17%", "17.0001%"], "true false last past"),
        ("2 * offer.discount > 5%", ["2.5%", "2.5001%"], "true false last past"),
        ("offer.discount > 5% of 100% or offer.discount < 0%", ["5%"], "false past"),
        ("give.value > 5% of deal.list_price", ["5%"], "false past"),
        ("give.value > 5% of deal.list_price", ["5.0001%"], "true last"),
    ],
)
def test_a_comparison_is_met_on_both_sides(when, discounts, seen):
    """At the value where it turns and one smallest unit past it, whichever side that is."""
    found = covered(with_rule(when), *map(offer, discounts))
    leaf = next(text for text in found if text != "example")
    assert found[leaf] == set(seen.split())


def test_a_term_that_moves_in_steps_is_met_within_one_step():
    """Three times a discount skips values; the nearest ones on either side are the edge."""
    found = covered(with_rule("3 * offer.discount > 10%"), offer("3.3333%"), offer("3.3334%"))
    assert found["3 * offer.discount > 10%"] == {"true", "false", "last", "past"}


def test_what_is_unknown_exercises_nothing():
    """A guard is seen; what it guards is not, as long as there is nothing to compare."""
    when = "known(theirs.last.discount) and theirs.last.discount > 5%"
    theirs = {"type": "offer", "by": "them", "terms": {"discount": "9%"}}
    assert covered(with_rule(when), offer("1%")) == {
        "known(theirs.last.discount)": {"false"},
        "theirs.last.discount > 5%": set(),
        "example": set(),
    }
    assert covered(with_rule(when), offer("1%"), theirs, offer("2%"))["theirs.last.discount > 5%"] == {"true"}


def test_words_have_no_edge():
    """A choice and a yes are seen true and false, and that is all there is."""
    found = covered(with_rule("deal.segment = smb and offer.prepay"), offer("1%"))
    assert found["deal.segment = smb"] == {"true"}
    assert found["offer.prepay"] == {"false"}


def test_a_conclusion_that_is_not_drawn_is_false():
    """Rules read it as a fact that is there or not."""
    concluding = "  small: {why: w, on: our offer, when: offer.discount < 2%, then: {conclude: small}}\n"
    found = covered(with_rule("concluded.small") + concluding, offer("1%"), offer("3%"))
    assert found["concluded.small"] == {"true", "false"}


def test_only_events_a_rule_hears_count():
    """An offer of theirs exercises nothing of a rule on ours."""
    theirs = {"type": "offer", "by": "them", "terms": {"discount": "9%"}}
    assert covered(with_rule("offer.discount > 5%"), theirs) == {"offer.discount > 5%": set(), "example": set()}


def test_counteroffers_exercise_nothing():
    """They rest on offers that nobody made; an offer that is asked about counts as made."""
    watch = Watch(read(with_rule("offer.discount > 5%")).unwrap())
    seeker = Seeker(watch.engine)
    sought: list[tuple[Counteroffer, ...]] = []

    def record(evaluation: Evaluation, before: str) -> Decision:
        sought.append(seeker.counteroffers(evaluation))
        return watch.record(evaluation, before)

    stream = Stream(watch.engine, record=lambda _: record)
    opening = {"id": "e0", "deal": "d", "at": "2026-10-05T09:00:00Z", "type": "open"}
    opening["facts"] = {"list_price": "10,000 USD", "segment": "smb"}
    list(stream.lines([json.dumps(opening).encode()], "deal"))
    stream.ask("d", {"discount": "30%"}, "", "2026-10-05T10:00:00Z")
    assert sought[-1]
    (rule,) = [r for r in watch.coverage().rules if r.rule.id == "example"]
    assert rule.leaves[0].seen == {Point.TRUE}


def test_shares_add_up():
    """Rules, leaves and edges together are all there is; a policy with nothing of its own to see is seen in full."""
    watch = Watch(read(BASE).unwrap())
    shares = watch.coverage().shares()
    assert [(n, s.seen, s.of, s.percent) for n, s in shares.items()] == [
        ("rules", 0, 1, 0),
        ("leaves", 0, 2, 0),
        ("boundaries", 0, 2, 0),
        ("in all", 0, 5, 0),
    ]
    empty = Watch(read(BASE.partition("rules:")[0].replace("signals: [deception]\n", "") + "rules: {}\n").unwrap())
    assert {s.percent for s in empty.coverage().shares().values()} == {100}
