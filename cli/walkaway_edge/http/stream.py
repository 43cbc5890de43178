"""Decisions as they are recorded, as server-sent events: from now on, or from behind the entry that somebody has.

The log is looked at once for all who listen, whoever wrote in it; each is told from the entries laid by, or from the
log itself where they have to catch up. An event's id is the entry's number, so nothing is lost and nothing told twice.
"""

import asyncio
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
"""How often the log is looked at while somebody listens."""
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
        self.news = asyncio.Condition()
        self.looking: asyncio.Task[None] | None = None
        self.is_ending = False

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
        try:
            async with asyncio.timeout(QUIET_S), self.news:
                await self.news.wait_for(lambda: self.is_ending or self.last > at)
        except TimeoutError:
            return False
        return True

    async def _look(self) -> None:
        """Look for new entries as long as somebody listens."""
        while self.listeners and not self.is_ending:
            try:
                new = await self.desk.ask(lambda session: read(session, self.last))
            except StoreProblem:
                new = []
            if new:
                self.laid_by.extend(new)
                self.last = new[-1].n
            if new or self.is_ending:
                async with self.news:
                    self.news.notify_all()
            if len(new) < PAGE:
                await asyncio.sleep(LOOK_S)
        async with self.news:
            self.news.notify_all()


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
