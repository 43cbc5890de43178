"""What holds for every counteroffer, and for all that the other side is told, on generated policies and deals."""

from collections.abc import Iterator
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given, seed
from hypothesis import strategies as st
from tests.helpers.asking import passes
from tests.helpers.deciding import Step, follow
from tests.helpers.generated import Case, decoded
from tests.helpers.strategies import SEED, bounded, cases

from walkaway.advice.briefing import answer
from walkaway.advice.counteroffers import ADVISED, MOST, Seeker, asked_about
from walkaway.deal.admission import Unfit
from walkaway.deal.decode import Decoder
from walkaway.deal.fold import opening
from walkaway.deal.position import Position
from walkaway.decide.again import History
from walkaway.decide.decision import Counteroffer, encode
from walkaway.decide.engine import Core, Engine
from walkaway.decide.verdict import Standing
from walkaway.events import AnyEvent, Door, Limits, Offer, Open, Verdict
from walkaway.language.values import formatter
from walkaway.policy import Policy

pytestmark = [pytest.mark.slow, pytest.mark.search]

law = seed(SEED)
some = bounded(15, 40)


class Advised(msgspec.Struct, frozen=True):
    """One decision with its counteroffers: the deal in which we would make them, and the offer asked about."""

    engine: Engine
    step: Step
    position: Position
    offer: Offer

    def taken(self, counteroffer: Counteroffer) -> AnyEvent:
        """Return a counteroffer as an event, read from JSON as any other."""
        asked = {"id": "taken", "deal": self.offer.deal, "at": self.offer.at, "type": "offer", "by": "us"}
        actor = {"actor": self.offer.actor} if self.offer.actor else {}
        line = msgspec.json.encode(asked | actor | {"terms": dict(counteroffer.terms)})
        return Decoder(self.engine.policy).decode(line).unwrap()

    def moved(self, counteroffer: Counteroffer) -> Position:
        """Return the deal in which a counteroffer is to be made: where it says what they must come to, after that."""
        if not counteroffer.when:
            return self.position
        moved = {"id": "moved", "deal": self.offer.deal, "at": self.offer.at, "type": "offer", "by": "them"}
        line = msgspec.json.encode(moved | {"terms": dict(counteroffer.when)})
        found = self.engine.evaluate(self.position, Decoder(self.engine.policy).decode(line).unwrap())
        assert found.ruling.verdict is not Verdict.WALK
        return found.after


DRAWN: dict[bytes, tuple[Advised, ...]] = {}
"""What was found for each case: with one seed the laws are tried on the same cases, and the search takes long."""


def advised(case: Case) -> tuple[Advised, ...]:
    """Return every decision about an offer that is advised on, under both cores."""
    policy = case.read()
    if policy is None:
        return ()
    key = policy.sha256.encode() + b"".join(case.lines())
    if key not in DRAWN:
        DRAWN[key] = tuple(found(Engine(policy), decoded(policy, case.lines())))
    return DRAWN[key]


def found(engine: Engine, events: list[AnyEvent]) -> Iterator[Advised]:
    """Search counteroffers for every event of a deal that is advised on."""
    for step in follow(engine, events, Seeker(engine).record):
        asked = asked_about(step.found)
        if asked is not None:
            yield Advised(engine, step, *asked)


def verdict_of(step: Step) -> Verdict:
    """Return a step's verdict."""
    return step.found.ruling.verdict


@law
@some
@given(cases(25))
def test_every_counteroffer_gets_what_it_promises(case: Case) -> None:
    """Taken and recorded, each leads to the verdict it promises, which both cores give."""
    for each in advised(case):
        for offered in each.step.decision.counteroffers:
            event = each.taken(offered)
            decision, after = each.engine.decide(each.moved(offered), event)
            assert decision.verdict == offered.verdict in ("proceed", "escalate")
            assert decision.cores.agree
            written = {i: v for i, v in after.ours.standing.items() if i in offered.terms}
            assert set(written) == set(offered.terms)


