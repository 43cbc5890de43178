"""Messages of Concordia as events of a deal: each behind the one before, about the offer that stands."""

from collections.abc import Mapping
from typing import Any

import msgspec

from walkaway import Code
from walkaway_edge.wires.concordia.issues import Concordia, read_terms
from walkaway_edge.wires.concordia.messages import Envelope, chain_hash, instant, kind_of, read_envelope
from walkaway_edge.wires.concordia.session import (
    NAME,
    ChainedMessage,
    ChainedOffer,
    ConcordiaSession,
    Line,
    linked,
    now_of,
    offer_until,
    read_body,
    refused,
)
from walkaway_edge.wires.outcomes import Misfit, Refusal, canonical, read_object, remembered

SKEW = 30_000_000
"""Microseconds that a sender's clock may be ahead of ours, or a message late."""
_OUTCOMES = {"us": "walked", "them": "lost"}
_Taken = tuple[tuple[Line, ...], ConcordiaSession]


def decode(data: bytes, session: ConcordiaSession, wire: Concordia, *, at: str) -> ChainedMessage | Refusal:
    """Return the event lines that a message is, or why it is none; signatures are verified before.

    Args:
        data: The message as it came, of theirs or of ours, signed.
        at: When it came, RFC 3339, in UTC.

    Raises:
        EdgeProblem: Where *at* is no such instant.
    """
    now = now_of(at)
    try:
        found = read_object(data, "invalid_message", fractions=True)
        message = read_envelope(found)
        tip = chain_hash(found)
        again = session.seen.get(message.id)
        if again is not None and again[0] == tip:
            return ChainedMessage(again[1], session)
        if again is not None:
            raise Misfit({"/id": "another message has this id"}, "broken_chain", Code.ID_REUSED)
        lines, after = _taken(message, session, wire, now)
        seen = remembered(session.seen, message.id, (tip, lines))
        return ChainedMessage(lines, msgspec.structs.replace(after, tip=tip, seen=seen))
    except Misfit as misfit:
        return refused(data, misfit, session.id)


def _taken(message: Envelope, session: ConcordiaSession, wire: Concordia, now: int) -> _Taken:
    """Return what a message is, and where the session stands behind it."""
    senders = [by for by, agent in session.parties.items() if agent == message.sender.agent_id]
    if not senders:
        wrong = {"/from/agent_id": "the sender is no party to this session"}
        raise Misfit(wrong, "unknown_sender", Code.EVENT_FIELD)
    linked(message, session)
    sent, kind = instant(message.timestamp, "/timestamp"), kind_of(message)
    if sent > now + SKEW:
        wrong = {"/timestamp": "the message is of a later time than it came"}
        raise Misfit(wrong, "invalid_message", Code.BAD_INSTANT)
    if message.ttl is not None and sent + message.ttl * 1_000_000 < now:
        raise Misfit({"/ttl": "the message has expired"}, "expired", Code.LATE)
    if max(now - SKEW, sent) > session.closes:
        raise Misfit({"/timestamp": "the time of this session is over"}, "expired", Code.DEAL_CLOSED)
    line = {
        "id": message.id,
        "deal": session.deal,
        "at": message.timestamp,
        "via": NAME,
        "actor": message.sender.agent_id,
    }
    allowed = {"DORMANT": ("offer",), "AGREED": ("commit",), "REJECTED": ()}.get(session.state)
    if allowed is not None and kind not in allowed:
        raise Misfit({"/type": f"the session is {session.state}"}, "not_active", Code.DEAL_CLOSED)
    if kind not in _TAKE:
        wrong = {"/type": f"`{message.type}` is nothing that two parties say to one another in talks"}
        raise Misfit(wrong, "not_understood", Code.UNKNOWN_EVENT_TYPE)
    return _TAKE[kind](message, senders[0], line, now, session, wire)


def _offered(
    message: Envelope, by: str, line: dict[str, Any], now: int, session: ConcordiaSession, wire: Concordia
) -> _Taken:
    body = read_body(message, "offer_id", "terms", "complete", "valid_until", "open_terms")
    if body.get("complete") is not True or body.get("open_terms", []) != []:
        wrong = {"/body/complete": "an offer is of all terms: what is left open is no package"}
        raise Misfit(wrong, "not_understood", Code.EVENT_VALUE)
    if session.rounds >= session.timing.max_rounds:
        wrong = {"/type": f"there are {session.timing.max_rounds} offers in a session"}
        raise Misfit(wrong, "too_many_rounds", Code.EVENT_FIELD)
    terms = read_terms(body.get("terms"), wire)
    until = body.get("valid_until", offer_until(message.timestamp, session))
    expires, sent = instant(until, "/body/valid_until"), instant(message.timestamp, "/timestamp")
    if not sent < expires <= session.closes:
        wrong = {"/body/valid_until": "an offer binds from when it is sent, and not longer than the session"}
        raise Misfit(wrong, "invalid_message", Code.EVENT_VALUE)
    if by == "them" and expires < now:
        raise Misfit({"/body/valid_until": "the offer has expired"}, "expired", Code.LATE)
    if message.ttl is not None and sent + message.ttl * 1_000_000 < expires:
        wrong = {"/ttl": "the message expires before the offer in it does"}
        raise Misfit(wrong, "invalid_message", Code.EVENT_VALUE)
    name = body.get("offer_id", message.id)
    if not isinstance(name, str) or not name:
        raise Misfit({"/body/offer_id": "it is a text"}, "invalid_message", Code.EVENT_VALUE)
    latest = ChainedOffer(message.id, name, by, expires, body["terms"])
    after = msgspec.structs.replace(session, state="ACTIVE", rounds=session.rounds + 1, latest=latest)
    offer = {**line, "type": "offer", "by": by, "terms": terms, "until": until}
    return ({**offer, "note": message.reasoning} if message.reasoning else offer,), after


