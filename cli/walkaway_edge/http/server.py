"""The server: which address it takes, and how it begins and ends."""

import contextlib
import ipaddress
import re
import signal
import socket
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from types import FrameType
from typing import Any
from urllib.parse import urlsplit

import uvicorn
from starlette.routing import Router
from starlette.types import Receive, Scope, Send

from walkaway_edge.http.connection import Connection
from walkaway_edge.http.cors import Cors
from walkaway_edge.http.desk import Desk
from walkaway_edge.http.guard import Guard, to_stderr
from walkaway_edge.http.proxies import Proxies
from walkaway_edge.http.serving import Addresses, Endpoint
from walkaway_edge.problems import EdgeProblem

_TRIES = 50
STOPS_S = 5
MOST = 512


class ListenAddress:
    """The address that a server takes.

    Args:
        where: As ADDRESS:PORT; port 0 takes a free one.
        public: The `https://…` under which it is reached through a proxy; empty where it is reached directly.

    Raises:
        EdgeProblem: Where it is taken, is none, or leads beyond this machine without a public address.
    """

    def __init__(self, where: str, public: str = "") -> None:
        host, _, port = where.rpartition(":")
        self.host = host.strip("[]")
        if not self.host or not re.fullmatch(r"[0-9]{1,5}", port) or int(port) > 65_535:
            raise EdgeProblem(f"--bind {where}: this is no address", "write 127.0.0.1:8700")
        is_local = _is_loopback(self.host)
        public = _origin(public) if public else ""
        if not is_local and not public:
            hint = "say under which https:// it is reached with --public-url, or bind 127.0.0.1"
            raise EdgeProblem(f"--bind {where} is reached from other machines", hint)
        self.socket = _bound(self.host, int(port))
        self.port: int = self.socket.getsockname()[1]
        shown = f"[{self.host}]" if ":" in self.host else self.host
        self.url = public or f"http://{shown}:{self.port}"

    def close(self) -> None:
        """Let go of it."""
        self.socket.close()

    @property
    def hosts(self) -> list[str]:
        """Return what `Host` may say."""
        public = urlsplit(self.url).netloc.lower()
        if urlsplit(self.url).scheme == "https":
            return [public]
        return [public, f"localhost:{self.port}", f"127.0.0.1:{self.port}", f"[::1]:{self.port}"]


def application(
    desk: Desk,
    addresses: Mapping[tuple[str, ...], Endpoint],
    hosts: Collection[str],
    log: Callable[[str], None] = to_stderr,
    beside: Callable[[], AbstractAsyncContextManager[None]] = contextlib.nullcontext,
    count: Callable[[str, str, int, float], None] = lambda *_: None,
    proxies: Proxies | None = None,
    origins: Sequence[str] = (),
    headers: Mapping[str, str] | None = None,
) -> Guard:
    """Return the whole application; the desk is stopped with it.

    Args:
        beside: What runs as long as the server does.
        count: Is told of each request, see `Guard`.
        proxies: Whose word on host and address is believed.
        origins: Whose pages may call the API.
        headers: Of every answer.

    Raises:
        EdgeProblem: Where an origin is none.
    """

    @contextlib.asynccontextmanager
    async def lifespan(_: Any) -> AsyncIterator[None]:
        try:
            async with beside():
                yield
        finally:
            desk.stop()

    routes, router = Addresses(addresses), Router(lifespan=lifespan)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await routes(scope, receive, send)
        else:
            await router(scope, receive, send)

    return Guard(Cors(app, origins) if origins else app, hosts, log, count, proxies, headers)


def run(app: Guard, place: ListenAddress, ending: Callable[[], None] = lambda: None) -> None:
    """Serve until SIGTERM or SIGINT; what was asked before is answered.

    Args:
        ending: Is called when either comes.
    """
    config = uvicorn.Config(
        app,
        loop="asyncio",
        http=Connection,
        ws="none",
        lifespan="on",
        access_log=False,
        log_config=None,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=MOST,
        timeout_graceful_shutdown=STOPS_S,
    )
    server = _SignalledServer(config)
    server.ending = ending
    server.run(sockets=[place.socket])


class _SignalledServer(uvicorn.Server):
    """A server whose end by a signal is an end like any other: uvicorn's own sends itself the signal again."""

    ending: Callable[[], None]

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End, and say so to whoever goes on by themselves."""
        self.ending()
        super().handle_exit(sig, frame)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _origin(public: str) -> str:
    """Return a public address as browsers write its origin: lower case, without the port that https has anyway.

    Raises:
        EdgeProblem: Where it is none.
    """
    said = f"--public-url {public}"
    if not public.lower().startswith("https://"):
        raise EdgeProblem(f"{said}: a public address begins with https://")
    found = re.fullmatch(r"https://([a-z0-9.-]+|\[[0-9a-f:.]+\])(?::(\d{1,5}))?/?", public.lower(), re.ASCII)
    if found is None:
        raise EdgeProblem(f"{said}: this is no address of a server", "write https://deals.example, with no path")
    host, port = found.groups()
    return f"https://{host}" if port in (None, "443") else f"https://{host}:{port}"


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _bound(host: str, port: int) -> socket.socket:
    """Take an address.

    Raises:
        EdgeProblem: Where it cannot be taken; it names a port that can.
    """
    try:
        return _take(host, port)
    except UnicodeError as problem:
        raise EdgeProblem(f"{host}:{port}: this is no address", "write 127.0.0.1:8700") from problem
    except OSError as problem:
        free = next((p for p in range(port + 1, min(port + _TRIES, 65_536)) if _is_free(host, p)), None)
        hint = f"port {free} is free: --bind {host}:{free}" if free else "name another address with --bind"
        why = "is taken" if problem.errno == 98 else f"cannot be taken: {(problem.strerror or 'unknown').lower()}"
        raise EdgeProblem(f"{host}:{port} {why}", hint) from problem


def _take(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio lets answers leave at once only where a socket names its protocol; else head and body are 40 ms apart
    found = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((host, port))
        found.listen(2048)
    except BaseException:
        found.close()
        raise
    return found


def _is_free(host: str, port: int) -> bool:
    try:
        _take(host, port).close()
    except OSError:
        return False
    return True
