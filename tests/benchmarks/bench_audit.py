"""What an auditor waits for: the three questions of docs/log.md, asked of a log of 10,000 deals by the command.

    python tests/benchmarks/bench_audit.py [--deals 10000] [--rounds 3] [--keep log.db]

Two logs are made first, by the shipped policy `saas-discounting`: one from seeded deals of a year, in which some
concede for nothing, some are approved, and in some the cap is lifted; and one in which every deal is the shipped
example, so that every deal fits each question. Each question is a process of its own, from the shell to the last line;
the median of the rounds is given, elapsed and in processor time.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

from harness import table

from walkaway import Core, DeadLetter, load, open_store
from walkaway.deal.lines import Line
from walkaway.log import Recorder

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))
from tests.helpers.year import deals  # noqa: E402

POLICY = ROOT / "rules" / "saas-discounting"
QUESTIONS = (
    ("log", "show", "--conceded", "--quarter", "2027Q1"),
    ("log", "show", "D-42/e05"),
    ("log", "count", "--rule", "cumulative-cap", "--overridden", "--by", "person"),
    ("log", "count", "--by", "quarter", "--by", "verdict"),
    ("log", "count", "--by", "rule", "--by", "standing"),
)
"""Those that are promised in under 2 seconds, and two that read everything."""
OF_ALIKE = (
    ("log", "show", "--conceded", "--quarter", "2026Q4"),
    ("log", "show", "D-42/e10"),
    ("log", "count", "--rule", "below-want", "--by", "standing", "--by", "person"),
)
"""The questions of docs/log.md, of deals that all fit."""
BATCH = 500


def alike(count: int) -> Iterator[bytes]:
    """Return the events of the shipped example, for so many deals."""
    events = [json.loads(line) for line in (POLICY / "deal.jsonl").read_text().splitlines()]
    for number in range(count):
        for event in events:
            yield json.dumps(event | {"deal": f"D-{number}"}).encode()


def record(path: Path, lines: Iterable[bytes]) -> int:
    """Make a log; return how many entries it has."""
    policy, entries = load(POLICY).unwrap(), 0
    with closing(open_store(str(path), writable=True)) as store:
        recorder = Recorder(store, policy, lambda: os.urandom(16), Core.PLAIN, in_words=False)
        batch: list[Line] = []
        for number, line in enumerate(lines, 1):
            batch.append(Line(line, "deals", number))
            if len(batch) == BATCH:
                entries += _recorded(recorder, batch)
                batch = []
        return entries + _recorded(recorder, batch)


def _recorded(recorder: Recorder, batch: list[Line]) -> int:
    for answer in recorder.record(batch):
        assert not isinstance(answer, DeadLetter), answer.findings
    return len(batch)


def ask(words: tuple[str, ...], path: Path) -> tuple[float, float, int]:
    """Ask a question; return the seconds that it takes, those of the processor, and how many lines are answered."""
    command = [sys.executable, "-m", "walkaway_cli.main", *words, "--store", str(path)]
    before, used = time.perf_counter(), _used()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    return time.perf_counter() - before, _used() - used, len(done.stdout.splitlines())


def _used() -> float:
    found = resource.getrusage(resource.RUSAGE_CHILDREN)
    return found.ru_utime + found.ru_stime


def main() -> None:
    """Make a log, ask, and print what it took."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--deals", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--keep", type=Path, help="the log of a year is made here, or is there already")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        year = options.keep or Path(folder) / "year.db"
        for path, lines, questions in (
            (year, deals(options.deals), QUESTIONS),
            (Path(folder) / "alike.db", alike(options.deals), OF_ALIKE),
        ):
            if not path.exists():
                began = time.process_time()
                entries = record(path, lines)
                took = time.process_time() - began
                print(f"{entries:,} events of {options.deals:,} deals recorded in {took:.0f} s of CPU")
            rows = []
            for words in questions:
                times = [ask(words, path) for _ in range(options.rounds)]
                elapsed, used = (statistics.median(t[i] for t in times) for i in (0, 1))
                rows.append([" ".join(words), f"{elapsed:.2f}", f"{used:.2f}", f"{times[0][2]:,}"])
            print(table(["question", "elapsed, s", "CPU, s", "lines"], rows))


if __name__ == "__main__":
    main()
