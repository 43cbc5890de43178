"""A session of A2CN 0.2: what two companies agree on before they negotiate, and how far they have come.

Fields, turns, counters and the codes of errors are those of the specification 0.2.0, sections 6 to 8 and 12, whose
`protocol_version` is 0.1 still. The codes `INVALID_REQUEST` and `UNAUTHORIZED_SENDER` are its reference server's.
"""

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from walkaway import Code, DeadLetter
from walkaway.language.instants import instant_of
from walkaway_edge.problems import EdgeProblem
from walkaway_edge.wires.a2cn.messages import STATUS, VERSION, Company, SessionAck, SessionInit, SessionParams
from walkaway_edge.wires.outcomes import Misfit, Refusal, letter, read_object
from walkaway_edge.wires.terms import TermsMap

NAME = "a2cn"
TERMINAL = ("COMPLETED", "REJECTED_FINAL", "WITHDRAWN", "TIMED_OUT", "IMPASSE")
Line = Mapping[str, Any]
"""An event line, as `walkaway.Session.decide` takes it."""
_T = TypeVar("_T")


class A2CN(msgspec.Struct, frozen=True):
    """What is agreed with one company about this wire; data, made once.

    Attributes:
        terms: How their terms are read.
        deal_types: The deal types that are dealt in → facts that they set when a deal opens.
        reasons: The policy's signal as which a reason they give is kept, unconfirmed and sealed; empty to keep none.
    """

    terms: TermsMap
    deal_types: Mapping[str, Mapping[str, Any]]
    reasons: str = ""


class KnownMessage(msgspec.Struct, frozen=True):
    """A message that was taken: what it was, and what it came to."""

    digest: str
    lines: tuple[Line, ...]


class LatestOffer(msgspec.Struct, frozen=True):
    """The offer that was made last.

    Attributes:
        by: `us` or `them`.
        expires: Microseconds since 1970, UTC.
    """

    id: str
    digest: str
    by: str
    expires: int


class A2CNSession(msgspec.Struct, frozen=True):
    """Where a session of the wire stands, as both companies know it; nothing in it rests on a policy.

    Attributes:
        deal: The deal that it is about.
        parties: `us` and `them`, as session_init and session_ack name them.
        turn: Who has the turn: `us`, `them`, or empty at the end.
        closes: When the time of the session is over, in microseconds since 1970, UTC.
        ends: When that of this round is; of the session before the first offer.
        round, sequence: The numbers reached; 0 before the first offer.
        rejected: Whether the latest offer was declined, so that only a counteroffer or a withdrawal may follow.
        seen: Message id → what came of it, of those taken last.
    """

    deal: str
    id: str
    params: SessionParams
    parties: Mapping[str, Company]
    turn: str
    closes: int
    ends: int
    state: str = "ACTIVE"
    round: int = 0
    sequence: int = 0
    latest: LatestOffer | None = None
    rejected: bool = False
    seen: Mapping[str, KnownMessage] = {}

    @property
    def is_open(self) -> bool:
        """Return whether more can be said in it."""
        return self.state not in TERMINAL


class TakenMessage(msgspec.Struct, frozen=True):
    """A message that was understood.

    Attributes:
        lines: The events that it is, to be decided in this order; the same lines where it came again.
        session: Where the session stands then.
    """

    lines: tuple[Line, ...]
    session: A2CNSession


def begin(
    init: bytes,
    ack: bytes,
    wire: A2CN,
    *,
    us: str,
    deal: str,
    party: str,
    facts: Mapping[str, Any] | None = None,
) -> TakenMessage | Refusal:
    """Open a deal with session_init and the session_ack that answers it, whoever of the two companies sent which.

    Args:
        us: Our DID.
        party: The other company by the name that it has in every deal: what it asks is counted by that.
        facts: What else is known of the deal.
    """
    try:
        first = read_as(SessionInit, read_object(init, "INVALID_REQUEST"))
        second = read_as(SessionAck, read_object(ack, "INVALID_REQUEST"))
        return _begun(first, second, wire, us, deal, party, facts or {})
    except Misfit as misfit:
        return refused(init, misfit, "", "")


