"""Ticks from event time: silence is noticed once any event shows that time has passed, in memory and in a store."""

import json
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.helpers.live import lines, run, written_policy
from tests.helpers.logs import POLICY, Event, tamper
from tests.helpers.processes import PATIENCE_S

from walkaway.log.sqlite import Sqlite

pytestmark = pytest.mark.slow

SILENCE = """\
  silence:
    why: Who does not answer for two hours is asked again.
    on: tick
    when: since.opened >= 2 hours
    then: hold
"""


def opened(deal: str, at: str) -> Event:
    facts = {"list_price": "100,000 USD", "segment": "large"}
    return {"id": "open", "deal": deal, "at": f"2026-10-05T{at}:00Z", "type": "open", "facts": facts}


def offered(deal: str, name: str, at: str) -> Event:
    terms = {"discount": "40%"}
    return {"id": name, "deal": deal, "at": f"2026-10-05T{at}:00Z", "type": "offer", "by": "them", "terms": terms}


EVENTS = [
    opened("A", "09:10"),
    opened("B", "09:20"),
    offered("A", "a1", "09:50"),
    offered("A", "a2", "10:05"),
    {"id": "c", "deal": "A", "at": "2026-10-05T10:30:00Z", "type": "close", "outcome": "lost"},
    opened("C", "10:40"),
    offered("C", "c1", "12:10"),
    offered("C", "c2", "12:20"),
]
DECIDED = [
    ("A", "open"),
    ("B", "open"),
    ("A", "a1"),
    ("A", "10:00 proceed"),
    ("A", "a2"),
    ("B", "10:00 proceed"),
    ("A", "c"),
    ("C", "open"),
    ("C", "12:00 proceed"),
    ("C", "c1"),
    ("B", "12:00 hold"),
    ("C", "c2"),
]
"""A tick's deal, hour and verdict: the deal of the event that shows the time before that event, the others after it."""


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    return written_policy(tmp_path / "policy", POLICY + SILENCE)


def decided(data: bytes) -> list[tuple[str, str]]:
    """Return deal and event of each verdict, for a tick its time and verdict."""

    def event(found: dict[str, Any]) -> str:
        return f"{found['at'][11:16]} {found['verdict']}" if found["on"] == "tick" else str(found["event"])

    return [(d["deal"], event(d)) for d in map(json.loads, data.splitlines())]


@pytest.mark.parametrize("stored", [False, True], ids=["memory", "store"])
@pytest.mark.parametrize(("batch", "workers"), [("1", "1"), ("100", "1"), ("3", "2")])
def test_every_open_deal_ticks_when_event_time_passes(
    policy: Path, tmp_path: Path, batch: str, stored: bool, workers: str
) -> None:
    """However events are batched: one tick a deal when an hour is full, closed deals none, and the rule fires."""
    file = tmp_path / "events.jsonl"
    file.write_bytes(lines(EVENTS))
    store = ["--store", tmp_path / "log.db"] if stored else []
    done = run(policy, "--tick", "1h", "--batch", batch, "--workers", workers, "--from", file, *store)
    assert decided(done.stdout) == DECIDED
    assert done.returncode == 0


@pytest.mark.parametrize("end", [3, 7])
def test_ticks_go_on_after_a_restart(policy: Path, tmp_path: Path, end: int) -> None:
    """A run that goes on from the store ticks as one that was never stopped."""
    file = tmp_path / "events.jsonl"
    file.write_bytes(lines(EVENTS[:end]))
    places = ["--tick", "1h", "--from", file, "--store", tmp_path / "log.db"]
    first = run(policy, *places)
    file.write_bytes(lines(EVENTS))
    assert decided(first.stdout + run(policy, *places).stdout) == DECIDED


def test_an_event_from_the_future_makes_no_time_pass(policy: Path, tmp_path: Path) -> None:
    """One deal with a wrong clock does not make all others look silent."""
    far = {**opened("F", "09:30"), "at": "2326-10-05T09:30:00Z"}
    done = run(policy, "--tick", "1h", stdin=lines([*EVENTS[:3], far, *EVENTS[3:]]))
    assert decided(done.stdout) == [*DECIDED[:3], ("F", "open"), *DECIDED[3:]]


