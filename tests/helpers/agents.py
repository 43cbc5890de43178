"""A server in this process, without a socket: a session, its desk, and every address that agents reach."""

import asyncio
import hashlib
import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from walkaway import Core, Decision, Session
from walkaway.deal.encode import EventWriter
from walkaway.events import AnyEvent
from walkaway.policy import Policy
from walkaway_cli.commands.serve import JOB
from walkaway_edge.authzen.addresses import AuthZen
from walkaway_edge.http.call import Call, Front
from walkaway_edge.http.desk import Desk
from walkaway_edge.http.identity import Identity, identity
from walkaway_edge.http.jobs import Jobs
from walkaway_edge.http.kept import KeptFile
from walkaway_edge.http.requests import Requests
from walkaway_edge.http.serving import Addresses, Api
from walkaway_edge.http.tokens import Noted, Tokens
from walkaway_edge.http.visits import Visits
from walkaway_edge.mcp.tools import tools_of, used
from walkaway_edge.page.pages import Pages
from walkaway_edge.permits.tokens import Permits

NOW = datetime(2027, 6, 1, 12, tzinfo=UTC)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PARTY = "Harbour Mills"


class Told(msgspec.Struct, frozen=True):
    """What came back: status, headers but for those of one answer alone, and bytes."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    @property
    def json(self) -> Any:
        """Return the body as JSON has it."""
        return json.loads(self.body)


class Face:
    """One server. It is used inside of one event loop, and closed at the end.

    Args:
        folder: Where its files are.
        store: The URL of its log; none to keep everything in memory.
        core: Which evaluators decide.
    """

    def __init__(self, policy: "Policy | str", folder: Path, store: str | None = None, core: Core = Core.PLAIN) -> None:
        folder.mkdir(exist_ok=True)
        self.now = NOW
        tokens, requests = Tokens(folder / "tokens"), Requests()
        permits = Permits(KEY, (), "http://face")
        self.front = Front(
            tokens, Visits(lambda: self.now.timestamp()), requests, lambda _: "", "http://face", lambda: self.now,
            bytes(32), permits, kept=KeptFile(folder / "kept"),
        )  # fmt: skip
        program = (sys.executable, "-P", "-m", JOB)
        self.jobs = self.front.jobs = Jobs(self.front.kept, program, store or "", lambda: self.now.timestamp())
        self.desk = Desk(lambda: Session(policy, store, core=core))
        self.desk.start()
        self.api = Api(self.desk, self.front)
        self.pages = Pages(self.desk, self.front)
        addresses = self.pages.addresses() | self.api.addresses() | AuthZen(self.desk, self.front, self.api).addresses()
        self.app = Addresses(addresses)
        self.tokens: dict[str, str] = {}
        self.keys = count()

    def close(self) -> None:
        """Let go of everything."""
        self.desk.stop()
        self.front.tokens.journal.close()
        self.front.kept.close()

    def token(self, role: str, sub: str = "", deals: str = "*") -> str:
        """Return the token of somebody, made where there is none yet."""
        key = f"{role} {sub} {deals}"
        if key not in self.tokens:
            noted = Noted("", "", sub or role.partition(":")[0], (role,), (deals,), (), 1 << 40)
            self.tokens[key] = self.front.tokens.new(noted)
        return self.tokens[key]

    async def call(
        self, method: str, path: str, body: object = None, token: str = "", headers: Mapping[str, str] | None = None
    ) -> Told:
        """Ask something."""
        data = body if isinstance(body, bytes) else b"" if body is None else msgspec.json.encode(body)
        sent = {"host": "face", "content-type": "application/json", "idempotency-key": f"k{next(self.keys)}"}
        sent |= {name.lower(): value for name, value in (headers or {}).items()}
        if token:
            sent["authorization"] = f"Bearer {token}"
        raw, _, query = path.partition("?")
        scope = {
            "type": "http", "method": method, "path": raw, "raw_path": raw.encode(), "query_string": query.encode(),
            "headers": [(k.lower().encode(), v.encode()) for k, v in sent.items()], "http_version": "1.1",
            "scheme": "http", "server": ("face", 80), "client": ("face", 1),
        }  # fmt: skip
        parts: list[bytes] = []
        start: dict[str, Any] = {}
        coming = [{"type": "http.request", "body": data, "more_body": False}]

        async def receive() -> Any:
            if coming:
                return coming.pop()
            return await asyncio.sleep(3600)

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
            else:
                parts.append(message.get("body", b""))

        await self.app(scope, receive, send)
        return Told(start["status"], tuple(sorted(start["headers"])), b"".join(parts))

    def customer(self) -> tuple[dict[str, str], str]:
        """Let a customer in; return the headers of the visit, the same in every server, and its form token."""
        visits, cookie = self.front.visits, "a-customer"
        visits.secret = bytes(32)
        visits.visits[hashlib.sha256(cookie.encode()).digest()] = (identity("cora", ["customer"], ["*"]), 1e12)
        form = {"origin": "http://face", "content-type": "application/x-www-form-urlencoded"}
        return {"cookie": f"{self.pages.cookie}={cookie}", **form}, visits.form_token(cookie)

    async def tool(self, who: Identity, name: str, arguments: Mapping[str, Any]) -> Any:
        """Use a tool of the Model Context Protocol, beneath the protocol; a problem comes back as one."""
        from walkaway_edge.http.answers import Problem
        from walkaway_edge.http.sayable import sayable

        tool = next(tool for tool in tools_of(who) if tool.name == name)
        try:
            ask = used(tool, Call(self.front, who), arguments)
            return await self.desk.ask(ask, arguments["deal"], alone=True)
        except Problem as wrong:
            return msgspec.to_builtins(sayable(wrong).details)

    async def decide(self, event: AnyEvent | Mapping[str, Any]) -> Decision:
        """Decide an event, by nobody's token."""

        def ask(session: Session) -> Decision:
            line = event if isinstance(event, Mapping) else EventWriter(session.policy).content(event)
            return session.decide(line)

        return await self.desk.ask(ask)

    async def asked(self, what: Any) -> Any:
        """Ask the session itself."""
        return await self.desk.ask(what)


def agent(sub: str = "agent-7", role: str = "agent", deals: str = "*") -> Identity:
    """Return who an agent is."""
    return identity(sub, [role], [deals])
