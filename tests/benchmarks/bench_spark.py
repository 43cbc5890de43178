"""A backtest on a cluster of Spark against a pool of processes that share the same files: events a second, per core.

    pip install -e ".[spark]"
    python tests/benchmarks/bench_spark.py write past --events 100_000_000        # 2.9 GB, the same lines at each run
    python tests/benchmarks/bench_spark.py cluster past --workers 2               # a master and two workers, here
    python tests/benchmarks/bench_spark.py pool past --workers 2
    python tests/benchmarks/bench_spark.py sample past                            # is it what the engine says?

Each file has a million events of 83,334 deals, twelve a deal. A worker has one core. Seconds are the clock's, Spark's
with its start, since that is what one waits for. Two policies are held against each other. What the cluster told is
kept in the folder as `told.json`; the verdicts of the pool have to be as many, and those of the engine the same.
"""

import argparse
import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from random import Random

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))  # for the cluster of the tests

A_FILE, RULES, DRAWN, TOLD = 1_000_000, 30, 100, "told.json"


def write(folder: Path, events: int) -> None:
    """Write files of events; one that is there already is right."""
    import polars as pl
    from seeded_past import lines_of

    folder.mkdir(parents=True, exist_ok=True)
    for number, first in enumerate(range(0, events, A_FILE)):
        count, file = min(A_FILE, events - first), folder / f"past-{number:04}.parquet"
        if not file.exists():
            part = file.with_suffix(".part")
            pl.DataFrame(lines_of(number, count)).write_parquet(part, compression="snappy")
            part.rename(file)
        print(f"{first + count:,} events", flush=True)


def policies(folder: Path) -> tuple[Path, Path]:
    """Write two policies and return their folders."""
    from workload import policy_text

    for name, seed in (("new", 1), ("old", 2)):
        (folder / name).mkdir()
        (folder / name / "policy.yaml").write_text(policy_text(RULES, seed), encoding="utf-8")
    return folder / "new", folder / "old"


def cluster(past: Path, workers: int) -> tuple[int, float]:
    """Return how many events a cluster decided, and in how many seconds."""
    from tests.edge.spark.on_this_machine import ENVIRONMENT, Cluster

    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        new, old = policies(Path(name))
        url = Cluster(Path(name), stack, workers).url
        began = time.perf_counter()
        run = [sys.executable, "-m", "walkaway_cli.main", "backtest", str(new), "--against", str(old)]
        done = subprocess.run(
            [*run, "--parquet", str(past / "*.parquet"), "--master", url, "--format", "json"],
            stdout=subprocess.PIPE,
            check=False,
            env=ENVIRONMENT,
        )
        seconds = time.perf_counter() - began
        told = json.loads(done.stdout)
    (past / TOLD).write_bytes(done.stdout)
    verdicts = [{row["verdict"]: row[when] for row in told["verdicts"]} for when in ("before", "now")]
    print(f"{told['deals']:,} deals, {told['unread']:,} lines unread; verdicts before and now: {verdicts}")
    assert all(sum(counts.values()) == told["events"] for counts in verdicts), "an event has no verdict, or two"
    return int(told["events"]), seconds


def alone(file: str, new: str, old: str) -> tuple[int, Counter[tuple[str, str]]]:
    """Decide one file, and return how many events it has, and how often each verdict is given, before and now."""
    import polars as pl

    from walkaway import load
    from walkaway.backtest import backtested

    lines = pl.read_parquet(file)["line"].str.join("\n").item().encode()
    sums = backtested([lines], load(new).unwrap(), load(old).unwrap(), segment="segment").sums
    sides = {"before": sums.old, "now": sums.new}
    return sums.events, Counter({(when, v): n for when, side in sides.items() for v, n in side.verdicts.items()})


def pool(past: Path, workers: int) -> tuple[int, float]:
    """Return how many events as many processes decided, a file at a time each, and in how many seconds."""
    files = sorted(map(str, past.glob("*.parquet")))
    with tempfile.TemporaryDirectory() as name:
        new, old = map(str, policies(Path(name)))
        began = time.perf_counter()
        with ProcessPoolExecutor(workers, get_context("spawn")) as processes:
            found = list(processes.map(alone, files, [new] * len(files), [old] * len(files)))
        seconds = time.perf_counter() - began
    if (past / TOLD).exists():
        rows = json.loads((past / TOLD).read_bytes())["verdicts"]
        of_cluster = Counter({(when, row["verdict"]): row[when] for row in rows for when in ("before", "now")})
        assert sum((counts for _, counts in found), Counter()) == +of_cluster, "the cluster counted other verdicts"
        print("the cluster counted the same verdicts")
    return sum(count for count, _ in found), seconds


def sample(past: Path) -> None:
    """Hold what the cluster told against the engine, which decides deals one by one.

    Every event that the cluster names is decided again, with all of its deal; and of each file some deals are drawn, on
    which columns, which workers decide by, have to say of every event what the engine says.
    """
    import polars as pl
    from seeded_past import EACH, SIDE_BY_SIDE
    from tests.helpers.columns import compared

    from walkaway import load
    from walkaway.backtest.exact import Deciding
    from walkaway.deal.lines import Line
    from walkaway.decide.evaluation import Evaluation

    named = {(row["deal"], row["event"]): row for row in json.loads((past / TOLD).read_bytes())["changed"]}
    files, rng, drawn, again = sorted(past.glob("*.parquet")), Random(1), 0, 0
    with tempfile.TemporaryDirectory() as name:
        sides = {side: load(folder).unwrap() for side, folder in zip(("new", "old"), policies(Path(name)), strict=True)}
        for number, file in enumerate(files):
            lines = pl.read_parquet(file)["line"]
            wanted = {int(deal.rsplit("-")[-1]) for deal, _ in named if deal.startswith(f"D-{number}-")}
            wanted |= set(rng.sample(range(-(-len(lines) // EACH)), DRAWN))
            part: list[bytes] = []
            for deal in sorted(wanted):
                first = deal // SIDE_BY_SIDE * SIDE_BY_SIDE * EACH
                block = lines.slice(first, SIDE_BY_SIDE * EACH)
                part += [line.encode() for line in block if f'"deal": "D-{number}-{deal}"' in line]
            for side, policy in sides.items():
                found = compared(policy, part)
                assert (found.events, found.left_out) == (len(part), []), "columns leave something out"
                for answer in Deciding(policy).lines(Line(line, file.name, n) for n, line in enumerate(part)):
                    assert isinstance(answer, Evaluation), answer
                    row = named.get((answer.event.deal, answer.event.id))
                    if row is not None:
                        assert answer.ruling.verdict == row[side], (row, answer.ruling.verdict)
                        again += side == "new"
            drawn += len(part)
    assert again == len(named), f"only {again} of {len(named)} named events are there"
    print(f"{drawn:,} events of {len(files)} files: columns and the engine say the same under both policies")
    print(f"{again:,} events that the cluster names: the engine says the same under both policies")


def main() -> None:
    """Write, or decide and print the rates."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["write", "cluster", "pool", "sample"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    if options.what == "write":
        write(options.folder, options.events)
        return
    if options.what == "sample":
        sample(options.folder)
        return
    count, seconds = (cluster if options.what == "cluster" else pool)(options.folder, options.workers)
    rate = count / seconds
    told = f"{rate:,.0f} a second, {rate / options.workers:,.0f} a core"
    print(f"{options.what}: {count:,} events in {seconds:,.1f} s: {told}")


if __name__ == "__main__":
    main()
