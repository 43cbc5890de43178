"""Events as messages of AdCP: what `reading` and `answers` read as them."""

from collections.abc import Mapping
from typing import Any

from walkaway.language.values import NotAValue
from walkaway_edge.problems import EdgeProblem
from walkaway_edge.wires.adcp.agreement import AdCP, commercial
from walkaway_edge.wires.adcp.asks import unmet, write_asked
from walkaway_edge.wires.adcp.session import AdCPSession, Line, PendingRequest, terms_digest

NO = "These terms are not agreed to."


def encode(line: Line, session: AdCPSession, wire: AdCP) -> dict[str, Any]:
    """Return the message that an event line is.

    Args:
        line: An event of theirs, which is a request, or one of ours, which is the answer to what is pending.
        session: As it stands behind a request, before an answer.

    Of what `decode` and `answered` read it gives back every field but accounts, opportunities and free text of ours.

    Raises:
        EdgeProblem: Where it cannot be said on this wire, or not now.
    """
    pending = session.pending
    if pending is None:
        raise EdgeProblem("nothing of theirs is without an answer", "wait for their request")
    if line["type"] == "close" or line["by"] == "them":
        return _request(line, pending, session, wire)
    if line["type"] == "offer":
        return _proposal(line, pending, session, wire)
    if line["type"] == "reject":
        return _no(pending)
    raise EdgeProblem(f"an event of type `{line['type']}` cannot be said on this wire")


def _request(line: Line, pending: PendingRequest, session: AdCPSession, wire: AdCP) -> dict[str, Any]:
    said: dict[str, Any] = {"idempotency_key": pending.key}
    if line["type"] == "accept":
        digest = session.proposals[pending.source].digest
        return {**said, "proposal_id": pending.source, "proposal_terms_digest": digest}
    if line["type"] == "offer":
        asked: dict[str, Any] = {"proposal_id": pending.source, "action": "finalize" if pending.finalize else "revise"}
        asked |= write_asked(pending.asked, wire) | ({"ask": line["note"]} if "note" in line else {})
        return {**said, "refinements": [asked]}
    if not pending.declined:
        raise EdgeProblem(f"an event of type `{line['type']}` cannot be said on this wire")
    declines = []
    for name, text in pending.declined.items():
        reason, _, detail = text.partition(": ")
        declines.append({"proposal_id": name, "reason": reason, **({"detail": detail} if detail else {})})
    return {**said, "declines": declines}


def _proposal(line: Line, pending: PendingRequest, session: AdCPSession, wire: AdCP) -> dict[str, Any]:
    try:
        terms = commercial(line["terms"], wire, session.brand)
        keys, products = unmet(pending.asked, line["terms"], wire)
    except NotAValue as problem:
        raise EdgeProblem(f"these terms cannot be said on this wire: {problem}") from problem
    made: dict[str, Any] = {
        "proposal_id": line["id"],
        "proposal_kind": "new_media_buy",
        "proposal_status": "committed" if pending.finalize else "draft",
        "expires_at": line["until"],
        "name": wire.name,
        "commercial_terms": terms,
        "terms_digest": terms_digest(terms),
    }
    if pending.task == "request_proposals":
        return {"status": "completed", "outcome": "proposed", "proposals": [made], "products": list(wire.products)}
    if pending.task != "refine_proposals":
        raise EdgeProblem("a proposal answers no such request", "wait for their request")
    made["parent_proposal_id"] = pending.source
    said: dict[str, Any] = {"source_proposal_id": pending.source}
    if pending.finalize:
        if made["terms_digest"] != session.proposals[pending.source].digest:
            raise EdgeProblem("to finalize changes nothing", "offer the terms of the draft")
        return _results({**said, "outcome": "finalized", "proposal": made}, wire)
    said["proposals"] = [made]
    if not keys and not products and not pending.asked.is_worded:
        return _results({**said, "outcome": "revised"}, wire)
    code = "constraint_unsatisfiable" if keys or products else "uninterpreted"
    said |= {"outcome": "partial", "reason_code": code, "reason": NO, **_unmet(keys, products)}
    return _results(said, wire)


def _no(pending: PendingRequest) -> dict[str, Any]:
    """Return the one no there is to a request: all that was asked is not met, whichever of it is why."""
    if pending.task == "request_proposals":
        return {"status": "completed", "outcome": "rejected", "reason": NO}
    if pending.task != "refine_proposals":
        raise EdgeProblem("such a request is not declined", "wait for their request")
    said: dict[str, Any] = {"source_proposal_id": pending.source, "outcome": "unable", "reason": NO}
    if pending.finalize:
        return _results({**said, "reason_code": "hold_unavailable"}, None)
    keys = list(dict.fromkeys(place.partition("/")[0] for place in pending.asked.bounds))
    return _results({**said, "reason_code": "constraint_unsatisfiable", **_unmet(keys, pending.asked.products)}, None)


def _unmet(keys: list[str], products: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {"unsatisfied_constraints": keys} if keys else {}
    return found | ({"unsatisfied_product_changes": dict(products)} if products else {})


def _results(result: dict[str, Any], wire: AdCP | None) -> dict[str, Any]:
    return {"status": "completed", "results": [result], "products": list(wire.products) if wire else []}


def declined(pending: PendingRequest, session: AdCPSession) -> dict[str, Any]:
    """Return the answer to a request that declines proposals: all of it is done but for what was accepted."""
    results: list[dict[str, Any]] = []
    for name in pending.declined:
        if session.proposals[name].status == "accepted":
            results.append({"proposal_id": name, "outcome": "unable", "reason": "This proposal was accepted."})
        else:
            results.append({"proposal_id": name, "outcome": "declined"})
    return {"results": results}
