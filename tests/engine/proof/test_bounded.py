"""Deals of so many events: what one step leaves, where all that it hangs on is known."""

import msgspec
import pytest
from tests.helpers.proving import PLAIN, policy_of

from walkaway.decide.compiler import compile_policy
from walkaway.events import On
from walkaway.proof.formulas.bounded import BoundedModel
from walkaway.proof.formulas.facts import Act, Case
from walkaway.proof.formulas.history import DealOpening
from walkaway.proof.formulas.ledger import Moment

STAYED, OPEN, CLOSED = range(3)
"""How `Moment.left` says that we have not left, and by which door we have."""
POLICY = policy_of(
    PLAIN.replace("on: any, when: signals.deception", "on: signal, when: signals.deception").replace(
        "signals: [deception]", "signals: [deception, rude]"
    )
    + "  rude: {why: w, on: signal, when: signals.rude >= 1, then: walk}\n"
)


def after(kind: str, left: int, *, moved: bool) -> Moment:
    """Return a deal after a report of theirs, an hour on, where we had left so and they had moved since, or not."""
    model = BoundedModel(compile_policy(POLICY), DealOpening(20_731, {"list_price": 10_000_000}))
    state = msgspec.structs.replace(model.moment.state, left_at=0)
    model.moment = msgspec.structs.replace(model.moment, state=state, left=left, moved=moved)
    return model._after(Act(case=Case(On.SIGNAL), confirmed={k: k == kind for k in POLICY.signals}, now=3600))


@pytest.mark.parametrize(
    ("kind", "before", "moved", "left", "since"),
    [
        ("rude", STAYED, False, OPEN, 3600),
        ("deception", STAYED, False, CLOSED, 3600),
        ("rude", OPEN, False, OPEN, 0),
        ("rude", OPEN, True, OPEN, 3600),
        ("deception", OPEN, False, CLOSED, 0),
        ("deception", OPEN, True, CLOSED, 3600),
        ("rude", CLOSED, False, CLOSED, 0),
        ("rude", CLOSED, True, CLOSED, 0),
        ("deception", CLOSED, True, CLOSED, 0),
    ],
)
def test_a_walk_is_remembered_by_its_door_and_none_follows_a_closed_one(
    kind: str, before: int, moved: bool, left: int, since: int
) -> None:
    """Since when we are to leave counts from the first walk after they moved; a closed door is the last."""
    found = after(kind, before, moved=moved)
    assert (found.left, found.state.left_at) == (left, since)
    assert (found.state.left_open, found.state.left_closed) == (left == OPEN, left == CLOSED)


@pytest.mark.parametrize(("moved", "stays"), [(False, True), (True, False)])
def test_we_have_left_by_the_open_door_until_they_move(moved: bool, stays: bool) -> None:
    """Nothing else that is reported brings us back."""
    found = after("", OPEN, moved=moved)
    assert (found.left, found.state.left_open, found.state.left_at) == (OPEN, stays, 0)
