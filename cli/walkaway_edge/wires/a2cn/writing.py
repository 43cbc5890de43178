"""Events as messages of A2CN: what `reading` reads as them."""

from typing import Any

from walkaway.language.instants import instant_text
from walkaway.language.values import NotAValue
from walkaway_edge.problems import EdgeProblem
from walkaway_edge.wires.a2cn.messages import Company, act_hash
from walkaway_edge.wires.a2cn.session import A2CN, A2CNSession, Line, now_of
from walkaway_edge.wires.terms import write_terms

_CLOSES = {"walked": "us", "lost": "them"}


def encode(line: Line, session: A2CNSession, wire: A2CN) -> dict[str, Any]:
    """Return the message that an event line is, as the next one of a session; it has no signature yet.

    Of what `decode` reads it gives back every field but signatures and free text.

    Raises:
        EdgeProblem: Where it cannot be said on this wire, or not now.
    """
    kind = line["type"]
    by = _CLOSES[line["outcome"]] if kind == "close" else line["by"]
    latest, sender = session.latest, session.parties[by]
    said: dict[str, Any] = {
        "message_id": line["id"],
        "session_id": session.id,
        "sequence_number": session.sequence + 1,
        "sender_did": sender.did,
        "sender_agent_id": sender.agent_id,
        "timestamp": line["at"],
    }
    if latest is not None:
        said["in_reply_to"] = latest.id
    if kind == "close":
        return {**said, "message_type": "withdrawal", "reason_code": "STRATEGY_DECISION"}
    if not session.is_open or session.turn != by:
        raise EdgeProblem("it is not this party's turn on the wire", "wait for their message")
    if kind == "offer":
        return _offer(line, said, sender, session, wire)
    if latest is None or session.rejected or kind not in ("accept", "reject"):
        raise EdgeProblem(f"an event of type `{kind}` cannot be said on this wire now")
    said["round_number"] = session.round
    if kind == "reject":
        said |= {"message_type": "rejection", "rejected_offer_id": latest.id}
        return {**said, "reason_code": "TERMS_UNACCEPTABLE"}
    taken = {"accepted_offer_id": latest.id, "accepted_protocol_act_hash": latest.digest}
    return {**said, **taken, "message_type": "acceptance", "sender_verification_method": sender.verification_method}


def _offer(line: Line, said: dict[str, Any], sender: Company, session: A2CNSession, wire: A2CN) -> dict[str, Any]:
    if session.round >= session.params.max_rounds:
        raise EdgeProblem("the last round has an offer already")
    try:
        terms = write_terms(line["terms"], wire.terms, session.params.currency)
    except NotAValue as problem:
        raise EdgeProblem(f"these terms cannot be said on this wire: {problem}") from problem
    said |= {
        "message_type": "counteroffer" if session.round else "offer",
        "round_number": session.round + 1,
        "sender_verification_method": sender.verification_method,
        "expires_at": line["until"],
        "terms": terms,
    }
    return {**said, "protocol_act_hash": act_hash(said)}


def until(at: str, session: A2CNSession) -> str:
    """Return until when an offer of ours binds that is made at an instant: as long as a round may take."""
    return instant_text(now_of(at) + session.params.round_timeout_seconds * 1_000_000)
