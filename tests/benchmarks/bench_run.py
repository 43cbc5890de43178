"""A live run: against orjson and bare SQLite, with workers, with many open deals and long ones; where the time goes.

    python tests/benchmarks/bench_run.py [--rules 30] [--rounds 5] [--deals 1000 10000 100000] [--profile]
    python tests/benchmarks/bench_run.py --memory 100000 1000000     # deals, events: resident memory of the command

What is compared takes turns in one process. Without a store processor time is compared; where commits wait for the
disk, or several processes work, elapsed time. `--core plain` decides with one core.
"""

import argparse
import cProfile
import itertools
import os
import pstats
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

import orjson
from harness import race, table
from msgspec.structs import astuple
from workload import events, policy_text, read_policy

from walkaway import Core, Policy
from walkaway.log import store as db
from walkaway.log.record import Recorder
from walkaway.log.sqlite import Sqlite
from walkaway.run.durable import DurableKeeper
from walkaway.run.keeper import DecidedEvent, Keeper
from walkaway.run.memory import Memory
from walkaway.run.outbox import Outbox
from walkaway.run.overflow import OverflowFile
from walkaway.run.ports import Message
from walkaway.run.pump import Pump
from walkaway_edge.files.lines import Cut, CutBatch, Offset
from walkaway_edge.salts import salt
from walkaway_edge.workers.processes import WorkerPool

PER_DEAL = 12
BATCH = 256
AT_ONCE = 2_000


class Away:
    """A sink that takes lines as a pipe does, and keeps nothing."""

    name = "away"

    def __init__(self) -> None:
        self.handle = os.open(os.devnull, os.O_WRONLY)

    def end(self) -> bytes:
        return b""

    def after(self, end: bytes) -> Sequence[bytes]:
        return ()

    def write(self, messages: Sequence[Message]) -> None:
        os.write(self.handle, b"".join(m.data + b"\n" for m in messages))

    def close(self) -> None:
        os.close(self.handle)


def batches(lines: Sequence[bytes], batch: int = BATCH) -> Iterator[CutBatch]:
    """Return lines as a file gives them."""
    place = Offset()
    for start in range(0, len(lines), batch):
        found = CutBatch("", Cut("lines", place, lines[start : start + batch]))
        place = found.cut.place(len(found.lines))
        yield found


def pumped(keeper: Keeper, lines: Sequence[bytes], batch: int = BATCH) -> int:
    """Carry lines through the pump; every one must be decided."""
    counted: Counter[type] = Counter()
    with closing(Away()) as sink:
        pump = Pump(
            keeper, "lines", Outbox(sink, "away"), None, "json", "", lambda a: counted.update(type(x) for x in a)
        )
        waiting: CutBatch | None = None
        for found in batches(lines, batch):
            if not pump.look_ahead(found):
                pump.take(found)
                continue
            if waiting is not None:
                pump.take(waiting)
            waiting = found
        if waiting is not None:
            pump.take(waiting)
        pump.finish()
    assert set(counted) == {DecidedEvent}, counted
    return counted.total()


def again(lines: Sequence[bytes]) -> Iterator[list[bytes]]:
    """Return the same events, each time of other deals."""
    for turn in itertools.count():
        yield [line.replace(b'"D-', b'"D%d-' % turn) for line in lines]


def memory_keeper(policy: Policy, core: Core) -> Memory:
    return Memory(policy, core, print, OverflowFile(), in_words=False)


def store_keeper(path: Path, policy: Policy, core: Core) -> DurableKeeper:
    store = Sqlite(path, writable=True)
    return DurableKeeper(store, Recorder(store, policy, salt, core, print, in_words=False))


