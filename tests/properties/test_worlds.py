"""The solver's positions hold every real one: a proof about all of them is a proof about deals.

For events of random deals every free number is given the value that it really has. That must be possible, and no other
verdict, door or fired rule may then be. The count of events is that of WALKAWAY_WORLDS; each takes a solver of its own:

    WALKAWAY_WORLDS=5000 pytest --timeout 0 -s tests/properties/test_worlds.py
"""

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from fractions import Fraction
from random import Random

import pytest
import z3
from tests.helpers.deciding import Step, follow
from tests.helpers.generated import decoded, generate
from tests.helpers.strategies import SEED

from walkaway.decide.compiler import Program
from walkaway.decide.engine import Core, Engine
from walkaway.events import BARGAINING
from walkaway.proof.formulas import logic
from walkaway.proof.formulas.any_deal import Judged, Preparation, World
from walkaway.proof.formulas.concrete import act_of, state_of
from walkaway.proof.formulas.encode import Sym
from walkaway.proof.formulas.facts import Half
from walkaway.proof.formulas.logic import Truth, both, equal, implies, no, same

pytestmark = [pytest.mark.slow, pytest.mark.solver]

EVENTS = int(os.environ.get("WALKAWAY_WORLDS", "40"))
WORTHS = ("net", "last_give")


def preparation(step: Step) -> Preparation:
    """Return the deals among which a step's deal is."""
    if step.position.valuation is None:
        return Preparation.WORTHLESS
    if step.on not in BARGAINING:
        return Preparation.ANY
    return Preparation.PREPARED if step.prepared else Preparation.LACKING


def half_is(free: Half, real: Half, scale: int) -> Iterator[Truth]:
    """Return that a free half of the ledger is the real one; worths come in 1/scale of a minor unit."""
    for name, value in free.standing.items():
        known = name in real.standing
        yield same(free.named.get(name, True), known) if free.named else True
        if known:
            yield equal(value, real.standing[name])
    for name in Half.__struct_fields__:
        value, other = getattr(free, name), getattr(real, name)
        if isinstance(other, Sym):
            yield both(same(value.known, other.known), implies(other.known, equal(value.value, other.value)))
        elif not isinstance(other, Mapping):
            yield equal(value, Fraction(other, scale) if name in WORTHS else other)


def is_step(world: World, judged: Judged, step: Step) -> Iterator[Truth]:
    """Return that everything free is as it really is."""
    codes, policy = world.codes, world.policy
    real = state_of(policy, step.position, step.event, codes)
    act = act_of(policy, step.position, real, step.event, step.covering, codes)
    scale = step.position.valuation.scale if step.position.valuation is not None else 1
    state = world.state
    for name, fact in state.known.items():
        truth = real.known[name]
        yield both(same(fact.known, truth.known), implies(truth.known, equal(fact.value, truth.value)))
    yield from half_is(state.ours, real.ours, scale)
    yield from half_is(state.theirs, real.theirs, scale)
    for name, value in real.start.items():
        yield equal(state.start[name], value)
    for free, given in ((state.signals, real.signals), (state.matches, real.matches), (judged.act.again, act.again)):
        yield from (equal(value, given[name]) for name, value in free.items())
    yield equal(world.day, step.position.opened // 86_400_000_000)
    yield both(equal(state.missing, real.missing), equal(judged.act.now, 0), equal(state.opened, real.opened))
    yield both(same(state.left_open, real.left_open), same(state.left_closed, real.left_closed))
    for name, free in state.agreed.items():
        yield same(free.known, name in real.agreed)
        yield equal(free.value, Fraction(real.agreed[name].value, scale)) if name in real.agreed else True
    for name, value in judged.act.terms.items():
        yield same(judged.act.named.get(name, True), name in act.terms) if judged.act.named else True
        yield equal(value, act.terms[name]) if name in act.terms else True
    yield from (same(c, name in act.confirmed) for name, c in judged.act.confirmed.items())
    for free, given in (
        (judged.act.lifted.approved, act.lifted.approved),
        (judged.act.lifted.waived, act.lifted.waived),
    ):
        yield from (same(flag, given[name]) for name, flag in free.items())


def answered_otherwise(judged: Judged, step: Step, program: Program) -> Truth:
    """Return that the verdict, the door or a fired rule is another one than the engine's."""
    verdict, closed = step.decision.verdict, step.decision.door == "closed"
    fired = {r.rule for r in step.decision.reasons}
    names = [r.id for r in program.rules[step.on]]
    fires = {n: logic.some(f for m, f in zip(names, judged.ruled.fires, strict=True) if m == n) for n in names}
    wrong = [no(same(f, n in fired)) for n, f in fires.items()]
    return logic.some([no(judged.ruled.is_verdict(verdict)), no(same(judged.ruled.closed, closed)), *wrong])


def test_every_real_position_is_among_the_free_ones(capsys: pytest.CaptureFixture[str]) -> None:
    """Every event of random deals is one of those that the solver looks at, with the answer that the engine gave."""
    seen: Counter[str] = Counter()
    rng = Random(SEED)
    while seen["events"] < EVENTS:
        case = generate(Random(rng.getrandbits(64)), 25)
        policy = case.read()
        steps = list(follow(Engine(policy, Core.PLAIN), decoded(policy, case.lines()))) if policy else []
        for step in rng.sample(steps, min(3, len(steps))):
            assert policy is not None
            engine = Engine(policy, Core.PLAIN)
            world = World(engine.program, preparation(step), precise=True)
            judged = world.judge(world.act(step.on))
            solver = z3.Solver()
            solver.add([f for f in is_step(world, judged, step) if f is not True])
            solver.add(world.asserted.formulas)
            said = (SEED, step.event, preparation(step))
            assert solver.check() == z3.sat, said
            wrong = answered_otherwise(judged, step, engine.program)
            if wrong is not False:
                solver.add(wrong)
                assert solver.check() == z3.unsat, said
            seen["events"] += 1
            seen[preparation(step).value] += 1
    with capsys.disabled():
        print(f"\nWALKAWAY_SEED={SEED}", ", ".join(f"{n:,} {what}" for what, n in sorted(seen.items())))
