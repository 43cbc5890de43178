"""The desk: one thread owns the session, commits together what came together, and answers each by itself."""

import asyncio
import queue
import threading
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.helpers.logs import deal, make_policy
from tests.helpers.processes import PATIENCE_S

from walkaway import DeadLetter, Session, StoreProblem
from walkaway_edge.http.desk import Desk, Write


def writes(event: dict[str, Any]) -> Any:
    """Return what records an event and says its verdict, or that it has none."""

    def answer(outcome: Any) -> str:
        return "dead" if isinstance(outcome, DeadLetter) else outcome.verdict.value

    return lambda session: Write(event["deal"], msgspec.json.encode(event), answer)


async def all_of(desk: Desk, events: list[dict[str, Any]]) -> list[Any]:
    """Send events at once."""
    return await asyncio.gather(*(desk.ask(writes(e), e["deal"]) for e in events))


def test_what_came_together_is_committed_together(tmp_path: Path) -> None:
    """Events of many deals that wait are one commit; each gets its own answer."""
    commits: list[int] = []
    begun, all_wait = threading.Event(), threading.Event()

    def opened() -> Session:
        session = Session(make_policy(), str(tmp_path / "log.db"))
        decide = session.decide_many
        session.decide_many = lambda events: (commits.append(len(events)), decide(events))[1]  # type: ignore[method-assign]
        return session

    desk = Desk(opened)
    openings = [{**deal()[0], "deal": f"D-{n}"} for n in range(40)]

    async def run() -> list[Any]:
        blocked = asyncio.create_task(desk.ask(lambda _: (begun.set(), all_wait.wait())))
        await asyncio.to_thread(begun.wait)
        asked = asyncio.gather(*(desk.ask(writes(e), e["deal"]) for e in openings))
        while not desk.jobs.qsize():  # all of them were asked in one round, and wait as one
            await asyncio.sleep(0.01)
        all_wait.set()
        await blocked
        return await asked

    desk.start()
    try:
        assert asyncio.run(run()) == ["proceed"] * 40
    finally:
        desk.stop()
    assert commits == [40]


def test_an_event_sees_what_its_deal_had_before(tmp_path: Path) -> None:
    """Of two events of one deal that wait together the later is prepared once the earlier is on disk."""
    seen: list[int] = []
    first, second, *_ = deal()

    def counting(event: dict[str, Any]) -> Any:
        def prepare(session: Session) -> Write:
            seen.append(len(session.state(event["deal"]).events) if event is not first else 0)
            return Write(event["deal"], msgspec.json.encode(event), lambda outcome: outcome.event)

        return prepare

    desk = Desk(lambda: Session(make_policy(), str(tmp_path / "log.db")))
    desk.start()

    async def run() -> list[Any]:
        return await asyncio.gather(*(desk.ask(counting(e), e["deal"]) for e in (first, second)))

    try:
        assert asyncio.run(run()) == [first["id"], second["id"]]
    finally:
        desk.stop()
    assert seen == [0, 1]


def test_what_is_asked_in_one_round_of_the_loop_wakes_the_desk_once(tmp_path: Path) -> None:
    """Whatever comes together is handed over together; what is asked just before the end is answered."""
    desk = Desk(lambda: Session(make_policy(), str(tmp_path / "log.db")))
    handed: list[int] = []

    class Counting(queue.SimpleQueue[Any]):
        def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
            handed.append(len(item or ()))
            super().put(item, block, timeout)

    desk.jobs = Counting()
    desk.start()

    async def run() -> list[Any]:
        names = await asyncio.gather(*(desk.ask(lambda session: session.policy.name) for _ in range(300)))
        last = asyncio.create_task(desk.ask(lambda session: session.recorded))
        await asyncio.sleep(0)  # it was asked, and nothing was handed over
        desk.stop()
        return [len(names), await last]

    assert asyncio.run(run()) == [300, 0]
    assert handed == [300, 1, 0]


def test_what_goes_wrong_belongs_to_whoever_asked(tmp_path: Path) -> None:
    """A question that fails, and an event that cannot be decided, leave the answers of others as they are."""
    desk = Desk(lambda: Session(make_policy(), str(tmp_path / "log.db")))
    desk.start()
    opening = deal()[0]

    async def run() -> list[Any]:
        asked = (
            desk.ask(writes(opening), opening["deal"]),
            desk.ask(lambda _: 1 // 0),
            desk.ask(writes({**opening, "deal": "E", "type": "nothing"}), "E"),
            desk.ask(lambda session: session.policy.name),
        )
        return await asyncio.gather(*asked, return_exceptions=True)

    try:
        found = asyncio.run(run())
    finally:
        desk.stop()
    assert [found[0], type(found[1]), found[2]] == ["proceed", ZeroDivisionError, "dead"]
    assert isinstance(found[3], str)


def test_a_log_that_cannot_be_looked_at_stops_no_desk(tmp_path: Path) -> None:
    """What was recorded is answered, whatever others wrote there meanwhile; who looks is told, and so is the next."""

    def opened() -> Session:
        session = Session(make_policy(), str(tmp_path / "log.db"))
        session.looking = lambda: 1 // 0  # type: ignore[method-assign,assignment,return-value]
        return session

    desk = Desk(opened)
    desk.start()
    opening = deal()[0]

    async def run() -> list[Any]:
        async with asyncio.timeout(PATIENCE_S):
            recorded = await desk.ask(writes(opening), opening["deal"])
            looked = await asyncio.gather(desk.ask(lambda _: 1, looks=True), return_exceptions=True)
            return [recorded, *map(type, looked), await desk.ask(lambda session: session.recorded)]

    try:
        assert asyncio.run(run()) == ["proceed", ZeroDivisionError, 1]
    finally:
        desk.stop()


def test_whoever_starts_a_desk_is_told_that_it_cannot_open(tmp_path: Path) -> None:
    """A store that is none is no server without a store."""
    desk = Desk(lambda: Session(make_policy(), str(tmp_path)))
    with pytest.raises(StoreProblem):
        desk.start()


def test_questions_that_look_see_one_state_and_what_was_recorded_since(tmp_path: Path) -> None:
    """Those that wait together look once; what is recorded between them, here or by another, is seen by the next."""
    looks: list[int] = []

    def opened() -> Session:
        session = Session(make_policy(), str(tmp_path / "log.db"))
        reading = session._keeper.store.reading  # type: ignore[attr-defined]
        session._keeper.store.reading = lambda: (looks.append(1), reading())[1]  # type: ignore[attr-defined]
        return session

    desk = Desk(opened)
    openings = [{**deal()[0], "deal": f"D-{n}"} for n in range(3)]

    async def run() -> list[list[str]]:
        await all_of(desk, openings[:1])
        looks.clear()
        before = await asyncio.gather(
            *(desk.ask(lambda session: list(session.state("D-0").events), looks=True) for _ in range(20))
        )
        assert len(looks) < 20
        await all_of(desk, openings[1:2])
        with Session(make_policy(), str(tmp_path / "log.db")) as other:
            other.decide(openings[2])
        seen = await desk.ask(lambda session: session.deals(), looks=True)
        return [*before[:1], seen]

    desk.start()
    try:
        assert asyncio.run(run()) == [["e0"], ["D-0", "D-1", "D-2"]]
    finally:
        desk.stop()
