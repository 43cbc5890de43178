"""Questions about policies and the log that become jobs: asked for, listed, looked at, cancelled."""

import re
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from walkaway import Session
from walkaway_edge.http.answers import Problem, problem, several
from walkaway_edge.http.call import LIMIT, MOST, Call, answer, pointed
from walkaway_edge.http.desk import Desk
from walkaway_edge.http.identity import Role
from walkaway_edge.http.jobs import Jobs, JobView
from walkaway_edge.http.urls import link

FILE = "policy.yaml"
MOST_FILES = 100
_NAME = re.compile(r"(?!.*(?:^|/)\.)[A-Za-z0-9._-]{1,100}(?:/[A-Za-z0-9._-]{1,100}){0,8}")
OPTIONS: Mapping[str, Mapping[str, type]] = {
    "lint": {"strict": bool},
    "prove": {"only": list},
    "diff": {"mandatory": bool},
    "backtest": {"segment": str},
    "replay": {},
}
"""Kind of job → what may be said of how it is done."""
_HELD = frozenset({"diff", "backtest"})


async def lint(call: Call, jobs: Jobs, desk: Desk) -> Response:
    """Have every mistake of a policy found."""
    return await _begun("lint", call, jobs, desk)


async def prove(call: Call, jobs: Jobs, desk: Desk) -> Response:
    """Have it proved what must be so of every answer of a policy."""
    return await _begun("prove", call, jobs, desk)


async def diff(call: Call, jobs: Jobs, desk: Desk) -> Response:
    """Have it found where the verdict changes from one policy to another."""
    return await _begun("diff", call, jobs, desk)


async def backtest(call: Call, jobs: Jobs, desk: Desk) -> Response:
    """Have the deals of the log decided under another policy."""
    return await _begun("backtest", call, jobs, desk)


async def replay(call: Call, jobs: Jobs, desk: Desk) -> Response:
    """Have everything in the log decided again."""
    return await _begun("replay", call, jobs, desk)


async def _begun(kind: str, call: Call, jobs: Jobs, desk: Desk) -> Response:
    body = call.read((*OPTIONS[kind], *(("files", "sha256") if kind != "replay" else ()), *_against(kind)))
    several(_wrong(body, kind))
    asked: dict[str, Any] = {"options": {name: body[name] for name in OPTIONS[kind] if name in body}}
    if kind != "replay":
        own = body.get("files")
        asked["files"] = await desk.ask(lambda session: own or _files(session, body.get("sha256"), "/sha256"))
        if kind == "diff" or "against" in body:
            asked["against"] = await desk.ask(lambda session: _files(session, body.get("against"), "/against"))
    found = await jobs.add(call.fresh_id(), kind, call.who.sub, asked)
    return answer(found, 202, {"Location": link("v1", "jobs", found.id), **_later(found)})


def _against(kind: str) -> tuple[str, ...]:
    return ("against",) if kind in _HELD else ()


def _wrong(body: Mapping[str, Any], kind: str) -> list[Problem]:
    """Return what is wrong with a question."""
    found = []
    for name in ("sha256", "against"):
        if not isinstance(body.get(name, ""), str):
            found.append(problem("wrong-field", f"`{name}` is the SHA-256 of a policy on record", f"/{name}"))
    for name, kind_of in OPTIONS[kind].items():
        said = body.get(name, kind_of())
        if not isinstance(said, kind_of) or (isinstance(said, list) and not all(isinstance(s, str) for s in said)):
            word = {bool: "true or false", list: "a list of names", str: "text"}[kind_of]
            found.append(problem("wrong-field", f"`{name}` is {word}", f"/{name}"))
    files = body.get("files", {FILE: ""})
    if "files" in body and "sha256" in body:
        found.append(problem("wrong-field", "a policy is given by its `files`, or is on record", "/sha256"))
    if not isinstance(files, dict) or len(files) > MOST_FILES or FILE not in files:
        hint = 'write `{"policy.yaml": "policy: …"}`'
        what = f"`files` is an object of up to {MOST_FILES} texts by their names, `{FILE}` among them"
        return [*found, problem("wrong-field", what, "/files", hint)]
    for name, text in files.items():
        at = pointed("files", name)
        if not _NAME.fullmatch(name):
            hint = "write it as seen from `policy.yaml`, as `tables/floors.csv`"
            found.append(problem("wrong-field", f"`{name[:60]}` is no name of a file below the policy", at, hint))
        elif not isinstance(text, str):
            found.append(problem("wrong-field", f"`{name}` is a text", at))
    return found


def _files(session: Session, sha256: object, at: str) -> dict[str, str]:
    """Return the files of a policy on record, or of the one that deals open under.

    Raises:
        Problem: Where there is none of this hash.
    """
    found = session.policy_files(str(sha256 or session.policy.sha256))
    if not found:
        hint = "`GET /v1/policies` has the one that deals open under; decisions name theirs"
        raise problem("wrong-field", "there is no policy of this SHA-256 on record", at, hint)
    return {name: data.decode() for name, data in found.items()}


async def list_jobs(call: Call, jobs: Jobs, desk: Desk) -> Response:
    """List jobs, the newest first."""
    limit = max(1, call.number("limit", LIMIT, MOST))
    found = jobs.listed(call.number("before", 1 << 62, 1 << 62), limit)
    more = {}
    if len(found) == limit:
        more["Link"] = f'<{link("v1", "jobs", before=str(found[-1][0]), limit=str(limit))}>; rel="next"'
    return answer({"jobs": [job for _, job in found]}, headers=more)


async def show_job(call: Call, jobs: Jobs, desk: Desk) -> Response:
    """Say how far a job is, and what it answered."""
    return _told(jobs.find(call.params["id"]))


async def cancel_job(call: Call, jobs: Jobs, desk: Desk) -> Response:
    """End a job before it is over; an auditor ends their own."""
    found = jobs.find(call.params["id"])
    if found is not None and found.by != call.who.sub and Role.SALES_OPS not in call.who.roles:
        raise problem("not-your-role", "somebody else asked for this job")
    return _told(await jobs.cancel(call.params["id"]))


def _told(found: JobView | None) -> Response:
    if found is None:
        raise problem("absent")
    return answer(found, headers=_later(found))


def _later(found: JobView) -> dict[str, str]:
    return {} if found.is_over else {"Retry-After": "2"}
