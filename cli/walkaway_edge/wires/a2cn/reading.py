"""Messages of A2CN as events of a deal: each in its turn, with its number, about the offer that stands."""

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec

from walkaway import Code
from walkaway_edge.wires.a2cn.messages import (
    MESSAGES,
    Acceptance,
    Company,
    Notification,
    OfferMessage,
    Rejection,
    SessionMessage,
    Withdrawal,
    act_hash,
)
from walkaway_edge.wires.a2cn.session import (
    A2CN,
    NAME,
    A2CNSession,
    KnownMessage,
    LatestOffer,
    Line,
    TakenMessage,
    instant,
    now_of,
    read_as,
    refused,
)
from walkaway_edge.wires.outcomes import Misfit, Refusal, canonical, read_object, remembered
from walkaway_edge.wires.terms import read_terms

SKEW = 30_000_000
"""Microseconds that a sender's clock may be ahead of ours, or a message late (sections 6.3 and 8.6)."""
_TIMEOUTS = {"round": "TIMED_OUT", "session": "TIMED_OUT", "impasse": "IMPASSE"}
_OUTCOMES = {"us": "walked", "them": "lost"}


def decode(data: bytes, session: A2CNSession, wire: A2CN, *, at: str) -> TakenMessage | Refusal:
    """Return the event lines that a message is, or why it is none; signatures are verified before.

    Args:
        data: The message as it came, of theirs or of ours.
        at: When it came, RFC 3339, in UTC.

    Raises:
        EdgeProblem: Where *at* is no such instant.
    """
    now = now_of(at)
    try:
        found = read_object(data, "INVALID_REQUEST")
        kind = MESSAGES.get(str(found.get("message_type")))
        if kind is None:
            wrong = {"/message_type": f"`message_type` is one of {', '.join(MESSAGES)}"}
            raise Misfit(wrong, "WRONG_MESSAGE_TYPE", Code.UNKNOWN_EVENT_TYPE)
        message, digest = read_as(kind, found), hashlib.sha256(canonical(found)).hexdigest()
        again = session.seen.get(message.message_id)
        if again is not None and again.digest == digest:
            return TakenMessage(again.lines, session)
        if again is not None:
            raise Misfit({"/message_id": "another message has this id"}, "SEQUENCE_ERROR", Code.ID_REUSED)
        by = _sender(message, session)
        lines, after = _taken(message, found, by, session, wire, now)
        seen = remembered(session.seen, message.message_id, KnownMessage(digest, lines))
        return TakenMessage(lines, msgspec.structs.replace(after, seen=seen))
    except Misfit as misfit:
        return refused(data, misfit, at, session.id)


def _sender(message: SessionMessage | Notification, session: A2CNSession) -> str:
    if message.session_id != session.id:
        raise Misfit({"/session_id": "no such session"}, "SESSION_NOT_FOUND", Code.EVENT_FIELD)
    for by, party in session.parties.items():
        agent = message.sender_agent_id if isinstance(message, SessionMessage) else party.agent_id
        if (message.sender_did, agent) == (party.did, party.agent_id):
            return by
    raise Misfit({"/sender_did": "the sender is no party to this session"}, "UNAUTHORIZED_SENDER", Code.EVENT_FIELD)


def _taken(
    message: SessionMessage | Notification,
    found: Mapping[str, Any],
    by: str,
    session: A2CNSession,
    wire: A2CN,
    now: int,
) -> tuple[tuple[Line, ...], A2CNSession]:
    """Return what a message is, and where the session stands behind it."""
    if not session.is_open:
        raise Misfit({"/session_id": f"the session is {session.state}"}, "SESSION_WRONG_STATE", Code.DEAL_CLOSED)
    sent, written = instant(message.timestamp, "/timestamp")
    if sent > now + SKEW:
        raise Misfit({"/timestamp": "the message is of a later time than it came"}, "INVALID_REQUEST", Code.BAD_INSTANT)
    line = {"id": message.message_id, "deal": session.deal, "at": written, "via": NAME}
    if isinstance(message, Notification):
        if message.timeout_type not in _TIMEOUTS:
            raise Misfit({"/timeout_type": f"`timeout_type` is one of {', '.join(_TIMEOUTS)}"}, "INVALID_REQUEST")
        after = msgspec.structs.replace(session, state=_TIMEOUTS[message.timeout_type], turn="")
        return ({**line, "type": "tick"},), after
    line["actor"] = f"{message.sender_did}/{message.sender_agent_id}"
    if now > session.ends + SKEW:
        raise Misfit({"/timestamp": "the time of this round is over"}, "SESSION_WRONG_STATE", Code.DEAL_CLOSED)
    if message.sequence_number != session.sequence + 1:
        wrong = {"/sequence_number": f"the next number is {session.sequence + 1}"}
        raise Misfit(wrong, "SEQUENCE_ERROR", Code.LATE)
    after = msgspec.structs.replace(session, sequence=message.sequence_number)
    if isinstance(message, Withdrawal):
        over = msgspec.structs.replace(after, state="WITHDRAWN", turn="")
        return ({**line, "type": "close", "outcome": _OUTCOMES[by]},), over
    if by != session.turn:
        raise Misfit({"/sender_did": "it is the other party's turn"}, "NOT_YOUR_TURN", Code.EVENT_FIELD)
    if isinstance(message, OfferMessage):
        return _offered(message, found, by, line, sent, now, after, wire)
    return _answered(message, by, line, now, after, wire)


