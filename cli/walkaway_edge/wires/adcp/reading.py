"""Requests of AdCP as events of a deal: each about a proposal of ours that stands, and taken once."""

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

import msgspec

from walkaway import Code
from walkaway_edge.wires.adcp.agreement import AdCP
from walkaway_edge.wires.adcp.asks import read_asked, wanted
from walkaway_edge.wires.adcp.session import (
    NAME,
    AdCPSession,
    KnownRequest,
    Line,
    MediaProposal,
    PendingRequest,
    TakenRequest,
    digest_of,
    event_id,
    now_of,
    refused,
)
from walkaway_edge.wires.outcomes import Misfit, Refusal, pointer_of, read_object, remembered, unsafe

_Key = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_.:-]{16,255}\Z")]
_Id = Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
_REASONS = (
    "price", "inventory_fit", "audience_fit", "creative_unsupported", "measurement_unsupported", "policy", "timing",
    "budget_changed", "selected_alternative", "other",
)  # fmt: skip
_T = TypeVar("_T")


class AnyRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every request may have; of these fields only the key and the version count here."""

    idempotency_key: _Key
    adcp_version: str = "3.2"
    adcp_major_version: int = 3
    context_id: Any = None
    context: Any = None
    governance_context: Any = None
    push_notification_config: Any = None


class RequestProposals(AnyRequest, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A buyer asks for a first proposal."""

    brief: Annotated[str, msgspec.Meta(min_length=1)]
    brand: Mapping[str, Any] | None = None
    account: Mapping[str, Any] | None = None
    criteria: Mapping[str, Any] = {}
    opportunity: Mapping[str, Any] | None = None


