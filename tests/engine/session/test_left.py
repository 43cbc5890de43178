"""A deal that we have left stays left, under whatever version of its policy."""

import json

import pytest

from walkaway import DeadLetter, Decision, Engine, Stream, Verdict, policy

ONE = b"""\
policy: seats
version: 1
side: seller
currency: USD
effective: {from: 2026-01-01}
issues:
  discount: {type: percent, start: 0%, worth: "-1,000 USD per 1%", walk: 20%}
signals: [deception, rudeness]
rules:
  bad-faith: {why: Nobody deals with liars., on: any, when: signals.deception >= 1, then: walk, door: closed}
  manners: {why: Not in this tone., on: any, when: signals.rudeness >= 1, then: walk}
"""
TWO = ONE.replace(b"version: 1", b"version: 2").replace(b"from: 2026", b"from: 2027")
FORGETFUL = TWO.replace(b"signals.deception >= 1", b"signals.deception >= 2")
FORGETFUL = FORGETFUL.replace(b"signals.rudeness >= 1", b"signals.rudeness >= 2")


def answers(second, kind) -> list[Decision | DeadLetter]:
    """Return what comes of a signal, of moving the deal to the second version, and of an offer after that."""
    engines = [Engine(policy.read(text, "seats.yaml", dict[str, bytes]().get).unwrap()) for text in (ONE, second)]
    events = [
        {"type": "open", "at": "2026-10-05T09:00:00Z"},
        {"type": "signal", "by": "them", "kind": kind, "at": "2026-10-06T09:00:00Z"},
        {"type": "update", "policy": "seats@2", "at": "2027-02-01T09:00:00Z"},
        {"type": "offer", "by": "us", "terms": {"discount": "0%"}, "at": "2027-02-02T09:00:00Z"},
    ]
    lines = [json.dumps({"id": f"e{n}", "deal": "D", **event}).encode() for n, event in enumerate(events)]
    return [a for a in Stream(*engines).lines(lines, "deal.jsonl") if isinstance(a, Decision | DeadLetter)][1:]


@pytest.mark.parametrize("second", [TWO, FORGETFUL], ids=["walks too", "would not walk"])
@pytest.mark.parametrize("kind", ["deception", "rudeness"])
def test_a_deal_that_we_have_left_stays_left_under_another_version(kind, second):
    """Version 2 leaves at one report as well, or only at two: either way nothing of ours goes out."""
    walked, moved, offered = answers(second, kind)
    assert walked.verdict is Verdict.WALK
    assert isinstance(moved, Decision)
    assert moved.policy.version == 2
    assert offered.verdict >= Verdict.REFUSE
    assert "left" in [r.rule for r in offered.reasons]


@pytest.mark.parametrize("door", ["closed", "open"])
def test_who_leaves_by_a_close_leaves_by_the_door_that_the_rules_say(door):
    """Where a rule walks for good as a deal is closed as walked, the door is closed in the party's next deal."""
    last = f"  last-word: {{why: Twice is enough., on: close, when: theirs.offers >= 1, then: walk, door: {door}}}\n"
    engine = Engine(policy.read(ONE + last.encode(), "seats.yaml", dict[str, bytes]().get).unwrap())
    at = iter(f"2026-10-05T{hour:02d}:00:00Z" for hour in range(9, 18))
    events = [
        {"deal": "D1", "type": "open", "party": "Harbour Mills"},
        {"deal": "D1", "type": "offer", "by": "them", "terms": {"discount": "30%"}},
        {"deal": "D1", "type": "close", "outcome": "walked"},
        {"deal": "D2", "type": "open", "party": "Harbour Mills"},
        {"deal": "D2", "type": "offer", "by": "us", "terms": {"discount": "0%"}},
    ]
    lines = [json.dumps({"id": f"e{n}", "at": next(at), **event}).encode() for n, event in enumerate(events)]
    *_, closed, _, offered = (a for a in Stream(engine).lines(lines, "deals.jsonl") if isinstance(a, Decision))
    assert (closed.verdict, closed.door) == (Verdict.WALK, door)
    assert ("left" in [r.rule for r in offered.reasons]) is (door == "closed")
