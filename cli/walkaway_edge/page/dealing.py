"""A rep's pages: the deals, one deal with what an offer would be answered, and what a rep records."""

import secrets
from collections.abc import Mapping
from typing import Any

import msgspec

from walkaway import Counteroffer, InvalidInput, Session
from walkaway.language import example
from walkaway_edge.http import brackets
from walkaway_edge.http.answers import InputFinding, invalid, problem
from walkaway_edge.http.call import Call, capacity
from walkaway_edge.http.deals import decided, event_of
from walkaway_edge.http.desk import Outcome, Write
from walkaway_edge.http.identity import Role
from walkaway_edge.http.told import turn_of
from walkaway_edge.http.urls import link
from walkaway_edge.page.forms import FACT, TERM, beside, changed, fact_fields, stated, term_fields
from walkaway_edge.page.screens import Screen

SHAPES = {"proceed": "●", "trade": "◆", "hold": "■", "escalate": "▲", "refuse": "✕", "walk": "➜"}
"""A verdict's shape beside its word, so that no colour has to be told apart."""
PAGE = 50
_ASKED_SEEN = frozenset({Role.REP, Role.SALES_OPS, Role.AUDITOR})


def deals(call: Call, session: Session, wrong: tuple[InputFinding, ...] = ()) -> Screen:
    """Show the deals that whoever looks may see, and a form that opens one."""
    after = call.query.get("after", "")
    seen = [d for d in session.deals() if d > after and call.sees(d)]
    rows: list[dict[str, Any]] = []
    for deal in seen[:PAGE]:
        try:
            state, course = session.state(deal), session.history(deal)
        except InvalidInput as error:
            rows.append({"deal": deal, "problem": error.findings[0].message})
            continue
        last = course.turns[-1]
        rows.append({"deal": deal, "turn": turn_of(state), "verdict": last.verdict, "state": state})
    fields, others = beside(wrong, "facts")
    again = call.query if call.query.get("again") else {}
    return Screen(
        "deals.html",
        {
            "rows": rows,
            "next": seen[PAGE - 1] if len(seen) > PAGE else "",
            "shapes": SHAPES,
            "may_open": Role.REP in call.who.roles,
            "fields": fact_fields(session.policy, stated(again, FACT), fields),
            "deal_id": again.get("deal", ""),
            "party": again.get("party", ""),
            "event_id": again.get("event") or f"open-{secrets.token_hex(6)}",
            "findings": others,
            "policy": session.policy,
        },
    )


def deal(call: Call, session: Session, wrong: tuple[InputFinding, ...] = ()) -> Screen:
    """Show a deal, and where terms were typed what they would be answered."""
    state = call.state(session, call.deal)
    if call.query.get("audience") == "customer":
        return _shared(call, session)
    course = session.history(call.deal)
    is_theirs = call.query.get("by") == "them"  # a form of what they did comes back with what was typed
    typed = stated(call.query, TERM)
    terms = {} if is_theirs else changed(call.query, state.ours)
    accepts = call.query.get("act") == "accept"
    told, findings = None, wrong
    if not wrong and (terms or accepts):
        try:
            asked = None if accepts else terms
            role = capacity(call, session)
            told = session.ask(call.deal, asked, actor=call.who.sub, at=call.at(session, state), role=role)
        except InvalidInput as error:
            findings = invalid(error.findings, {"terms": terms}).details.findings
    fields, others = beside(findings, "terms")
    is_rep = Role.REP in call.who.roles
    known: dict[str, Any] = {
        "state": state,
        "course": course,
        "turn": turn_of(state),
        "fields": term_fields(
            session.policy, {} if is_theirs else typed, state.ours, state.theirs, {} if is_theirs else fields
        ),
        "their_fields": term_fields(session.policy, typed, wrong=fields)
        if is_theirs
        else term_fields(session.policy, {}),
        "is_theirs": is_theirs,
        "terms": terms,
        "accepts": accepts,
        "told": told,
        "findings": others,
        "shapes": SHAPES,
        "tag": call.tag(call.deal, state.events),
        "event_id": f"w-{secrets.token_hex(6)}",
        "is_rep": is_rep and state.is_open,
        "sends": sending(told.decision.verdict.value) if told is not None else "",
        "passing": [_passing(call.deal, c) for c in told.decision.counteroffers] if told is not None else [],
        "amount": _amount,
        "asked": brackets.told(call, session, call.deal) if call.who.may(_ASKED_SEEN) else None,
        "may_read_policy": call.who.may(frozenset({Role.AUDITOR, Role.SALES_OPS})),
    }
    return Screen("answer.html" if call.query.get("part") == "answer" else "deal.html", known)