class RefineProposals(AnyRequest, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A buyer asks for other terms, or wants these committed."""

    refinements: Annotated[list[dict[str, Any]], msgspec.Meta(min_length=1, max_length=25)]


class AcceptProposal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A buyer takes a committed proposal."""

    idempotency_key: _Key
    account: Mapping[str, Any]
    proposal_id: _Id
    proposal_terms_digest: str
    adcp_version: str = "3.2"
    adcp_major_version: int = 3
    governance_context: Any = None
    push_notification_config: Any = None
    context: Any = None
    ext: Any = None
    io_acceptance: Any = None
    purchase_order_ref: Any = None
    reporting_webhook: Any = None
    opportunity: Any = None
    total_budget: Any = None
    daily_budget_cap: Any = None
    budget_cap_timezone: Any = None


class DeclinedProposal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A buyer does not go on with one proposal."""

    proposal_id: _Id
    reason: str
    detail: Annotated[str, msgspec.Meta(min_length=1, max_length=500)] = ""


class DeclineProposals(AnyRequest, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A buyer does not go on with some proposals."""

    declines: Annotated[list[DeclinedProposal], msgspec.Meta(min_length=1, max_length=25)]
    opportunity: Mapping[str, Any] | None = None


def begin(
    data: bytes, wire: AdCP, *, deal: str, party: str, at: str, facts: Mapping[str, Any] | None = None
) -> TakenRequest | Refusal:
    """Open a deal with a request for proposals.

    Args:
        party: The buyer by the name that it has in every deal: what it asks is counted by that.
        at: When it came, RFC 3339, in UTC.
        facts: What else is known of the deal.
    """
    now_of(at)
    try:
        found = _read(data)
        request = _as(RequestProposals, found)
        brand = request.brand if request.brand is not None else (request.account or {}).get("brand")
        if not isinstance(brand, dict) or (request.brand is not None and "brand" in (request.account or {})):
            raise Misfit({"/brand": "one brand is named, here or by the account"}, "INVALID_REQUEST", Code.EVENT_FIELD)
        for pointer in unsafe(brand):  # it goes into every proposal, whose digest both compute
            wrong = {f"/brand{pointer}": "a number here is written alike by all who hash it: 15 digits at most"}
            raise Misfit(wrong, "INVALID_REQUEST", Code.EVENT_VALUE)
        for name, value in request.criteria.items():
            if not any(digest_of(value) == digest_of(each) for each in wire.criteria.get(name, ())):
                raise Misfit({f"/criteria{pointer_of(name)}": "this is not sold as asked"}, "UNSUPPORTED_FEATURE")
        line = {
            "id": event_id(request.idempotency_key),
            "deal": deal,
            "at": at,
            "type": "open",
            "facts": {**wire.facts, **(facts or {})},
            "party": party,
            "currency": wire.currency,
            "via": NAME,
        }
        seen = {request.idempotency_key: KnownRequest(digest_of(found), (line,))}
        pending = PendingRequest("request_proposals", request.idempotency_key)
        return TakenRequest((line,), AdCPSession(deal, brand, pending=pending, seen=seen))
    except Misfit as misfit:
        return refused(data, misfit)


def decode(task: str, data: bytes, session: AdCPSession, wire: AdCP, *, at: str, actor: str) -> TakenRequest | Refusal:
    """Return the event lines that a request is, or why it is none; who sent it is verified before.

    Args:
        task: `refine_proposals`, `accept_proposal` or `decline_proposals`; what opens a deal is for `begin`.
        data: The arguments as they came.
        at: When they came, RFC 3339, in UTC.
        actor: Whose program it is, as its token says.

    Raises:
        EdgeProblem: Where *at* is no such instant.
    """
    now = now_of(at)
    try:
        if task not in _TASKS:
            raise Misfit({"": f"the task is one of {', '.join(_TASKS)}"}, "INVALID_REQUEST", Code.UNKNOWN_EVENT_TYPE)
        found = _read(data)
        kind, take = _TASKS[task]
        request = _as(kind, found)
        key, digest = request.idempotency_key, digest_of([task, found])
        again = session.seen.get(key)
        if again is not None and again.digest != digest:
            wrong = {"/idempotency_key": "another request has this key"}
            raise Misfit(wrong, "IDEMPOTENCY_CONFLICT", Code.ID_REUSED)
        if again is not None:
            answer = None if again.answer is None else {**again.answer, "replayed": True}
            return TakenRequest(again.lines, session, answer)
        line = {"id": event_id(key), "deal": session.deal, "at": at, "actor": actor, "via": NAME}
        lines, after = take(request, line, now, session, wire)
        seen = remembered(session.seen, key, KnownRequest(digest, lines))
        return TakenRequest(lines, msgspec.structs.replace(after, seen=seen))
    except Misfit as misfit:
        return refused(data, misfit)


def _read(data: bytes) -> dict[str, Any]:
    return read_object(data, "INVALID_REQUEST", fractions=True)


def _as(kind: type[_T], found: Mapping[str, Any]) -> _T:
    try:
        request = msgspec.convert(found, kind)
    except msgspec.ValidationError as problem:
        what, _, where = str(problem).partition(" - at `$")
        pointer = where.rstrip("`").replace(".", "/").replace("[", "/").replace("]", "")
        named = what.partition("unknown field `")[2].rstrip("`") or what.partition("required field `")[2].rstrip("`")
        pointer += f"/{named}" if named else ""
        raise Misfit({pointer: what[:1].lower() + what[1:]}, "INVALID_REQUEST", Code.EVENT_FIELD) from problem
    version = str(found.get("adcp_version", "3.2"))
    if version.partition(".")[0] != "3" or found.get("adcp_major_version", 3) != 3:
        raise Misfit({"/adcp_version": "the version is 3.2"}, "VERSION_UNSUPPORTED", Code.EVENT_FIELD)
    return request


def _open(session: AdCPSession) -> None:
    if session.state != "OPEN":
        raise Misfit({"": f"this negotiation is {session.state}"}, "INVALID_STATE", Code.DEAL_CLOSED)
    if session.pending is not None:
        raise Misfit({"": "an earlier request has no answer yet"}, "INVALID_STATE", Code.EVENT_FIELD)


def _standing(name: Any, place: str, session: AdCPSession, now: int) -> MediaProposal:
    """Return a proposal that something may be asked of."""
    proposal = session.proposals.get(name) if isinstance(name, str) else None
    if proposal is None:
        raise Misfit({place: "there is no such proposal"}, "PROPOSAL_NOT_FOUND", Code.NOTHING_TO_ACCEPT)
    if proposal.status not in ("draft", "committed"):
        raise Misfit({place: f"this proposal is {proposal.status}"}, "INVALID_STATE", Code.DEAL_CLOSED)
    if proposal.expires < now:
        raise Misfit({place: "this proposal has expired"}, "PROPOSAL_EXPIRED", Code.NOTHING_TO_ACCEPT)
    return proposal


def _refined(
    request: RefineProposals, line: Line, now: int, session: AdCPSession, wire: AdCP
) -> tuple[tuple[Line, ...], AdCPSession]:
    """Take what they ask as their offer: of the proposal's terms, moved to their bounds."""
    _open(session)
    if len(request.refinements) > 1:
        wrong = {"/refinements/1": "one refinement at a time is taken in a negotiation"}
        raise Misfit(wrong, "VALIDATION_ERROR", Code.EVENT_FIELD)
    found, place = request.refinements[0], "/refinements/0"
    proposal = _standing(found.get("proposal_id"), f"{place}/proposal_id", session, now)
    asks = ("change_kind", "constraints", "product_changes", "alternatives", "ask", "criteria")
    for name in found.keys() - {"proposal_id", "action", *asks}:
        raise Misfit({f"{place}{pointer_of(name)}": "there is no such field"}, "INVALID_REQUEST", Code.EVENT_FIELD)
    pending = PendingRequest("refine_proposals", request.idempotency_key, found["proposal_id"])
    said = {**line, "type": "offer", "by": "them"}
    if found.get("action") == "finalize":
        if found.keys() & set(asks):
            raise Misfit({f"{place}/action": "to finalize changes nothing"}, "INVALID_REQUEST", Code.EVENT_FIELD)
        if proposal.status != "draft":
            raise Misfit({f"{place}/action": "only a draft is finalized"}, "INVALID_STATE", Code.EVENT_FIELD)
        pending = msgspec.structs.replace(pending, finalize=True)
        return ({**said, "terms": proposal.terms},), msgspec.structs.replace(session, pending=pending)
    if found.get("action") != "revise":
        wrong = {f"{place}/action": "`action` is `revise` or `finalize`"}
        raise Misfit(wrong, "INVALID_REQUEST", Code.EVENT_FIELD)
    if found.get("change_kind", "amendment") != "amendment":
        wrong = {f"{place}/change_kind": "nothing is bought yet that could be cancelled"}
        raise Misfit(wrong, "INVALID_STATE", Code.EVENT_FIELD)
    text = found.get("ask", "")
    if not isinstance(text, str) or ("ask" in found and not text):
        raise Misfit({f"{place}/ask": "it is a text"}, "INVALID_REQUEST", Code.EVENT_FIELD)
    asked = read_asked(found, wire, place)
    if not asked.bounds and not asked.products:
        raise Misfit({f"{place}/ask": "nothing is asked in a typed field"}, "uninterpreted", Code.EVENT_VALUE)
    said["terms"] = wanted(asked, proposal.terms, wire, place)
    pending = msgspec.structs.replace(pending, asked=asked)
    lines = ({**said, "note": text} if text else said,)
    return lines, msgspec.structs.replace(session, pending=pending)


def _accepted(
    request: AcceptProposal, line: Line, now: int, session: AdCPSession, wire: AdCP
) -> tuple[tuple[Line, ...], AdCPSession]:
    """Take an acceptance of a committed proposal: of the very terms that it names by their digest."""
    _open(session)
    proposal = _standing(request.proposal_id, "/proposal_id", session, now)
    if proposal.status != "committed":
        wrong = {"/proposal_id": "this proposal is a draft: it is finalized first"}
        raise Misfit(wrong, "PROPOSAL_NOT_COMMITTED", Code.NOTHING_TO_ACCEPT)
    if request.proposal_terms_digest != proposal.digest:
        wrong = {"/proposal_terms_digest": "these are not the terms of the proposal"}
        raise Misfit(wrong, "CONFLICT", Code.NOTHING_TO_ACCEPT)
    if request.proposal_id != session.latest:
        wrong = {"/proposal_id": "another proposal was made since"}
        raise Misfit(wrong, "INVALID_STATE", Code.NOTHING_TO_ACCEPT)
    for name in ("total_budget", "daily_budget_cap", "budget_cap_timezone"):
        if getattr(request, name) is not None:
            wrong = {f"/{name}": "an acceptance changes nothing here: ask for it by a refinement"}
            raise Misfit(wrong, "UNSUPPORTED_FEATURE", Code.EVENT_FIELD)
    if "brand" in request.account and digest_of(request.account["brand"]) != digest_of(session.brand):
        raise Misfit({"/account/brand": "the proposal is for another brand"}, "CONFLICT", Code.EVENT_FIELD)
    pending = PendingRequest("accept_proposal", request.idempotency_key, request.proposal_id)
    proposals = {**session.proposals, request.proposal_id: msgspec.structs.replace(proposal, status="accepted")}
    after = msgspec.structs.replace(session, state="ACCEPTED", pending=pending, proposals=proposals)
    return ({**line, "type": "accept", "by": "them", "of": event_id(request.proposal_id)},), after


def _declined(
    request: DeclineProposals, line: Line, now: int, session: AdCPSession, wire: AdCP
) -> tuple[tuple[Line, ...], AdCPSession]:
    """Take it that they do not go on with proposals; with the one that stands, that is a rejection."""
    named = [one.proposal_id for one in request.declines]
    if session.pending is not None:
        raise Misfit({"": "an earlier request has no answer yet"}, "INVALID_STATE", Code.EVENT_FIELD)
    for number, one in enumerate(request.declines):
        place = f"/declines/{number}"
        if one.proposal_id not in session.proposals:
            wrong = {f"{place}/proposal_id": "there is no such proposal"}
            raise Misfit(wrong, "PROPOSAL_NOT_FOUND", Code.NOTHING_TO_ACCEPT)
        if one.reason not in _REASONS or (one.reason == "other" and not one.detail):
            wrong = {f"{place}/reason": "a reason is one of the enumeration, and `other` has a detail"}
            raise Misfit(wrong, "INVALID_REQUEST", Code.EVENT_VALUE)
        if one.proposal_id in named[:number]:
            raise Misfit({f"{place}/proposal_id": "it is declined twice"}, "VALIDATION_ERROR", Code.EVENT_VALUE)
    reasons = {one.proposal_id: ": ".join(filter(None, (one.reason, one.detail))) for one in request.declines}
    is_open = session.state == "OPEN"
    rejected = is_open and session.latest in named and session.proposals[session.latest].status != "declined"
    closes = is_open and (request.opportunity or {}).get("status") == "closed"
    lines: list[Line] = []
    if closes:
        lines.append({**line, "type": "close", "outcome": "lost"})
    elif rejected:
        lines.append({**line, "type": "reject", "by": "them"})
    if wire.reasons and rejected and not closes:
        kept = {"type": "signal", "by": "them", "kind": wire.reasons, "confirmed": False}
        lines.append({**line, **kept, "note": reasons[session.latest], "id": f"{line['id']}/reason"})
    proposals = {
        name: msgspec.structs.replace(one, status="declined") if name in named and one.status != "accepted" else one
        for name, one in session.proposals.items()
    }
    pending = PendingRequest("decline_proposals", request.idempotency_key, declined=reasons, closes=closes)
    state = "CLOSED" if closes else session.state
    after = msgspec.structs.replace(session, pending=pending, proposals=proposals, state=state)
    return tuple(lines), after


_TASKS: Mapping[str, tuple[Any, Any]] = {
    "refine_proposals": (RefineProposals, _refined),
    "accept_proposal": (AcceptProposal, _accepted),
    "decline_proposals": (DeclineProposals, _declined),
}


def held(session: AdCPSession, now: int) -> bool:
    """Return whether a committed proposal is held for them."""
    latest = session.proposals.get(session.latest)
    return latest is not None and latest.status == "committed" and latest.expires >= now
