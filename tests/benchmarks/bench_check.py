"""The whole of `check`: policies loaded, lines of events decided, one offer asked from the shell.

    python tests/benchmarks/bench_check.py [--rounds 7] [--profile]

`--profile` prints where the time of an event goes instead (functions by their own time, at 30 rules with `plain`).
"""

import argparse
import cProfile
import os
import pstats
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import orjson
from harness import quantile, race, table
from workload import events, policy_text, read_policy

from walkaway import Core, Decision, Engine, Policy, Stream, encode

SIZES = (10, 30, 300)
DEALS, EVENTS = 30, 30


def batches(count: int) -> list[list[bytes]]:
    """Return lines for so many rounds: other deals in each, so that nothing is measured that was remembered."""
    return [events(DEALS, EVENTS, seed) for seed in range(count)]


def check(policy: Policy, core: Core, lines: Iterable[Sequence[bytes]]) -> Callable[[], int]:
    """Return a way that decides the next lines, each to the bytes of its decision."""
    engine, rounds = Engine(policy, core), iter(lines)

    def way() -> int:
        return sum(len(encode(answer)) for answer in _decisions(Stream(engine), next(rounds)))

    return way


def decode(lines: Iterable[Sequence[bytes]]) -> Callable[[], None]:
    """Return a way that only decodes the next lines."""
    rounds = iter(lines)

    def way() -> None:
        for line in next(rounds):
            orjson.loads(line)

    return way


def _decisions(stream: Stream, lines: Sequence[bytes]) -> Iterator[Decision]:
    for answer in stream.lines(lines, "events.jsonl"):
        assert isinstance(answer, Decision), answer
        yield answer


def end_to_end(rounds: int) -> str:
    """Compare with decoding alone: events a second, and how many times as long as orjson takes for the same lines."""
    rows = []
    lines = batches(rounds + 1)
    for size in SIZES:
        policy = read_policy(policy_text(size))
        ways = {"orjson": decode(lines), **{c.value: check(policy, c, lines) for c in Core}}
        times = race(ways, rounds, DEALS * EVENTS)
        cells = [f"{times[c]:.0f} µs ({1e6 / times[c]:,.0f}/s), {times[c] / times['orjson']:.0f} x" for c in Core]
        rows.append([size, f"{times['orjson']:.1f} µs", *cells])
    return table(["rules", "orjson alone", *(c.value for c in Core)], rows)


def one_decision(size: int, core: Core) -> tuple[float, float]:
    """Return the 50th and the 99th percentile of one decision, in microseconds of processor time."""
    engine = Engine(read_policy(policy_text(size)), core)
    times: list[int] = []
    for lines in batches(5):
        stream, times = Stream(engine), []
        for number, line in enumerate(lines, 1):
            before = time.process_time_ns()
            for answer in stream.line(line, "events.jsonl", number):
                assert isinstance(answer, Decision)
                encode(answer)
            times.append(time.process_time_ns() - before)
    return quantile(times, 0.5) / 1_000, quantile(times, 0.99) / 1_000


def latencies() -> str:
    """Return the percentiles for each size, with both cores."""
    rows = []
    for size in SIZES:
        middle, tail = one_decision(size, Core.BOTH)
        rows.append([size, f"{middle:.0f} µs", f"{tail:.0f} µs"])
    return table(["rules", "p50", "p99"], rows)


def growth() -> str:
    """Compare the decisions around a deal's 10th event with those around its 1,000th, over several deals."""
    engine = Engine(read_policy(policy_text(30)), Core.BOTH)
    early, late = [], []
    for seed in range(5):
        stream, times = Stream(engine), []
        for number, line in enumerate(events(1, 1_005, seed), 1):
            before = time.process_time_ns()
            for answer in stream.line(line, "events.jsonl", number):
                assert isinstance(answer, Decision), answer
                encode(answer)
            times.append(time.process_time_ns() - before)
        early += times[5:15]
        late += times[995:1_005]
    first, last = statistics.median(early) / 1_000, statistics.median(late) / 1_000
    return f"10th event {first:.0f} µs, 1,000th {last:.0f} µs: {last / first:.2f} x"


