"""What our own people are told, by their role: numbers and reasons, but no hash for those who write no policy."""

from collections.abc import Mapping
from typing import Any

import msgspec

from walkaway import Briefing, DealState, Decision
from walkaway_edge.http.identity import READERS, Identity


class TheirPolicy(msgspec.Struct, frozen=True):
    """Which policy decided, without its hash."""

    name: str
    version: int


class DecisionView(msgspec.Struct, frozen=True, omit_defaults=True):
    """A decision; as `walkaway check --format json` has it, without the hashes of policy and position."""

    verdict: str
    door: str | None
    advice: str
    reasons: tuple[Any, ...]
    obligations: tuple[Any, ...]
    counteroffers: tuple[Any, ...]
    room: Mapping[str, str]
    at: str
    deal: str
    event: str
    on: str
    policy: TheirPolicy
    cores: Any
    accepting: Any = None
    party: Any = None


def told(decision: Decision, who: Identity) -> Decision | DecisionView:
    """Return a decision as one may have it."""
    if who.may(READERS):
        return decision
    d = decision
    return DecisionView(
        d.verdict.value,
        None if d.door is None else d.door.value,
        d.advice,
        d.reasons,
        d.obligations,
        d.counteroffers,
        d.room,
        d.at,
        d.deal,
        d.event,
        d.on,
        TheirPolicy(d.policy.name, d.policy.version),
        d.cores,
        None if d.accepting is msgspec.UNSET else d.accepting,
        None if d.party is msgspec.UNSET else d.party,
    )


class OfferCheck(msgspec.Struct, frozen=True):
    """Everything about one more offer of ours."""

    decision: Decision | DecisionView
    approvals: Any
    rooms: Any


def briefed(briefing: Briefing, who: Identity) -> OfferCheck:
    """Return all there is to say about an offer as one may have it."""
    return OfferCheck(told(briefing.decision, who), briefing.approvals, briefing.rooms)


class DealView(msgspec.Struct, frozen=True):
    """Where a deal stands.

    Attributes:
        turn: Whose move it is: `ours`, `theirs`, or `over`.
        owed: Issue → the day on which what they promised of it is due, once the deal is won and until it is delivered.
    """

    deal: str
    policy: TheirPolicy
    events: tuple[str, ...]
    opened: str
    last: str
    outcome: str
    missing: tuple[str, ...]
    ours: Mapping[str, str]
    theirs: Mapping[str, str]
    turn: str
    owed: Mapping[str, str] = {}


def standing(state: DealState) -> DealView:
    """Return where a deal stands, and whose move it is."""
    policy = TheirPolicy(state.policy.name, state.policy.version)
    return DealView(
        state.deal,
        policy,
        state.events,
        state.opened,
        state.last,
        state.outcome,
        state.missing,
        state.ours,
        state.theirs,
        turn_of(state),
        state.owed,
    )


def turn_of(state: DealState) -> str:
    """Return whose move it is: whoever moved last waits."""
    if not state.is_open or state.left is not None:
        return "over"
    return "theirs" if state.mover == "us" else "ours"
