"""Several workers come to what one process comes to: the same verdicts in the same order, the same log."""

import json
import os
import signal
import time
from contextlib import closing
from pathlib import Path

import pytest
from tests.helpers.live import RUN, answers, events, ids, lines, run, written_policy
from tests.helpers.logs import Event
from tests.helpers.processes import running

from walkaway import Core
from walkaway.log import store as db
from walkaway.log.desk import Desk
from walkaway.log.replay import replay
from walkaway.log.sqlite import Sqlite
from walkaway.log.verify import verify

pytestmark = pytest.mark.slow


def impersonal(found: list[Event]) -> list[Event]:
    """Leave out what is sealed with a random salt, so that two logs can be the same."""
    kept = [e for e in found if e["type"] != "approve"]
    for event in kept:
        event.pop("actor", None)
        event.pop("note", None)
        event.get("facts", {}).pop("contact", None)
        if event["type"] == "update":
            event["batna"] = "50,000 USD"
    return kept


@pytest.mark.parametrize("batch", ["1", "30"])
def test_workers_make_the_log_that_one_process_makes(tmp_path: Path, batch: str) -> None:
    """Answers, dead letters, entries and their root are the same, redelivered and unreadable events included."""
    policy, file = written_policy(tmp_path / "policy"), tmp_path / "events.jsonl"
    found = impersonal(events(8))
    file.write_bytes(lines(found[:40]) + b"nonsense\n" + lines(found[10:30]) + lines(found[40:]) + lines(found[-3:]))
    made = []
    for workers in ("1", "2"):
        url, dead = tmp_path / f"{workers}.db", tmp_path / f"{workers}.dead"
        done = run(
            policy, "--from", file, "--store", url, "--batch", batch, "--workers", workers, "--dead-letters", dead
        )
        with closing(Sqlite(url)) as store:
            verified = verify(store)
            assert not verified.damages
            assert all(f is None for f in replay(store, Desk(store, Core.PLAIN, print), db.entries(store)))
            made.append((done.stdout, dead.read_bytes(), verified, sorted(store.rows("SELECT * FROM positions"))))
    assert made[0] == made[1]


def test_workers_without_a_store_answer_as_one_process(tmp_path: Path) -> None:
    """Verdicts leave in the order of the events, byte by byte as from one process."""
    policy = written_policy(tmp_path / "policy")
    data = lines(events(9))
    one, three = (run(policy, "--workers", n, "--batch", "10", stdin=data) for n in ("1", "3"))
    assert one.stdout == three.stdout
    assert three.returncode == 0


def test_workers_that_die_end_the_run_and_the_next_goes_on(tmp_path: Path) -> None:
    """Without its workers a run stops rather than decide by halves; nothing is lost or decided twice."""
    policy, file, out = written_policy(tmp_path / "policy"), tmp_path / "events.jsonl", tmp_path / "out"
    found = events(4)
    file.write_bytes(lines(found[:20]))
    places = ["--from", file, "--follow", "--to", out, "--store", tmp_path / "log.db", "--workers", "2"]
    with running([*RUN, "--policy", policy, *places], stderr=-1) as process:
        end = time.monotonic() + 30
        while not (out.exists() and out.read_bytes().count(b"\n") == 20) and time.monotonic() < end:
            time.sleep(0.02)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        workers = [c for c in children if b"spawn_main" in Path(f"/proc/{c}/cmdline").read_bytes()]
        assert len(workers) == 2
        for worker in workers:
            os.kill(int(worker), signal.SIGKILL)
        with file.open("ab") as more:
            more.write(lines(found[20:]))
        _, said = process.communicate(timeout=30)
    assert process.returncode == 2
    assert b"a worker has stopped" in said
    places.remove("--follow")
    assert run(policy, *places).returncode == 0
    assert answers(out.read_bytes()) == ids(found)
    assert all(json.loads(line)["verdict"] for line in out.read_bytes().splitlines())
