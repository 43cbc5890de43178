"""Work that takes longer than a call may wait: asked for, done one after the other by a process, and looked at later.

A job stands in the file beside the log, so that it is there after a restart: what waited goes on waiting, and what was
being done is done from its start again, once. It reads, and writes nothing but its answer.
"""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from walkaway_edge.files.names import reason
from walkaway_edge.http.answers import problem
from walkaway_edge.http.kept import KeptFile
from walkaway_edge.problems import EdgeProblem

WAITING, RUNNING, DONE, FAILED, CANCELLED = "waiting", "running", "done", "failed", "cancelled"
MOST_WAITING, MOST_OWN = 20, 5
"""So many jobs wait at most, and so many of one person."""
MOST_S = 300
"""So long may a job take, in seconds of processor time; `GRACE` times as long may it last."""
GRACE = 3
LONGEST = 16 << 20
"""So long may an answer be, in bytes."""
KEPT_S = 7 * 24 * 3600
KEPT_BYTES = 1 << 30
"""So long are jobs kept that are over, in seconds, and so many bytes of their answers."""
_TRIES = 2
_BLOCK = 1 << 16
_AGAIN_S = 5.0
_FORGETS_S = 3600.0
_HEAD = "n, id, kind, by, state, made, began, ended"


class JobView(msgspec.Struct, frozen=True, omit_defaults=True):
    """A job as whoever asked for it sees it.

    Attributes:
        state: `waiting`, `running`, `done`, `failed` or `cancelled`.
        made, began, ended: When, RFC 3339; empty for not yet.
        yes: Whether the answer is yes: nothing to mend, everything proved, no answer changed.
        answer: As the command of this name prints it with `--format json`.
        findings: What is wrong with a policy, where it failed for that.
        wrong: What else it failed for.
    """

    id: str
    kind: str
    by: str
    state: str
    made: str
    began: str = ""
    ended: str = ""
    yes: bool | None = None
    answer: Any = None
    findings: tuple[Any, ...] = ()
    wrong: str = ""

    @property
    def is_over(self) -> bool:
        """Return whether nothing more will come of it."""
        return self.state not in (WAITING, RUNNING)


class _JobAnswer(msgspec.Struct, frozen=True):
    yes: bool = False
    answer: msgspec.Raw = msgspec.Raw(b"null")
    findings: tuple[msgspec.Raw, ...] = ()
    wrong: str = ""


