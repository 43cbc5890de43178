"""`walkaway serve` under a steady load for a long time: does its memory stay flat, and is everything answered?

    python tests/benchmarks/soak_edge.py [--minutes 30] [--rate 500] [--connections 16]

Reps check offers, a feed opens deals and records events, an auditor reads decisions, in turns; the server runs with
nothing left out. Each minute a line says what was answered, the server's memory and processor time, and its log's size.
It ends by itself, with status 1 where an answer was none of 200 or 201, or memory grew by more than a tenth after the
first fifth of the time, beyond what the deals that came since hold.
"""

import argparse
import http.client
import itertools
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

import msgspec
from bench_edge import FACTS, ROOT, running, spent_us

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
    numbers, names = itertools.count(), itertools.count()
    began = time.monotonic()
    end = began + options.minutes * 60
    ready: list[str] = []

    def request(number: int) -> tuple[str, str, dict[str, object] | None, str]:
        deal = ready[-1 - number % min(len(ready), 50)]
        match MIX[number % len(MIX)]:
            case "open":
                return "POST", "/v1/deals", {"deal": f"N-{next(names)}", "id": "e1", "facts": FACTS}, "feed"
            case "offer":
                terms = {"discount": f"{20 + number % 10}%"}
                path = f"/v1/deals/{deal}/events/t{number}"
                return "PUT", path, {"type": "offer", "by": "them", "terms": terms}, "feed"
            case "state":
                return "GET", f"/v1/deals/{deal}", None, "rep"
            case "decisions":
                return "GET", f"/v1/decisions?deal={deal}&limit=10", None, "auditor"
        return "POST", f"/v1/deals/{deal}/check?search=no", {"terms": {"discount": f"{number % 20}%"}}, "rep"

    def send(connection: http.client.HTTPConnection, asked: tuple[str, str, dict[str, object] | None, str]) -> None:
        method, path, body, role = asked
        connection.request(method, path, None if body is None else msgspec.json.encode(body), tokens[role])
        response = connection.getresponse()
        response.read()
        told[response.status] += 1
        if path == "/v1/deals" and body is not None and response.status == 201:
            ready.append(str(body["deal"]))

    first = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    send(first, ("POST", "/v1/deals", {"deal": "N-first", "id": "e1", "facts": FACTS}, "feed"))
    first.close()

    def work() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while time.monotonic() < end:
            number = next(numbers)
            wait = began + number / options.rate - time.monotonic()
            if wait > 0:
                time.sleep(wait)
            send(connection, request(number))
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(options.connections)]
    for thread in threads:
        thread.start()
    settled, deals_then, memory = 0.0, 0, 0.0
    while (now := time.monotonic()) < end:
        time.sleep(min(60.0, end - now, options.minutes * 6))
        memory, size = memory_mib(pid), (Path(folder) / "walkaway.db").stat().st_size / 2**20
        if not settled and time.monotonic() - began >= options.minutes * 12:
            settled, deals_then = memory, len(ready)
        minutes = (time.monotonic() - began) / 60
        print(
            f"{minutes:5.1f} min  {sum(told.values()):8,} answered  {len(ready):7,} deals  {memory:6.1f} MiB"
            f"  {spent_us(pid) / 1e6:7.1f} s of processor  log {size:7.1f} MiB",
            flush=True,
        )
    for thread in threads:
        thread.join()
    allowed = settled * 1.1 + (len(ready) - deals_then) * PER_DEAL_KIB / 1024
    print(f"answers by status: {dict(told)}; {sum(told.values()) / (time.monotonic() - began):.0f} a second")
    print(f"memory {settled:.1f} MiB after a fifth of the time, {memory:.1f} at the end, {allowed:.1f} allowed")
    return 0 if set(told) <= {200, 201} and memory <= allowed else 1


if __name__ == "__main__":
    sys.exit(main())
