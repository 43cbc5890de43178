"""Faults while the log is written: a killed writer, a full disk, two writers at once. Nothing acknowledged is lost.

`WALKAWAY_KILLS=200` kills as often as the log promises to stand; fewer are the default, so that all tests stay quick.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
from tests.helpers.logs import FLOORS, POLICY, Event, deal, opened
from tests.helpers.processes import PATIENCE_S, running

from walkaway import Core
from walkaway.log import store as db
from walkaway.log.policies import Policies
from walkaway.log.replaying import replay
from walkaway.log.seal import restore
from walkaway.log.store import Store
from walkaway.log.stored import EntryPart, read_entry
from walkaway.log.verify import verify

pytestmark = pytest.mark.slow

KILLS = int(os.environ.get("WALKAWAY_KILLS", "6"))
DEALS = 40
RECORD = [sys.executable, "-m", "walkaway_cli", "record", "--format", "json"]
WHOLE = 1
"""How `record` ends that left nothing undecided: an offer of ours in every deal was sent against its verdict."""


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    """Write the policy and its table to a folder."""
    folder = tmp_path / "policy"
    folder.mkdir()
    (folder / "policy.yaml").write_text(POLICY)
    (folder / "floors.csv").write_text(FLOORS)
    return folder


def events() -> list[Event]:
    """Return the events of many deals, all running at the same time."""
    return [e for several in zip(*(deal(f"D-{n}") for n in range(DEALS)), strict=True) for e in several]


def written(path: Path, found: list[Event]) -> Path:
    path.write_text("".join(json.dumps(e) + "\n" for e in found))
    return path


def key(event: Event) -> tuple[str, str]:
    return event["deal"], event["id"]


def recorded(store: Store) -> dict[tuple[str, str], bytes]:
    """Return each event's decision as it is answered."""
    items = {seal: i for name in db.deals(store) for seal, i in db.items(store, name).items()}
    texts, desk = {seal: i.text for seal, i in items.items()}, Policies(store, Core.PLAIN, lambda _: None)
    return {
        (e.deal, e.event): restore(EntryPart(read_entry(e.leaf), items).decision(desk), texts)
        for e in db.entries(store)
        if e.deal is not None and e.event is not None
    }


def holds(store: Store, acknowledged: dict[tuple[str, str], bytes]) -> None:
    """Assert that the log is whole and holds every decision that was acknowledged, byte by byte."""
    assert not verify(store).damages
    found = recorded(store)
    assert {k: found.get(k) for k in acknowledged} == acknowledged


def acknowledgements(lines: list[bytes]) -> dict[tuple[str, str], bytes]:
    """Return what was answered; the last line may have been cut by a kill."""
    whole = [line.rstrip(b"\n") for line in lines if line.endswith(b"\n")]
    return {(d["deal"], d["event"]): line for line in whole if (d := json.loads(line))}


def finished(url: str, policy: Path, file: Path, **options: Any) -> "subprocess.CompletedProcess[bytes]":
    command = [*RECORD, "--store", url, "--policy", policy, file]
    return subprocess.run(command, capture_output=True, check=False, timeout=PATIENCE_S, **options)


def finished_together(commands: Iterable[Sequence[str | Path]]) -> tuple[list[int], list[tuple[bytes, bytes]]]:
    """Run commands at once; give how each ended, and what it printed."""
    with ExitStack() as stack:
        writers = [stack.enter_context(running(c, stdout=-1, stderr=-1)) for c in commands]
        said = [writer.communicate(timeout=PATIENCE_S) for writer in writers]
    return [writer.returncode for writer in writers], said


