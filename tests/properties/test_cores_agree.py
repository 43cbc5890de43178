r"""`rete`, `plain` and the bare meaning of the conditions give one answer on generated policies and deals.

The count of decisions is that of WALKAWAY_DECISIONS. The full size is 200,000:

    WALKAWAY_DECISIONS=200000 pytest --timeout 0 -s tests/properties/test_cores_agree.py

which says at every 10,000th how far it is; and once more, smaller, with memory that is filled before it is handed out,
so that the C core finds no zeros by chance:

    MALLOC_PERTURB_=165 PYTHONMALLOC=malloc WALKAWAY_DECISIONS=20000 \
        pytest --timeout 0 -s tests/properties/test_cores_agree.py
"""

from collections import Counter

import pytest
from hypothesis import given, seed
from tests.helpers.deciding import Step, follow, naive
from tests.helpers.generated import Case, decoded
from tests.helpers.strategies import SEED, bounded, cases, size

from walkaway.decide.core import rete
from walkaway.decide.core.program import concluded
from walkaway.decide.engine import Core, Engine
from walkaway.decide.verdict import combine
from walkaway.events import Door, Verdict
from walkaway.language.expr.linear import Test, value_of

pytestmark = [pytest.mark.slow, pytest.mark.search]

DECISIONS = size("WALKAWAY_DECISIONS", 2_000, 4_000)
A_ROUND = 50
"""Policies tried under one seed before the count is looked at again."""


def assert_all_agree(engine: Engine, step: Step) -> None:
    """Compare what the engine answered with each evaluator asked alone."""
    stage = engine.program.stages[step.on, step.prepared]
    rules = engine.program.rules[step.on]
    plain = engine.plans[step.on, step.prepared].loaded(Core.PLAIN)(step.facts)
    c_core = engine.plans[step.on, step.prepared].loaded(Core.RETE)(step.facts)
    meaning = naive(stage, step.facts)
    assert plain == c_core == meaning
    assert concluded(stage, plain) == concluded(stage, c_core) == concluded(stage, meaning)
    ruling = combine([rules[i] for i in meaning], step.found.covering, engine.policy)
    accepting = step.found.accepting
    if accepting is None or ruling.verdict >= accepting.ruling.verdict:
        assert step.decision.verdict == ruling.verdict.value
    else:
        assert ruling.verdict <= Verdict(step.decision.verdict) <= max(ruling.verdict, accepting.ruling.verdict)
    door = Door.CLOSED if ruling.door and step.position.left is Door.CLOSED else ruling.door
    assert step.decision.door == (door.value if door else None)
    assert {r.rule for r in step.decision.reasons} == {rules[i].id for i in meaning}
    assert step.decision.cores.agree
    assert step.decision.cores.ran == (Core.PLAIN, Core.RETE)


def is_at_boundary(engine: Engine, step: Step) -> bool:
    """Return whether some comparison is met at equality, where one unit more or less would change it."""
    rules = engine.program.stages[step.on, step.prepared].rules
    tests = {t for r in rules for tests in r.alternatives for t in tests if isinstance(t, Test)}
    return any(value_of(t.term, step.facts) == t.constant for t in tests if abs(t.constant) > 1)


@pytest.mark.skipif(not rete.is_available(), reason="durable-rules is not installed; there is nothing to compare")
def test_rete_equals_plain_equals_the_meaning(capsys: pytest.CaptureFixture[str]) -> None:
    """On generated (policy, event) decisions all three fire the same rules and give the same verdict."""
    seen: Counter[str] = Counter()

    def check(case: Case) -> None:
        policy = case.read()
        seen["policies"] += 1
        if policy is None:
            seen["with errors"] += 1
            return
        engine = Engine(policy)
        for step in follow(engine, decoded(policy, case.lines())):
            assert_all_agree(engine, step)
            seen["decisions"] += 1
            seen["prepared" if step.prepared else "unprepared"] += 1
            seen["concluding"] += any(r.standing == "concludes" for r in step.decision.reasons)
            seen["at a boundary"] += is_at_boundary(engine, step)
            seen[step.decision.verdict.value] += 1

    with capsys.disabled():
        print(f"\nWALKAWAY_SEED={SEED}")
    round_ = 0
    while seen["decisions"] < DECISIONS:
        before = seen["decisions"]
        seed(SEED + round_)(bounded(A_ROUND)(given(cases())(check)))()
        round_ += 1
        if seen["decisions"] // 10_000 > before // 10_000:
            with capsys.disabled():
                print(f"{seen['policies']:,} policies: {seen['decisions']:,} decisions", flush=True)
    with capsys.disabled():
        print(", ".join(f"{n:,} {what}" for what, n in sorted(seen.items())))
    assert seen["decisions"] == seen["prepared"] + seen["unprepared"] >= DECISIONS
    assert seen["with errors"] < seen["policies"] / 4
    assert all(seen[v] for v in ("proceed", "trade", "hold", "escalate", "refuse", "walk"))
    assert seen["unprepared"] > seen["decisions"] / 50
    assert seen["concluding"] > seen["decisions"] / 100
    assert seen["at a boundary"] > seen["decisions"] / 40
