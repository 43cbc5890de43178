"""Sales operations try a draft of the policy: its findings, its cases, where it answers otherwise, and what is proved.

Nothing of a draft decides anything. Each question about it is a job, done by a process of its own.
"""

import asyncio
import contextlib
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from walkaway import StoreProblem
from walkaway_edge.http.answers import Problem, problem
from walkaway_edge.http.call import Front
from walkaway_edge.http.desk import Desk
from walkaway_edge.http.drafts import Drafts, PolicyDraft
from walkaway_edge.http.identity import READERS, Identity, Role
from walkaway_edge.http.jobs import JobView
from walkaway_edge.http.serving import Endpoint
from walkaway_edge.http.urls import link
from walkaway_edge.page.dealing import SHAPES
from walkaway_edge.page.screens import Screen
from walkaway_edge.problems import EdgeProblem
from walkaway_edge.workers.protocol import source_of

CASES = "cases.yaml"
"""The file of a policy's own cases, which stands beside it and is no part of it."""
_FILE = "file."
_WRITES = frozenset({Role.SALES_OPS})


class PageFrame(Protocol):
    """What pages have of the server that they are pages of."""

    desk: Desk
    front: Front

    def visitor(self, request: Request) -> tuple[Identity, str] | None: ...

    def count(self, request: Request, who: Identity) -> None: ...

    async def trusted(self, request: Request) -> tuple[dict[str, str], str]: ...

    def page(self, request: Request, screen: Screen, status: int = 200, cookie: str = "") -> Response: ...

    def wrong(self, request: Request, wrong: Problem, cookie: str) -> Response: ...


