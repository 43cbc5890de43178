"""A live job on Spark: micro-batches of events decided bucket by bucket, each batch in one commit.

Structured Streaming finds the files and keeps which of them each micro-batch is of. Deals are shared out over buckets
by the checksum of their party, or of their own name, as workers of a run share them out; a bucket's deals lie as bytes
in a file between two batches. Deciding has no side effects but new files under new names, so a part that is lost with
a machine, or a batch that is lost with its driver, is decided again from its beginning and counts once.
"""

import uuid
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from walkaway import EVERY_DEAL, Core, Policy
from walkaway.deal.cover import people_of
from walkaway.deal.letters import DeadLetter
from walkaway.deal.lines import Line, head_of
from walkaway.run import DealBucket
from walkaway_edge.problems import EdgeProblem
from walkaway_edge.spark.backtest import first_line, is_installed, sent, session_at
from walkaway_edge.spark.commits import FORMAT, JobCommit, JobFolder, write_durably
from walkaway_edge.workers.processes import Shares

_BUCKETS, _BUCKETS_A_CORE, _PARTS_A_CORE = 16, 2, 2
_HEADS = "number long, line string, deal string, party string, follows string"
_DONE = "bucket int, answers string, state string, lines long, dead long"


def run_on_spark(
    master: str,
    source: Path,
    target: Path,
    policies: Sequence[Policy],
    follow: bool,
    is_stopped: Callable[[], bool],
    core: str,
    *,
    in_words: bool = False,
) -> tuple[int, int]:
    """Decide the events of Parquet files as they come into a folder, until it is at their end or is stopped.

    Args:
        source: Each file has a column `line` of whole events, in order; files count in the order of their times.
        target: The job's folder; one that was stopped, or killed, is gone on with.
        follow: Whether to wait for more files.

    Returns:
        How many lines were decided, and how many were no events that fit.

    Raises:
        EdgeProblem: Where Spark is not installed, or fails, or the folders are not what they should be.
    """
    if not is_installed():
        raise EdgeProblem("--master needs Spark: pip install 'walkaway[spark]', and Java 17")
    from pyspark.errors import PySparkException

    folder = JobFolder(target)
    lines = dead = 0
    try:
        session = session_at(master, "walkaway run")
        try:
            cores = session.sparkContext.defaultParallelism
            session.conf.set("spark.sql.shuffle.partitions", str(_PARTS_A_CORE * cores))
            job = _LiveJob(folder, policies, cores, core, in_words)
            rows = (
                session.readStream.schema("line string")
                .option("maxFilesPerTrigger", 1)
                .parquet(str(source.resolve()))
                .selectExpr("line", "_metadata.row_index as number")
            )
            writer = rows.writeStream.foreachBatch(job.batch).option("checkpointLocation", folder.checkpoint)
            query = (writer if follow else writer.trigger(availableNow=True)).start()
            while not query.awaitTermination(1):
                if is_stopped():
                    query.stop()
            lines, dead = job.lines, job.dead
        finally:
            session.stop()
    except (PySparkException, OSError, RuntimeError) as problem:
        raise EdgeProblem(f"Spark at {master} fails: {first_line(problem)}") from problem
    return lines, dead


