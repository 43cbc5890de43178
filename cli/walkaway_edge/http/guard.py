"""What holds for every answer: the host it is asked under, headers for browsers, a line in the log, and no traceback.

The log knows a request by its id, who asked by a hash that every start makes
otherwise, and what for by the template of its address: no id of a deal, no query, no body and no token stands in it.
"""

import hmac
import secrets
import sys
import time
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from pathlib import Path

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from walkaway_edge.http.answers import problem
from walkaway_edge.http.proxies import Proxies
from walkaway_edge.http.serving import problem_response
from walkaway_edge.salts import random_bytes

POLICY = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_NO_STORE = (b"cache-control", b"no-store")
_HASHED = 1024
"""The hashes of so many names are kept at hand."""


class Guard:
    """Stands before the application.

    Args:
        hosts: What `Host` may say; a page of another name that points here is not let in.
        log: Is told a line about every request.
        count: Is told its template, method, status, and the seconds it took.
        proxies: Whose word on host and address is believed.
        headers: Of every answer, beside those for browsers.
    """

    def __init__(
        self,
        app: ASGIApp,
        hosts: Collection[str],
        log: Callable[[str], None],
        count: Callable[[str, str, int, float], None] = lambda *_: None,
        proxies: Proxies | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.app, self.hosts, self.log, self.count = app, frozenset(hosts), log, count
        self.proxies = proxies
        more = {} if headers is None else headers
        self.headers = (*HEADERS, *((name.lower().encode(), value.encode()) for name, value in more.items()))
        self.key = secrets.token_bytes(32)
        self.hashed = lru_cache(_HASHED)(self._hash)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, said = time.perf_counter(), random_bytes(8).hex()
        status = 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = list(message.get("headers", ()))
                known = {name.lower() for name, _ in headers}
                headers += [h for h in self.headers if h[0] not in known]
                if told := scope.get("told"):
                    more = [(name.lower().encode(), value.encode()) for name, value in told.items()]
                    headers += [h for h in more if h[0] not in known]
                if b"cache-control" not in known:
                    headers.append(_NO_STORE)
                if b"x-request-id" not in known:
                    headers.append((b"x-request-id", said.encode()))
                message["headers"] = headers
            await send(message)

        try:
            if self.host(scope) not in self.hosts:
                await problem_response(problem("wrong-host"))(scope, receive, sending)
            else:
                await self.app(scope, receive, sending)
        except Exception as fault:  # noqa: BLE001 — the last place where it can be answered
            self.log(f"{said} fault {_where(fault)}")
            if not status:
                await problem_response(problem("fault"))(scope, receive, sending)
        finally:
            name = scope.get("address_name", "-")
            who = scope.get("identity")
            key = self.hashed(who.sub) if who is not None else "-"
            took = time.perf_counter() - began
            self.log(f"{said} {key} {scope['method']} {name} {status} {took * 1000:.1f}")
            self.count(name, scope["method"], status, took)

    def host(self, scope: Scope) -> str:
        """Return which host is asked for; none where that is not said once."""
        hosts = [value for name, value in scope["headers"] if name == b"host"]
        asked = hosts[0].decode("latin-1").lower() if len(hosts) == 1 else ""
        if self.proxies is None:
            return asked
        said, scope["place"] = self.proxies.heard(scope)
        return said or asked

    def _hash(self, sub: str) -> str:
        """Return by what the log knows somebody."""
        return hmac.digest(self.key, sub.encode(), "sha256").hex()[:12]


def _where(fault: BaseException) -> str:
    """Say what kind of fault it was, and where in our own code; what it says may hold what somebody sent."""
    trace, last = fault.__traceback__, None
    while trace is not None:
        last, trace = trace, trace.tb_next
    if last is None:
        return type(fault).__name__
    return f"{type(fault).__name__} {Path(last.tb_frame.f_code.co_filename).name}:{last.tb_lineno}"


def to_stderr(line: str) -> None:
    """Write a line of the log where operators look for it."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