class Drafting:
    """The pages of drafts."""

    def __init__(self, frame: PageFrame) -> None:
        self.frame, self.front = frame, frame.front
        self.drafts = Drafts(frame.front.kept, lambda: frame.front.clock().timestamp())

    def addresses(self) -> dict[tuple[str, ...], Endpoint]:
        """Return every address of theirs."""
        show, act = partial(self.answer, READERS), partial(self.answer, _WRITES)
        found = {
            "policies/draft": {"GET": partial(act, self.write)},
            "policies/drafts": {"POST": partial(act, self.begin)},
            "policies/drafts/{id}": {"GET": partial(show, self.show)},
            "policies/drafts/{id}/prove": {"POST": partial(act, self.prove)},
        }
        return {tuple(path.split("/")): Endpoint(f"/{path}", of) for path, of in found.items()}

    async def answer(self, roles: frozenset[Role], do: Any, request: Request, params: dict[str, str]) -> Response:
        """Do what a page or a form is for, for whoever may."""
        found = self.frame.visitor(request)
        if found is None:
            return RedirectResponse("/login", 303)
        who, cookie = found
        try:
            form = (await self.frame.trusted(request))[0] if request.method == "POST" else {}
            self.frame.count(request, who)
            if not who.may(roles):
                raise problem("not-your-role")
            done: str | Screen = await do(who, params, form, request.query_params.get("from", ""))
        except Problem as wrong:
            return self.frame.wrong(request, wrong, cookie)
        except (StoreProblem, EdgeProblem):
            return self.frame.wrong(request, problem("busy", headers={"Retry-After": "1"}), cookie)
        if isinstance(done, str):
            return RedirectResponse(done, 303)
        return self.frame.page(request, done, cookie=cookie)

    async def write(self, who: Identity, params: Mapping[str, str], form: Mapping[str, str], begun: str) -> Screen:
        """Show the fields of a draft: the policy as it is served, or as a draft before has it."""
        sha256, files = await self.served()
        before = self.drafts.find(begun) if begun else None
        latest = [(each, _day(each.made)) for each in self.drafts.latest()]
        shown = files if before is None else {name: before.files.get(name, "") for name in files}
        return Screen("draft.html", {"files": shown, "prefix": _FILE, "latest": latest, "base": sha256})

    async def begin(self, who: Identity, params: Mapping[str, str], form: Mapping[str, str], _: str) -> str:
        """Keep a draft, and ask about it."""
        sha256, served = await self.served()
        typed = {k.removeprefix(_FILE): v.replace("\r\n", "\n") for k, v in form.items() if k.startswith(_FILE)}
        if set(typed) != set(served):
            what = "a draft has the files of the policy that is served"
            raise problem("wrong-field", what, hint="open the page again")
        of = secrets.token_hex(12)
        rates = await self.rates()
        policy, old = (rates | _without_cases(each) for each in (typed, served))
        asked: dict[str, dict[str, Any]] = {"lint": {"files": policy}, "diff": {"files": policy, "against": old}}
        if CASES in typed:
            asked["cases"] = {"files": policy, "options": {"cases": typed[CASES]}}
        await self.drafts.add(of, who.sub, sha256, typed)
        for kind, question in asked.items():
            await self.ask(of, kind, who, question)
        return link("policies", "drafts", of)

    async def prove(self, who: Identity, params: Mapping[str, str], form: Mapping[str, str], _: str) -> str:
        """Have it proved what must be so of a draft's every answer."""
        draft = self.draft(params["id"])
        rates = await self.rates()
        await self.ask(draft.id, "prove", who, {"files": rates | _without_cases(draft.files)})
        return link("policies", "drafts", draft.id)

    async def show(self, who: Identity, params: Mapping[str, str], form: Mapping[str, str], _: str) -> Screen:
        """Show what is known of a draft by now."""
        draft = self.draft(params["id"])
        sha256, _files = await self.served()
        found = {kind: self.job(draft.id, kind) for kind in ("lint", "cases", "diff", "prove")}
        known: dict[str, Any] = {
            "draft": draft,
            "day": _day(draft.made),
            "is_old": draft.base != sha256,
            "jobs": found,
            "waits": any(job is not None and not job.is_over for job in found.values()),
            "findings": [_placed(each, draft) for each in _answer(found["lint"]) or ()],
            "cases": _answer(found["cases"]) or (),
            "proofs": _answer(found["prove"]) or (),
            "diff": _answer(found["diff"]) or {},
            "shapes": SHAPES,
            "writes": who.may(_WRITES),
        }
        return Screen("draft_result.html", known)

    async def served(self) -> tuple[str, dict[str, str]]:
        """Return the hash of the policy that is served, and its files with its cases."""

        def files(session: Any) -> tuple[str, dict[str, str]]:
            policy = session.policy
            return policy.sha256, {name: data.decode("utf-8", "replace") for name, data in policy.files.items()}

        sha256, found = await self.frame.desk.ask(files)
        return sha256, found | ({CASES: self.front.cases} if self.front.cases else {})

    async def rates(self) -> dict[str, str]:
        """Return the file of published rates by its name: it grows by itself, and nobody drafts it."""

        def called(session: Any) -> tuple[str, str]:
            exchange = session.policy.exchange
            return "" if exchange is None else exchange.file, source_of(session.policy, "").rates

        def read(path: Path) -> str | None:
            with contextlib.suppress(OSError):  # a draft without them is told what it lacks
                return path.read_text("utf-8", "replace")
            return None

        name, path = await self.frame.desk.ask(called)
        data = await asyncio.to_thread(read, Path(path)) if name and path else None
        return {} if data is None else {name: data}

    async def ask(self, of: str, kind: str, who: Identity, question: Mapping[str, Any]) -> None:
        """Have a question about a draft answered as a job.

        Raises:
            Problem: Where too many wait.
        """
        if self.front.jobs is None:
            raise problem("absent")
        await self.front.jobs.add(f"{of}-{kind}", kind, who.sub, question)

    def job(self, of: str, kind: str) -> JobView | None:
        """Return what came of a question; none where nobody asked."""
        return None if self.front.jobs is None else self.front.jobs.find(f"{of}-{kind}")

    def draft(self, of: str) -> PolicyDraft:
        """Return a draft.

        Raises:
            Problem: Where there is none.
        """
        found = self.drafts.find(of)
        if found is None:
            raise problem("absent")
        return found


def _without_cases(files: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in files.items() if name != CASES}


def _answer(job: JobView | None) -> Any:
    """Return what a job answered; nothing where it did not."""
    return None if job is None or job.answer is None else msgspec.json.decode(job.answer)


def _placed(finding: Mapping[str, Any], draft: PolicyDraft) -> dict[str, Any]:
    """Return a finding with its line of the draft, and a caret below it."""
    lines = draft.files.get(str(finding.get("file", "")), "").splitlines()
    number, column, length = (int(finding.get(name) or 0) for name in ("line", "column", "length"))
    text = lines[number - 1] if 0 < number <= len(lines) else ""
    caret = " " * max(0, column - 1) + "^" * max(1, min(length, len(text) - column + 1)) if text else ""
    return {**finding, "text": text, "caret": caret}


def _day(made: int) -> str:
    return datetime.fromtimestamp(made, UTC).strftime("%Y-%m-%d %H:%M UTC")