class Bare:
    """A table that takes entries and positions, as durably."""

    def __init__(self, path: Path) -> None:
        self.connection = sqlite3.connect(path, isolation_level=None)
        self.connection.execute("PRAGMA journal_mode = WAL")
        self.connection.execute("PRAGMA synchronous = FULL")
        columns = "n INTEGER PRIMARY KEY, deal TEXT, event TEXT, instant INTEGER, verdict TEXT, chain BLOB, leaf BLOB"
        self.connection.execute(f"CREATE TABLE entries ({columns})")
        self.connection.execute("CREATE TABLE positions (deal TEXT PRIMARY KEY, position BLOB)")

    def insert(self, batches: Iterable[tuple[Sequence[tuple[object, ...]], Mapping[str, bytes]]]) -> None:
        """Write batches: entries, and where each deal stands that has one among them."""
        for entries, positions in batches:
            self.connection.execute("BEGIN IMMEDIATE")
            self.connection.executemany("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?)", entries)
            self.connection.executemany("INSERT OR REPLACE INTO positions VALUES (?, ?)", positions.items())
            self.connection.execute("COMMIT")


def elapsed(way: Callable[[], object]) -> float:
    before = time.perf_counter()
    way()
    return time.perf_counter() - before


def against_orjson(policy: Policy, cores: Sequence[Core], lines: Sequence[bytes], rounds: int) -> list[list[object]]:
    """Compare, without a store, with decoding and encoding the same lines."""

    def alone() -> None:
        for line in lines:
            orjson.dumps(orjson.loads(line))

    def running(core: Core) -> Callable[[], object]:
        keeper, fresh_lines = memory_keeper(policy, core), again(lines)
        return lambda: pumped(keeper, next(fresh_lines))

    spent = race({"orjson": alone, **{core.value: running(core) for core in cores}}, rounds, len(lines))
    return [[n, f"{t:.1f}", f"{1e6 / t:,.0f}", f"{spent['orjson'] / t:.1%}"] for n, t in spent.items()]


def against_bare(
    policy: Policy, core: Core, lines: Sequence[bytes], names: Iterator[Path], rounds: int
) -> list[list[object]]:
    """Compare, with a store, with inserting the same rows, one position for each deal and batch, into bare tables.

    Elapsed time, and processor time, which tells more where others use the machine too.
    """
    rows: list[list[object]] = []
    for batch in (100, 1000):
        keeper, table_, fresh_lines = store_keeper(next(names), policy, core), Bare(next(names)), again(lines)
        spent: dict[str, list[tuple[float, float]]] = {"run": [], "bare": []}
        for _ in range(rounds + 1):
            start, fresh = db.size(keeper.store), next(fresh_lines)
            spent["run"].append(both_times(partial(pumped, keeper, fresh, batch)))
            kept = {deal: bytes(data) for deal, data in keeper.store.rows("SELECT deal, position FROM positions")}
            added = list(db.entries(keeper.store, start))
            parts = [added[begin : begin + batch] for begin in range(0, len(added), batch)]
            wanted = [(list(map(astuple, p)), {e.deal or "": kept[e.deal or ""] for e in p}) for p in parts]
            spent["bare"].append(both_times(partial(table_.insert, wanted)))
        (ours, our_work), (theirs, their_work) = (
            map(statistics.median, zip(*t[1:], strict=True)) for t in spent.values()
        )
        speeds, works = (f"{len(lines) / t:,.0f}" for t in (ours, theirs)), (our_work, their_work)
        costs = [f"{w / len(lines) * 1e6:.1f}" for w in works]
        rows.append([batch, *speeds, f"{theirs / ours:.1%}", *costs, f"{their_work / our_work:.1%}"])
    return rows


def both_times(way: Callable[[], object]) -> tuple[float, float]:
    """Return the elapsed and the processor time of a call, in seconds."""
    worked, before = time.process_time(), time.perf_counter()
    way()
    return time.perf_counter() - before, time.process_time() - worked


