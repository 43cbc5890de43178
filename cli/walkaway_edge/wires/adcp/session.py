"""A negotiation over AdCP 3.2: the proposals that a buyer has of us, and what of theirs is not answered yet.

Tasks, outcomes and codes of errors are those of the schemas of 3.2, which was in beta when this was written.
"""

import hashlib
import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

import msgspec

from walkaway import DeadLetter
from walkaway.language.instants import instant_of
from walkaway_edge.problems import EdgeProblem
from walkaway_edge.wires.adcp.agreement import Terms
from walkaway_edge.wires.adcp.asks import TermBounds, Unsupported
from walkaway_edge.wires.outcomes import Misfit, Refusal, canonical, keys_of, letter, read_object

NAME = "adcp"
Line = Mapping[str, Any]
"""An event line, as `walkaway.Session.decide` takes it."""
STATUS = {
    "INVALID_REQUEST": 400,
    "VALIDATION_ERROR": 400,
    "UNSUPPORTED_FEATURE": 400,
    "VERSION_UNSUPPORTED": 400,
    "PRODUCT_NOT_FOUND": 404,
    "PROPOSAL_NOT_FOUND": 404,
    "PROPOSAL_NOT_COMMITTED": 409,
    "PROPOSAL_EXPIRED": 409,
    "INVALID_STATE": 409,
    "CONFLICT": 409,
    "IDEMPOTENCY_CONFLICT": 409,
    "constraint_unsatisfiable": 200,
    "uninterpreted": 200,
}
"""The codes of errors that are given, and the HTTP status of each; those in small letters are outcomes, no errors."""
_REASONS = {
    "constraint_unsatisfiable": "These terms are fixed in this deal.",
    "uninterpreted": "Only what is asked in typed fields is negotiated here.",
}
_LONGEST_ID = 190


class MediaProposal(msgspec.Struct, frozen=True):
    """A proposal of ours: an immutable package.

    Attributes:
        status: `draft`, `committed`, `accepted` or `declined`.
        expires: Until when it counts, in microseconds since 1970, UTC.
    """

    terms: Terms
    digest: str
    status: str
    expires: int


class PendingRequest(msgspec.Struct, frozen=True):
    """A request of theirs that has no answer yet.

    Attributes:
        task: `request_proposals`, `refine_proposals`, `accept_proposal` or `decline_proposals`.
        key: Its idempotency key.
        source: The proposal that it is about.
        finalize: Whether it wants that one committed.
        asked: What else it asks of it.
        declined: MediaProposal → reason, of those that it declines.
        closes: Whether that ends the whole negotiation.
    """

    task: str
    key: str
    source: str = ""
    finalize: bool = False
    asked: TermBounds = TermBounds()
    declined: Mapping[str, str] = {}
    closes: bool = False


class KnownRequest(msgspec.Struct, frozen=True):
    """A request that was taken: what it came to, and what it was answered, once it was."""

    digest: str
    lines: tuple[Line, ...]
    answer: Mapping[str, Any] | None = None


class AdCPSession(msgspec.Struct, frozen=True):
    """Where a negotiation stands, as both know it; nothing in it rests on a policy.

    Attributes:
        brand: Whose campaign it is, as the buyer named it.
        proposals: MediaProposal → what it is, oldest first.
        latest: The one made last; empty before the first.
        state: `OPEN`, `ACCEPTED` or `CLOSED`.
        seen: Idempotency key → what came of it, of the requests taken last.
    """

    deal: str
    brand: Mapping[str, Any]
    proposals: Mapping[str, MediaProposal] = {}
    latest: str = ""
    state: str = "OPEN"
    pending: PendingRequest | None = None
    seen: Mapping[str, KnownRequest] = {}


class TakenRequest(msgspec.Struct, frozen=True):
    """A message that was understood.

    Attributes:
        lines: The events that it is, to be decided in this order; the same lines where it came again.
        session: Where the negotiation stands then.
        answer: What it was answered, where it came again and had been.
    """

    lines: tuple[Line, ...]
    session: AdCPSession
    answer: Mapping[str, Any] | None = None


def event_id(key: str) -> str:
    """Return the event's id for an idempotency key: the key, or its hash where that is too long for one."""
    return key if len(key) <= _LONGEST_ID else f"sha256-{hashlib.sha256(key.encode()).hexdigest()}"


def digest_of(value: Any) -> str:
    """Return the digest of a message as it says it, whatever the order of its keys."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()


def now_of(at: str) -> int:
    """Return an instant that the caller names, in microseconds since 1970.

    Raises:
        EdgeProblem: Where it is none, or not in UTC.
    """
    found = instant_of(at)
    if found is None or not at.endswith("Z"):
        raise EdgeProblem("`at` is no instant in UTC", "write it as 2026-10-05T09:00:00Z")
    return found


def not_decided(data: bytes, found: DeadLetter) -> Refusal:
    """Return the refusal of a request whose events the engine gave no decision, so that the session stays as it was.

    What the engine found may quote the policy, so that the other side is told that there is something, and no more.
    """
    misfit = Misfit({"": "the request does not fit this deal"}, "INVALID_STATE")
    return msgspec.structs.replace(refused(data, misfit), letter=found)


def refused(data: bytes, misfit: Misfit) -> Refusal:
    """Return the refusal of a request: a failed task, or the outcome of the one refinement that is in it."""
    if misfit.error in _REASONS:
        said: dict[str, Any] = {"source_proposal_id": _source(data), "outcome": "unable"}
        said |= {"reason_code": misfit.error, "reason": _REASONS[misfit.error]}
        parts = [keys_of(pointer) for pointer in misfit.wrong]
        keys = list(dict.fromkeys(part[3] for part in parts if part[2:3] == ["constraints"]))
        products = {part[3]: "omit" for part in parts if part[2:3] == ["product_changes"]}
        said |= {"unsatisfied_constraints": keys} if keys else {}
        said |= {"unsatisfied_product_changes": products} if products else {}
        answer: dict[str, Any] = {"status": "completed", "results": [said], "products": []}
    else:
        error: dict[str, Any] = {"code": misfit.error, "message": str(misfit)[:500], "recovery": "correctable"}
        field = _field(next(iter(misfit.wrong)))
        error |= {"field": field} if field else {}
        error |= {"details": misfit.details} if isinstance(misfit, Unsupported) else {}
        answer = {"status": "failed", "adcp_error": error}
    return Refusal(letter(NAME, data, misfit), STATUS[misfit.error], answer)


def _field(pointer: str) -> str:
    """Return a place as the wire writes it: `refinements[0].constraints`."""
    return "".join(f"[{key}]" if key.isdigit() else f".{key}" for key in keys_of(pointer) if key)[1:][:500]


def _source(data: bytes) -> str:
    return str(read_object(data, "INVALID_REQUEST", fractions=True)["refinements"][0]["proposal_id"])


def terms_digest(terms: Mapping[str, Any]) -> str:
    """Return the digest of `commercial_terms`, which an acceptance names."""
    hashed = urlsafe_b64encode(hashlib.sha256(canonical(terms)).digest())
    return f"sha256:{hashed.rstrip(b'=').decode()}"


def settled(session: AdCPSession, message: Mapping[str, Any]) -> AdCPSession:
    """Return a session in which what is pending has its answer, and a repeat of it the same."""
    if session.pending is None:
        return session
    key = session.pending.key
    known = msgspec.structs.replace(session.seen[key], answer=message)
    return msgspec.structs.replace(session, pending=None, seen={**session.seen, key: known})
