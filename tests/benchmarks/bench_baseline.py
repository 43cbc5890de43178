"""Against an earlier build beside this one: the same question to both, in turns, each in a process of its own.

    git worktree add --detach ../baseline "$(cut -d' ' -f2 tests/benchmarks/baseline.txt)"
    python tests/benchmarks/bench_baseline.py ../baseline [--parts cold text opening memory] [--rounds 5]

Processor time in the median: of the whole process, or what a process says of itself. Both builds read the policies and
the deals that this one's `workload.py` writes.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

from harness import table
from workload import events, policy_text

ROOT = Path(__file__).parents[2]
Way = tuple[Sequence[str], Mapping[str, str]]

_OPENING = """
import sys, time
from pathlib import Path
from walkaway import Core, Engine, load
try:
    from walkaway.deal.decode import Decoder
except ImportError:
    from walkaway.decode import Decoder
engine = Engine(load(Path(sys.argv[1])).unwrap(), Core.PLAIN)
try:
    from walkaway.deal.fold import opening
except ImportError:
    from walkaway.position import opening
decoder = Decoder(engine.policy)
opened = [decoder.decode(line).unwrap() for line in Path(sys.argv[2]).read_bytes().splitlines()]
for _ in range(2):
    before = time.process_time()
    for event in opened:
        opening(engine.policy, event)
    took = time.process_time() - before
print(took / len(opened) * 1e6)
"""
_MEMORY = """
import gc, sys, tracemalloc
from pathlib import Path
from walkaway import Core, Engine, Stream, load
stream = Stream(Engine(load(Path(sys.argv[1])).unwrap(), Core.PLAIN))
lines = Path(sys.argv[2]).read_bytes().splitlines()
deals = int(sys.argv[3])
begun = len(lines) // (deals + 1)
for line in lines[:begun]:
    list(stream.line(line, "lines", 1))
gc.collect()
tracemalloc.start()
for line in lines[begun:]:
    list(stream.line(line, "lines", 1))
getattr(stream, "recent", {}).clear()
gc.collect()
print(tracemalloc.get_traced_memory()[0] / deals / 1024)
"""


class Builds:
    """Two builds, and a folder with what both read.

    Attributes:
        places: Name → where the build lies, this one first.
    """

    def __init__(self, baseline: Path, scratch: Path) -> None:
        self.places, self.scratch = {"now": ROOT, "baseline": baseline}, scratch

    def environment(self, place: Path, *, stored: bool = True) -> dict[str, str]:
        """Return what a process of a build runs with; bytecode is stored, or that of the build is not."""
        kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        return kept | {"PYTHONPATH": f"{place / 'engine'}:{place / 'cli'}"} | ({} if stored else {_UNSTORED: "1"})

    def command(self, name: str) -> tuple[str, str]:
        """Return how a build's command is started."""
        is_package = (self.places[name] / "cli" / "walkaway_cli" / "__main__.py").exists()
        return "-m", "walkaway_cli" if is_package else "walkaway_cli.main"

    def bare_of_bytecode(self, name: str) -> Path:
        """Return a copy of a build of which no bytecode is stored."""
        copy = self.scratch / f"{name}-copy"
        for part in ("engine", "cli"):
            shutil.copytree(self.places[name] / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
        return copy

    def file(self, name: str, content: bytes) -> Path:
        """Write a file that both read."""
        path = self.scratch / name
        path.write_bytes(content)
        return path


_UNSTORED = "PYTHONDONTWRITEBYTECODE"


def whole(way: Way) -> float:
    """Return the processor time of a process, in milliseconds."""
    before = getrusage(RUSAGE_CHILDREN)
    done = subprocess.run([sys.executable, *way[0]], env=dict(way[1]), capture_output=True, check=False)
    after = getrusage(RUSAGE_CHILDREN)
    assert done.returncode in (0, 1), done.stderr.decode()
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1e3


def told(way: Way) -> float:
    """Return the number that a process prints."""
    done = subprocess.run([sys.executable, *way[0]], env=dict(way[1]), capture_output=True, check=True)
    return float(done.stdout.split()[-1])


def in_turns(ways: Mapping[str, Way], measure: Callable[[Way], float], rounds: int) -> dict[str, float]:
    """Return the median of each way; the first round warms up and does not count."""
    found: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds + 1):
        for name, way in ways.items():
            found[name].append(measure(way))
    return {name: statistics.median(numbers[1:]) for name, numbers in found.items()}


def compared(title: str, unit: str, medians: Mapping[str, float], of: str) -> str:
    """Return a table of medians, and how many times that of *of* each is."""
    rows = [[name, f"{found:,.1f} {unit}", f"{found / medians[of]:.2f}"] for name, found in medians.items()]
    return table([title, "median", f"times {of}"], rows)


