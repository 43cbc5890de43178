"""What comes and goes by the line: JSON lines to `serve` against `walkaway record`, and many who hear decisions.

    python tests/benchmarks/bench_feeds.py [--rounds 3] [--lines 3000] [--readers 500] [--before ../earlier]

Lines are those of one deal, and of 200 deals in turn; each round has a server, a log and a command of its own. Readers
have `GET /v1/stream` open, all of them over one loop in this process, so that what they cost is waited for, too.
"""

import argparse
import asyncio
import contextlib
import http.client
import os
import resource
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
from bench_edge import FACTS, ROOT, Served, load, running, spent_us
from harness import quantile, table

KIND = {"Content-Type": "application/x-ndjson"}
DEALS = (1, 200)


def lines_of(count: int, deals: int) -> bytes:
    """Return events of so many deals in turn, each a second after the one before it in its deal."""
    found = []
    for number in range(count):
        deal, place = number % deals, number // deals
        at = f"2026-11-01T{place // 3600:02}:{place // 60 % 60:02}:{place % 60:02}Z"
        event: dict[str, object] = {"deal": f"D-{deal}", "id": f"e{place}", "at": at}
        if place:
            by = "them" if place % 2 else "us"
            event |= {"type": "offer", "by": by, "terms": {"discount": f"{place % 30}%"}}
        else:
            event |= {"type": "open", "facts": FACTS}
        found.append(msgspec.json.encode(event) + b"\n")
    return b"".join(found)


@contextlib.contextmanager
def serving(tree: Path, *more: str) -> Iterator[tuple[Served, int, int]]:
    """Run a server in a folder of its own; return it, its process and its port."""
    with tempfile.TemporaryDirectory() as folder:
        served = Served(tree, folder)
        with running([*served.serving, *more], folder, served.paths) as (pid, port):
            yield served, pid, port


def by_server(tree: Path, data: bytes, count: int) -> tuple[float, float]:
    """Return what a line takes a server: microseconds of its processor, and by the clock."""
    with serving(tree) as (served, pid, port):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
        spent, began = spent_us(pid), time.perf_counter()
        connection.request("POST", "/v1/events", data, served.feed | KIND)
        told = connection.getresponse().read().splitlines()
        took = (spent_us(pid) - spent) / count, (time.perf_counter() - began) / count * 1e6
        connection.close()
    assert msgspec.json.decode(told[-1]) == {"summary": {"lines": count, "problems": 0}}, told[-1]
    return took


def by_command(data: bytes, count: int) -> tuple[float, float]:
    """Return the same of `walkaway record`, its start included."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "lines.jsonl").write_bytes(data)
        served = Served(ROOT, folder)
        command = [*served.command, "record", "--policy", served.policy, "lines.jsonl", "--store", "log.db"]
        before, began = _children(), time.perf_counter()
        done = subprocess.run(
            command, cwd=folder, env={**os.environ, **served.paths}, stdout=subprocess.PIPE, check=False
        )
        took = (_children() - before) / count * 1e6, (time.perf_counter() - began) / count * 1e6
    assert len(done.stdout.splitlines()) >= count, done.stdout[-500:]
    return took


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def resident_mib(pid: int) -> float:
    """Return the memory that a process has now."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise AssertionError(pid)


class _Reader(asyncio.Protocol):
    """Hears a stream; `heard` counts the decisions that came."""

    def __init__(self, path: str, headers: dict[str, str]) -> None:
        lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        self.asked = "\r\n".join(lines).encode() + b"\r\n\r\n"
        self.data = bytearray()
        self.heard: list[float] = []
        self.is_open = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(self.asked)

    def data_received(self, data: bytes) -> None:
        """Take note of when a decision came."""
        self.data += data
        if not self.is_open.done() and b"\r\n\r\n" in self.data:
            self.is_open.set_result(bytes(self.data[:15]))
        count = self.data.count(b"event: decision")
        now = time.perf_counter()
        self.heard += [now] * (count - len(self.heard))


async def heard(
    served: Served, pid: int, port: int, readers: int, rounds: int
) -> tuple[list[float], list[float], float]:
    """Have decisions heard by many.

    Returns:
        For each decision the milliseconds from its call, and from its answer, to the last reader; and the MiB that the
        server has more with all readers.
    """
    loop = asyncio.get_running_loop()
    await asyncio.to_thread(served.prepare, port)
    before = resident_mib(pid)
    headers = {**served.auditor, "Host": f"127.0.0.1:{port}"}
    everybody = [
        (await loop.create_connection(lambda: _Reader("/v1/stream", headers), "127.0.0.1", port))[1]
        for _ in range(readers)
    ]
    opened = await asyncio.gather(*(reader.is_open for reader in everybody))
    assert set(opened) == {b"HTTP/1.1 200 OK"}, set(opened)
    from_call, from_answer = [], []
    for _ in range(rounds):
        already = len(everybody[0].heard)
        began = time.perf_counter()
        await asyncio.to_thread(load, port, [served.opened()], 1)
        answered = time.perf_counter()
        while not all(len(reader.heard) > already for reader in everybody):
            await asyncio.sleep(0.001)
        last = max(reader.heard[already] for reader in everybody)
        from_call.append((last - began) * 1e3)
        from_answer.append(max(0.0, last - answered) * 1e3)
    more = resident_mib(pid) - before
    for reader in everybody:
        reader.transport.close()
    return from_call, from_answer, more


def main() -> None:
    """Measure, and print both tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--lines", type=int, default=3000)
    parser.add_argument("--readers", type=int, default=500)
    parser.add_argument(
        "--before", type=Path, help="a tree of an earlier build, whose server takes turns with this one's"
    )
    options = parser.parse_args()
    trees = {"serve": ROOT} | ({"serve, before": options.before.resolve()} if options.before else {})
    took: dict[tuple[int, str], list[tuple[float, float]]] = {}
    for _ in range(options.rounds if options.lines else 0):
        for deals in DEALS:
            data = lines_of(options.lines, deals)
            for name, tree in trees.items():
                took.setdefault((deals, name), []).append(by_server(tree, data, options.lines))
            took.setdefault((deals, "record"), []).append(by_command(data, options.lines))
    rows = [
        [str(deals), name, *(f"{statistics.median(each):.0f} µs" for each in zip(*found, strict=True))]
        for (deals, name), found in took.items()
    ]
    if rows:
        print(table(["deals", "lines by", "processor, a line", "by the clock, a line"], rows))
    if options.readers:
        with serving(ROOT, "--rate", "auditor=0") as (served, pid, port):
            from_call, from_answer, more = asyncio.run(heard(served, pid, port, options.readers, 20))
        row = [
            str(options.readers),
            *(f"{quantile(ms, q):.0f} ms" for ms in (from_call, from_answer) for q in (0.5, 1)),
        ]
        names = ["call to last reader, p50", "worst", "answer to last reader, p50", "worst"]
        print(table(["readers", *names, "memory"], [[*row, f"+{more:.1f} MiB"]]))


if __name__ == "__main__":
    main()
