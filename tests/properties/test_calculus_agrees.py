"""The engine answers what the reference evaluator of the calculus does, and remembers what it remembers."""

import json
from fractions import Fraction
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.helpers.haggling import POLICIES, TEAM, haggled, haggled_in_layers, loaded
from tests.helpers.strategies import bounded
from tests.reference.calculus import evaluate

from walkaway.deal.admission import Unfit
from walkaway.deal.decode import Decoder
from walkaway.decide.engine import Core, Engine
from walkaway.events import On
from walkaway.language.codes import Code
from walkaway.language.values import Kind

pytestmark = [pytest.mark.slow, pytest.mark.search]

PASSED_OVER = (
    "pattern.",
    "concluded.",
    "close.",
    "left.",
    "since.left",
    "theirs.worth",
    "agreed.stands",
    "ours.retracted",
)
"""Facts that the reference knows by another name, not at all, or counts of our own offers alone."""


AT_ACCEPTANCE = ("offer.first", "ours.settled", "theirs.settled", "ours.reopened", "theirs.reopened")
"""Facts that the two read otherwise while an acceptance is judged; no rule of these policies reads them."""
UNITS = {Kind.PERCENT: Fraction(1, 100), Kind.DAYS: Fraction(86_400)}
"""What one unit of a kind is to the reference, where it is not one."""


@cache
def engine(name):
    """Return the engine of a policy, by its name."""
    layers = [POLICIES[0], TEAM] if name == TEAM["policy"] else [p for p in POLICIES if p["policy"] == name]
    return Engine(loaded(*layers), Core.PLAIN)


def answered(name, events):
    """Return what the engine says of each event: its verdict and its facts; `dead` where it does not fit."""
    deciding = engine(name)
    decoder, position, found, past = Decoder(deciding.policy), None, [], []
    withdrawn = False
    for event in events:
        checked = decoder.decode(json.dumps(event).encode())
        assert checked.value is not None, checked.findings
        try:
            evaluation = deciding.evaluate(position, checked.value, past.copy)
        except Unfit as problem:
            # The reference lets us take what they never named, holds the tighter of a deal's limit and the policy's,
            # and remembers approvals that are over.
            named = "issues" in event and bool(event["issues"])
            if named or problem.code is Code.LIMIT_LOOSENED or event["type"] == "revoke":
                return found
            found.append(("dead", {}))
            continue
        position = evaluation.after
        past.append(checked.value)
        facts = deciding.all_facts(evaluation)
        move = evaluation.move
        if event["type"] == "accept" or (move is not None and move.heard is On.THEIR_ACCEPTANCE):
            facts = {f: v for f, v in facts.items() if f not in AT_ACCEPTANCE and not f.startswith("move.")}
        withdrawn = withdrawn or event["type"] == "withdraw" or "until" in event
        if withdrawn:  # the reference calls what was withdrawn their last
            facts = {f: v for f, v in facts.items() if not f.endswith(".reopened") and ".last." not in f}
        if event["type"] == "update":
            facts = {f: v for f, v in facts.items() if not f.startswith("deal.") and "stated." not in f}
        found.append((evaluation.ruling.verdict.value, facts))
    return found


def shown(value):
    """Return a fact of the reference as the engine counts it: yes is 1."""
    return int(value) if isinstance(value, bool) else value


def differing(name, expected, facts):
    """Return the facts that differ, with what the reference says and what the engine says."""
    catalog = engine(name).policy.catalog
    found = {}
    for fact, entry in catalog.items():
        if fact.startswith(PASSED_OVER) or fact not in expected or facts.get(fact) is None:
            continue
        seen = facts[fact]
        if entry.unit.is_numeric:
            seen = Fraction(seen) * UNITS.get(entry.unit.kind, Fraction(1)) / entry.unit.scale
        said = shown(expected[fact])
        if isinstance(said, Fraction) and entry.unit.kind.value == "duration":
            said = Fraction(int(said))
        if said != seen:
            found[fact] = (said, seen)
    return found


def compared(seed, *, layered=False):
    """Return where both part on one deal: the event, what the reference says, and what the engine says."""
    if layered:
        layers, events = haggled_in_layers(seed)
    else:
        said, events = haggled(seed)
        layers = [said]
    name = layers[-1]["policy"]
    reference, ours = evaluate(layers, events), answered(name, events)
    for place, (one, (verdict, facts)) in enumerate(zip(reference, ours, strict=False)):
        expected = "dead" if one.dead else one.verdict
        differ = {} if one.dead else differing(name, one.facts, facts)
        if expected != verdict or differ:
            return events[: place + 1], expected, verdict, differ, one.rules
    return None


@bounded(80, 400)
@given(st.integers(0, 2**40))
def test_engine_and_reference_agree(seed):
    """On every event of deals made up at random: the verdict, and every fact that both know."""
    assert compared(seed) is None


@bounded(40, 200)
@given(st.integers(0, 2**40))
def test_engine_and_reference_agree_on_layers(seed):
    """Every layer is judged with all above it, with a position of its own; the most severe answer stands (law 11)."""
    assert compared(seed, layered=True) is None
