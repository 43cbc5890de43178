"""The log against bare SQLite, and how it grows: from JSON lines in to acknowledged answers out, on this disk.

    python tests/benchmarks/bench_log.py [--rules 10] [--rounds 3] [--sizes 10000 100000 1000000]

Bare SQLite inserts the very entries that the log holds into a table of two columns, in batches of the same size, in
the same mode (WAL, synchronous=FULL), in turn with the log. Elapsed time is what counts here, since commits wait for
the disk; the medians of several rounds are given, and the processor time that deciding alone takes beside them.
*Made before*: the log from line to answer, with decisions that the engine made beforehand. *Appending*: what
is left of it where the entries are there too: hashes, chain, tree, columns, index and commit.
"""

import argparse
import os
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from harness import table
from workload import events, policy_text, read_policy

from walkaway import Core, DeadLetter, Decision, Engine, Policy, Stream, encode
from walkaway.events import AnyEvent
from walkaway.log import store as db
from walkaway.log.append import Appender
from walkaway.log.desk import Desk
from walkaway.log.record import Line, Recorder
from walkaway.log.replay import replay
from walkaway.log.sqlite import Sqlite
from walkaway.log.store import Entry
from walkaway.log.verify import verify
from walkaway.position import Position

Made = dict[tuple[str, str], tuple[Decision, Position]]
"""What an engine decided for each event of each deal."""
BATCHES = (1, 100, 1000)
PER_DEAL = 12
REPLAYED = 8_000 * PER_DEAL
"""So many of the latest entries are decided again, in whole deals; each deal is replayed by itself."""


def elapsed(way: Callable[[], object]) -> float:
    """Give the seconds that *way* takes."""
    before = time.perf_counter()
    way()
    return time.perf_counter() - before


def recorded(
    path: Path, policy: Policy, core: Core, lines: Sequence[bytes], batch: int, made: Made | None = None
) -> float:
    """Record lines and give the seconds from the first line in to the last answer out; each must be decided.

    Args:
        made: Filled with what the engine decides where it is empty, else the engine gives what it holds.
    """
    with closing(Sqlite(path, writable=True)) as store:
        recorder = Recorder(store, policy, lambda: os.urandom(16), core)
        if made is not None:
            engine = recorder.current.engine
            engine.decide = _remembered(made) if made else _remembering(engine, made)  # type: ignore[method-assign]

        def run() -> None:
            for start in range(0, len(lines), batch):
                came = [Line(line, "lines", n) for n, line in enumerate(lines[start : start + batch], start)]
                for answer in recorder.record(came):
                    assert not isinstance(answer, DeadLetter), answer.findings

        return elapsed(run)


def _remembering(engine: Engine, made: Made) -> Callable[[Position | None, AnyEvent, str], tuple[Decision, Position]]:
    decide = engine.decide

    def remember(position: Position | None, event: AnyEvent, before: str = "") -> tuple[Decision, Position]:
        made[event.deal, event.id] = found = decide(position, event, before)
        return found

    return remember


def _remembered(made: Made) -> Callable[[Position | None, AnyEvent, str], tuple[Decision, Position]]:
    return lambda position, event, before="": made[event.deal, event.id]


def appended(path: Path, entries: Sequence[Entry], batch: int) -> float:
    """Append entries that are there already and give the seconds."""
    with closing(Sqlite(path, writable=True)) as store:
        log = Appender(store)

        def run() -> None:
            for start in range(0, len(entries), batch):
                with store.writing():
                    for e in entries[start : start + batch]:
                        log.add(e.deal, e.event, e.instant, e.verdict, e.leaf)
                    log.write()
                log.done()

        return elapsed(run)


