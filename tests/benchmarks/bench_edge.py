"""`walkaway serve` against the bare framework: processor time of the server for one request, and how long it takes.

    python tests/benchmarks/bench_edge.py [--rounds 5] [--requests 400] [--connections 16] [--before ../earlier]

An earlier build lies in a tree of its own, as `git worktree add` makes one. The bare server reads a body of the same
size and answers a fixed object, under the same uvicorn. All kinds of requests
take turns; what the client costs is its own.
"""

import argparse
import asyncio
import contextlib
import itertools
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
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
BODY = msgspec.json.encode({"terms": {"discount": "5%"}})
OPENING = msgspec.json.encode({"deal": "D", "id": "e1", "facts": FACTS})
THEIRS = msgspec.json.encode({"type": "offer", "by": "them", "terms": {"discount": "30%"}})
EVALUATION = msgspec.json.encode(
    {
        "subject": {"type": "user", "id": "bench"},
        "action": {"name": "send_offer"},
        "resource": {"type": "deal", "id": "D", "properties": {"terms": {"discount": "5%"}}},
    }
)
AGENTS = 50
"""Deals in which agents ask, each the same again and again: answered each time, on record each time, and free."""


@contextlib.contextmanager
def running(command: list[str], folder: str, more: Mapping[str, str] | None = None) -> Iterator[tuple[int, int]]:
    """Run a server that prints its address first; return its process and its port.

    Args:
        more: Of its environment.
    """
    process = subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, **(more or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
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


class Served:
    """A server of one tree, in a folder of its own, with deals in it.

    Args:
        tree: Where the code is taken from.
    """

    def __init__(self, tree: Path, folder: str) -> None:
        self.folder = folder
        self.command = [sys.executable, "-m", "walkaway_cli.main"]
        self.paths = {"PYTHONPATH": os.pathsep.join(map(str, (tree / "engine", tree / "cli")))}
        self.policy = str(tree / "rules" / "saas-discounting")
        self.count, self.asks = itertools.count(), itertools.count()
        self.rep = self.headers("--sub", "bench", "--role", "rep")
        self.feed = self.headers("--sub", "crm", "--role", "feed")
        self.auditor = self.headers("--sub", "erin", "--role", "auditor")
        self.agent = self.headers("--sub", "agent-7", "--role", "agent", "--deals", "A-*")

    def headers(self, *of: str) -> dict[str, str]:
        """Return the headers of a token that is made for somebody."""
        made = subprocess.run(
            [*self.command, "token", "new", *of],
            cwd=self.folder, env={**os.environ, **self.paths}, capture_output=True, text=True, check=True,
        )  # fmt: skip
        return {"Authorization": f"Bearer {made.stdout.strip()}", "Content-Type": "application/json"}

    @property
    def serving(self) -> list[str]:
        """Return the command that serves."""
        rates = ("--rate", "rep=0", "--rate", "agent=0")
        return [*self.command, "serve", "--policy", self.policy, "--bind", "127.0.0.1:0", "--authzen", *rates]

    def prepare(self, port: int) -> None:
        """Open the deals that are asked about."""
        load(port, [("POST", "/v1/deals", OPENING, self.rep)], 1)
        load(port, [("PUT", "/v1/deals/D/events/e2", THEIRS, self.feed)], 1)
        for number in range(AGENTS):
            named = {"deal": f"A-{number}", "id": "e1", "facts": FACTS, "party": f"Harbour {number}"}
            load(port, [("POST", "/v1/deals", msgspec.json.encode(named), self.feed)], 1)

    def asked(self) -> Request:
        """Return an agent's check, of the next deal in turn."""
        return "POST", f"/v1/deals/A-{next(self.asks) % AGENTS}/check", BODY, self.agent

    def opened(self) -> Request:
        """Return the opening of a deal that is not there yet."""
        return "POST", "/v1/deals", OPENING.replace(b'"D"', f'"B-{next(self.count)}"'.encode()), self.feed

    def kinds(self) -> dict[str, Callable[[], Request]]:
        """Return what is asked: name → a request."""
        return {
            "check, no search": lambda: ("POST", "/v1/deals/D/check?search=no", BODY, self.rep),
            "check": lambda: ("POST", "/v1/deals/D/check", BODY, self.rep),
            "check as an agent, on disk": self.asked,
            "AuthZEN evaluation": lambda: ("POST", "/access/v1/evaluation", EVALUATION, self.rep),
            "state of a deal": lambda: ("GET", "/v1/deals/D", b"", self.rep),
            "open a deal, on disk": self.opened,
        }


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=400)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument(
        "--before", type=Path, help="a tree of an earlier build, whose server takes turns with this one's"
    )
    options = parser.parse_args()
    trees = {"": ROOT} | ({" before": options.before.resolve()} if options.before else {})
    ways: dict[str, tuple[int, int, Callable[[], Request]]] = {}
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        bare, bare_port = stack.enter_context(running([sys.executable, "-c", BARE], folder))
        plain = {"Content-Type": "application/json"}
        ways["bare"] = bare, bare_port, lambda: ("POST", "/", BODY, plain)
        for tree, path in trees.items():
            served = Served(path, stack.enter_context(tempfile.TemporaryDirectory()))
            pid, port = stack.enter_context(running(served.serving, served.folder, served.paths))
            served.prepare(port)
            ways |= {f"{name}{tree}": (pid, port, request) for name, request in served.kinds().items()}
        cpu: dict[str, list[float]] = {name: [] for name in ways}
        took: dict[str, list[int]] = {name: [] for name in ways}
        for number in range(options.rounds + 1):
            for name, (process, at, request) in sorted(ways.items()):
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
        for name, of in sorted(medians.items())
    ]
    print(table(["request", "processor", "to the bare framework", "p50", "p99"], rows))


if __name__ == "__main__":
    main()
