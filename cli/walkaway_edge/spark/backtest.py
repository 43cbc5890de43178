"""Backtest on Spark: the deals of each party are decided together, on whichever machine, and the sums are added here.

Events go through Spark as texts alone: a decimal or an instant would come out otherwise by some roads. The function
that decides has no side effects, so a part that is lost with its machine is decided again from its beginning, and only
sums that came back whole are added, once each.
"""

import base64
import importlib.util
import os
import pickle
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from walkaway import Policy
from walkaway.backtest import SHOWN, Backtest, BacktestSums, backtested
from walkaway.deal.cover import people_of
from walkaway.policy import FILE
from walkaway_edge.problems import EdgeProblem
from walkaway_edge.spark.pieces import PastPiece, pieces_of
from walkaway_edge.spark.sharing import BLOCKS, OPENINGS, SharedLines, Sharing, column
from walkaway_edge.workers.protocol import PolicySource, source_of

_PARTS_A_CORE, _PART_BYTES = 3, 1 << 26
"""Into so many parts deals are shared out for each core, and into more where a part would have more bytes of lines."""
_BLOCKS = 100
"""So many blocks of lines cross to Python together."""
_OPTIONS = {"spark.sql.adaptive.enabled": "false", "spark.sql.codegen.wholeStage": "false"} | {
    f"spark.{whose}.defaultJavaOptions": "-XX:TieredStopAtLevel=1" for whose in ("driver", "executor")
}
"""Spark hands blocks on and does little else: to make its own code quicker would cost more than it saves."""


def is_installed() -> bool:
    """Return whether the extra `spark` is installed."""
    return importlib.util.find_spec("pyspark") is not None


def backtested_on_spark(
    master: str, files: Sequence[str], new: Policy, old: Policy | None, segment: str, parts: int = 0
) -> Backtest:
    """Decide the events of Parquet files on a cluster.

    Args:
        master: As Spark has it: `local[4]`, `spark://HOST:PORT`.
        files: Each with a column `line` or `event` of whole events, as JSON texts.
        segment: The deal fact by which deals are told apart.
        parts: Into how many parts the deals are shared out; some for each core, if left out.

    Raises:
        EdgeProblem: Where Spark is not installed, the cluster fails, or a file has no such column.
    """
    if not is_installed():
        raise EdgeProblem("--master needs Spark: pip install 'walkaway[spark]', and Java 17")
    from pyspark.errors import PySparkException

    pieces = pieces_of(files)  # what is wrong with them is told before a cluster is asked
    try:
        session = session_at(master, "walkaway backtest")
        try:
            told = _decided(session, pieces, _SharedPart(new, old, segment), parts)
        finally:
            session.stop()
    except (PySparkException, OSError, RuntimeError) as problem:
        raise EdgeProblem(f"Spark at {master} fails: {first_line(problem)}") from problem
    sums = BacktestSums()
    for text in told:
        sums.add(pickle.loads(base64.b64decode(text)), sys.maxsize)  # of our own making, from our own workers
    sums.changed = sorted(sums.changed, key=lambda each: (each.at, each.deal, each.event))[:SHOWN]
    return Backtest(sums, new, old, old is not None, segment)


class _SharedPart:
    """What every worker needs: the policies as their files, since these are what is the same everywhere."""

    def __init__(self, new: Policy, old: Policy | None, segment: str) -> None:
        self.new, self.old = sent(new), None if old is None else sent(old)
        self.segment = segment

    def people(self) -> list[dict[str, str]]:
        """Return how the policies tell parties apart, each way once."""
        found = [people_of([source.policy()]) for source in (self.new, self.old) if source is not None]
        return [people for place, people in enumerate(found) if people not in found[:place]]

    def __call__(self, batches: Iterable[Any]) -> Iterator[Any]:
        """Decide the deals of one part; one row comes out, with their sums."""
        import pyarrow

        old = None if self.old is None else _policy(self.old)
        found = backtested(map(_block, batches), _policy(self.new), old, segment=self.segment)
        text = base64.b64encode(pickle.dumps(found.sums)).decode()
        yield pyarrow.RecordBatch.from_pydict({"sums": [text]})


def _policy(source: PolicySource) -> Policy:
    """Return a policy as it was sent; a worker reads it once for all its parts."""
    return _policy_of(source.name, tuple(source.files.items()), source.rates)


@lru_cache(maxsize=8)
def _policy_of(name: str, files: tuple[tuple[str, bytes], ...], rates: str) -> Policy:
    return PolicySource(name, dict(files), rates).policy()


def sent(policy: Policy) -> PolicySource:
    """Return a policy as it is sent."""
    return source_of(policy, FILE)


def _block(batch: Any) -> bytes:
    """Return the lines of a batch of blocks."""
    return b"".join(block + b"\n" for block in column(batch, "lines").to_pylist())


def session_at(master: str, name: str) -> Any:
    """Return a session of Spark, under a name that its pages show."""
    from pyspark.sql import SparkSession

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ.setdefault("PYSPARK_DRIVER_PYTHON", sys.executable)
    options: Mapping[str, str] = {
        "spark.ui.enabled": "false",
        "spark.sql.session.timeZone": "UTC",
        "spark.log.level": "OFF",
        "spark.sql.ansi.enabled": "true",
        "spark.ui.showConsoleProgress": "false",
        **({"spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1"} if _is_here(master) else {}),
        **_OPTIONS,
    }
    builder = SparkSession.builder.master(master).appName(name)
    for name, value in options.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def _is_here(master: str) -> bool:
    return master.startswith("local") or "://127.0.0.1:" in master or "://localhost:" in master


def _decided(session: Any, pieces: Sequence[PastPiece], job: _SharedPart, parts: int) -> list[str]:
    """Return the sums of every part."""
    cores = max(1, session.sparkContext.defaultParallelism)
    size = sum(piece.size for piece in pieces)
    count = parts or max(cores * _PARTS_A_CORE, -(-size // _PART_BYTES))
    session.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", str(_BLOCKS))
    past = session.range(0, len(pieces), 1, max(1, min(len(pieces), count)))
    sharing = Sharing(pieces, job.people(), count)
    openings = past.mapInArrow(sharing.openings, OPENINGS).toArrow()
    shared = SharedLines(sharing, session.sparkContext.broadcast(sharing.shares(openings)))
    blocks = past.mapInArrow(shared, BLOCKS).repartitionById(count, "key").sortWithinPartitions("place", "row")
    return [row["sums"] for row in blocks.mapInArrow(job, "sums string").collect()]


def first_line(problem: BaseException) -> str:
    """Return what an exception says in a line: its first, or its last where the first leads to what a worker raised."""
    lines = (str(problem).strip() or type(problem).__name__).splitlines()
    return lines[-1 if lines[0].endswith(":") else 0].strip()[:200]