def cold(builds: Builds, rounds: int) -> str:
    """Compare one question from the shell with the bare imports: bytecode stored, and none of the build's stored."""
    ways: dict[str, Way] = {"bare": (("-c", "import click, yaml"), builds.environment(builds.scratch))}
    for name, place in builds.places.items():
        rules = place / "rules" / "saas-discounting"
        lines = (rules / "deal.jsonl").read_bytes().splitlines(keepends=True)
        deal = builds.file(f"{name}.jsonl", b"".join(lines[:3]))
        asked = (*builds.command(name), "check", "--policy", str(rules), "--deal", str(deal))
        question = (*asked, "--offer", "discount=5%", "--offer", "term=24 months")
        ways[name] = question, builds.environment(place)
        copy = builds.bare_of_bytecode(name)
        ways[f"{name}, not stored"] = question, builds.environment(copy, stored=False)
    return compared("cold question", "ms", in_turns(ways, whole, rounds), "bare")


def text(builds: Builds, rounds: int) -> str:
    """Compare `check` of 1,200 events, as text, from the shell."""
    policy = builds.file("policy.yaml", policy_text(30).encode())
    lines = builds.file("events.jsonl", b"\n".join(events(100, 12)) + b"\n")
    asked = ("check", "--policy", str(policy), str(lines))
    ways = {name: ((*builds.command(name), *asked), builds.environment(p)) for name, p in builds.places.items()}
    return compared("1,200 events as text", "ms", in_turns(ways, whole, rounds), "now")


def opening(builds: Builds, rounds: int) -> str:
    """Compare what a deal's opening computes, from an event that is decoded already."""
    policy = builds.file("policy.yaml", policy_text(30).encode())
    lines = builds.file("openings.jsonl", b"\n".join(events(2_000, 1)))
    asked = ("-c", _OPENING, str(policy), str(lines))
    ways = {name: (asked, builds.environment(place)) for name, place in builds.places.items()}
    return compared("an opening", "µs", in_turns(ways, told, rounds), "now")


def memory(builds: Builds, _: int) -> str:
    """Compare what a deal takes that is followed, as Python's allocator counts it."""
    policy = builds.file("policy.yaml", policy_text(30).encode())
    rows = []
    for each in (1, 2, 12):
        deals = 20_000 // each
        lines = builds.file("memory.jsonl", b"\n".join(events(deals + 1, each)))
        asked = ("-c", _MEMORY, str(policy), str(lines), str(deals))
        found = {name: told((asked, builds.environment(place))) for name, place in builds.places.items()}
        rows.append([each, *(f"{kb:.1f} KB" for kb in found.values()), f"{found['now'] / found['baseline']:.2f}"])
    return table(["events of a deal", *builds.places, "times baseline"], rows)


def counteroffers(builds: Builds, rounds: int) -> str:
    """Compare counteroffers, situation by situation, as each build's own `bench_counteroffers.py` tells them."""
    found: dict[str, dict[str, list[float]]] = {name: {} for name in builds.places}
    for _ in range(rounds):
        for name, place in builds.places.items():
            command = [sys.executable, str(place / "tests/benchmarks/bench_counteroffers.py"), "--rounds", "40"]
            done = subprocess.run(command, env=builds.environment(place), capture_output=True, check=True, text=True)
            for line in done.stdout.splitlines():
                situation, numbers = line[:28].strip(), line[28:].split()
                if len(numbers) == 5 and numbers[1].isdigit():
                    found[name].setdefault(situation, []).append(float(numbers[3]))
    rows = []
    for situation, ours in found["now"].items():
        now, before = statistics.median(ours), statistics.median(found["baseline"][situation])
        rows.append([situation, f"{now:.2f} ms", f"{before:.2f} ms", f"{before / now:.2f}"])
    return table(["counteroffers", *builds.places, "times as quick"], rows)


def lint(builds: Builds, _: int) -> str:
    """Compare `lint --strict` of 300 rules, once: it takes minutes."""
    policy = builds.file("large.yaml", policy_text(300).encode())
    asked = ("lint", "--strict", "--timeout", "600", str(policy))
    ways = {name: ((*builds.command(name), *asked), builds.environment(p)) for name, p in builds.places.items()}
    return compared("`lint --strict`, 300 rules", "ms", {name: whole(way) for name, way in ways.items()}, "now")


PARTS = {f.__name__: f for f in (cold, text, opening, memory, counteroffers, lint)}


def main() -> None:
    """Print the tables that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("baseline", type=lambda given: Path(given).resolve())
    parser.add_argument("--parts", nargs="*", choices=PARTS, default=[*PARTS])
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        builds = Builds(options.baseline, Path(scratch))
        for part in options.parts:
            print(PARTS[part](builds, options.rounds), end="\n\n", flush=True)


if __name__ == "__main__":
    main()
