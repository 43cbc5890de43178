"""A server of `walkaway serve` as a process, on a free port, and a client that sends exactly what a test writes."""

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
from tests.helpers.processes import PATIENCE_S

ROOT = Path(__file__).parents[2]
POLICY = ROOT / "rules" / "saas-discounting"
FACTS = {"list_price": "100,000 USD", "segment": "enterprise", "decision_maker_known": "yes"}


ROLES = ("rep", "approver", "sales-ops", "auditor", "agent", "customer")
ANY_RATE = [word for role in ROLES for word in ("--rate", f"{role}=0")]
"""Tests ask faster than people."""


class Reply(msgspec.Struct, frozen=True):
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """Return the body as JSON has it."""
        return json.loads(self.body)

    @property
    def codes(self) -> list[str]:
        """Return the codes of a problem's findings."""
        return [finding["code"] for finding in self.json["findings"]]


class Client:
    """Speaks to a server, each call on a connection of its own.

    Args:
        token: Sent with every call; empty for none.
    """

    def __init__(self, url: str, token: str = "") -> None:
        self.url, self.token = url, token
        parts = urlsplit(url)
        self.host, self.port = str(parts.hostname), int(parts.port or 0)

    def call(self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None) -> Reply:
        """Send one call and return what comes back.

        Args:
            path: As it is sent, already encoded.
            body: Bytes are sent as they are, all else as JSON.
        """
        sent = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        data = body if isinstance(body, bytes | None) else msgspec.json.encode(body)
        if data is not None:
            sent["Content-Type"] = "application/json"
        if method == "POST":
            sent["Idempotency-Key"] = f'"{uuid.uuid4()}"'
        connection = http.client.HTTPConnection(self.host, self.port, timeout=PATIENCE_S)
        with contextlib.closing(connection):
            connection.request(method, path, data, sent | dict(headers or {}))
            response = connection.getresponse()
            found = {name.lower(): value for name, value in response.getheaders()}
            return Reply(response.status, found, response.read())

    def get(self, path: str, **headers: str) -> Reply:
        """Get something."""
        return self.call("GET", path, headers={k.replace("_", "-"): v for k, v in headers.items()})

    def post(self, path: str, body: object) -> Reply:
        """Send a JSON object."""
        return self.call("POST", path, body)

    def tag(self, deal: str) -> str:
        """Return the tag of a deal as it is now."""
        return self.get(f"/v1/deals/{deal}").headers["etag"]

    def put(self, deal: str, event: str, body: object, tag: str | None = None) -> Reply:
        """Record an event of a deal as it is now, or as a tag says."""
        return self.call("PUT", f"/v1/deals/{deal}/events/{event}", body, {"If-Match": tag or self.tag(deal)})

    def opens(self, deal: str, **more: object) -> Reply:
        """Open a deal."""
        return self.post("/v1/deals", {"deal": deal, "id": "e1", "facts": FACTS, **more})


class Server:
    """A running server.

    Attributes:
        folder: Where its files are.
        link: The one-time link that it printed.
    """

    def __init__(self, folder: Path, *options: str, policy: Path = POLICY) -> None:
        self.folder = folder
        served = [sys.executable, "-m", "walkaway_cli.main", "serve", "--policy", str(policy), "--as", "ana"]
        with (folder / "log").open("wb") as log:
            self.process = subprocess.Popen(
                [*served, "--bind", "127.0.0.1:0", *(() if "--rate" in options else ANY_RATE), *options],
                cwd=folder,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )
        assert self.process.stdout is not None
        self.link = self.process.stdout.readline().strip()
        assert self.link, (folder / "log").read_text()
        self.url = self.link.partition("/enter")[0]

    def client(self, *roles: str, sub: str = "ana", deals: str = "*", behalf: str = "") -> Client:
        """Return a client with a new token."""
        return Client(self.url, new_token(self.folder, *roles, sub=sub, deals=deals, behalf=behalf))

    def log(self) -> str:
        """Return what it has logged."""
        return (self.folder / "log").read_text()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """End it and return its exit."""
        self.process.send_signal(how)
        status = self.process.wait(PATIENCE_S)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return status


def new_token(folder: Path, *roles: str, sub: str = "ana", deals: str = "*", behalf: str = "", until: int = 0) -> str:
    """Make a token in a server's file."""
    from walkaway_edge.http.tokens import Noted, Tokens

    tokens = Tokens(folder / "walkaway.tokens")
    try:
        return tokens.new(Noted("", "", sub, roles, (deals,), (behalf,) if behalf else (), until or 1 << 40))
    finally:
        tokens.journal.close()


@contextlib.contextmanager
def serving(folder: Path, *options: str, policy: Path = POLICY) -> Iterator[Server]:
    """Run a server until the block ends."""
    server = Server(folder, *options, policy=policy)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.stop(signal.SIGKILL)
