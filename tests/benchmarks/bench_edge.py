"""`walkaway serve` against the bare framework: processor time of the server for one request, and how long it takes.

    python tests/benchmarks/bench_edge.py [--rounds 5] [--requests 400] [--connections 16]

The bare server reads a body of the same size and answers a fixed object, under the same uvicorn. All kinds of requests
take turns; what the client costs is its own.
"""

import argparse
import asyncio
import contextlib
import itertools
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
from connections import Request, over
from harness import quantile, table

ROOT = Path(__file__).parents[2]
FACTS = {"list_price": "100,000 USD", "segment": "enterprise", "decision_maker_known": "yes"}
BARE = """
import socket, sys, uvicorn
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route
async def answer(request):
    await request.body()
    return Response(b'{"verdict":"proceed"}', media_type="application/json")
app = Starlette(routes=[Route("/", answer, methods=["POST"])])
config = uvicorn.Config(app, loop="asyncio", http="httptools", ws="none", access_log=False, log_config=None)
taken = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
taken.bind(("127.0.0.1", 0))
taken.listen(2048)
print(f"http://127.0.0.1:{taken.getsockname()[1]}/enter", flush=True)
uvicorn.Server(config).run(sockets=[taken])
"""
AGENTS = 50
"""Deals in which agents ask, each the same again and again: answered each time, on record each time, and free."""


@contextlib.contextmanager
def running(command: list[str], folder: str) -> Iterator[tuple[int, int]]:
    """Run a server that prints its address first; return its process and its port."""
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout is not None
        address = process.stdout.readline()
        yield process.pid, int(address.split(":")[2].split("/")[0])
    finally:
        process.terminate()
        process.wait(30)


def spent_us(pid: int) -> float:
    """Return the processor time of a process so far: of its threads, as the scheduler counts it, in nanoseconds."""
    threads = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((thread / "schedstat").read_text(encoding="ascii").split()[0]) for thread in threads) / 1e3


def load(port: int, requests: list[Request], connections: int) -> list[int]:
    """Send requests over some connections at once; return how long each took, in nanoseconds."""
    took: list[int] = []

    def told(request: Request, status: int, body: bytes, nanoseconds: int) -> None:
        assert status in (200, 201), body
        took.append(nanoseconds)

    asyncio.run(over(port, requests, connections, told))
    return took


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=400)
    parser.add_argument("--connections", type=int, default=16)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        walkaway = [sys.executable, "-m", "walkaway_cli.main"]
        made = [*walkaway, "token", "new", "--sub", "bench", "--role", "rep"]
        token = subprocess.run(made, cwd=folder, capture_output=True, text=True, check=True).stdout.strip()
        made = [*walkaway, "token", "new", "--sub", "crm", "--role", "feed"]
        feed = subprocess.run(made, cwd=folder, capture_output=True, text=True, check=True).stdout.strip()
        made = [*walkaway, "token", "new", "--sub", "agent-7", "--role", "agent", "--deals", "A-*"]
        agent = subprocess.run(made, cwd=folder, capture_output=True, text=True, check=True).stdout.strip()
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        asking = {**headers, "Authorization": f"Bearer {agent}"}
        feeding = {**headers, "Authorization": f"Bearer {feed}"}
        policy = str(ROOT / "rules" / "saas-discounting")
        served = [
            *walkaway,
            "serve",
            "--policy",
            policy,
            "--bind",
            "127.0.0.1:0",
            "--rate",
            "rep=0",
            "--rate",
            "agent=0",
        ]
        with running(served, folder) as (pid, port), running([sys.executable, "-c", BARE], folder) as (bare, bare_port):
            body = msgspec.json.encode({"terms": {"discount": "5%"}})
            opening = msgspec.json.encode({"deal": "D", "id": "e1", "facts": FACTS})
            theirs = msgspec.json.encode({"type": "offer", "by": "them", "terms": {"discount": "30%"}})
            load(port, [("POST", "/v1/deals", opening, headers)], 1)
            load(port, [("PUT", "/v1/deals/D/events/e2", theirs, feeding)], 1)
            for number in range(AGENTS):
                named = {"deal": f"A-{number}", "id": "e1", "facts": FACTS, "party": f"Harbour {number}"}
                load(port, [("POST", "/v1/deals", msgspec.json.encode(named), feeding)], 1)
            count, asks = itertools.count(), itertools.count()

            def asked() -> Request:
                return "POST", f"/v1/deals/A-{next(asks) % AGENTS}/check", body, asking

            def opened() -> Request:
                return "POST", "/v1/deals", opening.replace(b'"D"', f'"B-{next(count)}"'.encode()), feeding

            ways: dict[str, tuple[int, int, Callable[[], Request]]] = {
                "bare": (bare, bare_port, lambda: ("POST", "/", body, headers)),
                "check, no search": (pid, port, lambda: ("POST", "/v1/deals/D/check?search=no", body, headers)),
                "check": (pid, port, lambda: ("POST", "/v1/deals/D/check", body, headers)),
                "check as an agent, on disk": (pid, port, asked),
                "state of a deal": (pid, port, lambda: ("GET", "/v1/deals/D", b"", headers)),
                "open a deal, on disk": (pid, port, opened),
            }
            cpu: dict[str, list[float]] = {name: [] for name in ways}
            took: dict[str, list[int]] = {name: [] for name in ways}
            for number in range(options.rounds + 1):
                for name, (process, at, request) in ways.items():
                    requests = [request() for _ in range(options.requests)]
                    before = spent_us(process)
                    found = load(at, requests, options.connections)
                    if number:  # the first round warms up
                        cpu[name].append((spent_us(process) - before) / options.requests)
                        took[name] += found
    medians = {name: statistics.median(each) for name, each in cpu.items()}
    rows = [
        [
            name,
            f"{of:.0f} µs",
            f"{of / medians['bare']:.1f} x",
            f"{quantile(took[name], 0.5) / 1e6:.1f} ms",
            f"{quantile(took[name], 0.99) / 1e6:.1f} ms",
        ]
        for name, of in medians.items()
    ]
    print(table(["request", "processor", "to the bare framework", "p50", "p99"], rows))


if __name__ == "__main__":
    main()
