"""The pages of the other side: their deals, where each stands, and whether terms can be agreed. Sayable by type.

They are put together from what a customer may be told and nothing else: no page of a rep's is cut down here. An ask is
counted, so that a page is never asked by being looked at: only the form's button asks.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.responses import Response

from walkaway import InvalidInput, Session
from walkaway.language import example
from walkaway_edge.http import sayable
from walkaway_edge.http.answers import InputFinding, problem
from walkaway_edge.http.call import Call
from walkaway_edge.http.desk import Outcome, Write
from walkaway_edge.page.called import calling
from walkaway_edge.page.dealing import PAGE
from walkaway_edge.page.forms import TERM, beside, changed, stated, term_fields
from walkaway_edge.page.screens import Screen


def talks(call: Call, session: Session, wrong: tuple[InputFinding, ...] = ()) -> Screen:
    """Show the deals that they were given, and whose turn it is in each."""
    after = call.query.get("after", "")
    seen = [d for d in session.deals() if d > after and call.sees(d)]
    rows = []
    for deal in seen[:PAGE]:
        try:
            rows.append((deal, sayable.turn_of(session.state(deal), session.disclosure(deal))))
        except InvalidInput:
            rows.append((deal, "human"))
    return Screen("talks.html", {"rows": rows, "next": seen[PAGE - 1] if len(seen) > PAGE else ""})


def talk(call: Call, session: Session, wrong: tuple[InputFinding, ...] = ()) -> Screen:
    """Show where a deal stands, with a form that asks; what a link names stands in it, and is not asked."""
    return _screen(call, session, call.query, None, wrong)


def asked(call: Call, session: Session, form: Mapping[str, str]) -> Screen | Write:
    """Answer whether terms can be agreed; it is counted, and on record before it is told."""
    state = call.state(session, call.deal)
    terms = None if form.get("act") == "accept" else changed(form, state.ours)
    if terms is not None and not terms:
        raise problem("wrong-field", "nothing is asked about", "/terms", "change a term first")
    found = sayable.asked(call, session, call.deal, terms)
    if isinstance(found, Response):
        return _screen(call, session, form, found)

    def told(outcome: Outcome) -> Screen:
        return _screen(call, session, form, found.answer(outcome))

    return msgspec.structs.replace(found, answer=told)


def _screen(
    call: Call,
    session: Session,
    form: Mapping[str, str],
    told: Response | None,
    wrong: tuple[InputFinding, ...] = (),
) -> Screen:
    deal = msgspec.json.decode(bytes(sayable.show(call, session).body))
    words = msgspec.json.decode(bytes(sayable.words(call, session).body))
    answer: dict[str, Any] | None = None if told is None else msgspec.json.decode(bytes(told.body))
    typed, issues = stated(form, TERM), session.policy.issues
    unread, others = beside(wrong, "terms")
    hints = {i: f"this cannot be read; write it as `{example(issues[i].unit)}`" for i in unread if i in issues}
    proposals: tuple[Mapping[str, str], ...] = ()
    if answer is not None and answer.get("next") == "change" and form.get("act") != "accept":
        state = call.state(session, call.deal)
        proposals = session.proposals(call.deal, changed(form, state.ours), at=call.at(session, state))
    known = {
        "deal": deal,
        "words": words["say"],
        "answer": answer,
        "accepts": form.get("act") == "accept",
        "asked": {i: typed[i] for i in issues if typed.get(i, deal["ours"].get(i)) != deal["ours"].get(i)},
        "proposals": [(p, {f"{TERM}{i}": v for i, v in p.items()}) for p in proposals],
        "rows": [(i, deal["ours"].get(i, ""), deal["theirs"].get(i, ""), i in deal["settled"]) for i in issues],
        "fields": term_fields(session.policy, {**deal["ours"], **typed}, wrong=hints),
        "is_wrong": bool(wrong),
        "findings": [f for f in others if not f.pointer.startswith("/terms/")],
        "may_ask": deal["turn"] in ("ours", "wait"),
    }
    return calling(Screen("talk.html", known), session.policy)
