"""A backtest on a cluster of Spark against a pool of processes that share the same files: events a second, per core.

    pip install -e ".[spark]"
    python tests/benchmarks/bench_spark.py write past --events 100_000_000        # 2.9 GB, the same lines at each run
    python tests/benchmarks/bench_spark.py cluster past --workers 2               # a master and two workers, here
    python tests/benchmarks/bench_spark.py pool past --workers 2

Each file has a million events of 83,334 deals, twelve a deal. A worker has one core. Seconds are the clock's, Spark's
with its start, since that is what one waits for. Two policies are held against each other.
"""

import argparse
import contextlib
import json
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))  # for the cluster of the tests

A_FILE, RULES = 1_000_000, 30


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
        return int(json.loads(done.stdout)["events"]), time.perf_counter() - began


def alone(file: str, new: str, old: str) -> int:
    """Decide one file, and return how many events it has."""
    import polars as pl

    from walkaway import load
    from walkaway.backtest import backtested

    lines = pl.read_parquet(file)["line"].str.join("\n").item().encode()
    return backtested([lines], load(new).unwrap(), load(old).unwrap(), segment="segment").sums.events


def pool(past: Path, workers: int) -> tuple[int, float]:
    """Return how many events as many processes decided, a file at a time each, and in how many seconds."""
    files = sorted(map(str, past.glob("*.parquet")))
    with tempfile.TemporaryDirectory() as name:
        new, old = map(str, policies(Path(name)))
        began = time.perf_counter()
        with ProcessPoolExecutor(workers, get_context("spawn")) as processes:
            counts = list(processes.map(alone, files, [new] * len(files), [old] * len(files)))
        return sum(counts), time.perf_counter() - began


def main() -> None:
    """Write, or decide and print the rates."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["write", "cluster", "pool"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    if options.what == "write":
        write(options.folder, options.events)
        return
    count, seconds = (cluster if options.what == "cluster" else pool)(options.folder, options.workers)
    rate = count / seconds
    told = f"{rate:,.0f} a second, {rate / options.workers:,.0f} a core"
    print(f"{options.what}: {count:,} events in {seconds:,.1f} s: {told}")


if __name__ == "__main__":
    main()