def test_a_dead_letter_makes_no_time_pass(policy: Path, tmp_path: Path) -> None:
    """Only an event that is accepted shows what time it is."""
    done = run(policy, "--tick", "1h", stdin=lines([*EVENTS[:2], offered("nobody", "x", "11:30")]))
    assert decided(done.stdout) == DECIDED[:2]


@pytest.mark.parametrize("interval", ["1", "0h"])
def test_an_interval_says_its_unit(policy: Path, interval: str) -> None:
    """What is no interval is refused with an example."""
    done = run(policy, "--tick", interval)
    assert done.returncode == 2
    assert b"write 30m, 1h or 1d" in done.stderr


# `record` and `run` are one writer


def recorded(policy: Path, folder: Path, *events: Event) -> None:
    """Record events, none of which may be a dead letter."""
    file = folder / "recorded.jsonl"
    file.write_bytes(lines(events))
    command = [sys.executable, "-m", "walkaway_cli", "record", "--policy", policy, "--store", folder / "log.db"]
    done = subprocess.run([*command, file], capture_output=True, check=False, timeout=PATIENCE_S)
    assert b" 0 dead letters" in done.stderr, done.stderr


def ticked(policy: Path, folder: Path, *events: Event) -> tuple[list[tuple[str, str]], bytes]:
    """Run events with ticks; return what was decided, and the dead letters."""
    file, dead = folder / "run.jsonl", folder / "dead.jsonl"
    file.write_bytes(lines(events))
    where = ["--store", folder / "log.db", "--from", file, "--dead-letters", dead, "--name", f"run {events[0]['id']}"]
    done = run(policy, "--tick", "1h", *where)
    assert done.returncode == 0, done.stderr
    return decided(done.stdout), dead.read_bytes()


def test_a_deal_that_record_closed_is_not_ticked(policy: Path, tmp_path: Path) -> None:
    """However a deal was closed: a tick never meets it, and none becomes a dead letter."""
    ticked(policy, tmp_path, *EVENTS[:4])
    recorded(policy, tmp_path, EVENTS[4])
    found, dead = ticked(policy, tmp_path, *EVENTS[5:])
    assert not dead
    assert not [deal for deal, what in found if deal == "A"]
    assert ("B", "12:00 hold") in found


def test_a_deal_that_record_opened_is_ticked(policy: Path, tmp_path: Path) -> None:
    """Every open deal ticks, whichever command it was opened by."""
    recorded(policy, tmp_path, *EVENTS[:2])
    found, dead = ticked(policy, tmp_path, *EVENTS[5:])
    assert not dead
    assert [(deal, what) for deal, what in found if deal in ("A", "B")] == [("A", "12:00 hold"), ("B", "12:00 hold")]


def test_deals_of_a_store_that_kept_no_positions_are_ticked_once_and_closed_ones_never(
    policy: Path, tmp_path: Path
) -> None:
    """A store that `record` of an earlier release wrote lacks positions, or has those of deals closed since."""
    recorded(policy, tmp_path, *EVENTS[:5])
    place = "INSERT INTO positions VALUES ('A', 0, 0, x'00')"
    tamper(str(tmp_path / "log.db"), ("DELETE FROM positions", ()), (place, ()))
    found, dead = ticked(policy, tmp_path, *EVENTS[5:])
    assert not dead
    assert [(deal, what) for deal, what in found if deal in ("A", "B")] == [("B", "12:00 hold")]


def test_a_deal_with_a_sealed_quantity_is_ticked(tmp_path: Path) -> None:
    """Nothing of such a deal lies beside the record in the open, and it is known to be open all the same."""
    personal = (POLICY + SILENCE).replace("list_price: money", "list_price: {type: money, personal: yes}")
    policy = written_policy(tmp_path / "policy", personal)
    recorded(policy, tmp_path, *EVENTS[:2])
    with closing(Sqlite(tmp_path / "log.db")) as store:
        assert [bytes(row[0]) for row in store.rows("SELECT position FROM positions")] == [b"", b""]
    found, dead = ticked(policy, tmp_path, *EVENTS[5:])
    assert not dead
    assert [(deal, what) for deal, what in found if deal in ("A", "B")] == [("A", "12:00 hold"), ("B", "12:00 hold")]