def with_workers(policy: Policy, core: Core, lines: Sequence[bytes], rounds: int) -> list[list[object]]:
    """Compare one process with several, started already: elapsed time, and the processor time of each of them.

    On two cores that nobody else uses they take at least half of what all work, and what the busiest of them works.
    """
    spent: dict[int, list[float]] = {1: [], 2: []}
    worked: dict[int, list[list[float]]] = {1: [], 2: []}
    with closing(WorkerPool(2, policy, "policy.yaml", None, None, core, print, in_words=False)) as team:
        keepers: dict[int, Keeper] = {1: memory_keeper(policy, core), 2: team}
        pids = {1: [os.getpid()], 2: [os.getpid(), *(p.pid or 0 for p in team.processes)]}
        fresh_lines = again(lines)
        for _ in range(rounds + 1):
            for workers, keeper in keepers.items():
                before = [processor_s([pid]) for pid in pids[workers]]
                spent[workers].append(elapsed(partial(pumped, keeper, next(fresh_lines))))
                after = [processor_s([pid]) for pid in pids[workers]]
                worked[workers].append([a - b for a, b in zip(after, before, strict=True)])
    alone, busy = statistics.median(spent[1][1:]), statistics.median([w[0] for w in worked[1][1:]])
    rows: list[list[object]] = []
    for workers, times in spent.items():
        took = statistics.median(times[1:])
        each = [statistics.median(w) for w in zip(*worked[workers][1:], strict=True)]
        parent, *others = (f"{w / len(lines) * 1e6:.0f}" for w in each)
        least = max(sum(each) / 2, *each) if workers > 1 else busy
        row = [workers, f"{len(lines) / took:,.0f}", f"{alone / took:.2f}", parent]
        rows.append([*row, ", ".join(others), f"{busy / least:.2f}"])
    return rows


def processor_s(pids: Iterable[int]) -> float:
    """Return the processor time that processes have taken, as Linux tells it."""
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def renamed(lines: Iterable[bytes], deal: int) -> list[bytes]:
    return [line.replace(b'"D-0', b'"D-%d' % deal) for line in lines]


