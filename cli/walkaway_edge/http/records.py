"""What was decided, and under which policy: for auditors and for those who write policies, and reps' own deals."""

from typing import Any

from starlette.responses import Response

from walkaway import Session
from walkaway.language import instant_of
from walkaway_edge.http.answers import digested, problem
from walkaway_edge.http.call import LIMIT, MOST, Call, answer
from walkaway_edge.http.identity import Role
from walkaway_edge.http.urls import link

EVERYTHING = frozenset({Role.AUDITOR, Role.SALES_OPS})
_PAGES = 20
"""So many times `MOST` decisions are looked through at once, for somebody who may see few of them; the link goes on."""
ASKED = ("deal", "rule", "verdict", "actor", "since", "until", "after", "limit")


def list_decisions(call: Call, session: Session) -> Response:
    """Search the decisions on record."""
    found, last = decisions(call, session)
    more = {}
    if last is not None:
        asked = {**call.query, "after": str(last)}
        more["Link"] = f'<{link("v1", "decisions", **asked)}>; rel="next"'
    return answer({"decisions": found}, headers=more)


def decisions(call: Call, session: Session) -> tuple[list[dict[str, Any]], int | None]:
    """Return the decisions that fit the query, and the number of the last where more may follow.

    Raises:
        Problem: Where the query is not understood.
    """
    limit = max(1, call.number("limit", LIMIT, MOST))
    after = call.number("after", 1 << 62, 1 << 62) if "after" in call.query else -1
    asked: dict[str, Any] = {k: call.query[k] for k in ("deal", "rule", "verdict", "actor") if call.query.get(k)}
    for name in ("since", "until"):
        if text := call.query.get(name):
            asked[name] = _instant(name, text)
    found: list[dict[str, Any]] = []
    step = limit if call.who.may(EVERYTHING) else MOST
    for _ in range(_PAGES):
        page = session.decisions(after=after, limit=step, **asked)
        for view in page:
            if call.sees(view.head.deal, session):
                found.append(shown(call.who.may(EVERYTHING), view))
            after = view.n
            if len(found) == limit:
                return found, after
        if len(page) < step:
            return found, None
    return found, after


def show_decision(call: Call, session: Session) -> Response:
    """Show one decision on record, with its event."""
    return answer(decision(call, session))


def decision(call: Call, session: Session) -> dict[str, Any]:
    """Return the decision that the address names.

    Raises:
        Problem: Where there is none, or it is no business of whoever asks.
    """
    text = call.params["n"]
    if text.isascii() and text.isdigit() and len(text) < 16:
        for view in session.decisions(after=int(text) - 1, limit=1):
            if view.n == int(text) and call.sees(view.head.deal, session):
                return shown(call.who.may(EVERYTHING), view)
    raise problem("absent")


def shown(everything: bool, view: Any) -> dict[str, Any]:
    """Return a decision as it is on record; its hashes are for those who see every deal."""
    decision = dict(view.decision)
    if not everything:
        decision.pop("position", None)
        decision["policy"] = {k: v for k, v in decision.get("policy", {}).items() if k != "sha256"}
    return {"n": view.n, "release": view.release, "event": view.event, "decision": decision}


def _instant(name: str, text: str) -> int:
    found = instant_of(text if "T" in text.upper() else f"{text}T00:00:00Z")
    if found is None:
        raise problem("bad-query", f"`{name}` is no instant", hint=f"write `{name}=2026-10-01T00:00:00Z`")
    return found


def list_policies(call: Call, session: Session) -> Response:
    """Say which policy deals open under."""
    return answer({"policies": [_policy(session)]})


def _policy(session: Session) -> dict[str, Any]:
    policy = session.policy
    files = {name: link("v1", "policies", policy.sha256, "files", name) for name in sorted(policy.files)}
    return {"name": policy.name, "version": policy.version, "sha256": policy.sha256, "files": files}


def show_policy(call: Call, session: Session) -> Response:
    """Say which files a policy of the server, or of the log, has."""
    sha256 = call.params["sha256"]
    found = session.policy_files(sha256)
    if not found:
        raise problem("absent")
    files = {name: link("v1", "policies", sha256, "files", name) for name in sorted(found)}
    return answer({"sha256": sha256, "files": files}, headers=_for_good(sha256))


def _for_good(sha256: str) -> dict[str, str]:
    return {"Cache-Control": "private, max-age=31536000, immutable", "ETag": f'"{sha256}"'}


def show_file(call: Call, session: Session) -> Response:
    """Return a file of a policy as it was: it never changes, so it may be kept."""
    data = session.policy_files(call.params["sha256"]).get(call.params["file"])
    if data is None:
        raise problem("absent")
    kept = _for_good(call.params["sha256"])
    return Response(data, 200, kept | digested(data), "text/plain; charset=utf-8")