def sending(verdict: str) -> str:
    """Return what the button says that records an offer as sent: one against its verdict says so."""
    return "Record as sent" if verdict == "proceed" else f"Record as sent, against {verdict}"


def _passing(deal: str, offer: Counteroffer) -> dict[str, Any]:
    """Return a counteroffer with the link that asks about it; none where it waits for them or takes terms back."""
    waits = offer.when is not msgspec.UNSET
    asked = {f"{TERM}{i}": v for i, v in offer.terms.items() if v is not None}
    address = "" if waits or len(asked) < len(offer.terms) else link("deals", deal, **asked)
    return {"offer": offer, "link": address, "when": offer.when if waits else {}}


def _amount(value: int | None, course: Any) -> str:
    """Write minor units of money as a number, for a table whose head names the currency."""
    if value is None:
        return ""
    digits = len(str(course.scale)) - 1
    sign, whole, rest = "-" if value < 0 else "", abs(value) // course.scale, abs(value) % course.scale
    return f"{sign}{whole:,}" + (f".{rest:0{digits}}" if rest else "")


def chart(call: Call, session: Session, wrong: tuple[InputFinding, ...] = ()) -> Screen:
    """Draw the negotiation dance of a deal."""
    call.state(session, call.deal)
    return Screen(data=call.front.chart(session.history(call.deal)), kind="image/svg+xml")


def _shared(call: Call, session: Session) -> Screen:
    """Show what the other side may see of a deal: what they may hear, and never what rests on a limit.

    What is wrong with a value is said without the finding, which may name a number of the policy.
    """
    state = session.state(call.deal)
    terms = changed(call.query, state.ours)
    heard = None
    wrong: dict[str, str] = {}
    if terms:
        try:
            heard = session.answer(call.deal, terms, at=call.at(session, state))
        except InvalidInput as error:
            found, _ = beside(invalid(error.findings, {"terms": terms}).details.findings, "terms")
            issues = session.policy.issues
            wrong = {i: f"we cannot answer this; write it as `{example(issues[i].unit)}`" for i in found if i in issues}
    return Screen(
        "shared.html",
        {
            "state": state,
            "heard": heard,
            "terms": terms,
            "fields": term_fields(session.policy, stated(call.query, TERM), state.ours, state.theirs, wrong),
        },
    )


# What forms do


def opened(call: Call, session: Session, form: Mapping[str, str]) -> Write:
    """Open a deal."""
    deal, event = form.get("deal", "").strip(), form.get("event", "")
    if not deal:
        raise problem("wrong-field", "the deal has no name", "/deal", "write one, as `D-1042`")
    body: dict[str, Any] = {"type": "open", "facts": stated(form, FACT)}
    if party := form.get("party", "").strip():
        body["party"] = party
    return _leading(call, session, deal, event, body, link("deals", deal))


def recorded(call: Call, session: Session, form: Mapping[str, str]) -> Write:
    """Record what was sent, or what the other side did."""
    deal, event, by = call.deal, form.get("event", ""), form.get("by", "us")
    match form.get("what", "offer"):
        case "offer":
            terms = stated(form, TERM)
            body: dict[str, Any] = {"type": "offer", "by": by, "terms": terms}
            if not terms:
                raise problem("wrong-field", "the offer names nothing", "/terms", "fill in what changes")
        case "accept" | "reject" | "withdraw" as what:
            body = {"type": what, "by": by}
        case "close":
            body = {"type": "close", "outcome": form.get("outcome", "")}
        case what:
            raise problem("wrong-field", f"`{what[:20]}` is nothing that can be recorded here", "/what")
    matched = msgspec.structs.replace(call, matches=f'"{form.get("tag", "")}"')
    return _leading(matched, session, deal, event, body, link("deals", deal))


def _leading(call: Call, session: Session, deal: str, event: str, body: dict[str, Any], on: str) -> Write:
    """Return the event, and lead to a page once it is on disk."""
    if not event:
        raise problem("wrong-field", "the form has no number", "/id", "open the page again and send it there")
    sent = msgspec.structs.replace(call, body=msgspec.json.encode(body), params={"deal": deal})
    write = event_of(sent, session, deal, event, body)

    def leads(outcome: Outcome) -> str:
        decided(outcome, body)
        return on

    return Write(deal, write.line, leads)