@law
@some
@given(cases(25))
def test_what_needs_fewer_approvals_needs_nothing_else(case: Case) -> None:
    """Every rule that decides against it is met by an approval."""
    for each in advised(case):
        for offered in each.step.decision.counteroffers:
            firings = each.engine.evaluate(each.moved(offered), each.taken(offered)).ruling.firings
            effects = [f.rule.effect for f in firings if f.standing is Standing.DECIDES]
            assert all(e.to or e.verdict is Verdict.PROCEED for e in effects)


@law
@some
@given(cases(25))
def test_no_counteroffer_is_beyond_a_walk_value_or_worse_than_the_offer(case: Case) -> None:
    """Every one stays within all limits; but for our own word, it is worth at least as much to us as what was asked."""
    for each in advised(case):
        asked = each.engine.evaluate(each.position, each.offer).ours
        for offered in each.step.decision.counteroffers:
            found = each.engine.evaluate(each.moved(offered), each.taken(offered))
            assert asked is not None
            assert asked.worth is not None
            assert found.ours is not None
            assert found.ours.worth is not None
            assert found.room is not None
            assert not found.room.beyond
            if not offered.when and not offered.why.startswith("Stand"):
                assert found.ours.worth >= asked.worth


@law
@some
@given(cases(25))
def test_no_counteroffer_takes_our_own_word_back(case: Case) -> None:
    """Once we have said something, none asks for more than was let through on some issue and gives more on none."""
    for each in advised(case):
        position, valuation = each.position, each.position.valuation
        if valuation is None or position.ours.said_at is None:
            continue
        for offered in each.step.decision.counteroffers:
            if offered.when or offered.why.startswith("Take"):
                continue
            terms = {**position.ours.standing, **each.taken(offered).terms}
            changes = [valuation.change(i, position.cleared[i], v) for i, v in terms.items()]
            assert not any(changes) or min(changes) < 0


@law
@some
@given(cases(25))
def test_give_and_get_are_the_ledgers(case: Case) -> None:
    """What is shown of a counteroffer is what rules read of it, rounded so that what is paid for is seen to be."""
    for each in advised(case):
        money = each.engine.policy.money
        for offered in each.step.decision.counteroffers:
            facts = each.engine.all_facts(each.engine.evaluate(each.moved(offered), each.taken(offered)))
            way = 1 if facts["give.value"] > facts["get.value"] else 0
            assert offered.give == formatter(money, way)(facts["give.value"])
            assert offered.get == formatter(money, -way)(facts["get.value"])


@law
@some
@given(cases(25))
def test_counteroffers_come_in_order_and_differ(case: Case) -> None:
    """At most six, all different: giving less before all that passes, and then what needs an approval or their move."""
    for each in advised(case):
        shown = each.step.decision.counteroffers
        order = [(bool(o.when), o.verdict == "escalate", not o.why.startswith("Give less:")) for o in shown]
        assert len(shown) <= MOST + 2
        assert order == sorted(order)
        packages = [(dict(o.when or {}), dict(each.position.ours.standing) | dict(o.terms)) for o in shown]
        assert all(a != b for i, a in enumerate(packages) for b in packages[:i])


@law
@some
@given(cases(25))
def test_only_what_is_held_up_is_advised_on(case: Case) -> None:
    """Nothing is offered beside proceed or walk, nor once we have left with the door closed."""
    for each in advised(case):
        if verdict_of(each.step) not in ADVISED or each.position.left is Door.CLOSED:
            assert each.step.decision.counteroffers == ()


@law
@bounded(8, 15)
@given(cases(25))
def test_advice_changes_nothing_else(case: Case) -> None:
    """A decision with counteroffers is the decision without them, and the same bytes each time."""
    policy = case.read()
    if policy is None:
        return
    events = decoded(policy, case.lines())
    bare = [s.decision for s in follow(Engine(policy), events)]
    first, again = ([s.decision for s in follow(e, events, Seeker(e).record)] for e in (Engine(policy), Engine(policy)))
    assert [msgspec.structs.replace(d, counteroffers=()) for d in first] == bare
    assert [encode(d) for d in first] == [encode(d) for d in again]


def outspoken(root: dict[str, Any]) -> dict[str, Any]:
    """Return a policy in which every rule has something to say, so that what fired is heard."""
    rules = {n: r | {"say": f"So says {n}."} if isinstance(r, dict) else r for n, r in root["rules"].items()}
    return root | {"rules": rules}