def test_a_killed_writer_loses_nothing_it_acknowledged(url: str, policy: Path, tmp_path: Path) -> None:
    """However often the writer is killed, and wherever: what it answered is there, whole, and the next one goes on."""
    chance = random.Random(20261122)
    given = events()
    file = written(tmp_path / "events.jsonl", given)
    acknowledged: dict[tuple[str, str], bytes] = {}
    kills = 0
    while kills < KILLS:
        batch = chance.choice([1, 3, 20])
        command = [*RECORD, "--store", url, "--policy", policy, "--batch", str(batch), file]
        with running(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as writer:
            assert writer.stdout is not None
            lines = [writer.stdout.readline() for _ in range(len(acknowledged) + chance.randint(0, 20))]
            time.sleep(chance.random() * 0.02)
            writer.send_signal(signal.SIGKILL)
            lines += writer.stdout.readlines()
        kills += 1
        acknowledged |= acknowledgements(lines)
        with closing(opened(url)) as store:
            holds(store, acknowledged)
        if len(acknowledged) > len(given) * 3 // 4:
            acknowledged = {}
            file = written(file, given := [{**e, "deal": f"{e['deal']}'"} for e in given])
    assert finished(url, policy, file).returncode == WHOLE
    with closing(opened(url)) as store:
        holds(store, acknowledged)
        assert {k for k in recorded(store) if k[0].endswith(given[0]["deal"][3:])} >= {key(e) for e in given}
        assert all(found is None for found in replay(store, Policies(store, Core.PLAIN, print), db.entries(store)))


def test_a_full_disk_loses_nothing_and_answers_nothing_more(policy: Path, tmp_path: Path) -> None:
    """Where no more can be written the writer stops and says so; with room again the next one goes on."""
    url = str(tmp_path / "log.db")
    file = written(tmp_path / "events.jsonl", events())
    acknowledged: dict[tuple[str, str], bytes] = {}
    for blocks in (80, 280, 450, 900):
        command = [*RECORD, "--store", url, "--policy", str(policy), "--batch", "5", str(file)]
        limited = ["sh", "-c", f'ulimit -f {blocks}; exec "$@"', "sh", *command]
        done = subprocess.run(limited, capture_output=True, check=False, timeout=PATIENCE_S)
        assert done.returncode == 2, done.stderr
        assert b"error: " in done.stderr
        assert b"Traceback" not in done.stderr
        before = len(acknowledged)
        acknowledged |= acknowledgements(done.stdout.splitlines(keepends=True))
        assert len(acknowledged) > before or blocks == 80
        if acknowledged:
            with closing(opened(url)) as store:
                holds(store, acknowledged)
    assert finished(url, policy, file).returncode == WHOLE
    with closing(opened(url)) as store:
        assert recorded(store).keys() == {key(e) for e in events()}
        holds(store, acknowledged)


def test_two_writers_at_once_never_fork_the_log(url: str, policy: Path, tmp_path: Path) -> None:
    """Two processes that record the same and other events end with one log, in which each event stands once."""
    given = events()
    files = [written(tmp_path / f"{n}.jsonl", [e for i, e in enumerate(given) if i % 3 != n]) for n in (1, 2)]
    whole = written(tmp_path / "whole.jsonl", given)
    command = [*RECORD, "--store", url, "--policy", str(policy), "--batch", "3"]
    ended, answers = finished_together([*command, whole] for _ in files)
    assert ended == [WHOLE] * 2, answers[0][1] + answers[1][1]
    both = [acknowledgements(out.splitlines(keepends=True)) for out, _ in answers]
    assert both[0] == both[1]
    with closing(opened(url)) as store:
        assert db.size(store) == len(given)
        holds(store, both[0])
        assert all(found is None for found in replay(store, Policies(store, Core.PLAIN, print), db.entries(store)))


def test_two_writers_that_make_the_store_at_once_both_find_it(url: str, policy: Path, tmp_path: Path) -> None:
    """Several processes that find no store make one together."""
    command = [*RECORD, "--store", url, "--policy", str(policy)]
    files = [written(tmp_path / f"{n}.jsonl", deal(f"D-{n}")) for n in range(4)]
    ended, answers = finished_together([*command, f] for f in files)
    assert ended == [WHOLE] * 4, [err for _, err in answers]
    with closing(opened(url)) as store:
        assert db.size(store) == 44
        assert not verify(store).damages
