"""What is sent on Concordia for an answer of ours: it rests on the one bit that an ask gives, and on what both know.

Which verdict a no was, a reason, a number, a rule never reach this module: it is given what an agent may be told.
"""

from collections.abc import Mapping
from typing import Any

from walkaway import AgentAsk, DealState, Disclosure
from walkaway_edge.problems import EdgeProblem
from walkaway_edge.wires.concordia.issues import Concordia
from walkaway_edge.wires.concordia.reading import decode
from walkaway_edge.wires.concordia.session import NAME, ConcordiaSession, Line, now_of, offer_until
from walkaway_edge.wires.concordia.writing import encode
from walkaway_edge.wires.outcomes import MessagePlan, Refusal, canonical


def plan(
    asked: AgentAsk | None,
    seen: Disclosure,
    state: DealState,
    session: ConcordiaSession,
    wire: Concordia,
    *,
    message_id: str,
    at: str,
    actor: str,
) -> MessagePlan[ConcordiaSession]:
    """Return what is sent for the answer to an ask.

    A yes is the acceptance, or the offer, that was asked about. A no is nothing: a rejection would end the session, so
    that we may ask about other terms, and a person says whether to leave. The plan has no next session, since a message
    is chained by its signature: once it is signed, `decode` reads it as any other.

    Args:
        asked: What `walkaway.Session.probe` answered, about an offer or about accepting theirs; none to see whether
            anything may be asked now.
        seen, state: Of the deal, before the ask.
        message_id: Names the message, and the event that it is, 190 characters at most.
        at: Now, RFC 3339, in UTC.
        actor: Who of ours does it.

    Raises:
        EdgeProblem: Where our terms cannot be said on this wire.
    """
    if session.state not in ("ACTIVE", "DORMANT") or now_of(at) > session.closes:
        return MessagePlan(turn="stop")
    line: dict[str, Any] = {"id": message_id, "deal": session.deal, "at": at, "actor": actor, "via": NAME}
    if not state.is_open and session.state == "ACTIVE":
        left = encode({**line, "type": "close", "outcome": "walked"}, session, wire)
        return _checked((), left, at, session, wire)
    if not state.is_open:
        return MessagePlan(turn="stop")
    is_last = session.rounds >= session.timing.max_rounds
    is_offer = asked is not None and asked.act == "offer"
    if seen.halted or not seen.party or not seen.left or (is_last and is_offer) or session.state == "DORMANT":
        return MessagePlan(turn="human")
    is_ours = session.latest is None or session.latest.by == "them"
    if not is_ours or asked is None:
        return MessagePlan(turn="ours" if is_ours else "wait")
    counted = {**line, "id": f"{message_id}/ask", "type": "probe", "confirmed": True}
    counted |= {"asked": asked.asked, "yes": asked.yes, "cost": asked.cost}
    if not asked.yes:
        return MessagePlan((counted,), turn="ours")
    counted["permit"] = message_id
    if is_offer:
        until = offer_until(at, session)
        said: Line = {**line, "type": "offer", "by": "us", "terms": dict(asked.package), "until": until}
    else:
        said = {**line, "type": "accept", "by": "us", "of": session.latest.id if session.latest else ""}
    return _checked((counted, said), encode(said, session, wire), at, session, wire)


def _checked(
    lines: tuple[Line, ...], message: Mapping[str, Any], at: str, session: ConcordiaSession, wire: Concordia
) -> MessagePlan[ConcordiaSession]:
    taken = decode(canonical(message), session, wire, at=at)
    if isinstance(taken, Refusal):
        raise EdgeProblem(f"this cannot be said on the wire: {taken.error['error']['message']}")
    return MessagePlan(lines, message)
