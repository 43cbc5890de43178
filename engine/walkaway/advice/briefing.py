"""All that a rep, or a rep's customer, may be told about one offer: the decision and what follows from it.

Two audiences: the rep is told everything; the other side only what may be said. What the other side is told never
rests on a limit: a rule that reads one stays silent even where it has something to `say`, and the terms named to them
are chosen as if we had none.
"""

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from walkaway.advice.approvals import Approvals, preview
from walkaway.advice.counteroffers import ADVISED, asked_about
from walkaway.advice.headroom import Rooms, rooms
from walkaway.deal.ledger import weigh
from walkaway.deal.position import Position
from walkaway.decide.decision import Decision
from walkaway.decide.engine import Engine
from walkaway.decide.verdict import Standing
from walkaway.events import AnyEvent, Offer, Verdict


class Audience(StrEnum):
    """Who is told."""

    REP = "rep"
    CUSTOMER = "customer"


class Outlook(msgspec.Struct, frozen=True):
    """Everything about one offer, for the rep."""

    decision: Decision
    approvals: Approvals
    rooms: Rooms


class Answer(msgspec.Struct, frozen=True):
    """What the other side may be told.

    Attributes:
        agreed: Whether these terms may be offered, or are agreed to.
        ended: Whether talks end here.
        say: The policy's own words, each once.
        proposals: Other terms that may be offered instead: issue → value.
        terms: Those asked about: issue → value.
    """

    agreed: bool
    ended: bool
    say: tuple[str, ...]
    proposals: tuple[Mapping[str, str], ...]
    terms: Mapping[str, str]


def outlook(engine: Engine, position: Position, event: AnyEvent, before: str = "") -> tuple[Outlook, Position]:
    """Decide one event, and say what follows from it; give the position after it too.

    Args:
        before: The digest of *position*, where the caller has it.

    Raises:
        Unfit: Where the event cannot have happened in this deal.
    """
    decision, after = engine.decide(position, event, before)
    asked = asked_about(engine.policy, position, event, after)
    move = weigh(engine.policy, position, event)
    if asked is None or move is None:
        return Outlook(decision, Approvals(), Rooms()), after
    now, offer = asked
    found = rooms(engine.seeker, now, offer, move.terms)
    approvals = preview(engine.policy, position, event, move, engine.judge(position, event))
    return Outlook(decision, approvals, found), after


def answer(engine: Engine, position: Position, event: AnyEvent) -> Answer:
    """Say what the other side may be told about an event.

    Raises:
        Unfit: Where the event cannot have happened in this deal.
    """
    policy = engine.policy
    decision, after = engine.decide(position, event)
    verdict = Verdict[decision.verdict.upper()]
    silent = engine.seeker.silent
    ended = verdict is Verdict.WALK
    heard = [r for r in decision.reasons if r.standing == Standing.DECIDES and r.rule not in silent]
    said = [r.say for r in heard if r.say and (r.effect == verdict.word or not ended)]
    asked = asked_about(policy, position, event, after)
    proposals = engine.seeker.sayable(*asked) if asked is not None and verdict in ADVISED else ()
    named = event.terms if isinstance(event, Offer) else {}
    return Answer(
        agreed=verdict is Verdict.PROCEED,
        ended=ended,
        proposals=proposals,
        say=tuple(dict.fromkeys(said)),
        terms=engine.seeker.written(named),
    )
