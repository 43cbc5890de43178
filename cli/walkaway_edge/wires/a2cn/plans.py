"""What is sent on A2CN for an answer of ours: it rests on the one bit that an ask gives, and on what both sides know.

Which verdict a no was, a reason, a number, a rule never reach this module: it is given what an agent may be told.
"""

from collections.abc import Mapping
from typing import Any

from walkaway import AgentAsk, DealState, Disclosure
from walkaway_edge.problems import EdgeProblem
from walkaway_edge.wires.a2cn.reading import decode
from walkaway_edge.wires.a2cn.session import A2CN, NAME, A2CNSession, Line, now_of
from walkaway_edge.wires.a2cn.writing import encode, until
from walkaway_edge.wires.outcomes import MessagePlan, Refusal, canonical


def plan(
    asked: AgentAsk | None,
    seen: Disclosure,
    state: DealState,
    session: A2CNSession,
    wire: A2CN,
    *,
    message_id: str,
    at: str,
    actor: str,
) -> MessagePlan[A2CNSession]:
    """Return what is sent for the answer to an ask.

    A yes is the acceptance, or the offer, that was asked about. Every no is the same rejection; in the last round,
    where that would end the session, and where they have offered nothing, it is nothing, and a person goes on.

    Args:
        asked: What `walkaway.Session.probe` answered, about an offer or about accepting theirs; none to see whether
            anything may be asked now.
        seen, state: Of the deal, before the ask.
        message_id: Names the message, and the event that it is.
        at: Now, RFC 3339, in UTC.
        actor: Who of ours does it.

    Raises:
        EdgeProblem: Where our terms cannot be said on this wire.
    """
    if not session.is_open or now_of(at) > session.ends:
        return MessagePlan(turn="stop")
    line: dict[str, Any] = {"id": message_id, "deal": session.deal, "at": at, "actor": actor, "via": NAME}
    if not state.is_open:
        left = encode({**line, "type": "close", "outcome": "walked"}, session, wire)
        return _sent((), left, at, session, wire)
    is_last = session.round >= session.params.max_rounds
    is_offer = asked is not None and asked.act == "offer"
    if seen.halted or not seen.party or not seen.left or (is_last and is_offer):
        return MessagePlan(turn="human")
    if session.turn != "us" or asked is None:
        return MessagePlan(turn="ours" if session.turn == "us" else "wait")
    counted = {**line, "id": f"{message_id}/ask", "type": "probe", "confirmed": True}
    counted |= {"asked": asked.asked, "yes": asked.yes, "cost": asked.cost}
    if not asked.yes:
        if is_last or session.latest is None or session.rejected:
            return MessagePlan((counted,), turn="human")
        said: dict[str, Any] = {**line, "type": "reject", "by": "us"}
        message = {**encode(said, session, wire), "reason_description": " ".join(asked.say)}
        return _sent((counted, said), message, at, session, wire)
    counted["permit"] = message_id
    if is_offer:
        said = {**line, "type": "offer", "by": "us", "terms": dict(asked.package), "until": until(at, session)}
    else:
        said = {**line, "type": "accept", "by": "us", "of": session.latest.id if session.latest else ""}
    return _sent((counted, said), encode(said, session, wire), at, session, wire)


def _sent(
    lines: tuple[Line, ...], message: dict[str, Any], at: str, session: A2CNSession, wire: A2CN
) -> MessagePlan[A2CNSession]:
    taken = decode(canonical(message), session, wire, at=at)
    if isinstance(taken, Refusal):
        raise EdgeProblem(f"this cannot be said on the wire: {taken.error['error']['message']}")
    return MessagePlan(lines, message, session=taken.session)


def to_sign(message: Mapping[str, Any]) -> bytes:
    """Return what of a message is signed (sections 7.3 and 7.4); empty where nothing is."""
    if "protocol_act_hash" in message:
        return str(message["protocol_act_hash"]).encode()
    if message["message_type"] != "acceptance":
        return b""
    names = ("session_id", "round_number", "sequence_number", "accepted_offer_id", "accepted_protocol_act_hash")
    return canonical({name: message[name] for name in names})