def tightened(policy: Policy, events: list[AnyEvent], rng: Random) -> list[AnyEvent] | None:
    """Return the same deal with other limits: walk values as tight or tighter, wish and want as they come."""
    first = events[0] if events else None
    if not isinstance(first, Open):
        return None
    try:
        known = opening(policy, first).known
    except Unfit:
        return None
    limits = dict(first.limits)
    for name, better, scale in (*((i.name, i.better, i.unit.scale) for i in policy.issues.values()), package(policy)):
        walk = known[f"walk.{name}"]
        if better:
            tighter = walk + better * scale * rng.randint(0, 9) if isinstance(walk, int) else None
            near = [v for v in (walk, known[f"want.{name}"], known[f"wish.{name}"]) if isinstance(v, int)]
            other = rng.choice(near) + scale * rng.randint(-9, 9) if near else None
            limits[name] = Limits(other, other, tighter)
    return [msgspec.structs.replace(first, limits=limits), *events[1:]]


def package(policy: Policy) -> tuple[str, int, int]:
    """Return the package as an issue of which more is better."""
    return "package", 1, policy.money.scale


def told(engine: Engine, event: AnyEvent, position: Position, history: History) -> tuple[object, ...] | None:
    """Return what the other side may be told; none where the event does not fit."""
    try:
        found = answer(Seeker(engine), engine.evaluate(position, event, history))
    except Unfit:
        return None
    return found.agreed, found.ended, found.say, found.terms, found.proposals


@law
@bounded(20, 60)
@given(cases(25), st.randoms(use_true_random=False))
def test_the_other_side_learns_no_limit(case: Case, rng: Random) -> None:
    """Under other limits it is told the same, but for yes or no, and for offers that do not pass there.

    So nothing it hears can narrow a limit further than our making or not making an offer does.
    """
    policy = case.read(root=outspoken(case.root))
    if policy is None:
        return
    events = decoded(policy, case.lines())
    others = tightened(policy, events, rng)
    if others is None:
        return
    engine = Engine(policy, Core.PLAIN)
    positions: list[Position | None] = [None, None]
    pasts: tuple[list[AnyEvent], list[AnyEvent]] = ([], [])
    for pair in zip(events, others, strict=True):
        if all(p is not None and p.valuation is not None and not p.missing for p in positions):
            compare(engine, pair, positions, pasts)
        one, other = (answered(engine, p, e, past.copy) for p, e, past in zip(positions, pair, pasts, strict=True))
        if (one is None) != (other is None):
            return
        if one is not None and other is not None:
            if one[0] != other[0]:
                return  # what was answered tells the two apart, and our word as it was let through is another
            positions = [one[1], other[1]]
            for past, event in zip(pasts, pair, strict=True):
                past.append(event)


def answered(
    engine: Engine, position: Position | None, event: AnyEvent, history: History
) -> tuple[tuple[bool, bool], Position] | None:
    """Return whether an event is agreed to, and whether talks end, with the deal after it; none if it does not fit."""
    try:
        found, after = engine.decide(position, event, history=history)
    except Unfit:
        return None
    return (found.verdict is Verdict.PROCEED, found.verdict is Verdict.WALK), after


def compare(
    engine: Engine,
    pair: tuple[AnyEvent, AnyEvent],
    positions: list[Position | None],
    pasts: tuple[list[AnyEvent], list[AnyEvent]],
) -> None:
    """Compare what is told of one event under two sets of limits, while the two deals have gone the same way."""
    one, other = positions
    assert one is not None
    assert other is not None
    if (one.left, one.moved) != (other.left, other.moved):
        return
    first, second = told(engine, pair[0], one, pasts[0].copy), told(engine, pair[1], other, pasts[1].copy)
    if first is None or second is None or first[:2] != second[:2]:
        return
    assert first[2:4] == second[2:4]
    for proposals, others, event, position in (
        (first[4], second[4], pair[1], other),
        (second[4], first[4], pair[0], one),
    ):
        assert isinstance(proposals, tuple)
        assert isinstance(others, tuple)
        for terms in (t for t in proposals if t not in others):
            assert not passes(engine, position, event, terms)
