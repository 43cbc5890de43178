"""`walkaway serve` under a steady load for a long time: does its memory stay flat, and is everything answered?

    python tests/benchmarks/soak_edge.py [--minutes 30] [--rate 500] [--connections 16]

Reps check offers, a feed opens deals and records events, an auditor reads decisions, in turns; the server runs with
nothing left out. Each minute a line says what was answered, the server's memory and processor time, and its log's size.
It ends by itself, with status 1 where an answer was none of 200 or 201, or memory grew by more than a tenth after the
first fifth of the time, beyond what the deals that came since hold.
"""

import argparse
import asyncio
import itertools
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import msgspec
from bench_edge import FACTS, ROOT, running, spent_us
from connections import Request, over, steadily
from harness import quantile

MIX = ("check", "check", "check", "check", "state", "state", "offer", "decisions", "check", "open")
"""What is asked, in turns: one call in ten opens a deal, one records an event."""
PER_DEAL_KIB = 8
"""So much memory may a deal hold that a server keeps at hand."""


def memory_mib(pid: int) -> float:
    """Return the memory of a process that is its own."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


def main() -> int:
    """Run the load, say each minute how it goes, and return 0 where it went well."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--rate", type=float, default=500)
    parser.add_argument("--connections", type=int, default=16)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        walkaway = [sys.executable, "-m", "walkaway_cli.main"]

        def token(*words: str) -> str:
            made = [*walkaway, "token", "new", *words]
            return subprocess.run(made, cwd=folder, capture_output=True, text=True, check=True).stdout.strip()

        tokens = {
            role: {
                "Authorization": f"Bearer {token('--sub', role, '--role', role)}",
                "Content-Type": "application/json",
            }
            for role in ("rep", "feed", "auditor")
        }
        rates = ["--rate", "rep=0", "--rate", "auditor=0"]
        served = [
            *walkaway,
            "serve",
            "--policy",
            str(ROOT / "rules" / "saas-discounting"),
            "--bind",
            "127.0.0.1:0",
            *rates,
        ]
        with running(served, folder) as (pid, port):
            return soaked(options, folder, pid, port, tokens)


def soaked(options: argparse.Namespace, folder: str, pid: int, port: int, tokens: dict[str, dict[str, str]]) -> int:
    """Load a server and watch it."""
    told: Counter[int] = Counter()
    names = itertools.count()
    waited: list[int] = []
    ready: list[str] = []
    feed = tokens["feed"]

    def opening(deal: str) -> Request:
        return "POST", "/v1/deals", msgspec.json.encode({"deal": deal, "id": "e1", "facts": FACTS}), feed

    def request(number: int) -> Request:
        deal = ready[-1 - number % min(len(ready), 50)]
        match MIX[number % len(MIX)]:
            case "open":
                return opening(f"N-{next(names)}")
            case "offer":
                theirs = {"type": "offer", "by": "them", "terms": {"discount": f"{20 + number % 10}%"}}
                return "PUT", f"/v1/deals/{deal}/events/t{number}", msgspec.json.encode(theirs), feed
            case "state":
                return "GET", f"/v1/deals/{deal}", b"", tokens["rep"]
            case "decisions":
                return "GET", f"/v1/decisions?deal={deal}&limit=10", b"", tokens["auditor"]
        body = msgspec.json.encode({"terms": {"discount": f"{number % 20}%"}})
        return "POST", f"/v1/deals/{deal}/check?search=no", body, tokens["rep"]

    def answered(asked: Request, status: int, body: bytes, nanoseconds: int) -> None:
        told[status] += 1
        waited.append(nanoseconds)
        if asked[1] == "/v1/deals" and status == 201:
            ready.append(msgspec.json.decode(asked[2])["deal"])
            del ready[:-1000]

    asyncio.run(over(port, [opening("N-first")], 1, answered))
    waited.clear()
    began, deals = time.monotonic(), 1
    seconds = options.minutes * 60
    settled, deals_then, memory = 0.0, 0, 0.0

    async def watched() -> None:
        nonlocal settled, deals_then, memory, deals
        load = asyncio.create_task(steadily(port, request, options.rate, seconds, options.connections, answered))
        while not load.done():
            await asyncio.wait([load], timeout=min(60.0, seconds / 10))
            memory, size = memory_mib(pid), (Path(folder) / "walkaway.db").stat().st_size / 2**20
            passed = time.monotonic() - began
            deals = told[201] // 2
            if not settled and passed >= seconds / 5:
                settled, deals_then = memory, deals
            print(
                f"{passed / 60:5.1f} min  {sum(told.values()):8,} answered  {deals:7,} deals  {memory:6.1f} MiB"
                f"  {spent_us(pid) / 1e6:7.1f} s of processor  log {size:7.1f} MiB"
                f"  waited p50 {quantile(waited, 0.5) / 1e6:.1f} ms, p99 {quantile(waited, 0.99) / 1e6:.1f} ms",
                flush=True,
            )
            waited.clear()
        await load

    asyncio.run(watched())
    allowed = settled * 1.1 + (deals - deals_then) * PER_DEAL_KIB / 1024
    print(f"answers by status: {dict(told)}; {sum(told.values()) / (time.monotonic() - began):.0f} a second")
    print(f"memory {settled:.1f} MiB after a fifth of the time, {memory:.1f} at the end, {allowed:.1f} allowed")
    return 0 if set(told) <= {200, 201} and memory <= allowed else 1


if __name__ == "__main__":
    sys.exit(main())