def bare(path: Path, leaves: Sequence[bytes], batch: int) -> float:
    """Insert the same bytes into a bare table and give the seconds."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE entries (n INTEGER PRIMARY KEY, leaf BLOB)")

        def run() -> None:
            for start in range(0, len(leaves), batch):
                connection.execute("BEGIN IMMEDIATE")
                rows = list(enumerate(leaves[start : start + batch], start))
                connection.executemany("INSERT INTO entries VALUES (?, ?)", rows)
                connection.execute("COMMIT")

        return elapsed(run)


def entries_of(path: Path) -> list[Entry]:
    with closing(Sqlite(path)) as store:
        return list(db.entries(store))


def fresh(folder: Path) -> Iterator[Path]:
    """Give names of files that are not there."""
    number = 0
    while True:
        number += 1
        yield folder / f"{number}.db"


def deciding(policy: Policy, core: Core, lines: Sequence[bytes]) -> float:
    """Give the microseconds of processor time for one decision that is not recorded, from a line to its JSON."""
    stream = Stream(Engine(policy, core))
    before = time.process_time()
    for answer in stream.lines(lines, "lines"):
        assert not isinstance(answer, DeadLetter)
        encode(answer)  # type: ignore[arg-type]
    return (time.process_time() - before) / len(lines) * 1e6


def against_bare(policy: Policy, names: Iterator[Path], rounds: int) -> list[list[object]]:
    """Compare, batch size by batch size: with each core, with decisions made before, and appending alone."""
    rows: list[list[object]] = []
    for batch in BATCHES:
        lines = events(50 if batch == 1 else 500, PER_DEAL)
        sample, made = next(names), Made()
        recorded(sample, policy, Core.PLAIN, lines, batch, made)
        entries = entries_of(sample)
        leaves = [entry.leaf for entry in entries]
        ways: dict[str, Callable[[Path], float]] = {
            "plain": lambda path: recorded(path, policy, Core.PLAIN, lines, batch),  # noqa: B023
            "both": lambda path: recorded(path, policy, Core.BOTH, lines, batch),  # noqa: B023
            "made before": lambda path: recorded(path, policy, Core.PLAIN, lines, batch, made),  # noqa: B023
            "appending": lambda path: appended(path, entries, batch),  # noqa: B023
            "bare": lambda path: bare(path, leaves, batch),  # noqa: B023
        }
        times: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(rounds):
            for name, way in ways.items():
                times[name].append(way(next(names)))
        medians = {name: statistics.median(found) for name, found in times.items()}
        alone = {core.value: f"{deciding(policy, core, lines):.0f} µs" for core in (Core.PLAIN, Core.BOTH)}
        for name, seconds in medians.items():
            share = f"{medians['bare'] / seconds:.0%}"
            rows.append([batch, name, f"{len(lines) / seconds:,.0f}", share, alone.get(name, "")])
    return rows


def growth(policy: Policy, names: Iterator[Path], sizes: Sequence[int]) -> list[list[object]]:
    """Record up to each size; say how fast the last tenth, verifying and replaying went, and how much is stored."""
    rows: list[list[object]] = []
    path, done = next(names), 0
    for size in sorted(sizes):
        lines = events(size // PER_DEAL, PER_DEAL)
        tenth = len(lines) // 10
        recorded(path, policy, Core.PLAIN, lines[done : len(lines) - tenth], 1000)
        last = recorded(path, policy, Core.PLAIN, lines[len(lines) - tenth :], 1000)
        done = len(lines)
        with closing(Sqlite(path)) as store:
            verified = elapsed(lambda store=store: verify(store))  # type: ignore[misc]
            desk = Desk(store, Core.PLAIN, lambda _: None)
            start = max(0, done - REPLAYED)
            replayed = elapsed(lambda store=store, desk=desk, start=start: _all_same(store, desk, start))  # type: ignore[misc]
            stored = sum(p.stat().st_size for p in path.parent.glob(f"{path.name}*")) / done
        counts = (tenth, last), (done, verified), (done - start, replayed)
        rows.append([f"{done:,}", *(f"{count / seconds:,.0f}" for count, seconds in counts), f"{stored:,.0f}"])
    return rows


def _all_same(store: Sqlite, desk: Desk, start: int) -> None:
    assert all(found is None for found in replay(store, desk, db.entries(store, start)))


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rules", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3, help="Against bare SQLite; 0 leaves that out.")
    parser.add_argument("--sizes", type=int, nargs="*", default=[10_000])
    options = parser.parse_args()
    policy = read_policy(policy_text(options.rules))
    with tempfile.TemporaryDirectory() as folder:
        names = fresh(Path(folder))
        if options.rounds:
            head = ["batch", "way", "decisions/s", "of bare", "deciding alone"]
            print(table(head, against_bare(policy, names, options.rounds)), end="\n\n")
        head = ["decisions", "appended/s (last tenth)", "verified/s", "replayed/s", "bytes for each"]
        print(table(head, growth(policy, names, options.sizes)))


if __name__ == "__main__":
    main()
