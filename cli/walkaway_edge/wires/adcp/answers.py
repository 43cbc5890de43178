"""Answers of ours on AdCP as events of a deal, and what follows from them for the negotiation."""

from collections.abc import Mapping
from typing import Any

import msgspec

from walkaway.language.instants import instant_of
from walkaway_edge.problems import EdgeProblem
from walkaway_edge.wires.adcp.agreement import AdCP, read_commercial
from walkaway_edge.wires.adcp.session import (
    NAME,
    AdCPSession,
    Line,
    MediaProposal,
    TakenRequest,
    now_of,
    settled,
    terms_digest,
)
from walkaway_edge.wires.outcomes import Misfit, read_object


def answered(data: bytes, session: AdCPSession, wire: AdCP, *, message_id: str, at: str, actor: str) -> TakenRequest:
    """Return the event line that an answer to what is pending is, and the session behind it.

    Args:
        message_id: Names the event where the answer has no proposal.

    Raises:
        EdgeProblem: Where it is no such answer.
    """
    try:
        return _answered(read_object(data, "", fractions=True), session, wire, message_id, at, actor)
    except (Misfit, KeyError, IndexError, TypeError, AttributeError) as problem:
        raise EdgeProblem(f"this is no answer to what is pending: {problem}") from problem


def _answered(
    message: Mapping[str, Any], session: AdCPSession, wire: AdCP, message_id: str, at: str, actor: str
) -> TakenRequest:
    if session.pending is None:
        raise Misfit({"": "nothing is pending"}, "")
    line: dict[str, Any] = {"deal": session.deal, "at": at, "actor": actor, "via": NAME}
    is_first = session.pending.task == "request_proposals"
    result = message if is_first else message["results"][0]
    if not is_first and result["source_proposal_id"] != session.pending.source:
        raise Misfit({"/results/0/source_proposal_id": "it answers another request"}, "")
    if result["outcome"] in ("rejected", "unable"):
        said: Line = {**line, "id": message_id, "type": "reject", "by": "us"}
        return TakenRequest((said,), settled(session, message))
    proposal = result["proposal"] if "proposal" in result else result["proposals"][0]
    terms = read_commercial(proposal["commercial_terms"], wire, session.brand)
    digest, until = proposal["terms_digest"], instant_of(proposal["expires_at"])
    if digest != terms_digest(proposal["commercial_terms"]) or until is None or until <= now_of(at):
        raise Misfit({"/terms_digest": "the digest, or the time that it is good for, is not that of the terms"}, "")
    name = proposal["proposal_id"]
    if name in session.proposals or (not is_first and proposal["parent_proposal_id"] != session.pending.source):
        raise Misfit({"/proposal_id": "each proposal is a new one, made from the one that it answers"}, "")
    made = MediaProposal(terms, digest, proposal["proposal_status"], until)
    after = msgspec.structs.replace(settled(session, message), proposals={**session.proposals, name: made}, latest=name)
    said = {**line, "id": name, "type": "offer", "by": "us", "terms": terms, "until": proposal["expires_at"]}
    return TakenRequest((said,), after)
