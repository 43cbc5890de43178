"""Approvals: a rep asks for one, whoever has the authority gives it or declines; nobody approves what they made."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec
from starlette.responses import Response

from walkaway import Briefing, DealState, InvalidInput, Session
from walkaway_edge.http.answers import invalid, problem
from walkaway_edge.http.call import Call, answer, capacity, texts
from walkaway_edge.http.deals import authority, decided, moved
from walkaway_edge.http.desk import Outcome, Write
from walkaway_edge.http.identity import Role
from walkaway_edge.http.requests import ApprovalRequest, event_id, request_id
from walkaway_edge.http.told import told
from walkaway_edge.http.urls import link

T = TypeVar("T")


class Wanted(msgspec.Struct, frozen=True):
    """A request as whoever answers it sees it.

    Attributes:
        state: `open`; `declined`; or `settled`, where no approval is wanted of these terms any more.
        roles: Whose approval it wants, the lowest of each.
        package: All of what was asked for: the default of `terms` in the answer.
        ours: Where we stand: issue → value.
        why: Rule → its reason.
        verdict: Of these terms now, and once all is approved `blocking` still holds them up.
        barred: Why whoever asks may not answer it; empty where they may.
    """

    id: str
    deal: str
    terms: Mapping[str, str]
    by: str
    at: str
    note: str
    state: str
    roles: tuple[str, ...] = ()
    package: Mapping[str, str] = {}
    ours: Mapping[str, str] = {}
    why: Mapping[str, str] = {}
    verdict: str = ""
    blocking: tuple[str, ...] = ()
    room: Mapping[str, str] = {}
    barred: str = ""
    declined: str = ""
    counter: Mapping[str, str] = {}


def ask_approval(call: Call, session: Session) -> Response | Write:
    """Ask for the approval that one more offer of ours wants."""
    body = call.read(("deal", "terms", "note"))
    deal, note = body.get("deal"), body.get("note", "")
    if not isinstance(deal, str) or not deal:
        raise problem("wrong-field", "`deal` names the deal", "/deal")
    if not isinstance(note, str) or len(note) > 2000:
        raise problem("wrong-field", "`note` is a text of up to 2,000 characters", "/note")

    def recorded(asked: ApprovalRequest, is_new: bool) -> Response:
        headers = {"Location": link("v1", "approvals", asked.id)}
        return answer(seen(call, session, asked), 201 if is_new else 200, headers)

    return asked_for(call, session, deal, texts(body, "terms"), note, body, recorded)


def asked_for(
    call: Call,
    session: Session,
    deal: str,
    terms: Mapping[str, str],
    note: str,
    body: object,
    told: Callable[[ApprovalRequest, bool], T],
    actor: str = "",
) -> T | Write:
    """Record a request: the same question at the same state of its deal is the same one.

    Args:
        actor: For whom a feed asks; whoever calls, if left out.
        told: Makes the answer of the request, and of whether it is new.

    Raises:
        Problem: Where no approval is wanted of these terms, or they cannot be offered.
    """
    state, who = call.state(session, deal), actor or call.who.sub
    if not call.who.covers(deal):
        raise problem("absent")
    try:
        role = capacity(call, session)
        briefing = session.ask(deal, terms, actor=who, at=call.at(session, state), search=False, role=role)
    except InvalidInput as error:
        raise invalid(error.findings, body) from error
    if not briefing.approvals.needed:
        raise problem("nothing-to-approve", f"these terms are `{briefing.decision.verdict}`, for which none helps")
    requests = call.front.requests
    event = event_id(deal, terms, who, requests.moves(session, state))
    of = request_id(deal, event)
    if (there := requests.find(session, of)) is not None:
        return told(there, False)
    said: dict[str, object] = {
        "id": event, "deal": deal, "at": call.at(session, state), "type": "request", "actor": who,
        "terms": terms, **({"note": note} if note else {}), **({"via": call.who.sub} if who != call.who.sub else {}),
    }  # fmt: skip

    def recorded(outcome: Outcome) -> T:
        decided(outcome, body)
        found = requests.find(session, of)
        if found is None:
            raise problem("busy")
        return told(found, True)

    return Write(deal, msgspec.json.encode(said), recorded)


def list_approvals(call: Call, session: Session) -> Response:
    """List the requests that whoever asks may see: those open, or all."""
    state = call.query.get("state", "open")
    if state not in ("open", "all"):
        raise problem("bad-query", "`state` is `open` or `all`", hint="write `state=open`")
    return answer({"approvals": queue(call, session, every=state == "all")})


def queue(call: Call, session: Session, *, every: bool = False) -> list[Wanted]:
    """Return the requests that concern whoever asks, oldest first."""
    found = [seen(call, session, asked) for asked in call.front.requests.all(session) if call.sees(asked.deal)]
    return [w for w in found if (every or w.state == "open") and _concerns(call, session, w)]


def show_approval(call: Call, session: Session) -> Response:
    """Show one request."""
    return answer(seen(call, session, named(call, session)))


def named(call: Call, session: Session) -> ApprovalRequest:
    """Return the request that the address names.

    Raises:
        Problem: Where there is none, or it is no business of whoever asks.
    """
    asked = call.front.requests.find(session, call.params["id"])
    if asked is None or not call.sees(asked.deal) or not _concerns(call, session, seen(call, session, asked)):
        raise problem("absent")
    return asked


def answer_approval(call: Call, session: Session) -> Response | Write:
    """Approve what is asked for, decline it, or say what would be approved instead."""
    body = call.read(("answer", "terms", "until", "reason", "override"))
    return answered(call, session, named(call, session), body)


def answered(call: Call, session: Session, asked: ApprovalRequest, body: Mapping[str, Any]) -> Response | Write:
    """Do what whoever was asked says.

    Raises:
        Problem: Where they may not, or cannot.
    """
    wanted = seen(call, session, asked)
    if wanted.barred:
        raise problem("own-offer", wanted.barred)
    if not is_theirs(call, session, wanted):
        raise problem("not-your-role", f"this wants an approval by {' and '.join(wanted.roles)}")
    said = body.get("answer", "approve")
    if said not in ("approve", "decline", "counter"):
        what = "`answer` is `approve`, `decline` or `counter`"
        raise problem("wrong-field", what, "/answer", 'write `"answer": "approve"`')
    reason = body.get("reason", "")
    if not isinstance(reason, str):
        raise problem("wrong-field", "`reason` is text", "/reason")
    if said != "approve":
        return _declined(call, session, asked, wanted, body)
    role = authority(call, session)
    state = call.state(session, asked.deal)
    event = f"{asked.id}-{call.who.sub}"[:200]
    if wanted.state != "open" and event not in state.events:
        raise problem("answered", f"this request is {wanted.state}")
    given: dict[str, Any] = {
        "id": event,
        "deal": asked.deal,
        "at": call.at(session, state, event),
        "type": "approve",
        "approver": call.who.sub,
        "role": role,
        "terms": texts(body, "terms") if "terms" in body else dict(asked.package),
    }
    given |= {key: body[key] for key in ("until", "reason", "override") if key in body}
    is_new = event not in state.events

    def recorded(outcome: Outcome) -> Response:
        decision = decided(outcome, body)
        headers = {"Location": link("v1", "deals", asked.deal, "events", event)}
        return answer(told(decision, call.who), 201 if is_new else 200, headers)

    return Write(asked.deal, msgspec.json.encode(given), recorded)


def _declined(
    call: Call, session: Session, asked: ApprovalRequest, wanted: Wanted, body: Mapping[str, Any]
) -> Response | Write:
    said, reason, terms = body["answer"], body.get("reason", ""), texts(body, "terms")
    if not reason.strip():
        raise problem("wrong-field", "whoever declines says why", "/reason", 'write `"reason": "…"`')
    if said == "counter" and not terms:
        raise problem("wrong-field", "say which terms would be approved", "/terms", 'write `{"discount": "10%"}`')
    state, event = call.state(session, asked.deal), f"{asked.id}-{call.fresh_id()}"
    if wanted.state != "open":
        if event in state.events:
            return answer(wanted)
        raise problem("answered", f"this request is {wanted.state}")
    given: dict[str, object] = {
        "id": event, "deal": asked.deal, "at": call.at(session, state),
        "type": "decline", "approver": call.who.sub, "of": asked.event, "reason": reason,
        **({"terms": terms} if said == "counter" else {}),
    }  # fmt: skip

    def recorded(outcome: Outcome) -> Response:
        decided(outcome, body)
        return answer(seen(call, session, asked))

    return Write(asked.deal, msgspec.json.encode(given), recorded)


def seen(call: Call, session: Session, asked: ApprovalRequest) -> Wanted:
    """Return a request as it stands now."""
    wanted = Wanted(asked.id, asked.deal, asked.terms, asked.by, asked.at, asked.note, "settled", package=asked.package)
    if (last := call.front.requests.declined(session, asked)) is not None:
        return msgspec.structs.replace(wanted, state="declined", declined=last.reason, counter=last.counter)
    try:
        state = call.existing(session, asked.deal)
    except InvalidInput:  # a deal that cannot be folded any more holds up no other's request
        return wanted
    briefing = None if state is None or not state.is_open else _asked_again(call, session, state, asked)
    if state is None or briefing is None:
        return wanted
    needed = briefing.approvals.needed
    return msgspec.structs.replace(
        wanted,
        state="open" if needed else "settled",
        roles=tuple(n.role for n in needed),
        ours=state.ours,
        why={rule: why for n in needed for rule, why in n.why.items()},
        verdict=briefing.decision.verdict.value,
        blocking=briefing.approvals.still_blocking,
        room=briefing.decision.room,
        barred=_barred(call, session, asked, briefing),
    )


def _asked_again(call: Call, session: Session, state: DealState, asked: ApprovalRequest) -> Briefing | None:
    try:
        return session.ask(asked.deal, asked.terms, actor=asked.by, at=call.at(session, state), search=False)
    except InvalidInput:
        return None  # what was asked can no longer be offered


def _barred(call: Call, session: Session, asked: ApprovalRequest, briefing: Briefing) -> str:
    """Say why somebody may not approve: they asked, or made a move of ours in this deal."""
    if call.is_same(session, asked.by):
        return "you asked for this approval yourself"
    if made := moved(call, session, asked.deal):
        return made
    if briefing.approvals.unnamed:
        return "it is not known who made an earlier offer, so that nobody's approval counts"
    return ""


def _concerns(call: Call, session: Session, wanted: Wanted) -> bool:
    """Return whether a request is any business of somebody: theirs to answer, or of a deal that is theirs."""
    return bool(call.who.roles & {Role.REP, Role.SALES_OPS, Role.AUDITOR}) or is_theirs(call, session, wanted)


def is_theirs(call: Call, session: Session, wanted: Wanted) -> bool:
    """Return whether somebody has the authority to answer a request, or it wants none any more."""
    ranks = session.policy.ranks
    held = max((ranks[role] for role in call.who.authority if role in ranks), default=-1)
    within = (role in call.who.authority or ranks.get(role, held + 1) <= held for role in wanted.roles)
    return not wanted.roles or any(within)
