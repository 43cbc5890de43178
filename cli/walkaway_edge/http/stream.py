"""Decisions as they are recorded, as server-sent events: from now on, or from behind the entry that somebody has.

The log is looked at once for all who listen, whoever wrote in it; each is told from the entries laid by, or from the
log itself where they have to catch up. An event's id is the entry's number, so nothing is lost and nothing told twice.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncGenerator

import msgspec
from starlette.requests import Request

from walkaway import Session, StoreProblem
from walkaway_edge.http.answers import problem
from walkaway_edge.http.call import Call
from walkaway_edge.http.desk import Desk
from walkaway_edge.http.records import shown

LOOK_S = 0.1
"""How often the log is looked at while somebody listens, for what others have written; at once for what was here."""
APART_S = 0.02
"""So much time is between two looks at least, however much is recorded."""
QUIET_S = 15.0
"""After so long a comment says that the server is there."""
LAID_BY = 1_000
PAGE = 200


class _FeedEntry(msgspec.Struct, frozen=True):
    """One entry as it is told: to whoever sees everything, and to whoever sees the deal."""

    n: int
    deal: str
    whole: bytes
    own: bytes


class DecisionFeed:
    """Tells decisions to whoever listens.

    Args:
        desk: Where the log is asked.
    """

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.laid_by: deque[_FeedEntry] = deque(maxlen=LAID_BY)
        self.last = -1
        self.listeners = 0
        self.waiting: dict[asyncio.Future[bool], float] = {}
        self.looking: asyncio.Task[None] | None = None
        self.is_ending = False
        self.rung = asyncio.Event()
        desk.recorded = self._recorded

    def end(self) -> None:
        """Let all who listen go, so that the server can end."""
        self.is_ending = True

    async def listen(self, call: Call, after: int | None, everything: bool) -> AsyncGenerator[bytes, None]:
        """Tell decisions from behind an entry on, or from now on, until the server ends."""
        self.listeners += 1
        if self.looking is None or self.looking.done():
            self.last = await self.desk.ask(lambda session: session.recorded) - 1
            self.laid_by.clear()
            self.looking = asyncio.create_task(self._look())
        at = self.last if after is None else after
        try:
            yield b": listening\n\n"
            while not self.is_ending:
                told = await self._since(at)
                seen = [each for each in told if _is_asked(call, each.deal)]
                if told:
                    at = told[-1].n
                if seen:
                    yield b"".join(each.whole if everything else each.own for each in seen)
                elif not told and not await self._news_after(at):
                    yield b": still here\n\n"
        finally:
            self.listeners -= 1

    async def _since(self, at: int) -> list[_FeedEntry]:
        """Return some entries behind one: those laid by, or of the log where they are not any more."""
        if at >= self.last:
            return []
        if self.laid_by and self.laid_by[0].n <= at + 1:
            return [each for each in self.laid_by if each.n > at][:PAGE]
        return await self.desk.ask(lambda session: read(session, at))

    async def _news_after(self, at: int) -> bool:
        """Wait for something behind an entry, but not for ever; return whether there may be."""
        if self.is_ending or self.last > at:
            return True
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[bool] = loop.create_future()
        self.waiting[waiter] = loop.time() + QUIET_S
        try:
            return await waiter
        finally:
            self.waiting.pop(waiter, None)

    def _wake(self, until: float | None = None) -> None:
        """Tell all who wait that there is news; or those alone who have waited long enough that there is none.

        Args:
            until: The time by which they have.
        """
        for waiter, end in list(self.waiting.items()):
            if until is not None and end > until:
                break  # those behind it began later
            if not waiter.done():
                waiter.set_result(until is None)

    def _recorded(self) -> None:
        """Have the log looked at soon: something was recorded here. Called by the thread of the desk."""
        looking = self.looking
        if self.listeners and looking is not None and not self.rung.is_set():
            with contextlib.suppress(RuntimeError):  # the loop has ended, and with it whoever listened
                looking.get_loop().call_soon_threadsafe(self.rung.set)

    async def _look(self) -> None:
        """Look for new entries as long as somebody listens."""
        loop = asyncio.get_running_loop()
        try:
            while self.listeners and not self.is_ending:
                self.rung.clear()
                try:
                    new = await self.desk.ask(lambda session: read(session, self.last))
                except StoreProblem:
                    new = []
                if new:
                    self.laid_by.extend(new)
                    self.last = new[-1].n
                    self._wake()
                self._wake(loop.time())
                if len(new) < PAGE:
                    await asyncio.sleep(APART_S)
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self.rung.wait(), LOOK_S)
        finally:
            self._wake()


def read(session: Session, after: int) -> list[_FeedEntry]:
    """Return the entries behind one, as they are told."""
    found = []
    for view in session.decisions(after=after, limit=PAGE):
        texts = [msgspec.json.encode(shown(everything, view), order="sorted") for everything in (True, False)]
        whole, own = (b"id: %d\nevent: decision\ndata: %b\n\n" % (view.n, text) for text in texts)
        found.append(_FeedEntry(view.n, view.head.deal, whole, own))
    return found


def _is_asked(call: Call, deal: str) -> bool:
    return call.query.get("deal", deal) == deal and call.sees(deal)


def last_event(request: Request) -> int | None:
    """Return the entry behind which somebody listens, as browsers say it when they come again; none for from now on."""
    text = request.headers.get("last-event-id")
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise problem("bad-query", "`Last-Event-ID` is the number of an entry", hint="send the `id` of the last event")
    return int(text)
