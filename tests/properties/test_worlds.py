"""The solver's positions hold every real one: a proof about all of them is a proof about deals.

For events of random deals every free number is given the value that it really has. That must be possible, and no other
verdict, door or fired rule may then be. The count of events is that of WALKAWAY_WORLDS; each takes a solver of its own:

    WALKAWAY_WORLDS=5000 pytest --timeout 0 -s tests/properties/test_worlds.py
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from fractions import Fraction
from random import Random
from typing import Any

import pytest
import z3
from tests.helpers.deciding import Step, follow
from tests.helpers.generated import decoded, generate
from tests.helpers.proving import PLAIN, policy_of
from tests.helpers.strategies import SEED, size

from walkaway.decide.compiler import Program
from walkaway.decide.engine import Core, Engine
from walkaway.events import Offer, On
from walkaway.proof.formulas import logic
from walkaway.proof.formulas.any_deal import AnyDeal, Preparation
from walkaway.proof.formulas.concrete import act_of, case_of, state_of
from walkaway.proof.formulas.encode import Sym
from walkaway.proof.formulas.facts import Act, Agreed, Half, Moved
from walkaway.proof.formulas.judging import Judged
from walkaway.proof.formulas.logic import Truth, both, equal, implies, no, same

pytestmark = [pytest.mark.slow, pytest.mark.solver, pytest.mark.search]

EVENTS = size("WALKAWAY_WORLDS", 20, 100)
WORTHS = ("net", "last_give", "gain", "loss", "new", "run_worths")
WORTHS_OF = ("worths", "start_worths", "cleared_worths", "base_worths")
"""What follows from terms that are compared. Of the terms that a run began with, their worths are all there is."""


def preparation(step: Step) -> Preparation:
    """Return the deals among which a step's deal is."""
    if step.position.valuation is None:
        return Preparation.WORTHLESS
    if step.found.move is None:
        return Preparation.ANY
    return Preparation.PREPARED if step.prepared else Preparation.LACKING


def is_so(name: str, free: Any, real: Any, scale: int) -> Iterator[Truth]:
    """Return that what is free is as it really is; worths come in 1/scale of a minor unit."""
    if free is real or real is None:
        return
    if isinstance(real, Half | Agreed | Moved | Act):
        for field in real.__struct_fields__:
            if field not in ("case", "named", *WORTHS_OF):
                yield from is_so(field, getattr(free, field), getattr(real, field), scale)
    elif isinstance(real, Sym):
        value = Fraction(real.value, scale) if name == "settled" else real.value
        yield both(same(free.known, real.known), implies(real.known, equal(free.value, value)))
    elif isinstance(free, Mapping):
        for key, value in free.items():
            if key in real:
                yield from is_so(name, value, real[key], scale)
    elif isinstance(real, bool):
        yield same(free, real)
    elif not isinstance(real, Mapping):
        yield equal(free, Fraction(real, scale) if name in WORTHS else real)


def is_step(world: AnyDeal, judged: Judged, step: Step, engine: Engine) -> Iterator[Truth]:
    """Return that everything free is as it really is."""
    codes, policy = world.codes, world.policy
    real = state_of(policy, step.position, step.event, codes, engine.all_facts(step.found))
    act = act_of(engine, step.found, real, codes)
    scale = step.position.valuation.scale if step.position.valuation is not None else 1
    for field in real.__struct_fields__:
        if field not in ("scales", "opened", "left_at", *WORTHS_OF):
            yield from is_so(field, getattr(world.state, field), getattr(real, field), scale)
    for half, is_ in ((world.state.ours, real.ours), (world.state.theirs, real.theirs)):
        for issue, named in half.named.items():
            yield same(named, issue in is_.standing)
    yield equal(world.day, step.position.opened // 86_400_000_000)
    if act.on is not On.OPEN:
        yield both(equal(judged.act.now, 0), equal(world.state.opened, real.opened))
    free = judged.act
    for field in ("terms", "stating", "taken", "confirmed", "again", "other", "same_other", "is_choice", "outcome"):
        yield from is_so(field, getattr(free, field), getattr(act, field), scale)
    if free.on is On.CLOSE:
        yield both(same(free.agreed, act.agreed), same(free.differs, act.differs))
    if free.moved is not None and act.moved is not None and act.case.heard is On.THEIR_ACCEPTANCE:
        yield from is_so("moved", free.moved, act.moved, scale)
    for issue, named in free.named.items():
        yield same(named, issue in act.terms)
    for name in ("approved", "lifts"):
        yield from is_so(name, getattr(free.lifted, name), getattr(act.lifted, name), 1)
    yield same(free.lifted.is_moot, act.lifted.is_moot)


def answered_otherwise(judged: Judged, step: Step, program: Program) -> Truth:
    """Return that the verdict, the door or a fired rule is another one than the engine's."""
    verdict, closed = step.decision.verdict, step.decision.door == "closed"
    fired = {step.found.rules[i].id for i in step.found.fired}
    names = [r.id for r in program.rules[step.on]]
    fires = {n: logic.some(f for m, f in zip(names, judged.heard.fires, strict=True) if m == n) for n in names}
    wrong = [no(same(f, n in fired)) for n, f in fires.items()]
    if step.on in (On.VOID, On.REOPENING):  # the past may say more
        return logic.some(wrong)
    return logic.some([no(judged.ruled.is_verdict(verdict)), no(same(judged.ruled.closed, closed)), *wrong])


def contradicted(step: Step, engine: Engine) -> str:
    """Return what the formulas say otherwise of an event than the engine did; empty where they say the same."""
    world = AnyDeal(engine.program, preparation(step), precise=True)
    judged = world.judge(world.act(case_of(step.found)))
    solver = z3.Solver()
    solver.add([f for f in is_step(world, judged, step, engine) if f is not True])
    solver.add(world.asserted.formulas)
    if solver.check() != z3.sat:
        return "no position is as the real one"
    solver.add(answered_otherwise(judged, step, engine.program))
    return "" if solver.check() == z3.unsat else "another answer is possible"


def test_the_size_of_a_step_is_measured_from_where_the_run_began() -> None:
    """Whatever our offer may be a step from, the formulas know what was cleared when they last answered."""
    engine = Engine(policy_of(PLAIN + "  big: {why: w, on: our offer, when: give.run > 4000 USD, then: hold}\n"))
    said = [{"type": "open", "facts": {"list_price": "100,000 USD"}}]
    said += [{"type": "offer", "by": "us", "actor": "ana", "terms": {"discount": v}} for v in ("1%", "3%", "6%")]
    said.insert(2, {"type": "offer", "by": "them", "terms": {"discount": "30%"}})
    lines = [
        json.dumps({"id": f"e{n}", "deal": "D", "at": f"2026-10-0{n}", **e}).encode() for n, e in enumerate(said, 1)
    ]
    assert not any(contradicted(step, engine) for step in follow(engine, decoded(engine.policy, lines)))


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
            if isinstance(step.event, Offer) and step.event.packages:
                continue
            assert not contradicted(step, engine), (SEED, step.event, preparation(step))
            seen["events"] += 1
            seen[preparation(step).value] += 1
    with capsys.disabled():
        print(f"\nWALKAWAY_SEED={SEED}", ", ".join(f"{n:,} {what}" for what, n in sorted(seen.items())))
