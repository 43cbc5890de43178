"""What is answered on AdCP: it rests on the one bit that an ask gives, and on what both sides know.

Which verdict a no was, a reason, a number, a rule never reach this module: it is given what an agent may be told.
"""

from collections.abc import Mapping
from typing import Any

from walkaway import AgentAsk, DealState, Disclosure
from walkaway.language.instants import instant_text
from walkaway_edge.problems import EdgeProblem
from walkaway_edge.wires.adcp.agreement import AdCP, commercial
from walkaway_edge.wires.adcp.answers import answered
from walkaway_edge.wires.adcp.reading import held
from walkaway_edge.wires.adcp.session import NAME, AdCPSession, event_id, now_of, settled
from walkaway_edge.wires.adcp.writing import declined, encode
from walkaway_edge.wires.outcomes import MessagePlan, canonical


def plan(
    asked: AgentAsk | None,
    seen: Disclosure,
    state: DealState,
    session: AdCPSession,
    wire: AdCP,
    *,
    message_id: str,
    at: str,
    actor: str,
) -> MessagePlan[AdCPSession]:
    """Return what a request of theirs is answered.

    A yes is a proposal with the very terms that were asked about: `revised` where they meet all of the request, else
    `partial`, which says what they do not meet, as both see. Every no is the same `unable`, which names all that was
    asked for. Where no ask may be answered, and where there is no proposal yet, the task is `submitted` instead, and a
    person goes on.

    Args:
        asked: What `walkaway.Session.probe` answered about an offer of these terms; none to see whether anything may
            be asked now.
        seen, state: Of the deal, before the ask.
        message_id: Names the proposal, and the event that it is, 190 characters at most.
        at: Now, RFC 3339, in UTC.
        actor: Who of ours does it.

    Raises:
        EdgeProblem: Where our terms cannot be said on this wire.
    """
    pending, now = session.pending, now_of(at)
    if event_id(message_id) != message_id:
        raise EdgeProblem("this id is too long for an event", "use 190 characters at most")
    if pending is None:
        return MessagePlan(turn="wait" if session.state == "OPEN" else "stop")
    if pending.task == "decline_proposals":
        message = declined(pending, session)
        return MessagePlan((), message, session=settled(session, message))
    if pending.task == "accept_proposal":
        return MessagePlan(turn="stop")
    line: dict[str, Any] = {"id": message_id, "deal": session.deal, "at": at, "actor": actor, "via": NAME}
    if not state.is_open:
        return _sent((), encode({**line, "type": "reject", "by": "us"}, session, wire), session, wire, line)
    submitted = {"status": "submitted", "task_id": message_id}
    if seen.halted or not seen.party or not seen.left or held(session, now):
        return MessagePlan((), submitted, turn="human", session=session)
    if asked is None:
        return MessagePlan(turn="ours")
    if asked.act != "offer":
        raise EdgeProblem("on this wire we propose, and they accept", "ask about an offer of these terms")
    counted = {**line, "id": f"{message_id}/ask", "type": "probe", "confirmed": True}
    counted |= {"asked": asked.asked, "yes": asked.yes, "cost": asked.cost}
    if not asked.yes and pending.task == "request_proposals":
        return MessagePlan((counted,), submitted, turn="human", session=session)
    if not asked.yes:
        said: dict[str, Any] = {**line, "type": "reject", "by": "us"}
        message = encode(said, session, wire)
        message["results"][0]["reason"] = " ".join(asked.say)
        return _sent((counted, said), message, session, wire, line)
    counted["permit"] = message_id
    seconds = wire.hold_seconds if pending.finalize else wire.draft_seconds
    until = instant_text(now + seconds * 1_000_000)
    said = {**line, "type": "offer", "by": "us", "terms": dict(asked.package), "until": until}
    return _sent((counted, said), encode(said, session, wire), session, wire, line)


def _sent(
    lines: tuple[Mapping[str, Any], ...],
    message: dict[str, Any],
    session: AdCPSession,
    wire: AdCP,
    line: Mapping[str, Any],
) -> MessagePlan[AdCPSession]:
    taken = answered(canonical(message), session, wire, message_id=line["id"], at=line["at"], actor=line["actor"])
    return MessagePlan(lines, message, session=taken.session)


def booked(
    session: AdCPSession, wire: AdCP, *, media_buy_id: str, packages: Mapping[str, str], at: str
) -> MessagePlan[AdCPSession]:
    """Return the answer to an acceptance, once its media buy is made.

    Args:
        packages: Product → the package that it became.
        at: When it was made, RFC 3339, in UTC.

    Raises:
        EdgeProblem: Where nothing was accepted, or a product has no package.
    """
    pending = session.pending
    if pending is None or pending.task != "accept_proposal":
        raise EdgeProblem("nothing was accepted that has no answer yet")
    proposal = session.proposals[pending.source]
    terms = commercial(proposal.terms, wire, session.brand)
    bought = [purchase["product_id"] for purchase in terms["purchases"]]
    if set(bought) != set(packages):
        raise EdgeProblem(f"each of these products has its package: {', '.join(bought)}")
    accepted = {
        "proposal_id": pending.source,
        "proposal_kind": "new_media_buy",
        "proposal_status": "accepted",
        "accepted_at": at,
        "media_buy_id": media_buy_id,
        "name": wire.name,
        "commercial_terms": terms,
        "terms_digest": proposal.digest,
    }
    message: dict[str, Any] = {
        "status": "completed",
        "media_buy_id": media_buy_id,
        "revision": 1,
        "accepted_proposal": accepted,
        "purchase_bindings": [
            {"purchase_index": number, "product_id": product, "package_id": packages[product]}
            for number, product in enumerate(bought)
        ],
        "available_actions": [],
    }
    return MessagePlan((), message, session=settled(session, message))
