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
from typing import Any

from walkaway import Policy
from walkaway.backtest import SHOWN, Backtest, BacktestSums, backtested
from walkaway.deal.cover import party_of, people_of
from walkaway.policy import FILE
from walkaway_edge.problems import EdgeProblem
from walkaway_edge.workers.protocol import PolicySource, source_of

NAMES = ("line", "event")
"""What a column of whole events is called."""
_PARTS_A_CORE = 3


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

    try:
        session = session_at(master, "walkaway backtest")
        try:
            told = _decided(session, files, _SharedPart(new, old, segment), parts)
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

    def __call__(self, batches: Iterable[Any]) -> Iterator[Any]:
        """Decide the deals of one part; one row comes out, with their sums."""
        import pyarrow

        old = None if self.old is None else self.old.policy()
        found = backtested(map(_block, batches), self.new.policy(), old, segment=self.segment)
        text = base64.b64encode(pickle.dumps(found.sums)).decode()
        yield pyarrow.RecordBatch.from_pydict({"sums": [text]})


def sent(policy: Policy) -> PolicySource:
    """Return a policy as it is sent."""
    return source_of(policy, FILE)


def _block(batch: Any) -> bytes:
    """Return the lines of a batch; by the column's name, since Spark hands columns over by their place."""
    return b"".join(line.encode() + b"\n" for line in batch.column(batch.schema.names.index("line")).to_pylist())


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
    }
    builder = SparkSession.builder.master(master).appName(name)
    for name, value in options.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def _is_here(master: str) -> bool:
    return master.startswith("local") or "://127.0.0.1:" in master or "://localhost:" in master


def _decided(session: Any, files: Sequence[str], job: _SharedPart, parts: int) -> list[str]:
    """Return the sums of every part."""
    from pyspark.sql import functions as f

    read = session.read.parquet(*files)
    name = next((n for n in NAMES if n in read.columns), None)
    if name is None or dict(read.dtypes)[name] != "string":
        raise EdgeProblem(f"{files[0]} has no column `line` of texts", "write each event as its JSON text")
    line = f.col(name)
    places = f.create_map(*(f.lit(each) for place, file in enumerate(files) for each in (file, place)))
    events = read.select(
        line.alias("line"),
        f.regexp_replace(f.col("_metadata.file_path"), "^file:/*", "/").alias("file"),
        f.col("_metadata.row_index").alias("row"),
        f.get_json_object(line, "$.deal").alias("deal"),
    )
    count = parts or max(1, session.sparkContext.defaultParallelism) * _PARTS_A_CORE
    session.conf.set("spark.sql.shuffle.partitions", str(count))
    shared = (
        events.join(_shares(session, read.select(line.alias("line")), job), "deal", "left")
        .withColumn("share", f.coalesce("share", f.concat(f.lit("d"), "deal"), f.lit("")))
        .withColumn("place", places[f.col("file")])
        .repartition(count, "share")
        .sortWithinPartitions("place", "row")
        .select("line")
    )
    return [row["sums"] for row in shared.mapInArrow(job, "sums string").collect()]


def _shares(session: Any, lines: Any, job: _SharedPart) -> Any:
    """Return with whom each deal is decided that is not decided alone: its party's deals, and the deals it follows."""
    from pyspark.sql import functions as f

    people = people_of([job.new.policy()])
    folded = f.udf(lambda party: "p" + party_of(people, party) if party else None, "string", useArrow=False)
    openings = lines.select(
        *(f.get_json_object("line", f"$.{name}").alias(name) for name in ("type", "deal", "party", "follows"))
    ).where("type = 'open' and deal is not null and (party is not null or follows is not null)")
    opened = openings.groupBy("deal").agg(f.first("party").alias("party"), f.first("follows").alias("follows"))
    shares = opened.select("deal", folded("party").alias("share"), "follows")
    following = shares.where("follows is not null").collect()
    if following:  # few deals follow others; who is with whom through them is found here
        named = {row["deal"] for row in following} | {row["follows"] for row in following}
        own = {r["deal"]: r["share"] for r in shares.where(f.col("deal").isin(sorted(named))).collect()}
        found = joined([(row["deal"], row["follows"]) for row in following], own)
        linked = session.createDataFrame(sorted(found.items()), "share string, whole string")
        shares = shares.withColumn("share", f.coalesce("share", f.concat(f.lit("d"), "deal")))
        alone = session.createDataFrame([(d, "d" + d) for d in sorted(named - own.keys())], "deal string, share string")
        shares = shares.select("deal", "share").union(alone).join(linked, "share", "left")
        return shares.select("deal", f.coalesce("whole", "share").alias("share"))
    return shares.select("deal", "share")


def joined(links: Iterable[tuple[str, str]], own: Mapping[str, str | None]) -> dict[str, str]:
    """Return the shares that belong together since a deal of one follows a deal of another: share → the first of them.

    Args:
        links: Deal → the deal that it follows.
        own: Deal → the share of its party; none where nobody says who that is.
    """
    first: dict[str, str] = {}

    def root(share: str) -> str:
        while first.setdefault(share, share) != share:
            share = first[share]
        return share

    for pair in links:
        one, other = sorted(root(own.get(deal) or "d" + deal) for deal in pair)
        first[other] = one
    return {share: root(share) for share in first}


def first_line(problem: BaseException) -> str:
    """Return the first line of what an exception says."""
    return (str(problem).strip() or type(problem).__name__).splitlines()[0][:200]