class Jobs:
    """The jobs of one server. It is used inside of one event loop.

    Args:
        program: Does one job: it gets the question on stdin, and its answer leaves over stdout.
        store: The log that jobs ask about.
        seconds: Tells the time, in seconds since 1970.
    """

    def __init__(self, file: KeptFile, program: Sequence[str], store: str, seconds: Callable[[], float]) -> None:
        self.file, self.program, self.store, self.seconds = file, tuple(program), store, seconds
        self.more = asyncio.Event()
        self.at = self.left = ""
        self.adding = asyncio.Lock()
        self.process: asyncio.subprocess.Process | None = None
        self.stopped: set[str] = set()

    async def add(self, of: str, kind: str, by: str, question: Mapping[str, Any]) -> JobView:
        """Have a job done; one of the same id is the same one.

        Raises:
            Problem: Where too many wait already.
        """
        async with self.adding:  # those that come at once are counted one after the other
            if (there := self.find(of)) is not None:
                return there
            self._has_room(by)
            now = int(self.seconds())
            sql = "INSERT OR IGNORE INTO jobs (id, kind, by, state, made, question) VALUES (?, ?, ?, ?, ?, ?)"
            await self._forget()
            await self.file.write(sql, of, kind, by, WAITING, now, msgspec.json.encode(question))
        self.more.set()
        found = self.find(of)
        assert found is not None, "it was written"
        return found

    def _has_room(self, by: str) -> None:
        waiting = [by_whom for (by_whom,) in self.file.rows("SELECT by FROM jobs WHERE state = ?", WAITING)]
        if len(waiting) >= MOST_WAITING or waiting.count(by) >= MOST_OWN:
            whose = "yours" if waiting.count(by) >= MOST_OWN else "all"
            what = f"{waiting.count(by) if whose == 'yours' else len(waiting)} jobs wait already, {whose} counted"
            raise problem("too-many-jobs", what, headers={"Retry-After": "60"})

    def find(self, of: str) -> JobView | None:
        """Return a job with its answer; none where there is none."""
        for *head, outcome in self.file.rows(f"SELECT {_HEAD}, outcome FROM jobs WHERE id = ?", of):
            said = msgspec.json.decode(outcome, type=_JobAnswer) if outcome else _JobAnswer()
            view = _view(head)
            if view.state == DONE:
                return msgspec.structs.replace(view, yes=said.yes, answer=said.answer)
            return msgspec.structs.replace(view, findings=said.findings, wrong=said.wrong)
        return None

    def listed(self, before: int, limit: int) -> list[tuple[int, JobView]]:
        """Return jobs without their answers, each with its place, the newest first."""
        sql = f"SELECT {_HEAD} FROM jobs WHERE n < ? ORDER BY n DESC LIMIT ?"
        return [(head[0], _view(head)) for head in self.file.rows(sql, before, limit)]

    async def cancel(self, of: str) -> JobView | None:
        """End a job that is not over; none where there is none.

        Raises:
            Problem: Where it is over.
        """
        found = self.find(of)
        if found is not None and found.is_over:
            raise problem("job-over", f"it is {found.state}")
        if found is not None:
            if self.at == of:
                self.stopped.add(of)
                self._kill()
            await self._ended(of, CANCELLED, b"")
        return self.find(of)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Do what waits until the block ends; what is being done then is done anew by the next server."""
        gone = b'{"wrong": "the server ended while it was done, twice"}'
        await self.file.write(
            "UPDATE jobs SET state = ?, outcome = ?, ended = ?, question = x'' WHERE state = ? AND tries >= ?",
            FAILED, gone, int(self.seconds()), RUNNING, _TRIES,
        )  # fmt: skip
        await self.file.write("UPDATE jobs SET state = ? WHERE state = ?", WAITING, RUNNING)
        await self._forget()
        task = asyncio.create_task(self._work())
        try:
            yield
        finally:
            task.cancel()
            self._kill()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _work(self) -> None:
        while True:
            try:
                await self._next()
            except (EdgeProblem, OSError):  # the file cannot be used now: what waits or is done is done later
                await asyncio.sleep(_AGAIN_S)

    async def _forget(self) -> None:
        now = int(self.seconds())
        await self.file.forget(now, now - KEPT_S, KEPT_BYTES)

    async def _next(self) -> None:
        """Do the job that has waited longest; where none does, wait for one."""
        sql = "SELECT id, kind, question FROM jobs WHERE state = ? OR (state = ? AND id = ?) ORDER BY n LIMIT 1"
        found = self.file.rows(sql, WAITING, RUNNING, self.left)  # of the last one the end may not be written
        if not found:
            self.more.clear()
            try:
                async with asyncio.timeout(_FORGETS_S):
                    await self.more.wait()
            except TimeoutError:
                await self._forget()
            return
        self.at, kind, question = found[0]
        self.left = self.at
        try:
            await self.file.write(
                "UPDATE jobs SET state = ?, began = ?, tries = tries + 1 WHERE id = ? AND state IN (?, ?)",
                RUNNING, int(self.seconds()), self.at, WAITING, RUNNING,
            )  # fmt: skip
            outcome = b"{}" if self.at in self.stopped else await self._done(kind, question)
            if self.at not in self.stopped:
                said = msgspec.json.decode(outcome, type=_JobAnswer)
                await self._ended(self.at, FAILED if said.wrong or said.findings else DONE, outcome)
        finally:
            self.stopped.discard(self.at)
            self.at = ""

    async def _ended(self, of: str, state: str, outcome: bytes) -> None:
        sql = "UPDATE jobs SET state = ?, outcome = ?, ended = ?, question = x'' WHERE id = ? AND state IN (?, ?)"
        await self.file.write(sql, state, outcome, int(self.seconds()), of, WAITING, RUNNING)

    async def _done(self, kind: str, question: bytes) -> bytes:
        """Have a process do a job, and return what it answers, or why it does not."""
        asked = {**msgspec.json.decode(question), "kind": kind, "store": self.store, "seconds": MOST_S}
        asked["server"] = os.getpid()
        try:
            self.process = await asyncio.create_subprocess_exec(
                *self.program,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as problem:
            return _wrong(f"no process can be started for it: {reason(problem)}")
        if self.at in self.stopped:
            self._kill()
        try:
            async with asyncio.timeout(MOST_S * GRACE):
                data = await self._answer(self.process, msgspec.json.encode(asked))
        except TimeoutError:
            return _wrong(f"it took longer than {MOST_S * GRACE} s")
        finally:
            self._kill()
            status = await self.process.wait()
            self.process = None
        if len(data) > LONGEST:
            return _wrong(f"its answer is longer than {LONGEST >> 20} MiB")
        try:
            msgspec.json.decode(data, type=_JobAnswer)
        except msgspec.DecodeError:
            late, killed = f"it took more than {MOST_S} s of processor time", "it was killed, as where memory is short"
            said = {-signal.SIGXCPU: late, -signal.SIGKILL: killed}
            return _wrong(said.get(status, "it gave no answer"))
        return data

    async def _answer(self, process: asyncio.subprocess.Process, asked: bytes) -> bytes:
        assert process.stdin is not None, "they are pipes"
        assert process.stdout is not None, "they are pipes"
        with contextlib.suppress(ConnectionError):
            process.stdin.write(asked)
            await process.stdin.drain()
        process.stdin.close()
        parts: list[bytes] = []
        size = 0
        while size <= LONGEST and (part := await process.stdout.read(_BLOCK)):
            parts.append(part)
            size += len(part)
        return b"".join(parts)

    def _kill(self) -> None:
        if self.process is not None and self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)


def _wrong(what: str) -> bytes:
    return msgspec.json.encode({"wrong": what})


def _view(head: Sequence[Any]) -> JobView:
    _, of, kind, by, state, *times = head
    made, began, ended = (_instant(each) if each else "" for each in times)
    return JobView(of, kind, by, state, made, began, ended)


def _instant(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
