"""The log against bare SQLite, and how it grows: from JSON lines in to acknowledged answers out, on this disk.

    python tests/benchmarks/bench_log.py [--rules 10] [--rounds 3] [--sizes 10000 100000 1000000]

Bare SQLite inserts the very entries that the log holds into a table of two columns, in batches of the same size, in
the same mode (WAL, synchronous=FULL), in turn with the log. Elapsed time is what counts here, since commits wait for
the disk; the medians of several rounds are given, and the processor time that deciding alone takes beside them.
*Made before*: the log from line to answer, with decisions that the engine made beforehand. *Appending*: what
is left of it where the entries are there too: hashes, chain, tree, columns, index and commit.
"""

import argparse
import itertools
import os
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from harness import table
from workload import events, policy_text, read_policy

from walkaway import Core, DeadLetter, Engine, Policy, Stream, encode
from walkaway.deal.lines import Line
from walkaway.decide.evaluation import Evaluation
from walkaway.decide.evidence import Evidence
from walkaway.log import store as db
from walkaway.log.append import Appender
from walkaway.log.policies import Policies
from walkaway.log.record import Recorder
from walkaway.log.replaying import replay
from walkaway.log.sqlite import Sqlite
from walkaway.log.store import LogEntry
from walkaway.log.verify import verify

Made = dict[tuple[str, str], tuple[Evaluation, Evidence]]
"""What an engine found out about each event of each deal, and its evidence."""
BATCHES = (1, 100, 1000)
PER_DEAL = 12
SAMPLE = 500 * PER_DEAL
"""Decisions of which a large log is made up: appended again and again, under other names of deals."""


def elapsed(way: Callable[[], object]) -> float:
    """Return the seconds that *way* takes."""
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
        recorder = Recorder(store, policy, lambda: os.urandom(16), core, in_words=False)
        if made is not None:
            engine = recorder.decider.follower.current.engine
            (_remember if not made else _recall)(engine, made)

        def run() -> None:
            for start in range(0, len(lines), batch):
                came = [Line(line, "lines", n) for n, line in enumerate(lines[start : start + batch], start)]
                for answer in recorder.record(came):
                    assert not isinstance(answer, DeadLetter), answer.findings

        return elapsed(run)


def _remember(engine: Engine, made: Made) -> None:
    """Have an engine remember what it finds out."""
    gathered = engine.evidence

    def evidence(evaluation: Evaluation, before: str = "") -> Evidence:
        found = gathered(evaluation, before)
        made[found.deal, found.event] = evaluation, found
        return found

    engine.evidence = evidence  # type: ignore[method-assign]


def _recall(engine: Engine, made: Made) -> None:
    """Have an engine give what it found out before."""
    engine.evaluate = lambda _, event, *args, **more: made[event.deal, event.id][0]  # type: ignore[method-assign]
    engine.evidence = lambda found, _: made[found.event.deal, found.event.id][1]  # type: ignore[method-assign]


def appended(path: Path, entries: Iterable[LogEntry], batch: int) -> float:
    """Append entries that are there already, a position for each deal of a batch, and give the seconds."""
    with closing(Sqlite(path, writable=True)) as store:
        log = Appender(store)

        def run() -> None:
            several = iter(entries)
            while part := list(itertools.islice(several, batch)):
                with store.writing():
                    last = {e.deal: (log.add(e.deal, e.event, e.instant, e.verdict, e.leaf), e.instant) for e in part}
                    log.write()
                    db.keep_positions(store, [(deal or "", n, at or 0, b"") for deal, (n, at) in last.items()], [])
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


def entries_of(path: Path) -> list[LogEntry]:
    with closing(Sqlite(path)) as store:
        return list(db.entries(store))


def fresh(folder: Path) -> Iterator[Path]:
    """Return names of files that are not there."""
    number = 0
    while True:
        number += 1
        yield folder / f"{number}.db"


def deciding(policy: Policy, core: Core, lines: Sequence[bytes]) -> float:
    """Return the microseconds of processor time for one decision that is not recorded, from a line to its JSON."""
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


def copies(entries: Sequence[LogEntry], start: int) -> Iterator[LogEntry]:
    """Return entries again and again from the copy *start* on, each time under other names of deals."""
    for copy in itertools.count(start):
        name = f"{copy:x}-"
        for e in entries:
            assert e.deal is not None
            assert e.event is not None
            deal, event = e.deal.replace("D-", name), e.event.replace("D-", name)
            leaf = e.leaf.replace(b'"D-', f'"{name}'.encode())
            yield LogEntry(0, deal, event, e.instant, e.verdict, b"", leaf)


def growth(
    policy: Policy, sample: Sequence[LogEntry], names: Iterator[Path], sizes: Sequence[int]
) -> Iterator[list[object]]:
    """Append copies of a log up to each size; compare with a new log, and verify."""
    path, done = next(names), 0
    stream = copies(sample, 10)
    with closing(Sqlite(path, writable=True)) as store, store.writing():
        db.add_policy(store, policy.sha256, policy.files)
    for size in sorted(sizes):
        appended(path, itertools.islice(stream, size - len(sample) - done), 1000)
        grown, new, fresh_path = 0.0, 0.0, next(names)
        for _ in range(0, len(sample), 1000):
            more = list(itertools.islice(stream, 1000))
            grown += appended(path, more, 1000)
            new += appended(fresh_path, more, 1000)
        done = size
        with closing(Sqlite(path)) as store:
            assert db.size(store) == size
            before = time.process_time()
            verified = elapsed(lambda store=store: _all_whole(store))  # type: ignore[misc]
            cost = (time.process_time() - before) / size * 1e6
            stored = sum(p.stat().st_size for p in path.parent.glob(f"{path.name}*")) / size
        speeds = f"{len(sample) / grown:,.0f}", f"{new / grown:.0%}", f"{size / verified:,.0f}", f"{cost:.0f} µs"
        yield [f"{size:,}", *speeds, f"{stored:,.0f}"]


def _all_whole(store: Sqlite) -> None:
    assert not verify(store).damages


def _all_same(store: Sqlite, desk: Policies) -> None:
    assert all(found is None for found in replay(store, desk, db.entries(store)))


def replaying(path: Path) -> float:
    """Decide a log again and give the entries a second."""
    with closing(Sqlite(path)) as store:
        desk = Policies(store, Core.PLAIN, lambda _: None)
        return db.size(store) / elapsed(lambda: _all_same(store, desk))


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rules", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3, help="Against bare SQLite; 0 leaves that out.")
    parser.add_argument("--sizes", type=int, nargs="*", default=[10_000, 100_000])
    options = parser.parse_args()
    policy = read_policy(policy_text(options.rules))
    with tempfile.TemporaryDirectory() as folder:
        names = fresh(Path(folder))
        if options.rounds:
            head = ["batch", "way", "decisions/s", "of bare", "deciding alone"]
            print(table(head, against_bare(policy, names, options.rounds)), end="\n\n")
        sample = next(names)
        recorded(sample, policy, Core.PLAIN, events(SAMPLE // PER_DEAL, PER_DEAL), 1000)
        print(f"replayed: {replaying(sample):,.0f}/s\n")
        head = ["entries", "appended/s", "of a new log's", "verified/s", "processor time for each", "bytes for each"]
        print(table(head, []))
        for row in growth(policy, entries_of(sample), names, options.sizes):
            print(f"| {' | '.join(map(str, row))} |", flush=True)


if __name__ == "__main__":
    main()