def _offered(
    message: OfferMessage,
    found: Mapping[str, Any],
    by: str,
    line: dict[str, Any],
    sent: int,
    now: int,
    after: A2CNSession,
    wire: A2CN,
) -> tuple[tuple[Line, ...], A2CNSession]:
    params, latest = after.params, after.latest
    if message.message_type != ("counteroffer" if after.round else "offer"):
        wrong = {"/message_type": "the first offer is an `offer`, each further one a `counteroffer`"}
        raise Misfit(wrong, "WRONG_MESSAGE_TYPE", Code.EVENT_FIELD)
    if message.round_number != after.round + 1:
        wrong = {"/round_number": f"the next round is {after.round + 1}"}
        raise Misfit(wrong, "SESSION_WRONG_STATE", Code.EVENT_FIELD)
    if message.round_number > params.max_rounds:
        raise Misfit({"/round_number": "there is no such round"}, "ROUND_LIMIT_EXCEEDED", Code.EVENT_FIELD)
    if message.in_reply_to != (latest.id if latest else ""):
        wrong = {"/in_reply_to": "it answers the offer made last, and the first one answers none"}
        raise Misfit(wrong, "SESSION_WRONG_STATE", Code.EVENT_FIELD)
    expires, until = instant(message.expires_at, "/expires_at")
    if not sent < expires <= sent + params.round_timeout_seconds * 1_000_000:
        wrong = {"/expires_at": "an offer ends after its `timestamp`, within `round_timeout_seconds`"}
        raise Misfit(wrong, "INVALID_REQUEST")
    if expires < now and by == "them":
        raise Misfit({"/expires_at": "the offer has expired"}, "OFFER_EXPIRED")
    _verified(message, after.parties[by])
    if message.protocol_act_hash != act_hash(found):
        wrong = {"/protocol_act_hash": "the hash is not that of the offer"}
        raise Misfit(wrong, "INVALID_SIGNATURE", Code.EVENT_FIELD)
    read = read_terms(message.terms, wire.terms, params.currency, "INVALID_REQUEST")
    offer = {**line, "type": "offer", "by": by, "terms": read.terms, "until": until}
    standing = LatestOffer(message.message_id, message.protocol_act_hash, by, expires)
    turn = "them" if by == "us" else "us"
    state = msgspec.structs.replace(
        _clocked(after, sent), round=message.round_number, latest=standing, turn=turn, rejected=False
    )
    return ({**offer, "note": read.note} if read.note else offer,), state


def _answered(
    message: SessionMessage, by: str, line: dict[str, Any], now: int, after: A2CNSession, wire: A2CN
) -> tuple[tuple[Line, ...], A2CNSession]:
    """Take an acceptance or a rejection of the latest offer."""
    latest = after.latest
    if latest is None or after.rejected or message.round_number != after.round:
        wrong = {"/round_number": "there is no offer in this round to be answered"}
        raise Misfit(wrong, "SESSION_WRONG_STATE", Code.NOTHING_TO_ACCEPT)
    if isinstance(message, Acceptance):
        taken = (message.in_reply_to, message.accepted_offer_id, message.accepted_protocol_act_hash)
        if taken != (latest.id, latest.id, latest.digest):
            wrong = {"/accepted_protocol_act_hash": "this is not the offer made last"}
            raise Misfit(wrong, "OFFER_HASH_MISMATCH", Code.NOTHING_TO_ACCEPT)
        if latest.expires < instant(message.timestamp, "/timestamp")[0] or (latest.expires < now and by == "them"):
            raise Misfit({"/timestamp": "the offer has expired"}, "OFFER_EXPIRED", Code.NOTHING_TO_ACCEPT)
        _verified(message, after.parties[by])
        done = msgspec.structs.replace(after, state="COMPLETED", turn="")
        return ({**line, "type": "accept", "by": by, "of": latest.id},), done
    assert isinstance(message, Rejection)  # the last of the kinds
    if (message.in_reply_to, message.rejected_offer_id) != (latest.id, latest.id):
        wrong = {"/rejected_offer_id": "this is not the offer made last"}
        raise Misfit(wrong, "SESSION_WRONG_STATE", Code.NOTHING_TO_ACCEPT)
    is_last = after.round >= after.params.max_rounds
    state = msgspec.structs.replace(
        _clocked(after, instant(message.timestamp, "/timestamp")[0]), rejected=True, turn=by
    )
    if is_last:
        state = msgspec.structs.replace(state, turn="", state="REJECTED_FINAL")
    lines: list[Line] = [{**line, "type": "reject", "by": by}]
    if wire.reasons and by == "them":
        why = ": ".join(filter(None, (message.reason_code, message.reason_description)))
        kept = {"type": "signal", "by": by, "kind": wire.reasons, "confirmed": False, "note": why}
        lines.append({**line, **kept, "id": f"{message.message_id}/reason"})
    return tuple(lines), state


def _clocked(session: A2CNSession, sent: int) -> A2CNSession:
    """Return a session whose turn passed on at an instant: the round's time begins."""
    ends = min(session.closes, sent + session.params.round_timeout_seconds * 1_000_000)
    return msgspec.structs.replace(session, state="NEGOTIATING", ends=ends)


def _verified(message: OfferMessage | Acceptance, sender: Company) -> None:
    if message.sender_verification_method != sender.verification_method:
        wrong = {"/sender_verification_method": "the session names another key"}
        raise Misfit(wrong, "INVALID_SIGNATURE", Code.EVENT_FIELD)
