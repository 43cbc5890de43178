"""An approver's page: what waits, for which terms and why, and the answer to it; and a rep's asking for it."""

from collections.abc import Mapping
from typing import Any

from walkaway import Session
from walkaway_edge.http import approvals as api
from walkaway_edge.http.answers import InputFinding, problem
from walkaway_edge.http.call import Call
from walkaway_edge.http.desk import Outcome, Write
from walkaway_edge.http.identity import Role
from walkaway_edge.http.requests import ApprovalRequest
from walkaway_edge.http.urls import link
from walkaway_edge.page.dealing import SHAPES
from walkaway_edge.page.forms import TERM, stated, term_fields
from walkaway_edge.page.screens import Screen


def approvals(call: Call, session: Session, wrong: tuple[InputFinding, ...] = ()) -> Screen:
    """Show what waits for whoever looks, the oldest first, then what was answered."""
    typed = stated(call.query, TERM) if call.query.get("again") else {}
    at = call.params.get("id", "")
    rows: list[dict[str, Any]] = []
    for wanted in api.queue(call, session, every=True):
        mine = wanted.id == at
        shown = typed if mine and typed else wanted.package
        fields = [f for f in term_fields(session.policy, shown) if f.name.removeprefix(TERM) in shown]
        rows.append({"wanted": wanted, "fields": fields, "findings": wrong if mine else ()})
    return Screen(
        "approvals.html",
        {
            "waiting": [r for r in rows if r["wanted"].state == "open"],
            "answered": [r for r in rows if r["wanted"].state != "open"],
            "may_answer": Role.APPROVER in call.who.roles,
            "reason": call.query.get("reason", ""),
            "until": call.query.get("until", ""),
            "at": at,
            "shapes": SHAPES,
        },
    )


def requested(call: Call, session: Session, form: Mapping[str, str]) -> str | Write:
    """Ask for an approval."""
    terms, note = stated(form, TERM), form.get("note", "").strip()

    def leads(asked: ApprovalRequest, _: bool) -> str:
        return f"{link('approvals')}#{asked.id}"

    return api.asked_for(call, session, call.deal, terms, note, {"terms": terms}, leads)


def answered(call: Call, session: Session, form: Mapping[str, str]) -> str | Write:
    """Approve, decline or counter."""
    asked = api.named(call, session)
    body: dict[str, Any] = {"answer": form.get("answer", "")}
    if reason := form.get("reason", "").strip():
        body["reason"] = reason
    if body["answer"] != "decline":
        body["terms"] = stated(form, TERM)
    if (until := form.get("until", "").strip()) and body["answer"] == "approve":
        body["until"] = until if "T" in until.upper() else f"{until}T23:59:59Z"
    if body["answer"] == "approve" and not body["terms"]:
        raise problem("wrong-field", "nothing is approved", "/terms", "say up to which terms")
    found = api.answered(call, session, asked, body)
    if not isinstance(found, Write):
        return f"{link('approvals')}#{asked.id}"

    def leads(outcome: Outcome) -> str:
        found.answer(outcome)
        return f"{link('approvals')}#{asked.id}"

    return Write(found.deal, found.line, leads)
