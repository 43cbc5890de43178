"""Deals: open one, list them, say what happened in one, ask what an offer would be answered."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from walkaway import Code, DeadLetter, Decision, History, InvalidInput, Session, Verdict
from walkaway_edge.http import sayable
from walkaway_edge.http.answers import invalid, problem
from walkaway_edge.http.call import LIMIT, MOST, Call, acts_as, answer, capacity, is_one_person, nameless, spliced
from walkaway_edge.http.desk import Outcome, Write
from walkaway_edge.http.identity import Role, folded
from walkaway_edge.http.told import briefed, standing, told
from walkaway_edge.http.urls import link

APPROVERS = frozenset({"approve", "revoke"})
"""Types of events that are an approver's to make, and nobody else's."""
DESK = frozenset({Role.REP, Role.FEED, Role.AGENT})
HEARD = frozenset({"offer", "accept", "reject", "withdraw", "signal"})
"""Types of events that an agent may record, of the other side alone."""
_LOOKED = 200
"""So many deals are looked through at least, where some are asked for."""
LISTED = ("after", "limit", "verdict", "owner")
_SEALED = "sealed:"
"""How a name begins whose text was erased; no event may say such a name (docs/log.md)."""


def list_deals(call: Call, session: Session) -> Response:
    """List deals, by their ids; where some are asked for, so many are looked through at once, and the link goes on."""
    after, limit = call.query.get("after", ""), max(1, call.number("limit", LIMIT, MOST))
    verdict, owner = call.query.get("verdict", ""), call.query.get("owner", "")
    if "verdict" in call.query and verdict not in set(Verdict):
        raise problem("bad-query", "`verdict` is none", hint=f"write one of {', '.join(Verdict)}")
    seen = [deal for deal in session.deals() if deal > after and call.sees(deal, session)]
    found: list[object] = []
    looked = ""
    for deal in seen[: max(limit, _LOOKED)]:
        looked = deal
        try:
            course = session.history(deal)
            if is_listed(session, course, verdict, owner):
                found.append(standing(session.state(deal)))
        except InvalidInput as error:  # one that cannot be folded any more is listed all the same
            found.append({"deal": deal, "findings": invalid(error.findings).details.findings})
        if len(found) == limit:
            break
    more = {}
    if seen and looked != seen[-1]:
        more["Link"] = f'<{link("v1", "deals", **{**call.query, "after": looked, "limit": str(limit)})}>; rel="next"'
    return answer({"deals": found}, headers=more)


def is_listed(session: Session, course: History, verdict: str, owner: str) -> bool:
    """Return whether the latest verdict in a deal is the one asked for, and its owner; empty for any.

    The owner is whoever opened it.
    """
    latest = next((turn.verdict for turn in reversed(course.turns) if turn.verdict), "")
    opened = course.turns[0].actor if course.turns else ""
    return verdict in ("", latest) and (not owner or bool(opened and is_one_person(session, owner, opened)))


def show_deal(call: Call, session: Session) -> Response:
    """Say where a deal stands."""
    if call.who.is_sayable:
        return sayable.show(call, session)
    state = call.state(session, call.deal)
    return answer(standing(state), headers=_tagged(call, state.deal, state.events))


def show_events(call: Call, session: Session) -> Response:
    """Say what happened in a deal, oldest first."""
    state = call.state(session, call.deal)
    turns = session.history(call.deal).turns
    rows = [
        {
            "id": t.event,
            "at": t.at,
            "by": t.by,
            "actor": t.actor,
            "what": t.what,
            "terms": t.terms,
            "verdict": t.verdict,
            "door": t.door,
        }
        for t in turns
    ]
    return answer({"deal": state.deal, "events": rows}, headers=_tagged(call, state.deal, state.events))


def show_history(call: Call, session: Session) -> Response:
    """Say what every move gave and got; as JSON, or as the chart of the negotiation dance."""
    state = call.state(session, call.deal)
    course = session.history(call.deal)
    tag = _tagged(call, state.deal, state.events)
    if call.query.get("as", "json") == "svg":
        return Response(call.front.chart(course), 200, tag, "image/svg+xml")
    return answer(course, headers=tag)


def check(call: Call, session: Session) -> Response | Write:
    """Say what one more offer of ours would be answered, or accepting what they offer; keep nothing of it.

    To agents and customers no more than yes or no is said, and that is counted.
    """
    return sayable.ask(call, session) if call.who.is_sayable else checked(call, session)


def checked(call: Call, session: Session) -> Response:
    """Say to our own people all there is to say of one more offer of ours."""
    body = call.read(("terms", "act", "at"))
    state = call.state(session, call.deal)
    terms = sayable.question(body)
    if not isinstance(body.get("at", ""), str):
        raise problem("wrong-field", "`at` is text", "/at", "write it as `YYYY-MM-DDThh:mm:ssZ`")
    at = body.get("at") or call.at(session, state)
    role = capacity(call, session)
    try:
        if call.query.get("search", "yes") == "no":
            decision = session.check(state.deal, terms, actor=call.who.sub, at=at, role=role)
            found: object = told(decision, call.who)
        else:
            briefing = session.ask(state.deal, terms, actor=call.who.sub, at=at, role=role)
            decision, found = briefing.decision, briefed(briefing, call.who)
    except InvalidInput as error:
        raise invalid(error.findings, body) from error
    tag = _tagged(call, state.deal, state.events)
    return answer(found, headers={"Walkaway-Verdict": decision.verdict.value, **tag})


def open_deal(call: Call, session: Session) -> Response | Write:
    """Open a deal; the body is its first event."""
    body = call.object()
    deal, event = body.get("deal"), body.get("id")
    for name, value in (("deal", deal), ("id", event)):
        if not isinstance(value, str) or not value:
            raise problem("wrong-field", f"`{name}` names the {'deal' if name == 'deal' else 'event'}", f"/{name}")
    if body.get("type", "open") != "open":
        raise problem("wrong-field", "a deal is opened by an event of type `open`", "/type", "leave it out")
    return event_of(call, session, str(deal), str(event), body, {} if "type" in body else {"type": "open"})


def put_event(call: Call, session: Session) -> Response | Write:
    """Record one event, and answer when it is on disk."""
    return event_of(call, session, call.deal, call.params["event"], call.object())


def event_of(
    call: Call,
    session: Session,
    deal: str,
    event: str,
    body: Mapping[str, Any],
    more: Mapping[str, object] | None = None,
    *,
    waits: bool = False,
) -> Write:
    """Prepare an event: who acts and when come from here, all else from the body.

    Args:
        waits: Whether other events of the deal are prepared, which will be decided before this one.

    Raises:
        Problem: Where it may not be recorded.
    """
    if wrong := nameless(body):
        raise wrong[0]
    kind = said if isinstance(said := body.get("type"), str) else ""
    if kind == "decline":
        hint = "answer the request at `POST /v1/approvals/{id}`"
        raise problem("not-your-role", "whoever was asked for an approval declines it", "/type", hint)
    is_approval = kind in APPROVERS
    if Role.AGENT in call.who.roles and (kind not in HEARD or body.get("by") != "them"):
        raise problem("not-your-role", "an agent records what the other side does, and nothing of ours", "/type")
    if not call.who.may(frozenset({Role.APPROVER}) if is_approval else DESK):
        what = "an approval is an approver's to give" if is_approval else "an approver records approvals only"
        raise problem("not-your-role", what, "/type")
    if not call.who.covers(deal) or not (call.who.may(DESK) or call.front.requests.has(deal, session)):
        raise problem("absent")
    state = call.existing(session, deal)
    if state is None and not waits and (body.get("type") or (more or {}).get("type")) != "open":
        raise problem("absent")
    is_new = state is None or event not in state.events
    if state is not None and is_new:
        call.fresh(state)
    if state is not None and call.who.is_sayable:
        sayable.dealt_in(session, state, body.get("terms"), "/terms")
        packages = body.get("packages")
        for number, terms in enumerate(packages if isinstance(packages, list) else []):
            sayable.dealt_in(session, state, terms, f"/packages/{number}")
    added: dict[str, object] = dict(more or {})
    for name, value in (("deal", deal), ("id", event)):
        if body.get(name, value) != value:
            raise problem("path-in-body", f"`{name}` is another than in the address", f"/{name}")
        if name not in body:
            added[name] = value
    if "at" not in body:
        added["at"] = call.at(session, state, event)
    elif is_new and call.is_to_come(body["at"], state):
        raise problem(
            "wrong-field", "`at` is later than this server's clock", "/at", "leave it out, or say when it was"
        )
    who = _approver(call, session, deal, body) if is_approval else _actor(call, session, body)
    line = spliced(call.body, added | who)
    before = () if state is None else state.events

    def answered(outcome: Outcome) -> Response:
        decision = decided(outcome, body)
        if call.who.is_sayable:
            return sayable.recorded(call, session, deal, event)
        events = (*before, event) if is_new else before
        headers = {
            "Location": link("v1", "deals", deal, "events", event),
            "Walkaway-Verdict": decision.verdict.value,
            **_tagged(call, deal, events),
        }
        return answer(told(decision, call.who), 201 if is_new else 200, headers)

    return Write(deal, line, answered)


def decided(outcome: Outcome, body: object = None) -> Decision:
    """Return a decision.

    Raises:
        Problem: Where an event got none, with every reason.
    """
    if isinstance(outcome, DeadLetter):
        if outcome.findings[0].code is Code.NOT_OPENED:
            raise problem("absent")
        raise invalid(outcome.findings, body)
    return outcome


def _approver(call: Call, session: Session, deal: str, body: Mapping[str, Any]) -> dict[str, object]:
    """Return who approves or takes an approval back, as the event says it.

    Raises:
        Problem: Where nobody's approval may be theirs.
    """
    if body.get("type") == "revoke":
        return {"approver": call.who.sub}
    if made := moved(call, session, deal):
        raise problem("own-offer", made)
    return {"approver": call.who.sub, "role": authority(call, session)}


def moved(call: Call, session: Session, deal: str) -> str:
    """Say which move of ours in a deal somebody made, so that they approve nothing there; nothing where none.

    A move whose maker's name was erased may be anybody's.
    """
    for turn in session.history(deal).turns:
        if turn.by != "them" and turn.actor.startswith(_SEALED):
            return f"who made event `{turn.event}` was erased, so that nobody's approval counts"
        if turn.actor and turn.by != "them" and call.is_same(session, turn.actor):
            return f"you made event `{turn.event}` of this deal"
    return ""


def authority(call: Call, session: Session) -> str:
    """Return the role by which somebody approves: their highest that the policy knows, and lets them have.

    Raises:
        Problem: Where they have none.
    """
    ranks, own = session.policy.ranks, acts_as(session, call.who.sub)
    most = ranks.get(own, -1) if own else len(ranks)
    held = [role for role in call.who.authority if role in ranks and ranks[role] <= most]
    if not held:
        raise problem("not-your-role", "the policy has no role of yours")
    return max(held, key=ranks.__getitem__)


def _actor(call: Call, session: Session, body: Mapping[str, Any]) -> dict[str, object]:
    """Return who acted and in which role, as the event says it: nobody of ours in what the other side did."""
    if "role" in body:
        raise problem("wrong-field", "in which role somebody acts is said by their token", "/role", "leave it out")
    if body.get("by") == "them":
        return {"via": call.who.sub} if Role.AGENT in call.who.roles and "via" not in body else {}
    says = body.get("type", "open") in ("open", "offer", "accept") and "for" not in call.query
    role = capacity(call, session) if says else ""
    return _who(call) | ({"role": role} if role else {})


def _who(call: Call) -> dict[str, object]:
    behalf = call.query.get("for")
    if behalf is None:
        return {"actor": call.who.sub}
    if folded(behalf) not in call.who.behalf:
        raise problem("not-your-role", "this token does not speak for that person", hint="leave `for` out")
    return {"actor": folded(behalf), "via": call.who.sub}


def _tagged(call: Call, deal: str, events: tuple[str, ...]) -> dict[str, str]:
    return {"ETag": f'"{call.tag(deal, events)}"'}