class _LiveJob:
    """What becomes of each micro-batch, in the driver."""

    def __init__(self, folder: JobFolder, policies: Sequence[Policy], cores: int, core: str, in_words: bool) -> None:
        self.folder, self.policies, self.parts = folder, policies, _PARTS_A_CORE * cores
        self.core, self.in_words = core, in_words
        many = max(_BUCKETS, _BUCKETS_A_CORE * cores)
        self.buckets = many if folder.last is None else folder.last.buckets  # for good, once there is one
        self.shares = Shares(self.buckets, None, people_of(policies))
        self.shares.keys = dict(folder.keys)
        self.lines = self.dead = 0

    def batch(self, frame: Any, number: int) -> None:
        """Decide a micro-batch and commit it; one that was committed by a driver that is gone counts already."""
        if self.folder.last is not None and number <= self.folder.last.batch:
            return
        frame = frame.mapInArrow(heads, _HEADS).persist()
        try:
            keys = self.bound(frame)
            states = {b: str(file) for b in range(self.buckets) if (file := self.folder.state(b)) is not None}
            part = DecidedPart(
                self.policies, str(self.folder.path), number, self.buckets, keys, states, self.core, self.in_words
            )
            shared = (
                frame.select("number", "line", "deal")
                .mapInArrow(part.bucketed, "bucket int, number long, line string, own boolean")
                .repartition(self.parts, "bucket")
                .sortWithinPartitions("bucket", "number")
            )
            done = shared.mapInArrow(part, _DONE).collect()
        finally:
            frame.unpersist()
        named = {} if self.folder.last is None else dict(self.folder.last.states)
        named |= {str(row["bucket"]): row["state"] for row in done}
        lines, dead = sum(row["lines"] for row in done), sum(row["dead"] for row in done)
        answers = tuple(row["answers"] for row in sorted(done, key=lambda row: row["bucket"]))
        fresh = {deal: key for deal, key in self.shares.keys.items() if deal not in self.folder.keys}
        self.folder.commit(JobCommit(FORMAT, number, self.buckets, lines, dead, answers, named, fresh))
        self.lines, self.dead = self.lines + lines, self.dead + dead

    def bound(self, frame: Any) -> Mapping[str, str]:
        """Return what deals of a batch are shared out by that are not by their names, those it opens included."""
        opens = frame.where("party != '' or follows != ''").select("number", "line").collect()
        for row in sorted(opens, key=lambda row: row["number"]):
            self.shares.of(Line(row["line"].encode(), "events", 1))
        keys = self.shares.keys
        if not keys:
            return {}
        return {
            row["deal"]: keys[row["deal"]] for row in frame.select("deal").distinct().collect() if row["deal"] in keys
        }


def heads(batches: Iterable[Any]) -> Iterator[Any]:
    """Return lines with the deal of each, and what its opening says of others; columns by their names."""
    import pyarrow

    for batch in batches:
        lines = [line or "" for line in batch.column(batch.schema.names.index("line")).to_pylist()]
        found = [head_of(line.encode()) for line in lines]
        yield pyarrow.RecordBatch.from_pydict(
            {
                "number": batch.column(batch.schema.names.index("number")).cast("int64"),
                "line": lines,
                "deal": [head.deal for head in found],
                "party": [head.party for head in found],
                "follows": [head.follows for head in found],
            }
        )


