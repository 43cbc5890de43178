"""The thread that owns the session: it answers one after the other, and commits together what came together.

An event is answered when it is on disk. What is asked meanwhile waits for at most `TOGETHER` events and one commit, so
that the server's loop, which only reads and writes bytes, never stands still.
"""

import asyncio
import contextlib
import queue
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import msgspec

from walkaway import DeadLetter, Decision, Session

T = TypeVar("T")
Outcome = Decision | DeadLetter
TOGETHER = 128


class Write(msgspec.Struct, frozen=True):
    """An event that is to be decided and kept.

    Attributes:
        deal: Its deal; of two events of one deal the second is prepared once the first is on disk.
        line: The event, as JSON.
        answer: Says what is told of its decision.
        group: By what it is counted, where it is an ask: it is prepared beside asks of other groups alone, so that none
            of one group is answered before those that came first are on disk. Empty where it is none.
    """

    deal: str
    line: bytes
    answer: Callable[[Outcome], Any]
    group: str = ""


class _Job(msgspec.Struct):
    loop: asyncio.AbstractEventLoop
    future: "asyncio.Future[Any]"
    ask: Callable[[Session], Any]
    deal: str
    alone: bool
    looks: bool


class Desk:
    """Owns a session.

    Args:
        opened: Opens it, on the thread of the desk.
        decided: Is told what came of events that were to be recorded, on that thread.

    Attributes:
        recorded: Is called on that thread when something is on disk.
    """

    def __init__(
        self, opened: Callable[[], Session], decided: Callable[[Sequence[Outcome]], None] = lambda _: None
    ) -> None:
        self.opened, self.decided = opened, decided
        self.recorded: Callable[[], None] = lambda: None
        self.jobs: queue.SimpleQueue[list[_Job] | None] = queue.SimpleQueue()
        self.asked: dict[asyncio.AbstractEventLoop, list[_Job]] = {}
        self.thread = threading.Thread(target=self._work, name="desk", daemon=True)
        self.is_ready = threading.Event()
        self.problem: BaseException | None = None
        self.told: list[tuple[_Job, Any, BaseException | None]] = []
        self.look: contextlib.AbstractContextManager[None] | None = None

    def start(self) -> None:
        """Open the session.

        Raises:
            InvalidInput, StoreProblem, ValueError: As opening it does.
        """
        self.thread.start()
        self.is_ready.wait()
        if self.problem is not None:
            raise self.problem

    def stop(self) -> None:
        """Answer what was asked, then close the session."""
        for loop in list(self.asked):
            self._ring(loop)
        self.jobs.put(None)
        self.thread.join()

    async def ask(
        self, what: Callable[[Session], T | Write], deal: str = "", *, alone: bool = False, looks: bool = False
    ) -> T:
        """Have a question answered.

        Args:
            what: Is called with the session; a `Write` it returns is recorded, and what that answers is the answer.
            deal: The deal in which something may be written; empty where nothing is.
            alone: Whether what was prepared before has to be on disk first, and this before anything else.
            looks: Whether it decides nothing by itself: such questions see one state of the log together, until
                something is recorded.

        Raises:
            StoreProblem: Where the store cannot be read or written; then nothing was.
        """
        loop = asyncio.get_running_loop()
        job = _Job(loop, loop.create_future(), what, deal, alone, looks)
        together = self.asked.get(loop)
        if together is None:
            self.asked[loop] = [job]
            loop.call_soon(self._ring, loop)
        else:
            together.append(job)
        found: T = await job.future
        return found

    def _ring(self, loop: asyncio.AbstractEventLoop) -> None:
        """Hand to the desk what was asked in one round of a loop: it is woken once for all of it."""
        together = self.asked.pop(loop, None)
        if together:
            self.jobs.put(together)

    def _work(self) -> None:
        try:
            session = self.opened()
        except BaseException as problem:  # noqa: BLE001 — told to whoever starts the desk
            self.problem = problem
            self.is_ready.set()
            return
        self.is_ready.set()
        with session:
            while (jobs := self.jobs.get()) is not None:
                if not self._batch(session, jobs):
                    return

    def _batch(self, session: Session, jobs: list[_Job]) -> bool:
        """Answer what waits; return whether more may come."""
        goes_on = True
        waiting = deque(jobs)
        kept: list[tuple[_Job, Write]] = []
        while True:
            if not waiting and goes_on and len(self.told) + len(kept) < TOGETHER:
                goes_on = self._more(waiting)
            if not waiting:
                break
            job = waiting.popleft()
            if job.alone or any(each.alone for each, _ in kept):
                self._keep(session, kept)
            if job.deal and any(write.deal == job.deal for _, write in kept):
                self._keep(session, kept)
            write = self._answer(session, job)
            if write is not None and write.group and any(w.group in ("", write.group) for _, w in kept):
                self._keep(session, kept)
                write = self._answer(session, job)
            if write is not None:
                kept.append((job, write))
            if len(kept) >= TOGETHER or len(self.told) >= TOGETHER:
                self._keep(session, kept)
                self._tell()
        self._keep(session, kept)
        with contextlib.suppress(Exception):  # whoever looks next is told; the thread answers whatever the log has
            self._look_up()
        self._tell()
        return goes_on

    def _more(self, waiting: "deque[_Job]") -> bool:
        """Take what was asked meanwhile; return whether more may come."""
        try:
            jobs = self.jobs.get_nowait()
        except queue.Empty:
            return True
        waiting.extend(jobs or ())
        return jobs is not None

    def _answer(self, session: Session, job: _Job) -> Write | None:
        if job.future.cancelled():
            return None
        try:
            if job.looks:
                self._look(session)
            else:
                self._look_up()
            found = job.ask(session)
        except BaseException as problem:  # noqa: BLE001 — it belongs to whoever asked
            self.told.append((job, None, problem))
            return None
        if isinstance(found, Write):
            return found
        self.told.append((job, found, None))
        return None

    def _keep(self, session: Session, kept: list[tuple[_Job, Write]]) -> None:
        """Decide and keep what was prepared, in one commit."""
        if not kept:
            return
        try:
            self._look_up()
            outcomes = session.decide_many([write.line for _, write in kept])
        except BaseException as problem:  # noqa: BLE001 — nothing was kept, and everybody is told so
            self.told += [(job, None, problem) for job, _ in kept]
        else:
            self.decided(outcomes)
            self.recorded()
            with contextlib.suppress(Exception):  # what was recorded is: each answer looks by itself then
                self._look(session)
            for (job, write), outcome in zip(kept, outcomes, strict=True):
                try:
                    self.told.append((job, write.answer(outcome), None))
                except BaseException as problem:  # noqa: BLE001 — it belongs to whoever asked
                    self.told.append((job, None, problem))
        kept.clear()

    def _look(self, session: Session) -> None:
        """See one state of the log until something is recorded."""
        if self.look is None:
            look = session.looking()
            look.__enter__()
            self.look = look

    def _look_up(self) -> None:
        """See the log as it is from now on."""
        look, self.look = self.look, None
        if look is not None:
            look.__exit__(None, None, None)

    def _tell(self) -> None:
        """Hand the answers back to the loops that wait for them."""
        told, self.told = self.told, []
        for loop in {job.loop for job, _, _ in told}:
            loop.call_soon_threadsafe(_hand_over, [each for each in told if each[0].loop is loop])


def _hand_over(told: list[tuple[_Job, Any, BaseException | None]]) -> None:
    for job, found, problem in told:
        if job.future.done():
            continue
        if problem is None:
            job.future.set_result(found)
        elif isinstance(problem, StopIteration):  # which no future takes, so that those behind it would wait for ever
            job.future.set_exception(RuntimeError("a handler stopped"))
        else:
            job.future.set_exception(problem)