def _begun(
    init: SessionInit, ack: SessionAck, wire: A2CN, us: str, deal: str, party: str, facts: Mapping[str, Any]
) -> TakenMessage:
    params = ack.session_params_accepted
    if {init.protocol_version, ack.protocol_version} != {VERSION}:
        raise Misfit({"/protocol_version": f"the version is {VERSION}"}, "PROTOCOL_VERSION_MISMATCH", Code.EVENT_FIELD)
    if params.deal_type not in wire.deal_types:
        raise Misfit({"/session_params/deal_type": "no deals of this type are made"}, "DEAL_TYPE_NOT_SUPPORTED")
    same = msgspec.structs.replace(params, max_rounds=init.session_params.max_rounds) == init.session_params
    if not same or params.max_rounds > init.session_params.max_rounds or ack.in_reply_to != init.message_id:
        raise Misfit({"/session_params": "the two messages do not agree"}, "SESSION_WRONG_STATE", Code.EVENT_FIELD)
    if us not in (init.initiator.did, ack.responder.did) or init.initiator.did == ack.responder.did:
        raise Misfit({"/initiator/did": "one of two companies is ours"}, "UNAUTHORIZED_SENDER", Code.EVENT_FIELD)
    began = us == init.initiator.did
    parties = {"us": init.initiator, "them": ack.responder} if began else {"us": ack.responder, "them": init.initiator}
    created, written = instant(ack.session_created_at, "/session_created_at")
    closes = created + params.session_timeout_seconds * 1_000_000
    line = {
        "id": init.message_id,
        "deal": deal,
        "at": written,
        "type": "open",
        "facts": {**wire.deal_types[params.deal_type], **facts},
        "party": party,
        "currency": params.currency,
        "via": NAME,
    }
    return TakenMessage(
        (line,), A2CNSession(deal, ack.session_id, params, parties, "us" if began else "them", closes, closes)
    )


def not_decided(data: bytes, found: DeadLetter, at: str, session: A2CNSession) -> Refusal:
    """Return the refusal of a message whose events the engine gave no decision, so that the session stays as it was.

    What the engine found may quote the policy, so that the other side is told that there is something, and no more.
    """
    misfit = Misfit({"": "the message does not fit this deal"}, "INVALID_REQUEST")
    return msgspec.structs.replace(refused(data, misfit, at, session.id), letter=found)


def now_of(at: str) -> int:
    """Return an instant that the caller names, in microseconds since 1970.

    Raises:
        EdgeProblem: Where it is none, or not in UTC.
    """
    try:
        return instant(at, "at")[0]
    except Misfit as problem:
        raise EdgeProblem(f"`at` is no instant: {problem}") from problem


def read_as(kind: type[_T], found: Mapping[str, Any]) -> _T:
    try:
        return msgspec.convert(found, kind)
    except msgspec.ValidationError as problem:
        what, _, where = str(problem).partition(" - at `$")
        pointer = where.rstrip("`").replace(".", "/")
        raise Misfit({pointer: what[:1].lower() + what[1:]}, "INVALID_REQUEST", Code.EVENT_FIELD) from problem


def instant(text: str, pointer: str) -> tuple[int, str]:
    """Return an instant in microseconds since 1970, UTC, and as it was written."""
    found = instant_of(text)
    if found is None or not text.endswith("Z"):
        raise Misfit({pointer: "an instant is written as 2026-10-05T09:00:00Z"}, "INVALID_REQUEST", Code.BAD_INSTANT)
    return found, text


def refused(data: bytes, misfit: Misfit, at: str, session: str) -> Refusal:
    try:
        named = read_object(data, "").get("message_id")
    except Misfit:
        named = None
    error = {
        "code": misfit.error,
        "message": str(misfit)[:500],
        "detail": ", ".join(misfit.wrong)[:500],
        "timestamp": at,
        "session_id": session or None,
        "message_id": named if isinstance(named, str) else None,
    }
    return Refusal(letter(NAME, data, misfit), STATUS[misfit.error], {"error": error})
