"""Several workers come to what one process comes to: the same verdicts in the same order, the same log."""

import json
import os
import signal
from contextlib import closing
from pathlib import Path

import pytest
from tests.helpers.live import RUN, answers, events, ids, lines, run, written_policy
from tests.helpers.logs import Event
from tests.helpers.processes import PATIENCE_S, running, wait_for

from walkaway import Core, load
from walkaway.deal.lines import Line
from walkaway.log import store as db
from walkaway.log.policies import Policies
from walkaway.log.replaying import replay
from walkaway.log.sqlite import Sqlite
from walkaway.log.verify import verify
from walkaway.run.keeper import DecidedEvent
from walkaway_edge.workers.processes import WorkerPool

pytestmark = pytest.mark.slow
A_PIPE = 208 * 1024
"""So many bytes Linux keeps at most for whoever reads a pipe later."""


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
            assert all(f is None for f in replay(store, Policies(store, Core.PLAIN, print), db.entries(store)))
            made.append((done.stdout, dead.read_bytes(), verified, sorted(store.rows("SELECT * FROM positions"))))
    assert made[0] == made[1]


def with_parties(count: int) -> list[Event]:
    """Return openings of deals with few parties, some of which lie, some of which go on in a deal that follows."""
    found: list[Event] = []
    for n in range(count):
        deal, at = f"D-{n}", f"2026-10-05T09:{n:02d}"
        party = {"party": (f"Party {n % 4}", f" PARTY {n % 4}")[n % 2]} if n % 5 else {}
        follows = {"follows": f"D-{n - 4}"} if n % 3 == 0 and n >= 4 else {}
        facts = {"list_price": "100,000 USD", "segment": "large"}
        head = {"deal": deal}
        found += [
            {
                **head,
                "id": "o0",
                "at": f"{at}:00Z",
                "type": "open",
                "facts": {"list_price": "much"},
                "party": "Party 9",
            },
            {**head, "id": "o", "at": f"{at}:00Z", "type": "open", "facts": facts, **party, **follows},
            {**head, "id": "a", "at": f"{at}:10Z", "type": "offer", "by": "them", "terms": {"discount": f"{40 - n}%"}},
            {**head, "id": "b", "at": f"{at}:20Z", "type": "offer", "by": "us", "terms": {"term": "24 months"}},
        ]
        if n % 7 == 3:
            found.append({**head, "id": "s", "at": f"{at}:30Z", "type": "signal", "by": "them", "kind": "deception"})
        if n % 7 == 5:
            found.append({**head, "id": "c", "at": f"{at}:30Z", "type": "close", "outcome": "lost"})
    return found


@pytest.mark.parametrize("batch", ["1", "7"])
@pytest.mark.parametrize("is_kept", [True, False])
def test_what_happens_with_one_party_is_decided_in_one_order(tmp_path: Path, batch: str, *, is_kept: bool) -> None:
    """Deals with one party, and one with the deal that it follows, are known to each other whoever decides; again."""
    policy, file = written_policy(tmp_path / "policy"), tmp_path / "events.jsonl"
    found = with_parties(18)
    made: list[object] = []
    for workers in ("1", "2"):
        url = tmp_path / f"{workers}.db"
        kept, out = ("--store", url) if is_kept else (), b""
        for part in (found[:40], found[40:]) if is_kept else (found,):
            file.write_bytes(lines(part))
            done = run(policy, "--from", file, "--name", str(len(out)), *kept, "--batch", batch, "--workers", workers)
            out += done.stdout
        assert b'"party"' in out
        assert b"party-has-a-deal" in out
        if is_kept:
            with closing(Sqlite(url)) as store:
                assert not verify(store).damages
                assert all(f is None for f in replay(store, Policies(store, Core.PLAIN, print), db.entries(store)))
                made.append((out, verify(store).root))
        else:
            made.append(out)
    assert made[0] == made[1]


def test_workers_without_a_store_answer_as_one_process(tmp_path: Path) -> None:
    """Verdicts leave in the order of the events, byte by byte as from one process."""
    policy = written_policy(tmp_path / "policy")
    data = lines(events(9))
    one, three = (run(policy, "--workers", n, "--batch", "10", stdin=data) for n in ("1", "3"))
    assert one.stdout == three.stdout
    assert three.returncode == 0


def test_a_batch_is_sent_before_the_one_ahead_of_it_is_heard(tmp_path: Path) -> None:
    """Tasks and replies too large for a pipe stall nobody, and the answers come in the order of the lines."""
    folder = written_policy(tmp_path / "policy")
    policy = load(folder).unwrap()
    wide = b" " * 4_000
    found = [Line(json.dumps(event).encode() + wide, "lines", n) for n, event in enumerate(events(60), 1)]
    size = len(found) // 3
    batches = [found[start : start + size] for start in range(0, len(found), size)]
    assert sum(len(line.data) for line in batches[0]) > 2 * A_PIPE
    told: list[str] = []
    with closing(WorkerPool(2, policy, str(folder), None, None, Core.PLAIN, print)) as pool:
        assert all(pool.ahead(batch) for batch in batches)
        assert not any(sent.decided.answers for sent in pool.sent)
        for batch in batches:
            answers_ = pool.take(batch, lambda _: None)
            told += [a.event for a in answers_ if isinstance(a, DecidedEvent)]
    assert told == [json.loads(line.data)["id"] for line in found]


def test_workers_that_die_end_the_run_and_the_next_goes_on(tmp_path: Path) -> None:
    """Without its workers a run stops rather than decide by halves; nothing is lost or decided twice."""
    policy, file, out = written_policy(tmp_path / "policy"), tmp_path / "events.jsonl", tmp_path / "out"
    found = events(4)
    file.write_bytes(lines(found[:20]))
    places = ["--from", file, "--follow", "--to", out, "--store", tmp_path / "log.db", "--workers", "2"]
    with running([*RUN, "--policy", policy, *places], stderr=-1) as process:
        wait_for(lambda: out.exists() and out.read_bytes().count(b"\n") == 20, process)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        workers = [c for c in children if b"spawn_main" in Path(f"/proc/{c}/cmdline").read_bytes()]
        assert len(workers) == 2
        for worker in workers:
            os.kill(int(worker), signal.SIGKILL)
        with file.open("ab") as more:
            more.write(lines(found[20:]))
        _, said = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 2
    assert b"a worker has stopped" in said
    places.remove("--follow")
    assert run(policy, *places).returncode == 0
    assert answers(out.read_bytes()) == ids(found)
    assert all(json.loads(line)["verdict"] for line in out.read_bytes().splitlines())
