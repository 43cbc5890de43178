"""Count what an agent asked about terms of ours: whoever may ask again and again finds a limit by trying.

Source:
    docs/agents.md, what asking costs.
"""

import msgspec

from walkaway.deal.position import Asked, Position
from walkaway.events import US, Accept, AgentProbe, AnyEvent, Decline, Offer, Request, Tick, is_theirs


def probed(position: Position, event: AgentProbe) -> Position:
    """Return a deal after an agent asked something: it is counted, and nothing else has changed."""
    probes = position.probes + 1
    if not event.cost:
        return msgspec.structs.replace(position, last=event.instant, probes=probes)
    unsent = {**position.unsent, event.permit: event.cost - 1} if event.permit else position.unsent
    return msgspec.structs.replace(
        position,
        last=event.instant,
        probes=probes,
        asks=position.asks + event.cost,
        round_asks=position.round_asks + event.cost,
        asked=(*position.asked, Asked(event.asked, event.yes)),
        unsent=unsent,
    )


def gone_on(position: Position, event: AnyEvent) -> Position:
    """Return a deal in which agents have asked after something else has happened.

    What was told is not so any more, a round ends with a move of theirs, and a permitted word that was said costs less.
    """
    if isinstance(event, AgentProbe | Request | Decline | Tick):
        return position
    asks, round_asks, unsent = position.asks, position.round_asks, position.unsent
    if isinstance(event, Offer | Accept) and event.by is US and event.id in unsent:
        back = unsent[event.id]
        asks, round_asks = asks - back, max(0, round_asks - back)
        unsent = {permit: cost for permit, cost in unsent.items() if permit != event.id}
    if is_theirs(event):
        round_asks = 0
    return msgspec.structs.replace(position, asks=asks, round_asks=round_asks, unsent=unsent, asked=())