def _standing(message: Envelope, body: Mapping[str, Any], by: str, session: ConcordiaSession) -> ChainedOffer:
    """Return the other party's offer that an answer names; it has to be the last."""
    latest = session.latest
    if latest is None or latest.by == by:
        wrong = {"/type": "there is no offer of the other party to be answered"}
        raise Misfit(wrong, "no_such_offer", Code.NOTHING_TO_ACCEPT)
    named = (body.get("offer_id", latest.name), message.in_reply_to or latest.id)
    if named != (latest.name, latest.id) or ("offer_id" not in body and not message.in_reply_to):
        wrong = {"/body/offer_id": "the offer made last is named, by `offer_id` or `in_reply_to`"}
        raise Misfit(wrong, "no_such_offer", Code.NOTHING_TO_ACCEPT)
    return latest


def _accepted(
    message: Envelope, by: str, line: dict[str, Any], now: int, session: ConcordiaSession, wire: Concordia
) -> _Taken:
    latest = _standing(message, read_body(message, "offer_id"), by, session)
    if latest.expires < instant(message.timestamp, "/timestamp") or (latest.expires < now and by == "them"):
        raise Misfit({"/timestamp": "the offer has expired"}, "expired", Code.NOTHING_TO_ACCEPT)
    accepted = {**line, "type": "accept", "by": by, "of": latest.id}
    return (accepted,), msgspec.structs.replace(session, state="AGREED")


def _rejected(
    message: Envelope, by: str, line: dict[str, Any], now: int, session: ConcordiaSession, wire: Concordia
) -> _Taken:
    body = read_body(message, "offer_id", "reason", "reactivatable")
    _standing(message, body, by, session)
    state = "DORMANT" if body.get("reactivatable") is True else "REJECTED"
    return ({**line, "type": "reject", "by": by},), msgspec.structs.replace(session, state=state)


def _withdrawn(
    message: Envelope, by: str, line: dict[str, Any], now: int, session: ConcordiaSession, wire: Concordia
) -> _Taken:
    """Take it that a party leaves; if it may come back, only time has passed, and the deal stays open."""
    body = read_body(message, "reason", "reactivatable")
    if body.get("reactivatable") is True:
        passed = {name: value for name, value in line.items() if name != "actor"}
        return ({**passed, "type": "tick"},), msgspec.structs.replace(session, state="DORMANT")
    left = {**line, "type": "close", "outcome": _OUTCOMES[by]}
    return (left,), msgspec.structs.replace(session, state="REJECTED")


def _committed(
    message: Envelope, by: str, line: dict[str, Any], now: int, session: ConcordiaSession, wire: Concordia
) -> _Taken:
    """Take it that the agreement is final; terms that it repeats have to be those that were accepted."""
    body = read_body(message, "terms")
    if session.state != "AGREED" or session.latest is None:
        raise Misfit({"/type": "nothing is accepted yet"}, "not_active", Code.NOTHING_TO_ACCEPT)
    if "terms" in body and canonical(body["terms"]) != canonical(session.latest.terms):
        wrong = {"/body/terms": "these are not the terms that were accepted"}
        raise Misfit(wrong, "no_such_offer", Code.NOTHING_TO_ACCEPT)
    if session.committed:
        return (), session
    return ({**line, "type": "close", "outcome": "won"},), msgspec.structs.replace(session, committed=True)


def _told(
    message: Envelope, by: str, line: dict[str, Any], now: int, session: ConcordiaSession, wire: Concordia
) -> _Taken:
    """Take what is told of wishes or limits as a signal that is not sure; a question is no event."""
    kind = kind_of(message)
    signal = wire.signals.get("constrain" if kind == "constrain" else "signal", "") if kind != "inquire" else ""
    if by == "us" and kind != "inquire":
        raise Misfit({"/type": "nothing of ours is told like that"}, "not_understood", Code.EVENT_FIELD)
    if kind == "constrain" and not signal:
        wrong = {"/type": "a hard constraint is nothing that is known in these talks"}
        raise Misfit(wrong, "not_understood", Code.EVENT_FIELD)
    if not signal:
        return (), session
    note = "\n".join(filter(None, (canonical(message.body).decode(), message.reasoning)))
    return ({**line, "type": "signal", "by": by, "kind": signal, "confirmed": False, "note": note},), session


_TAKE = {
    "offer": _offered,
    "counter": _offered,
    "accept": _accepted,
    "reject": _rejected,
    "withdraw": _withdrawn,
    "commit": _committed,
    "inquire": _told,
    "constrain": _told,
    "signal": _told,
}
