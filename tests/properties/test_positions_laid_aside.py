"""A position that is laid aside comes back equal, and everything decided from it is the same, byte by byte."""

import pytest
from hypothesis import given
from tests.helpers.deciding import follow
from tests.helpers.generated import Case, decoded
from tests.helpers.strategies import bounded, cases

from walkaway import encode
from walkaway.deal.position import packed, unpacked
from walkaway.decide.engine import Core, Engine

pytestmark = [pytest.mark.slow, pytest.mark.search]


@bounded(15)
@given(cases(events=30))
def test_a_position_comes_back_equal(case: Case) -> None:
    """After every event of generated deals: an equal position, the same digest, the same bytes again."""
    policy = case.read()
    if policy is None:
        return
    engine = Engine(policy, Core.PLAIN)
    for step in follow(engine, decoded(policy, case.lines())):
        back = unpacked(packed(step.after))
        assert back == step.after
        assert back.digest() == step.after.digest()
        assert packed(back) == packed(step.after)


@bounded(10)
@given(cases(events=30))
def test_decisions_from_positions_laid_aside_are_the_same(case: Case) -> None:
    """A deal whose position is laid aside behind every event is decided as one that stays in memory."""
    policy = case.read()
    if policy is None:
        return
    engine, position = Engine(policy, Core.PLAIN), None
    steps = list(follow(engine, decoded(policy, case.lines())))
    for step in steps:
        decision, after = engine.decide(position, step.event, history=step.history)
        assert encode(decision) == encode(step.decision)
        position = unpacked(packed(after))