class DecidedPart:
    """Decides the buckets of a part, wherever it runs; policies go there as their files."""

    def __init__(
        self, policies: Sequence[Policy], folder: str, batch: int, buckets: int, keys: Mapping[str, str],
        states: Mapping[int, str], core: str, in_words: bool,
    ) -> None:  # fmt: skip
        self.sources = [sent(policy) for policy in policies]
        self.folder, self.batch, self.buckets, self.keys, self.states = folder, batch, buckets, dict(keys), dict(states)
        self.core, self.in_words = core, in_words

    def bucketed(self, batches: Iterable[Any]) -> Iterator[Any]:
        """Return lines with their buckets; one that names no deal may be about every deal, and goes to all of them."""
        import pyarrow

        for batch in batches:
            columns = {name: batch.column(place) for place, name in enumerate(batch.schema.names)}
            shares, rows, own = list[int](), list[int](), list[bool]()
            for row, deal in enumerate(columns["deal"].to_pylist()):
                home = zlib.crc32(self.keys.get(deal, deal).encode()) % self.buckets
                found = [home] if deal not in ("", EVERY_DEAL) else range(self.buckets)
                shares += found
                rows += [row] * len(found)
                own += [bucket == home for bucket in found]
            yield pyarrow.RecordBatch.from_pydict(
                {
                    "bucket": pyarrow.array(shares, pyarrow.int32()),
                    "number": columns["number"].take(pyarrow.array(rows, pyarrow.int64())),
                    "line": columns["line"].take(pyarrow.array(rows, pyarrow.int64())),
                    "own": pyarrow.array(own, pyarrow.bool_()),
                }
            )

    def __call__(self, batches: Iterable[Any]) -> Iterator[Any]:
        """Decide lines, which come bucket by bucket, each in order; a row comes out for each bucket."""
        import pyarrow

        held: list[tuple[int, str, bool]] = []
        now, policies = -1, [source.policy() for source in self.sources]
        for batch in batches:
            columns = {name: batch.column(place).to_pylist() for place, name in enumerate(batch.schema.names)}
            for bucket, *row in zip(*(columns[n] for n in ("bucket", "number", "line", "own")), strict=True):
                if bucket != now and held:
                    yield pyarrow.RecordBatch.from_pylist([self.decided(policies, now, held)], _done(pyarrow))
                    held = []
                now = bucket
                held.append(tuple(row))
        if held:
            yield pyarrow.RecordBatch.from_pylist([self.decided(policies, now, held)], _done(pyarrow))

    def decided(self, policies: Sequence[Policy], bucket: int, rows: Sequence[tuple[int, str, bool]]) -> dict[str, Any]:
        """Decide the lines of a bucket and write its answers and its state, under names that nobody else has.

        Args:
            rows: Number, line, and whether the line's answer is this bucket's to give.
        """
        import pyarrow
        import pyarrow.parquet

        named = self.states.get(bucket)
        data = b"" if named is None else Path(named).read_bytes()
        with DealBucket(policies, data, Core(self.core), in_words=self.in_words) as kept:
            every = [(Line(line.encode(), f"batch {self.batch}", n + 1), own) for n, line, own in rows]
            lines = [(line, own) for line, own in every if not line.is_blank]
            decided = kept.take([line for line, _ in lines])
            after = kept.data()
        answers = [(line, answer) for (line, own), answer in zip(lines, decided, strict=True) if own]
        told = [_told(line.number - 1, answer) for line, answer in answers]
        name = f"{self.batch:012}-{bucket:04}-{uuid.uuid4().hex}"
        files = (f"answers/{name}.parquet", f"states/{name}.bin")
        sink = pyarrow.BufferOutputStream()
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(told, _answers(pyarrow, self.batch)), sink)
        write_durably(Path(self.folder, files[0]), sink.getvalue().to_pybytes())
        write_durably(Path(self.folder, files[1]), after)
        dead = sum(isinstance(answer, DeadLetter) for _, answer in answers)
        return {"bucket": bucket, "answers": files[0], "state": files[1], "lines": len(answers), "dead": dead}


def _told(number: int, answer: Any) -> dict[str, Any]:
    """Return the row of an answer; of a dead letter the line and what is wrong with it."""
    if isinstance(answer, DeadLetter):
        problem = "; ".join(finding.message for finding in answer.findings)
        return {"number": number, "problem": problem, "original": answer.original}
    return {
        "number": number, "deal": answer.deal, "event": answer.event, "at": answer.at, "verdict": answer.verdict,
        "answer": answer.answer.decode(), "repeated": answer.repeated,
    }  # fmt: skip


def _answers(pyarrow: Any, batch: int) -> Any:
    text = pyarrow.string()
    fields = [("number", pyarrow.int64()), ("deal", text), ("event", text), ("at", text), ("verdict", text)]
    fields += [("answer", text), ("repeated", pyarrow.bool_()), ("problem", text), ("original", pyarrow.binary())]
    return pyarrow.schema(fields, metadata={"batch": str(batch)})


def _done(pyarrow: Any) -> Any:
    number, text = pyarrow.int64(), pyarrow.string()
    fields = [("bucket", pyarrow.int32()), ("answers", text), ("state", text), ("lines", number), ("dead", number)]
    return pyarrow.schema(fields)
