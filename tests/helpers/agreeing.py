"""Judge one made-up deal by everything that can: both cores, the reference evaluator, the formulas of the solver."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cache
from typing import Any

import msgspec
from tests.helpers.deciding import Step
from tests.helpers.encoded import assert_encoded
from tests.helpers.granted import SEATS
from tests.helpers.haggling import ACROSS, BOUND, DERIVED, POLICIES, TEAM, Said, loaded
from tests.helpers.rarely import BRANCH, DESK
from tests.reference.more import evaluate
from tests.reference.rules import Answer

from walkaway.advice.counteroffers import Seeker, asked_about
from walkaway.deal.cover import name_of
from walkaway.deal.decode import Decoder
from walkaway.deal.position import Position
from walkaway.decide.decision import Decision
from walkaway.decide.engine import Core, Engine
from walkaway.decide.evaluation import Evaluation
from walkaway.events import EVERY_DEAL, Offer, Party, Verdict
from walkaway.language.values import Kind, format_value
from walkaway.proof.layers import alone
from walkaway.session.stream import FollowedDeal, Stream

OF_THE_REFERENCE = {"may-not-accept", "not-let-through"}
"""How the reference calls it that an answer is no milder than the one to accepting, or to the terms that are closed."""
UNITS = {Kind.PERCENT: Fraction(1, 100), Kind.DAYS: Fraction(86_400)}
"""What one unit of a kind is to the reference, where it is not one."""


class Differs(AssertionError):
    """Two of those who judge say something else of one event."""


@cache
def engine_of(name: str, core: Core = Core.PLAIN) -> Engine:
    """Return the engine of a made-up policy, by its name."""
    return Engine(loaded(*layers_of(name)), core)


@cache
def seeker_of(name: str, core: Core) -> Seeker:
    """Return what finds counteroffers under a made-up policy; it remembers what it has prepared."""
    return Seeker(engine_of(name, core))


@cache
def own_engine_of(name: str) -> Engine:
    """Return the engine of a made-up policy that judges by it alone, without the layers above beside it."""
    return Engine(alone(engine_of(name).policy), Core.PLAIN)


def layers_of(name: str) -> list[Said]:
    """Return a made-up policy with the layers above it, the uppermost first."""
    if name == TEAM["policy"]:
        return [POLICIES[0], TEAM]
    if name == BRANCH["policy"]:
        return [DESK, BRANCH]
    bound = (said for policies in BOUND.values() for said in policies)
    return [said for said in (*POLICIES, *ACROSS, *DERIVED, *bound, DESK, SEATS) if said["policy"] == name]


class Judging:
    """Follows made-up deals, and compares at every event what is asked for.

    Args:
        core: Which cores of the engine run.
        encoded: Whether the formulas are computed too.
        advised: Whether counteroffers are sought, and taken one by one.
    """

    def __init__(self, core: Core = Core.PLAIN, *, encoded: bool = False, advised: bool = False) -> None:
        self.core, self.encoded, self.advised = core, encoded, advised
        self.seen: Counter[str] = Counter()

    def judge(self, layers: Sequence[Said], events: Sequence[Said]) -> None:
        """Judge the events of one or several deals.

        Raises:
            Differs: With the events so far, what was expected, and what was found.
        """
        name = layers[-1]["policy"]
        engine = engine_of(name, self.core)
        found: list[Evaluation] = []
        stream = Stream(engine, record=lambda _: self.recorded(name, found))
        expected = evaluate(list(layers), list(events))
        for place, event in enumerate(events):
            before = stream.deals.get(event.get("deal", EVERY_DEAL))
            before = before and msgspec.structs.replace(before, events=dict(before.events))
            found.clear()
            (answer, *_) = stream.line(json.dumps(event).encode(), "deal.jsonl", place + 1)
            try:
                self.compare(name, expected[place], answer, found, several="packages" in event)
                if isinstance(answer, Decision):
                    self.look_closer(name, found[0], answer, before)
            except AssertionError as problem:
                raise Differs(f"{problem}\n" + "\n".join(json.dumps(e) for e in events[: place + 1])) from problem

    def recorded(self, name: str, found: list[Evaluation]) -> Callable[[Evaluation, str], Decision]:
        """Return what writes decisions, and keeps what they were written from."""
        record = (seeker_of if self.advised else engine_of)(name, self.core).record

        def write(evaluation: Evaluation, before: str) -> Decision:
            found.append(evaluation)
            return record(evaluation, before)

        return write

    def compare(
        self, name: str, expected: Answer, answer: object, found: list[Evaluation], *, several: bool = False
    ) -> None:
        """Compare an answer of the engine with that of the reference: verdict, rules that fired, and every fact.

        Args:
            several: Whether packages were judged, of which the engine tells the one that is answered most severely.
        """
        self.seen["events"] += 1
        if not isinstance(answer, Decision):
            assert expected.dead, ("dead", expected.verdict, getattr(answer, "findings", answer))
            return
        assert not expected.dead, (expected.dead, answer.verdict.value)
        assert answer.cores.agree, answer.cores
        assert expected.verdict == answer.verdict.value, (expected.verdict, expected.rules, answer.verdict.value)
        rules = {firing.rule.id for firing in found[0].ruling.firings if firing.rule.effect.verdict is not None}
        fired = set(expected.rules) - OF_THE_REFERENCE
        assert rules <= fired if several else rules == fired, ("rules", expected.rules, rules)
        self.seen["decisions"] += 1
        self.seen[answer.verdict.value] += 1
        if several:
            return
        differ = dict(_differing(name, expected.facts, engine_of(name, self.core).all_facts(found[0])))
        assert not differ, differ

    def look_closer(self, name: str, found: Evaluation, decision: Decision, before: FollowedDeal | None) -> None:
        """Compute the formulas of one decision, and take each of its counteroffers."""
        if self.encoded:
            past = () if before is None else tuple(before.past())
            for engine, own in self.alone(name, found, before):
                assert_encoded(engine.policy, engine, Step(own, engine.record(own, ""), own.before, past))
                self.seen["encoded"] += 1
        for each in decision.obligations:
            if "is enough" in each.what and isinstance(found.event, Offer) and found.event.by is Party.US:
                self.approve(engine_of(name, self.core), found, each.what)
        for offered in decision.counteroffers:
            asked = asked_about(found)
            assert asked is not None
            verdict = _taken(engine_of(name, self.core), *asked, dict(offered.when or {}), dict(offered.terms))
            assert verdict == offered.verdict, ("counteroffer", offered, verdict)
            self.seen["counteroffers"] += 1

    def approve(self, engine: Engine, found: Evaluation, what: str) -> None:
        """Give the one approval that is said to be enough, and ask again."""
        event, move = found.event, found.move
        if not name_of(engine.policy.people, event.actor) or move is None or found.opens:
            return
        role, named = re.findall(r"`([^`]+)`", what)[0], re.findall(r"`([^`]+)`", what.partition(" names ")[2])
        issues = engine.policy.issues
        terms = {i: format_value(v, issues[i].unit) for i, v in move.terms.items()} | dict(move.other)
        said = {"id": "enough", "deal": event.deal, "at": event.at, "type": "approve", "approver": "carl", "role": role}
        more = {"override": [n for n in named if n != "override"], "reason": "w", "until": "2099-01-01T00:00:00Z"}
        line = msgspec.json.encode(said | {"terms": terms} | (more if named else {}))
        approval = Decoder(engine.policy).decode(line).unwrap()
        after = engine.evaluate(found.before, approval, tuple).after
        verdict = engine.evaluate(after, event, tuple).ruling.verdict
        assert verdict is Verdict.PROCEED, ("enough", what, verdict)
        self.seen["enough"] += 1

    def alone(self, name: str, found: Evaluation, before: FollowedDeal | None) -> Iterator[tuple[Engine, Evaluation]]:
        """Yield what each layer says of an event by itself, with the engine that says so."""
        if found.above is None:
            yield engine_of(name, self.core), found
            return
        engine, own = own_engine_of(name), None if before is None else before.position
        past = None if before is None else before.past
        yield engine, engine.evaluate(own, found.event, past, party=found.before.others)
        upper = engine_of(name, self.core).above
        assert upper is not None
        yield upper, found.above


def _taken(engine: Engine, position: Position, offer: Offer, when: Mapping[str, Any], terms: Mapping[str, Any]) -> str:
    """Return the verdict on terms offered in place of an offer, after what they are to come to first."""
    asked = {"deal": offer.deal, "at": offer.at, "type": "offer"}
    decoder = Decoder(engine.policy)
    if when:
        moved = decoder.decode(msgspec.json.encode(asked | {"id": "moved", "by": "them", "terms": when})).unwrap()
        position = engine.evaluate(position, moved, tuple).after
    actor = {"actor": offer.actor} if offer.actor else {}
    line = msgspec.json.encode(asked | actor | {"id": "taken", "by": "us", "terms": terms})
    return engine.evaluate(position, decoder.decode(line).unwrap(), tuple).ruling.verdict.value


def _differing(
    name: str, expected: Mapping[str, Any], facts: Mapping[str, Any]
) -> Iterator[tuple[str, tuple[object, object]]]:
    """Yield the facts that differ, with what the reference says and what the engine says."""
    for fact, entry in engine_of(name).policy.catalog.items():
        if fact not in expected or facts.get(fact) is None:
            continue
        seen, said = facts[fact], expected[fact]
        if entry.unit.is_numeric:
            seen = Fraction(seen) * UNITS.get(entry.unit.kind, Fraction(1)) / entry.unit.scale
        if isinstance(said, bool):
            said = int(said)
        if isinstance(said, Fraction) and entry.unit.kind is Kind.DURATION:
            said = Fraction(int(said))
        if said != seen:
            yield fact, (said, seen)
