"""The pump over fakes: whatever breaks between commit and sink, the log has each event once and so has the sink."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from tests.helpers.live import events, ids
from tests.helpers.logs import Event, counted_salts, lines_of, make_policy

from walkaway import Core
from walkaway.deal.lines import Line
from walkaway.log import store as db
from walkaway.log.record import Recorder
from walkaway.log.sqlite import Sqlite
from walkaway.log.store import Store
from walkaway.run.durable import DurableKeeper
from walkaway.run.outbox import Outbox
from walkaway.run.ports import Message, Offsets
from walkaway.run.pump import Pump, Taken


class Crash(Exception):
    """What stands for the end of a process."""


class Held:
    """A sink that holds messages, and crashes after so many more."""

    def __init__(self, name: str = "held", *, tells: bool = True) -> None:
        self.name, self.tells = name, tells
        self.messages: list[bytes] = []
        self.left = 10**9

    def end(self) -> bytes:
        return b"%d" % len(self.messages) if self.tells else b""

    def after(self, end: bytes) -> Sequence[bytes]:
        return self.messages[int(end) :]

    def write(self, messages: Sequence[Message]) -> None:
        for message in messages:
            if not self.left:
                raise Crash
            self.left -= 1
            self.messages.append(message.data)

    def close(self) -> None:
        """Hold on to them."""


class Given:
    """A batch of lines that are numbered through."""

    is_last = False

    def __init__(self, start: int, found: Sequence[Line]) -> None:
        self.start, self.lines = start, found

    def places(self, count: int) -> Offsets:
        return {"": b"%d" % (self.start + count)}


def pump(store: Store, verdicts: Held, letters: Held, told: list[Taken]) -> Pump:
    recorder = Recorder(store, make_policy(), counted_salts(1000 * db.size(store)), Core.PLAIN)
    found = Pump(
        DurableKeeper(store, recorder), "source", Outbox(verdicts, "v"), Outbox(letters, "d"), "json", "", told.append
    )
    found.resume()
    return found


def carried(pumped: Pump, found: Sequence[Line], batch: int) -> None:
    """Carry what comes after the pump's place, to the end."""
    while (start := int(pumped.places.get("", b"0"))) < len(found):
        pumped.take(Given(start, found[start : start + batch]))
    pumped.finish()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Sqlite(tmp_path / "log.db", writable=True)) as found:
        yield found


def sent() -> list[Line]:
    """Return the events of some deals, with a line that cannot be read behind every fifth."""
    found = lines_of(events(3))
    for n in range(len(found) - 1, 0, -5):
        found.insert(n, Line(b"bad %d\n" % n, "events", n))
    return found


@pytest.mark.parametrize("at", [0, 1, 4, 9, 17, 32])
@pytest.mark.parametrize("where", ["verdicts", "letters"])
def test_after_a_crash_a_sink_that_tells_gets_the_rest(store: Store, at: int, where: str) -> None:
    """Wherever writing broke off, the next run writes what is missing, once, and goes on behind it."""
    verdicts, letters = Held(), Held("dead")
    broken = verdicts if where == "verdicts" else letters
    broken.left = at if where == "verdicts" else at // 7
    with pytest.raises(Crash):
        carried(pump(store, verdicts, letters, []), sent(), 4)
    broken.left = 10**9
    carried(pump(store, verdicts, letters, []), sent(), 6)
    assert len(verdicts.messages) == len(set(verdicts.messages)) == 33
    assert len(letters.messages) == len(set(letters.messages)) == len(sent()) - 33
    assert [(e.deal, e.event) for e in db.entries(store)] == ids(events(3))


def test_after_a_crash_a_sink_that_cannot_tell_gets_the_last_batch_again(store: Store) -> None:
    """A pipe may see verdicts twice, and never misses one."""
    verdicts, letters = Held(tells=False), Held("dead")
    verdicts.left = 14
    with pytest.raises(Crash):
        carried(pump(store, verdicts, letters, []), sent(), 4)
    verdicts.left = 10**9
    carried(pump(store, verdicts, letters, []), sent(), 4)
    assert len(set(verdicts.messages)) == 33
    assert 33 < len(verdicts.messages) <= 33 + 4


def test_a_batch_that_cannot_be_committed_leaves_nothing(store: Store) -> None:
    """Neither verdicts nor the place behind it are there; the next run takes the batch again."""
    verdicts, letters, told = Held(), Held("dead"), list[Taken]()
    first = pump(store, verdicts, letters, told)

    def broken(*_: object) -> None:
        raise Crash

    first.keeper.note = broken  # type: ignore[method-assign]
    with pytest.raises(Crash):
        carried(first, sent(), 4)
    assert (verdicts.messages, told, db.size(store)) == ([], [], 0)
    carried(pump(store, verdicts, letters, told), sent(), 4)
    assert len(verdicts.messages) == 33


def test_a_sink_may_spell_what_it_holds_otherwise(store: Store) -> None:
    """A database that keeps no order of keys still tells what it holds."""
    held = Held()
    outlet = Outbox(held, "v")
    noted = {"end": held.end()}
    held.messages.append(b'{"b": [1, 2], "a": {}}')
    assert outlet.resume(noted, [Message(b'{"a":{},"b":[1,2]}'), Message(b"no JSON")]) == 1
    assert held.messages[1:] == [b"no JSON"]


def test_nothing_is_noted_for_a_sink_that_gets_nothing(store: Store) -> None:
    """Batches without dead letters leave the place of their sink alone."""
    verdicts, letters = Held(), Held("dead")
    found: list[Event] = events(1)
    carried(pump(store, verdicts, letters, []), lines_of(found), 4)
    assert db.places(store, "v")
    assert not db.places(store, "d")