_PEAK = """
import re
def peak():
    return re.search(r"VmHWM:\\s+([0-9]+) kB", open("/proc/self/status").read())[1]
"""
"""The largest memory since the program started, on Linux; what `resource` tells counts the parent's as well."""
_LOADING = """
import sys, time
from pathlib import Path
from walkaway import Core, Engine, load
before = time.process_time()
policy = load(Path(sys.argv[1])).unwrap()
read = time.process_time()
Engine(policy, Core.BOTH)
print(read - before, time.process_time() - read, peak())
"""
_FOLLOWING = """
import sys
from pathlib import Path
from walkaway import Core, Engine, Stream, encode, load
stream = Stream(Engine(load(Path(sys.argv[1])).unwrap(), Core.BOTH))
with open(sys.argv[2], "rb") as lines:
    for answer in stream.lines(lines, "events.jsonl"):
        encode(answer)
print(peak())
"""


def loading(rounds: int) -> str:
    """Return the time to read and check a policy, to make an engine of it, and peak memory, in fresh processes."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        policy, deals = Path(folder) / "policy.yaml", Path(folder) / "events.jsonl"
        deals.write_bytes(b"\n".join(events(100, 50)))
        for size in SIZES:
            policy.write_text(policy_text(size))
            runs = [_numbers(_LOADING, policy) for _ in range(rounds)]
            read, made, memory = (statistics.median(r[i] for r in runs) for i in range(3))
            (following,) = _numbers(_FOLLOWING, policy, deals)
            rows.append(
                [
                    size,
                    f"{read * 1e3:.0f} ms",
                    f"{made * 1e3:.0f} ms",
                    f"{memory / 1024:.0f} MB",
                    f"{following / 1024:.0f} MB",
                ]
            )
    return table(["rules", "read and checked", "engine made", "peak memory", "after 5,000 events of 100 deals"], rows)


def _numbers(program: str, *arguments: Path) -> list[float]:
    command = [sys.executable, "-c", _PEAK + program, *map(str, arguments)]
    return [float(n) for n in subprocess.run(command, check=True, capture_output=True).stdout.split()]


def shell(rounds: int) -> str:
    """Compare one offer asked from the shell with the bare imports, as processes that take turns, on the wall clock."""
    folder = Path(__file__).parents[2] / "rules" / "saas-discounting"
    with tempfile.TemporaryDirectory() as scratch:
        deal = Path(scratch) / "deal.jsonl"
        deal.write_bytes(b"".join((folder / "deal.jsonl").read_bytes().splitlines(keepends=True)[:3]))
        asked = ["--deal", str(deal), "--offer", "discount=5%", "--offer", "term=24 months"]
        return _raced(
            {
                "bare": ["-c", "import click, yaml"],
                "offer": ["-m", "walkaway_cli.main", "check", "--policy", str(folder), *asked],
            },
            rounds,
        )


def _raced(ways: dict[str, list[str]], rounds: int) -> str:
    # Installed packages are compiled once, not every time they are imported.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, arguments in ways.items():
            before = time.perf_counter()
            run = subprocess.run([sys.executable, *arguments], capture_output=True, check=False, env=environment)
            times[name].append(time.perf_counter() - before)
            assert run.returncode in (0, 1), run.stderr
    for times_of in times.values():
        del times_of[0]
    bare, offer = statistics.median(times["bare"]), statistics.median(times["offer"])
    return f"one offer {offer * 1e3:.0f} ms, bare imports {bare * 1e3:.0f} ms: {offer / bare:.1f} x"


def profile() -> None:
    """Print where the time goes."""
    way = check(read_policy(policy_text(30)), Core.PLAIN, batches(3))
    way()
    way()
    profiler = cProfile.Profile()
    profiler.runcall(way)
    pstats.Stats(profiler).sort_stats("tottime").print_stats(28)


def main() -> None:
    """Print every table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=7)
    arguments.add_argument("--profile", action="store_true")
    given = arguments.parse_args()
    if given.profile:
        profile()
        return
    print("End to end, from a line to the bytes of its decision:\n\n" + end_to_end(given.rounds))
    print("\nOne decision, both cores:\n\n" + latencies())
    print("\nCost as a deal grows: " + growth())
    print("\nFrom the shell: " + shell(given.rounds * 3))
    print("\nLoading:\n\n" + loading(given.rounds))


if __name__ == "__main__":
    main()
