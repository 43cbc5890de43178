"""What each part of a live job on Spark does, without Spark: buckets, decided apart, that lie as bytes in between."""

import json
from pathlib import Path
from typing import Any

import pytest

from walkaway import DeadLetter, load
from walkaway.deal.lines import Line
from walkaway.run import DealBucket
from walkaway_edge.problems import EdgeProblem
from walkaway_edge.spark.commits import FORMAT, JobCommit, JobFolder
from walkaway_edge.spark.live import DecidedPart, heads

pyarrow = pytest.importorskip("pyarrow", reason="the extra `spark` is not installed")
pytest.importorskip("pyarrow.parquet")
SAAS = Path(__file__).parents[3] / "rules" / "saas-discounting"
BUCKETS = 3


def lines(role: str) -> list[str]:
    """Return five deals in turn; after some of it all of them are stopped."""
    events = [json.loads(line) for line in (SAAS / "deal.jsonl").read_text(encoding="utf-8").splitlines()][:6]
    told = [json.dumps({**event, "deal": f"D-{number}"}) for event in events for number in range(5)]
    stop = {"id": "k1", "at": events[2]["at"], "type": "kill", "approver": "robin", "role": role, "reason": "leak"}
    return [*told[:15], json.dumps(stop), "no event", *told[15:]]


def test_a_stop_of_all_deals_reaches_every_bucket(tmp_path: Path) -> None:
    """Every line has one answer, that which one process gives; the same holds of what comes in a later batch."""
    policy = load(SAAS).unwrap()
    every = lines(policy.roles[-1])
    with DealBucket([policy]) as whole:
        wanted = list(whole.take([Line(line.encode(), "events", n) for n, line in enumerate(every, 1)]))
    folder, found = JobFolder(tmp_path / "job"), list[dict[str, Any]]()
    for number, some in enumerate((every[:20], every[20:])):
        states = {b: str(file) for b in range(BUCKETS) if (file := folder.state(b)) is not None}
        part = DecidedPart([policy], str(folder.path), number, BUCKETS, {}, states, "plain", False)
        rows = pyarrow.RecordBatch.from_pydict({"number": list(range(len(some))), "line": some})
        shared = [row for batch in part.bucketed(heads([rows])) for row in batch.to_pylist()]
        shared.sort(key=lambda row: (row["bucket"], row["number"]))
        done = [row for batch in part([pyarrow.RecordBatch.from_pylist(shared)]) for row in batch.to_pylist()]
        assert sum(row["lines"] for row in done) == len(some)
        answers = tuple(row["answers"] for row in done)
        named = {str(row["bucket"]): row["state"] for row in done}
        folder.commit(JobCommit(FORMAT, number, BUCKETS, len(some), 0, answers, named, {}))
        tables = [pyarrow.parquet.read_table(folder.path / name).to_pylist() for name in answers]
        found += sorted((row for table in tables for row in table), key=lambda row: row["number"])
    told = [row["answer"] and row["answer"].encode() for row in found]
    assert told == [None if isinstance(answer, DeadLetter) else answer.answer for answer in wanted]
    with DealBucket([policy]) as going:
        on = [Line(line.encode(), "events", n) for n, line in enumerate(every, 1) if n != 16]
        goes = [answer.verdict for answer in going.take(on) if not isinstance(answer, DeadLetter)]
    assert goes[15:] != [answer.verdict for answer in wanted[17:] if not isinstance(answer, DeadLetter)]


def test_a_batch_is_committed_once(tmp_path: Path) -> None:
    """A second commit of its number is refused, and leaves the first; what is no commit is told."""
    folder, other = JobFolder(tmp_path), JobFolder(tmp_path)
    commit = JobCommit(FORMAT, 0, BUCKETS, 1, 0, (), {}, {"D-1": "party acme"})
    folder.commit(commit)
    with pytest.raises(EdgeProblem, match="another job writes to this folder"):
        other.commit(commit)
    again = JobFolder(tmp_path)
    assert (again.last, again.keys) == (commit, {"D-1": "party acme"})
    (folder.commits / "000000000001.json").write_text("{}")
    with pytest.raises(EdgeProblem, match="is no commit of a job"):
        JobFolder(tmp_path)