def open_deals(policy: Policy, core: Core, sizes: Sequence[int], rounds: int) -> list[list[object]]:
    """Return what an event costs in processor time with more and more open deals, each event of another deal."""
    keepers: dict[int, tuple[Memory, OverflowFile]] = {}
    sample = events(1, 2 + rounds)
    for size in sizes:
        overflow = OverflowFile()
        keepers[size] = Memory(policy, core, print, overflow, in_words=False), overflow
        for start in range(0, size, 10_000):
            lines = [line for deal in range(start, min(start + 10_000, size)) for line in renamed(sample[:2], deal)]
            pumped(keepers[size][0], lines)
    spent: dict[int, list[float]] = {size: [] for size in sizes}
    for turn in range(rounds):
        for size, (keeper, _) in keepers.items():
            step = max(size // AT_ONCE, 1)
            lines = [line for deal in range(0, size, step) for line in renamed([sample[2 + turn]], deal)][:AT_ONCE]
            before = time.process_time()
            pumped(keeper, lines)
            spent[size].append((time.process_time() - before) / len(lines) * 1e6)
    first = statistics.median(spent[sizes[0]])
    rows = []
    for size, (_, overflow) in keepers.items():
        cost = statistics.median(spent[size])
        rows.append([f"{size:,}", f"{cost:.0f}", f"{cost / first:.2f}", f"{overflow.size:,}"])
        overflow.close()
    return rows


def long_deals(policy: Policy, core: Core, rounds: int) -> list[list[object]]:
    """Return what an event costs around the 10th, the 100th and the 1,000th of its deal."""
    whole = events(1, 1_050)
    spent: dict[int, list[float]] = {10: [], 100: [], 1_000: []}
    for _ in range(rounds):
        for at, found in spent.items():
            with closing(OverflowFile()) as overflow:
                keeper = Memory(policy, core, print, overflow, in_words=False)
                for deal in range(40):
                    pumped(keeper, renamed(whole[:at], deal))
                lines = [line for n in range(40) for line in renamed(whole[at : at + 20], n)]
                before = time.process_time()
                pumped(keeper, lines)
                found.append((time.process_time() - before) / len(lines) * 1e6)
    first = statistics.median(spent[10])
    return [[at, f"{statistics.median(t):.0f}", f"{statistics.median(t) / first:.2f}"] for at, t in spent.items()]


def memory(policy: str, deals: int, count: int, folder: Path) -> list[object]:
    """Run the command over so many events of so many deals, all open; give its largest resident memory."""
    (folder / "policy.yaml").write_text(policy)
    sample = events(1, max(count // deals, 2))
    with (folder / "events.jsonl").open("wb") as file:
        for line in sample:
            for deal in range(deals):
                file.write(line.replace(b'"D-0', b'"D-%d' % deal) + b"\n")
    command = [sys.executable, "-m", "walkaway_cli.main", "run", "--core", "plain", "--policy", folder, "--to"]
    command += [os.devnull, "--from", folder / "events.jsonl", "--batch", "1000"]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        said = process.stderr.read().decode()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, said
    spent = f"{usage.ru_utime + usage.ru_stime:,.0f} s"
    return [
        f"{deals:,}",
        f"{len(sample) * deals:,}",
        f"{usage.ru_maxrss / 1024:,.0f} MiB",
        spent,
        said.splitlines()[-1],
    ]


def profiled(way: Callable[[], object]) -> str:
    """Return where the time goes: each room's own share, and the functions that take most."""
    profile = cProfile.Profile()
    profile.runcall(way)
    stats = pstats.Stats(profile)
    rooms: Counter[str] = Counter()
    for (file, _, name), (_, _, own, _, _) in stats.stats.items():  # type: ignore[attr-defined]
        path = Path(file)
        if "walkaway" in path.parts[-4:]:
            rooms[".".join(path.with_suffix("").parts[path.parts.index("walkaway", -4) + 1 :])] += own
        else:
            rooms[name if file == "~" else path.name] += own
    whole = rooms.total()
    return table(["where", "share"], [[n, f"{own / whole:.1%}"] for n, own in rooms.most_common(22)])


def fresh(folder: Path) -> Iterator[Path]:
    number = 0
    while True:
        number += 1
        yield folder / f"{number}.db"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rules", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--core", choices=["plain", "both"], default="plain")
    parser.add_argument("--parts", nargs="*", default=["orjson", "bare", "workers", "long", "open"])
    parser.add_argument("--deals", type=int, nargs="*", default=[1_000, 10_000, 100_000])
    parser.add_argument("--memory", type=int, nargs=2, metavar=("DEALS", "EVENTS"))
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    policy, core = read_policy(policy_text(options.rules)), Core(options.core)
    lines = events(300, PER_DEAL)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        names = fresh(folder)
        if options.memory:
            head = ["deals", "events", "resident", "processor", "the run's own summary"]
            print(table(head, [memory(policy_text(options.rules), *options.memory, folder)]))
            return
        if options.profile:
            for keeper in (memory_keeper(policy, core), store_keeper(next(names), policy, core)):
                pumped(keeper, lines)
                print(profiled(partial(pumped, keeper, next(again(lines)))), "\n")
            return
        if "orjson" in options.parts:
            cores = (Core.PLAIN, Core.BOTH)
            head = ["no store", "µs an event", "events/s", "of orjson"]
            print(table(head, against_orjson(policy, cores, lines, options.rounds)), "\n")
        if "bare" in options.parts:
            head = ["batch", "events/s", "bare inserts/s", "of bare", "µs of the processor", "bare", "of bare"]
            print(table(head, against_bare(policy, core, lines, names, options.rounds)), "\n")
        if "workers" in options.parts:
            head = ["workers", "events/s", "times one", "processor µs an event, parent", "each worker", "on two cores"]
            print(table(head, with_workers(policy, core, lines, options.rounds)), "\n")
        if "long" in options.parts:
            head = ["events in the deal", "µs an event", "times 10"]
            print(table(head, long_deals(policy, core, options.rounds)), "\n")
        if "open" in options.parts:
            head = ["open deals", "µs an event", "times the first", "laid aside"]
            print(table(head, open_deals(policy, core, options.deals, options.rounds)))


if __name__ == "__main__":
    main()
