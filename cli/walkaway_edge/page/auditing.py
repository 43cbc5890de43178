"""An auditor's pages, and those of whoever writes policies: decisions on record, and the very lines that decided."""

from typing import Any

import msgspec

from walkaway import Session
from walkaway_edge.http import proofs, records
from walkaway_edge.http.answers import InputFinding, Problem, problem
from walkaway_edge.http.call import Call
from walkaway_edge.http.identity import READERS, Role
from walkaway_edge.http.urls import link
from walkaway_edge.page.dealing import SHAPES
from walkaway_edge.page.screens import Screen

FILTERS = ("deal", "rule", "verdict", "actor", "since", "until")


def decisions(call: Call, session: Session, wrong: tuple[InputFinding, ...] = ()) -> Screen:
    """Show the decisions that fit a form's filters."""
    filters = {name: call.query.get(name, "").strip() for name in FILTERS}
    asked = {name: value for name, value in {**filters, "after": call.query.get("after", "")}.items() if value}
    found: list[dict[str, Any]] = []
    last, findings = None, wrong
    try:
        found, last = records.decisions(msgspec.structs.replace(call, query={**asked, "limit": "50"}), session)
    except Problem as error:
        findings = error.details.findings
    more = "" if last is None else link("decisions", **{**asked, "after": str(last)})
    known = {"rows": found, "filters": filters, "more": more, "findings": findings, "shapes": SHAPES}
    return Screen("decisions.html", known)


def decision(call: Call, session: Session, wrong: tuple[InputFinding, ...] = ()) -> Screen:
    """Show one decision: its event, the rules with what each saw and needed, and the policy's lines."""
    found = records.decision(call, session)
    sha256 = found["decision"].get("policy", {}).get("sha256", "")
    files = session.policy_files(sha256) if sha256 else {}
    lines = {r["rule"]: _place(r["source"], sha256, files) for r in found["decision"].get("reasons", ())}
    proof, unproved = _proof(call, session)
    proves = bool(proof or unproved)
    known = {"found": found, "lines": lines, "shapes": SHAPES, "proves": proves, "proof": proof, "unproved": unproved}
    return Screen("decision.html", known)


def _proof(call: Call, session: Session) -> tuple[str, str]:
    """Return the proof that a decision is in the log, or why there is none; neither to whom none is given."""
    if not call.who.may(READERS):
        return "", ""
    try:
        return proofs.proof_of(call, session), ""
    except Problem as wrong:
        finding = wrong.details.findings[0]
        return "", f"{finding.message[:1].upper()}{finding.message[1:]}. {finding.hint[:1].upper()}{finding.hint[1:]}."


def _place(source: str, sha256: str, files: Any) -> dict[str, Any]:
    """Return where a rule stands in the policy as it was: a link, and its lines."""
    name, _, number = source.rpartition(":")
    if name not in files or not number.isdigit():
        return {"link": "", "text": ""}
    text = files[name].decode("utf-8", "replace").splitlines()
    start = int(number) - 1
    end = next((n for n in range(start + 1, min(start + 20, len(text))) if not text[n].strip()), start + 20)
    return {"link": f"{link('policies', sha256, name)}#L{number}", "text": "\n".join(text[start:end])}


def policies(call: Call, session: Session, wrong: tuple[InputFinding, ...] = ()) -> Screen:
    """Show the policy that deals open under, and its rules."""
    policy = session.policy
    return Screen("policies.html", {"policy": policy, "writes": Role.SALES_OPS in call.who.roles})


def file(call: Call, session: Session, wrong: tuple[InputFinding, ...] = ()) -> Screen:
    """Show a file of a policy as it was, line by line."""
    data = session.policy_files(call.params["sha256"]).get(call.params["file"])
    if data is None:
        raise problem("absent")
    lines = data.decode("utf-8", "replace").splitlines()
    return Screen("file.html", {"name": call.params["file"], "sha256": call.params["sha256"], "lines": lines})
