"""A session of Concordia 0.1: who talks, under which times, and how far the chain of messages has come.

Fields, states and the chain are those of the specification, sections 3 to 6 and 9, read at version 0.1.0.
"""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

from walkaway import Code, DeadLetter
from walkaway.language.instants import instant_text
from walkaway_edge.problems import EdgeProblem
from walkaway_edge.wires.concordia.issues import Concordia
from walkaway_edge.wires.concordia.messages import (
    GENESIS,
    STATUS,
    Envelope,
    chain_hash,
    instant,
    kind_of,
    read_envelope,
)
from walkaway_edge.wires.outcomes import Misfit, Refusal, canonical, letter, read_object

NAME = "concordia"
Line = Mapping[str, Any]
"""An event line, as `walkaway.Session.decide` takes it."""
_Count = Annotated[int, msgspec.Meta(ge=1, le=10**9)]


class Timing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long a session and an offer bind, in seconds, and how many offers there may be (section 5.3)."""

    session_ttl: _Count = 86_400
    offer_ttl: _Count = 3_600
    max_rounds: _Count = 20


class ChainedOffer(msgspec.Struct, frozen=True):
    """The offer that was made last.

    Attributes:
        id: The message's, and the event's.
        name: By which an answer names it.
        by: `us` or `them`.
        expires: Microseconds since 1970, UTC.
        terms: As the message had them.
    """

    id: str
    name: str
    by: str
    expires: int
    terms: Mapping[str, Any]


class ConcordiaSession(msgspec.Struct, frozen=True):
    """Where a session of the wire stands, as both know it; nothing in it rests on a policy.

    Attributes:
        deal: The deal that it is about.
        parties: `us` and `them` → agent id.
        closes: When its time is over, in microseconds since 1970, UTC.
        tip: The hash of its last message, which the next one names.
        state: `ACTIVE`, `AGREED`, `REJECTED` or `DORMANT`.
        rounds: How many offers were made.
        committed: Whether the agreement was finalized.
        seen: Message id → hash, and the event lines that came of it, of those taken last.
    """

    deal: str
    id: str
    parties: Mapping[str, str]
    timing: Timing
    closes: int
    tip: str
    state: str = "ACTIVE"
    rounds: int = 0
    latest: ChainedOffer | None = None
    committed: bool = False
    seen: Mapping[str, tuple[str, tuple[Line, ...]]] = {}


class ChainedMessage(msgspec.Struct, frozen=True):
    """A message that was understood.

    Attributes:
        lines: The events that it is, to be decided in this order; the same lines where it came again.
        session: Where the session stands then.
    """

    lines: tuple[Line, ...]
    session: ConcordiaSession


def begin(
    opening: bytes,
    accepted: bytes,
    wire: Concordia,
    *,
    us: str,
    deal: str,
    party: str,
    facts: Mapping[str, Any] | None = None,
) -> ChainedMessage | Refusal:
    """Open a deal with negotiate.open and the negotiate.accept_session that answers it, whoever sent which.

    Args:
        us: Our agent id.
        party: The other side by the name that it has in every deal: what it asks is counted by that.
        facts: What else is known of the deal.
    """
    try:
        found = read_object(opening, "invalid_message", fractions=True)
        first = read_envelope(found)
        body = read_body(first, "terms", "timing")
        if kind_of(first) != "open" or first.prev_hash != GENESIS:
            wrong = {"/prev_hash": "a session begins with `negotiate.open`, which names no message before"}
            raise Misfit(wrong, "broken_chain", Code.EVENT_FIELD)
        defined = {name: term.defined for name, term in wire.terms.items()}
        if not isinstance(body.get("terms"), dict) or canonical(body["terms"]) != canonical(defined):
            wrong = {"/body/terms": "the terms are not those that are agreed on for these talks"}
            raise Misfit(wrong, "not_understood", Code.EVENT_FIELD)
        timing = _timing(body.get("timing", {}))
        sent = instant(first.timestamp, "/timestamp")
        line = {
            "id": first.id,
            "deal": deal,
            "at": first.timestamp,
            "type": "open",
            "facts": {**wire.facts, **(facts or {})},
            "party": party,
            "currency": wire.currency,
            "via": NAME,
        }
        session = ConcordiaSession(
            deal, first.session_id, {}, timing, sent + timing.session_ttl * 1_000_000, chain_hash(found)
        )
    except Misfit as misfit:
        return refused(opening, misfit, "")
    try:
        found = read_object(accepted, "invalid_message", fractions=True)
        second = read_envelope(found)
        agents = (first.sender.agent_id, second.sender.agent_id)
        if kind_of(second) != "accept_session":
            raise Misfit({"/type": "the session is not accepted"}, "not_active", Code.UNKNOWN_EVENT_TYPE)
        if us not in agents or agents[0] == agents[1]:
            wrong = {"/from/agent_id": "one of two agents is ours"}
            raise Misfit(wrong, "unknown_sender", Code.EVENT_FIELD)
        them = agents[1] if us == agents[0] else agents[0]
        session = msgspec.structs.replace(session, parties={"us": us, "them": them})
        linked(second, session)
        seen = {first.id: (session.tip, (line,)), second.id: (chain_hash(found), ())}
        return ChainedMessage((line,), msgspec.structs.replace(session, tip=chain_hash(found), seen=seen))
    except Misfit as misfit:
        return refused(accepted, misfit, session.id)


def _timing(found: Any) -> Timing:
    try:
        return msgspec.convert(found, Timing)
    except msgspec.ValidationError as problem:
        wrong = {"/body/timing": str(problem)}
        raise Misfit(wrong, "invalid_message", Code.EVENT_FIELD) from problem


def linked(message: Envelope, session: ConcordiaSession) -> None:
    """Find a message of another session, or one that does not name the last.

    Raises:
        Misfit: Where it is one.
    """
    if message.session_id != session.id:
        raise Misfit({"/session_id": "no such session"}, "unknown_session", Code.EVENT_FIELD)
    if message.prev_hash != session.tip:
        wrong = {"/prev_hash": "the message does not follow the last one"}
        raise Misfit(wrong, "broken_chain", Code.LATE)


def read_body(message: Envelope, *known: str) -> dict[str, Any]:
    """Return a body all of whose fields are known.

    Raises:
        Misfit: Where one is not.
    """
    unknown = [name for name in message.body if name not in known]
    if unknown:
        wrong = {f"/body/{name}": f"`{name}` is nothing that is understood here" for name in unknown}
        raise Misfit(wrong, "not_understood", Code.EVENT_FIELD)
    return dict(message.body)


def not_decided(data: bytes, found: DeadLetter, session: ConcordiaSession) -> Refusal:
    """Return the refusal of a message whose events the engine gave no decision, so that the session stays as it was.

    What the engine found may quote the policy, so that the other side is told that there is something, and no more.
    """
    misfit = Misfit({"": "the message does not fit this deal"}, "not_active")
    return msgspec.structs.replace(refused(data, misfit, session.id), letter=found)


def now_of(at: str) -> int:
    """Return an instant that the caller names, in microseconds since 1970.

    Raises:
        EdgeProblem: Where it is none, or not in UTC.
    """
    try:
        return instant(at, "at")
    except Misfit as problem:
        raise EdgeProblem("`at` is no instant in UTC", "write it as 2026-10-05T09:00:00Z") from problem


def offer_until(at: str, session: ConcordiaSession) -> str:
    """Return until when an offer binds that says nothing of it: as long as the session has it."""
    return instant_text(min(now_of(at) + session.timing.offer_ttl * 1_000_000, session.closes))


def refused(data: bytes, misfit: Misfit, session: str) -> Refusal:
    """Return the refusal of a message; the wire has no message for that, so that its form is ours."""
    error = {
        "code": misfit.error,
        "message": str(misfit)[:500],
        "pointer": next(iter(misfit.wrong)),
        "session_id": session or None,
    }
    return Refusal(letter(NAME, data, misfit), STATUS[misfit.error], {"error": error})
