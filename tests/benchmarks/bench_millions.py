"""Ten million events of a million deals through `run --store`: memory, rate as the log grows, line to acknowledged.

    python tests/benchmarks/bench_millions.py                                   # an hour or more, 25 GB of disk
    python tests/benchmarks/bench_millions.py --deals 20000 --events 200000     # a minute

The events are made up from a seed: deals under the policy of `workload.py`, ten events each, so many at once under way
as `--at-once` says, a few of them asleep for long. They go in at the command's standard input, at most `--in-flight`
of them unanswered; each line is timed until its answer has come out. Processor time and memory are the command's alone.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from bench_run import processor_s
from harness import quantile, table
from workload import events, policy_text

SAMPLES = 1_000
"""So many deals are made up; all others are these under other names."""
CHUNK = 64
SLEEPERS = 0.02
"""The share of deals that sleep through ten times as much as others take from their opening to their end."""


def lines(deals: int, each: int, at_once: int, seed: int) -> Iterator[bytes]:
    """Return the events of all deals, interleaved at random, those of each deal in their order."""
    rng = random.Random(seed)
    every = events(SAMPLES, each)
    samples = [every[n * each : (n + 1) * each] for n in range(SAMPLES)]
    names = [b'"' + sample[0].split(b'"deal": "', 1)[1].split(b'"', 1)[0] + b'"' for sample in samples]
    under_way: list[tuple[int, int]] = []
    asleep: deque[tuple[int, int, int]] = deque()
    opened = said = 0
    while opened < deals or under_way or asleep:
        while asleep and (asleep[0][0] <= said or not under_way):
            under_way.append(asleep.popleft()[1:])
        if opened < deals and len(under_way) < at_once:
            under_way.append((opened, 0))
            opened += 1
        place = rng.randrange(len(under_way))
        deal, turn = under_way[place]
        sample = deal % SAMPLES
        yield samples[sample][turn].replace(names[sample], b'"D-%d"' % deal)
        said += 1
        under_way[place] = under_way[-1]
        under_way.pop()
        if turn + 1 == each:
            continue
        if turn == each // 2 and rng.random() < SLEEPERS:
            asleep.append((said + 10 * at_once * each, deal, turn + 1))
        else:
            under_way.append((deal, turn + 1))


class Feeder(threading.Thread):
    """Gives the command its events, never more than so many that are not answered yet.

    Attributes:
        times: When each line that is not answered yet was given, the first first.
    """

    def __init__(self, given: Iterator[bytes], into: int, in_flight: int) -> None:
        super().__init__(daemon=True)
        self.given, self.into, self.room = given, into, threading.Semaphore(in_flight // CHUNK)
        self.times: deque[tuple[int, int]] = deque()

    def run(self) -> None:
        chunk: list[bytes] = []
        for line in self.given:
            chunk.append(line)
            if len(chunk) == CHUNK:
                self.give(chunk)
                chunk = []
        if chunk:
            self.give(chunk)
        os.close(self.into)

    def give(self, chunk: list[bytes]) -> None:
        """Give some lines as soon as there is room for them."""
        self.room.acquire()
        self.times.append((time.perf_counter_ns(), len(chunk)))
        data = memoryview(b"\n".join(chunk) + b"\n")
        while data:
            data = data[os.write(self.into, data) :]


class Millionth:
    """What was measured in one stretch of the run."""

    def __init__(self) -> None:
        self.processor_s = self.elapsed_s = 0.0
        self.events = 0
        self.waits: list[int] = []

    def row(self, name: str, resident: int) -> list[object]:
        """Return it as a row."""
        waits = [f"{quantile(self.waits, q) / 1e6:.1f}" for q in (0.5, 0.99)]
        cost = self.processor_s / self.events * 1e6
        return [name, f"{cost:.1f}", f"{self.events / self.elapsed_s:,.0f}", *waits, f"{resident / 1024:,.0f} MiB"]


def resident(pid: int) -> int:
    """Return the largest resident memory of a process so far, in KiB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0])


def measured(process: "subprocess.Popen[bytes]", feeder: Feeder, stretch: int) -> Iterator[Millionth]:
    """Read answers until there are none, and return what was measured in each stretch of so many."""
    assert process.stdout is not None
    found, answered, waiting = Millionth(), 0, 0
    begun, worked = time.perf_counter(), processor_s([process.pid])
    while data := os.read(process.stdout.fileno(), 1 << 20):
        count, now = data.count(b"\n"), time.perf_counter_ns()
        answered += count
        waiting += count
        while feeder.times and waiting >= feeder.times[0][1]:
            given, size = feeder.times.popleft()
            waiting -= size
            found.waits.append(now - given)
            feeder.room.release()
        found.events += count
        if found.events >= stretch:
            found.elapsed_s, found.processor_s = time.perf_counter() - begun, processor_s([process.pid]) - worked
            yield found
            found = Millionth()
            begun, worked = time.perf_counter(), processor_s([process.pid])


def main() -> None:
    """Print a row for each stretch as it is done, and what is asked of the whole."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--deals", type=int, default=1_000_000)
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--at-once", type=int, default=10_000)
    parser.add_argument("--in-flight", type=int, default=512)
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--stretch", type=int, default=1_000_000)
    parser.add_argument("--rules", type=int, default=30)
    parser.add_argument("--core", default="plain")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="where the store is made and left; else a temporary one")
    options = parser.parse_args()
    stretch = min(options.stretch, options.events // 10)
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(exist_ok=True)
        (folder / "policy.yaml").write_text(policy_text(options.rules))
        command = [sys.executable, "-m", "walkaway_cli.main", "run", "--policy", folder / "policy.yaml"]
        command += ["--store", folder / "log.db", "--core", options.core, "--batch", str(options.batch)]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert process.stdin is not None
        each = options.events // options.deals
        given = lines(options.deals, each, options.at_once, options.seed)
        feeder = Feeder(given, process.stdin.fileno(), options.in_flight)
        feeder.start()
        head = ["events", "processor µs", "events/s", "p50 ms", "p99 ms", "resident at most"]
        print(table(head, []), flush=True)
        costs: list[float] = []
        for number, found in enumerate(measured(process, feeder, stretch), 1):
            costs.append(found.processor_s / found.events)
            cells = found.row(f"{number * stretch:,}", resident(process.pid))
            print("| " + " | ".join(map(str, cells)) + " |", flush=True)
        process.wait()
        size = sum(f.stat().st_size for f in folder.glob("log.db*"))
        last = costs[0] / costs[-1]
        print(
            f"\nrate of the last stretch to the first, in processor time: {last:.2f}; the store has {size / 1e9:.1f} GB"
        )


if __name__ == "__main__":
    main()
