"""Requests for access (the draft profile of July 2026): a no that an approval would turn is asked for, and followed.

The queue of approvals is the one that people see. A no names itself by a keyed hash over what was asked and until when
it may be asked for, so that nothing has to be kept of it; a restart ends it, and the question is asked again.
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import msgspec
from starlette.responses import Response

from walkaway import Session
from walkaway.language import datetime_of, instant_of
from walkaway_edge.authzen.messages import EvaluationRequest, single
from walkaway_edge.http import approvals
from walkaway_edge.http.answers import Problem, problem
from walkaway_edge.http.call import SKEW_S, Call, Front, answer, texts
from walkaway_edge.http.desk import Write
from walkaway_edge.http.identity import Role, folded
from walkaway_edge.http.requests import ApprovalRequest

PATH = "requests"
WAITS_S = 600
"""So long after a no it may be asked for, in seconds."""
LASTS = timedelta(hours=24)
"""So long an approval that states no end is said to hold; it is asked about again behind it."""
REASON = "approval_required"
_URN = "urn:openid:authzen:access-request:error:"
_ASKS = frozenset({Role.REP, Role.FEED})
_NOTE = "business_justification"


def offered(front: Front, asked: EvaluationRequest) -> dict[str, Any]:
    """Return what is said of a no that an approval would turn: by what name, where and until when it is asked for."""
    until = _text(front.clock() + timedelta(seconds=WAITS_S))
    where = {"endpoint": f"{front.url}/access/v1/{PATH}", "expires_at": until}
    return {"reason": REASON, "evaluation_id": _named(front, asked, until), "access_request": where}


def _named(front: Front, asked: EvaluationRequest, until: str) -> str:
    said = [msgspec.to_builtins(each) for each in (asked.subject, asked.action, asked.resource)]
    data = msgspec.json.encode([*said, until], order="sorted")
    return f"eval-{hmac.new(front.key, data, hashlib.sha256).hexdigest()[:32]}"


def requested(call: Call, session: Session) -> Response | Write:
    """Have an approval asked for, as a no says; the answer is its task.

    Raises:
        Problem: Where it is no such no, or too late.
    """
    asked = single(call.body)
    body = call.object()
    denial = body.get("denial")
    if not isinstance(denial, dict) or not all(isinstance(denial.get(k), str) for k in ("evaluation_id", "expires_at")):
        raise _problem("invalid-denial", "`denial` says the `evaluation_id` and `expires_at` of the no", "/denial")
    name = _named(call.front, asked, denial["expires_at"])
    if not hmac.compare_digest(name.encode(), denial["evaluation_id"].encode("utf-8", "surrogatepass")):
        raise _problem("invalid-denial", "no such answer was given to this question", "/denial/evaluation_id")
    until, now = instant_of(denial["expires_at"]), int(call.front.clock().timestamp() * 1_000_000)
    if until is None or now > until + SKEW_S * 1_000_000:
        raise _problem("denial-expired", "it could be asked for until then", "/denial/expires_at")
    actor = folded(asked.subject.id)
    if not call.who.may(_ASKS) or actor not in (call.who.sub, *call.who.behalf):
        raise problem("not-your-role", "this token does not ask for that subject", "/subject/id")
    note = asked.context.get(_NOTE, "")
    if not isinstance(note, str) or len(note) > 2000:
        raise problem("wrong-field", f"`{_NOTE}` is a text of up to 2,000 characters", f"/context/{_NOTE}")
    terms = texts(asked.resource.properties, "terms")

    def told(found: ApprovalRequest, is_new: bool) -> Response:
        return _task(call, session, found, 202)

    try:
        return approvals.asked_for(call, session, asked.resource.id, terms, note, body, told, actor)
    except Problem as wrong:
        if wrong.details.findings[0].code == "nothing-to-approve":
            raise _problem("not-requestable", wrong.details.findings[0].message) from wrong
        raise


def followed(call: Call, session: Session) -> Response:
    """Say how far a request is.

    Raises:
        Problem: Where there is none, or it is no business of whoever asks.
    """
    found = call.front.requests.find(session, call.params["id"])
    if found is None or not call.sees(found.deal, session):
        raise _problem("unknown-task")
    return _task(call, session, found, 200)


def _task(call: Call, session: Session, found: ApprovalRequest, status: int) -> Response:
    where = f"{call.front.url}/access/v1/{PATH}/{found.id}"
    wanted = approvals.seen(call, session, found)
    task: dict[str, Any] = {"id": found.id, "status": "pending", "status_endpoint": where}
    said: dict[str, Any] = {"task": task}
    if wanted.state == "open":
        return answer(said, status, {"Location": where, "Retry-After": "5"})
    given = None if wanted.state == "declined" else _approval(call, session, found)
    state = call.existing(session, found.deal)
    is_over = state is None or not state.is_open
    if given is not None:
        task["status"] = "approved"
        said["result"] = {"mode": "reevaluate", "approval": given}
    else:
        task["status"] = "denied" if wanted.state == "declined" else "expired" if is_over else "cancelled"
    return answer(said, status, {"Location": where})


def _approval(call: Call, session: Session, found: ApprovalRequest) -> Mapping[str, str] | None:
    """Return the latest approval in a deal since it was asked for; none where nobody gave one."""
    place = call.front.requests.places[found.id]
    given = session.decisions(deal=found.deal, types=("approve",), after=place.n, limit=1000)
    if not given:
        return None
    event = given[-1].event
    at = str(event["at"])
    until = str(event.get("until") or _text(datetime_of(at) + LASTS))
    name = hashlib.sha256(msgspec.json.encode([found.deal, event["id"]])).hexdigest()[:32]
    return {"id": f"approval-{name}", "approved_at": at, "approved_until": until}


def _problem(code: str, message: str = "", pointer: str = "") -> Problem:
    """Return one of the profile's problems, by its own name."""
    found = problem(code, message, pointer)
    return Problem(msgspec.structs.replace(found.details, type=_URN + NAMES[code]), found.headers)


NAMES = {
    "not-requestable": "not_requestable",
    "denial-expired": "expired_denial",
    "invalid-denial": "invalid_denial_binding",
    "key-reused": "duplicate_request",
    "unknown-task": "unknown_task",
}
"""Code → the profile's name of it."""


def duplicate() -> Problem:
    """Return that something else was asked by the same key, as the profile says it."""
    found = _problem("key-reused")
    return Problem(msgspec.structs.replace(found.details, status=409), found.headers)


def _text(at: Any) -> str:
    return str(at.isoformat(timespec="seconds").replace("+00:00", "Z"))
