"""Brokers as sources and sinks, each a real server: read by place, nothing acknowledged, verdicts in order per deal."""

import json
import threading
import time
from collections import defaultdict
from pathlib import Path

import psycopg
import pytest
from nats.js.client import JetStreamContext
from tests.helpers.live import Reader, events, ids, lines, run, written_policy
from tests.helpers.processes import PATIENCE_S
from tests.helpers.streams import Broker, PostgresBroker, broker

from walkaway.run.ports import Message
from walkaway_edge.open import sink_of, source_of
from walkaway_edge.problems import EdgeProblem

pytestmark = pytest.mark.slow

NUMBERED = [b'{"deal": "D-%d", "n": %d}' % (n % 7, n) for n in range(60)]


def said(what: str) -> None:
    raise AssertionError(what)


def by_deal(found: list[bytes]) -> dict[str, list[bytes]]:
    """Return lines by their deal, those of one deal in the order in which they came."""
    deals = defaultdict(list)
    for line in found:
        deals[json.loads(line)["deal"]].append(line)
    return deals


@pytest.mark.parametrize("most", [1, 7, 1000])
def test_a_stream_is_read_once_and_on_from_any_place(any_broker: Broker, most: int) -> None:
    """Every message comes once, those of a deal in order; a reader that starts at any place goes on behind it."""
    url = any_broker.stream()
    any_broker.send(url, NUMBERED[:40])
    reader = Reader(source_of(url, False, said))
    found = [line.data for line in reader.batch(most).lines]
    for turn in range(200):
        if turn == 3:
            any_broker.send(url, NUMBERED[40:])
        if turn % 5 == 4:
            reader.source.close()
            reader = Reader(source_of(url, False, said), reader.places)
        batch = reader.source.read(reader.places, most, 1.0)
        if batch.is_last and turn > 4:
            break
        half = (len(batch.lines) + 1) // 2
        found += [line.data for line in batch.lines[:half]]
        reader.places.update(batch.places(half))
    reader.source.close()
    assert sorted(found) == sorted(NUMBERED)
    assert by_deal(found) == by_deal(NUMBERED)


@pytest.mark.broker
@pytest.mark.parametrize("is_sent", [False, True])
def test_a_stream_that_is_slow_to_answer_has_not_ended(monkeypatch: pytest.MonkeyPatch, is_sent: bool) -> None:
    """What comes too late, or is on its way when it is given up, is asked for again; only then is the end the end."""
    fetch, slow = JetStreamContext.PullSubscription.fetch, [True]

    async def fetched(self: JetStreamContext.PullSubscription, most: int, timeout: float) -> object:
        if not slow:
            return await fetch(self, most, timeout)
        slow.pop()
        if is_sent:
            await fetch(self, most, PATIENCE_S)
        raise TimeoutError

    monkeypatch.setattr(JetStreamContext.PullSubscription, "fetch", fetched)
    with broker("nats") as found:
        url = found.stream()
        found.send(url, NUMBERED)
        reader, got = Reader(source_of(url, False, said)), []
        while not (batch := reader.batch(7)).is_last:
            got += [line.data for line in batch.lines]
        reader.source.close()
    assert not slow
    assert got == NUMBERED


def test_a_sink_tells_what_it_holds_behind_a_place(any_broker: Broker) -> None:
    """What was written behind a place comes back, also to another connection."""
    url = any_broker.stream()
    messages = [Message(line, json.loads(line)["deal"]) for line in NUMBERED]
    sink = sink_of(url)
    empty = sink.end()
    assert list(sink.after(empty)) == []
    sink.write(messages[:20])
    middle = sink.end()
    sink.write(messages[20:])
    sink.close()
    other = sink_of(url)
    assert by_deal(list(other.after(empty))) == by_deal(NUMBERED)
    assert by_deal(list(other.after(middle))) == by_deal(NUMBERED[20:])
    assert list(other.after(other.end())) == []
    other.close()
    assert by_deal(any_broker.held(url)) == by_deal(NUMBERED)


def test_events_go_from_stream_to_stream(any_broker: Broker, tmp_path: Path) -> None:
    """The command reads one stream, writes another, keeps dead letters in a third, and goes on where it stopped."""
    source, sink, dead = (any_broker.stream() for _ in range(3))
    policy, found = written_policy(tmp_path / "policy"), events(3)
    places = ["--from", source, "--to", sink, "--dead-letters", dead, "--no-follow", "--store", tmp_path / "log.db"]
    half = len(found) // 2
    bad = b'{"deal": "D-1", "bad": true}'
    any_broker.send(source, [*lines(found[:half]).splitlines(), bad])
    first = run(policy, *places)
    assert first.returncode == 2, first.stderr
    any_broker.send(source, lines(found[half:]).splitlines())
    second = run(policy, *places)
    assert second.returncode == 0, second.stderr
    assert b" 0 of them again" in second.stderr
    told = [json.loads(line) for line in any_broker.held(sink)]
    assert sorted((d["deal"], d["event"]) for d in told) == sorted(ids(found))
    for deal in ("D-0", "D-1", "D-2"):
        assert [d["event"] for d in told if d["deal"] == deal] == [e["id"] for e in found if e["deal"] == deal]
    (letter,) = map(json.loads, any_broker.held(dead))
    assert letter["original"].encode() == bad


@pytest.mark.parametrize(
    "url",
    [
        "redis://user:hush@127.0.0.1:1/0?stream=x",
        "nats://user:hush@127.0.0.1:1?stream=x",
        "postgresql://user:hush@127.0.0.1:1/x?table=x",
    ],
)
def test_a_broker_that_is_not_there_is_named_without_its_password(url: str) -> None:
    """The error says which broker, and keeps the secret of its URL."""
    with pytest.raises(EdgeProblem) as caught:
        source_of(url, False, said)
    assert "127.0.0.1:1" in caught.value.message
    assert "hush" not in caught.value.message


@pytest.mark.parametrize("url", ["redis://127.0.0.1:1/0", "kafka://127.0.0.1:1", "postgresql://127.0.0.1:1/x"])
def test_a_url_says_which_stream(url: str) -> None:
    """What is missing in a URL is said before anybody connects."""
    with pytest.raises(EdgeProblem, match=r"say which|write kafka"):
        source_of(url, False, said)


@pytest.mark.postgres
def test_rows_that_are_committed_late_are_not_passed_over(postgres: str) -> None:
    """A row whose number was drawn first and that was committed last is read, in its place."""
    url = PostgresBroker(postgres).stream()
    table = url.rpartition("=")[2]
    reader = Reader(source_of(url, False, said))
    with psycopg.connect(postgres) as slow, psycopg.connect(postgres, autocommit=True) as quick:
        slow.execute(f"INSERT INTO {table} (data) VALUES ('first')")
        quick.execute(f"INSERT INTO {table} (data) VALUES ('second')")
        assert reader.batch().lines == ()
        later = threading.Timer(0.2, slow.commit)
        later.start()
        time.sleep(0.05)
        quick.execute(f"INSERT INTO {table} (data) VALUES ('third')")
        got = []
        end = time.monotonic() + PATIENCE_S
        while len(got) < 3 and time.monotonic() < end:
            got += [line.data for line in reader.batch().lines]
        later.join()
    reader.source.close()
    assert got == [b"first", b"second", b"third"]
