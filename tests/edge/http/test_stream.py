"""The stream of decisions by itself: who waits is woken by what is recorded, and told now and then that nothing was."""

import asyncio
import time
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path

import msgspec
import pytest

pytestmark = pytest.mark.serve
for name in ("starlette", "uvicorn", "httptools", "jinja2"):
    pytest.importorskip(name, reason="the extra `serve` is not installed")

from tests.helpers.logs import deal, make_policy  # noqa: E402
from tests.helpers.processes import PATIENCE_S  # noqa: E402

from walkaway import Session  # noqa: E402
from walkaway_edge.http import stream  # noqa: E402
from walkaway_edge.http.call import Call, Front  # noqa: E402
from walkaway_edge.http.desk import Desk, Write  # noqa: E402
from walkaway_edge.http.identity import Identity, identity  # noqa: E402
from walkaway_edge.http.requests import Requests  # noqa: E402
from walkaway_edge.http.serving import Api  # noqa: E402
from walkaway_edge.http.stream import DecisionFeed  # noqa: E402
from walkaway_edge.http.tokens import Noted, Tokens  # noqa: E402
from walkaway_edge.http.visits import Visits  # noqa: E402

READERS = 100


@pytest.fixture
def front(tmp_path: Path) -> Front:
    """Return what a server keeps beside its session."""
    return Front(Tokens(tmp_path / "tokens"), Visits(time.time), Requests(), lambda _: "", "http://x")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Return a desk that runs."""
    found = Desk(lambda: Session(make_policy(), str(tmp_path / "log.db")))
    found.start()
    yield found
    found.stop()


async def opened(desk: Desk, name: str) -> None:
    """Record the opening of a deal."""
    line = msgspec.json.encode({**deal()[0], "deal": name})
    await desk.ask(lambda _: Write(name, line, lambda outcome: outcome), name)


async def heard(listening: AsyncGenerator[bytes, None]) -> bytes:
    """Return what comes next."""
    async with asyncio.timeout(PATIENCE_S):
        return await anext(listening)


def test_what_is_recorded_here_wakes_all_who_listen(desk: Desk, front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for the next look at the log, which is for what others write; each hears all of it, in its order."""
    monkeypatch.setattr(stream, "LOOK_S", PATIENCE_S * 10)
    call = Call(front, identity("erin", ["auditor"]))

    async def run() -> list[list[bytes]]:
        feed = DecisionFeed(desk)
        everybody = [feed.listen(call, None, everything=True) for _ in range(READERS)]
        assert {await heard(each) for each in everybody} == {b": listening\n\n"}
        found: list[list[bytes]] = []
        for number in range(3):
            waiting = [asyncio.create_task(heard(each)) for each in everybody]
            await asyncio.sleep(stream.APART_S * 2)
            await opened(desk, f"D-{number}")
            found.append(await asyncio.gather(*waiting))
        for each in everybody:
            await each.aclose()
        assert not feed.waiting
        return found

    for number, told in enumerate(asyncio.run(run())):
        assert len(set(told)) == 1
        assert told[0].startswith(b"id: %d\nevent: decision\n" % number)


def test_whoever_hears_nothing_is_told_so(desk: Desk, front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    """A comment now and then keeps the connection; what comes after it is told all the same."""
    monkeypatch.setattr(stream, "QUIET_S", 0.1)
    call = Call(front, identity("erin", ["auditor"]))

    async def run() -> list[bytes]:
        feed = DecisionFeed(desk)
        listening = feed.listen(call, None, everything=True)
        found = [await heard(listening) for _ in range(3)]
        await opened(desk, "D-0")
        while not (told := await heard(listening)).startswith(b"id: "):
            found.append(told)
        await listening.aclose()
        return [*dict.fromkeys(found), told[:6]]

    assert asyncio.run(run()) == [b": listening\n\n", b": still here\n\n", b"id: 0\n"]


def test_a_token_is_looked_up_once_in_a_round_and_counts_no_longer_once_it_is_revoked(
    desk: Desk, front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Calls that come together share one look at the file; whatever comes after a revocation sees it."""
    token = front.tokens.new(Noted("", "", "erin", ("auditor",), until=1 << 40))
    looks: list[str] = []
    find = front.tokens.find

    def counted(of: str, now: int) -> Identity | None:
        looks.append(of)
        return find(of, now)

    monkeypatch.setattr(front.tokens, "find", counted)

    async def run() -> list[str]:
        api = Api(desk, front)
        together = await asyncio.gather(*(api.holder(token, 0) for _ in range(50)))
        front.tokens.revoke(front.tokens.listed()[0].id)
        await asyncio.sleep(0)
        after = await asyncio.gather(*(api.holder(token, 0) for _ in range(50)))
        return [found.sub if found is not None else "" for found in (*together, *after)]

    assert asyncio.run(run()) == ["erin"] * 50 + [""] * 50
    assert looks == [token] * 2
