"""A live run killed anywhere: the log has every event once, and a sink that can tell what it holds every verdict once.

`WALKAWAY_RUN_KILLS=50` kills as often against each kind of source as is promised; a few kills are the default.
"""

import contextlib
import json
import os
import random
import signal
import subprocess
import time
from contextlib import closing
from pathlib import Path

import pytest
from tests.helpers.live import (
    RUN,
    Feed,
    FileFeed,
    FolderFeed,
    FollowedFeed,
    StdinFeed,
    events,
    ids,
    lines,
    written_policy,
)
from tests.helpers.logs import Event, opened
from tests.helpers.processes import PATIENCE_S, running, wait_for
from tests.helpers.streams import Broker

from walkaway import Core
from walkaway.log import store as db
from walkaway.log.policies import Policies
from walkaway.log.replaying import replay
from walkaway.log.verify import verify

pytestmark = pytest.mark.slow

KILLS = int(os.environ.get("WALKAWAY_RUN_KILLS", "2"))
DEALS = 20
FEEDS = {"file": FileFeed, "folder": FolderFeed, "stdin": StdinFeed}


def verdicts(out: Path) -> list[tuple[str, str, str]]:
    """Return deal, event and verdict of each whole line that was written."""
    data = out.read_bytes() if out.exists() else b""
    whole = data[: data.rfind(b"\n") + 1].splitlines()
    return [(d["deal"], d["event"], d["verdict"]) for d in map(json.loads, whole)]


def is_in_order(found: list[tuple[str, str]], sent: list[Event]) -> bool:
    """Return whether each deal's verdicts are in the order of its events."""
    order = {key: n for n, key in enumerate(ids(sent))}
    deals: dict[str, int] = {}
    for key in found:
        if order[key] < deals.get(key[0], -1):
            return False
        deals[key[0]] = order[key]
    return True


def killed_at_random(feed: Feed, policy: Path, url: str, out: Path, *options: str) -> None:
    """Kill a run again and again while events come, let it end once, and look at what there is."""
    chance = random.Random(20261122)
    sent: list[Event] = []

    def send(mark: object) -> None:
        more = [{**e, "deal": f"{e['deal']}.{mark}"} for e in events(DEALS)]
        feed.send(lines(more))
        sent.extend(more)

    for kill in range(KILLS):
        before = len(verdicts(out))
        if len(sent) - before < 150:
            send(kill)
        places = ["--store", url, "--to", out, *feed.places, *options, "--batch", str(chance.choice([1, 5, 30]))]
        with running([*RUN, "--policy", policy, *places], stdin=-1, stderr=subprocess.DEVNULL) as process:
            feed.started(process)
            wanted, end = before + chance.randrange(0, 100), time.monotonic() + 5
            while process.poll() is None and time.monotonic() < end and out_lines(out) < wanted:
                time.sleep(0.005)
            time.sleep(chance.random() * 0.03)
            process.send_signal(signal.SIGKILL)
        with closing(opened(url)) as store:
            assert not verify(store).damages
    send("last")  # however late the kills came, so that the run is told to stop once it is up
    command = [*RUN, "--policy", policy, "--store", url, "--to", out, *feed.places, *options]
    with running(command, stdin=-1, stderr=subprocess.PIPE) as process:
        feed.started(process)
        wait_for(lambda: process.poll() is not None or len({v[:2] for v in verdicts(out)}) == len(sent))
        if feed.ends:
            process.wait(PATIENCE_S)
        process.send_signal(signal.SIGTERM)
        with contextlib.suppress(ValueError):
            process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    with closing(opened(url)) as store:
        recorded = [(e.deal, e.event) for e in db.entries(store)]
        assert sorted(recorded) == sorted(ids(sent))
        assert is_in_order(recorded, sent)
        assert not verify(store).damages
        assert all(found is None for found in replay(store, Policies(store, Core.PLAIN, print), db.entries(store)))
        known = {(e.deal, e.event, e.verdict) for e in db.entries(store)}
    found = verdicts(out)
    assert set(found) == known
    if feed.is_lasting:
        assert len(found) == len(known)
        assert is_in_order([v[:2] for v in found], sent)


def out_lines(out: Path) -> int:
    return out.read_bytes().count(b"\n") if out.exists() else 0


@pytest.mark.parametrize("kind", ["file"])
def test_a_killed_run_with_workers_decides_every_event_once(kind: str, tmp_path: Path) -> None:
    """The same holds where several workers decide and one process appends."""
    policy = written_policy(tmp_path / "policy")
    places = (policy, str(tmp_path / "log.db"), tmp_path / "verdicts.jsonl", "--workers", "2")
    killed_at_random(FEEDS[kind](tmp_path), *places)


class BrokerFeed(Feed):
    """A stream of a broker."""

    def __init__(self, found: Broker) -> None:
        self.broker, self.url = found, found.stream()
        self.places = ["--from", self.url]

    def send(self, data: bytes) -> None:
        self.broker.send(self.url, data.splitlines())


def test_a_killed_run_that_reads_a_broker_decides_every_event_once(any_broker: Broker, tmp_path: Path) -> None:
    """The same holds for every kind of broker."""
    policy = written_policy(tmp_path / "policy")
    killed_at_random(BrokerFeed(any_broker), policy, str(tmp_path / "log.db"), tmp_path / "verdicts.jsonl")


@pytest.mark.parametrize("kind", FEEDS)
def test_a_killed_run_decides_every_event_once(kind: str, tmp_path: Path) -> None:
    """After any number of kills the log has each event once, in order, and so has the file that takes the verdicts."""
    policy = written_policy(tmp_path / "policy")
    killed_at_random(FEEDS[kind](tmp_path), policy, str(tmp_path / "log.db"), tmp_path / "verdicts.jsonl")


def test_a_killed_run_that_follows_a_file_decides_every_event_once(url: str, tmp_path: Path) -> None:
    """The same holds for a file that is rotated again and again, and for a log in PostgreSQL."""
    policy = written_policy(tmp_path / "policy")
    killed_at_random(FollowedFeed(tmp_path), policy, url, tmp_path / "verdicts.jsonl")
