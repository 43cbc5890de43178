"""Who is told: an address that takes POST requests, over TLS unless it is on this machine."""

import http.client
import ipaddress
import ssl
from collections.abc import Mapping
from urllib.parse import urlsplit

import msgspec

from walkaway_edge.problems import EdgeProblem

TIMEOUT_S = 15.0
_MOST_WAIT_S = 300


class Reception(msgspec.Struct, frozen=True):
    """What a receiver answered.

    Attributes:
        why: What it said, or what stood in the way, in a few words; empty where the message was taken.
        is_gone: Whether it wants no message any more.
        wait_s: How many seconds it asks to be left alone; 0 where it does not say.
    """

    why: str = ""
    is_gone: bool = False
    wait_s: int = 0


class Receiver:
    """An address that takes messages; redirects are not followed, since they would be told what another was to hear.

    Raises:
        EdgeProblem: Where it is no such address.
    """

    def __init__(self, url: str) -> None:
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as problem:
            raise EdgeProblem(f"{url} is no address: {problem}") from problem
        if parts.scheme not in ("https", "http") or not parts.hostname or parts.username or parts.fragment:
            raise EdgeProblem(f"{url} is no address that takes messages", "write https://HOST/PATH, without a login")
        if parts.scheme == "http" and not _is_loopback(parts.hostname):
            raise EdgeProblem(f"{url} would be told in the clear", "write https://")
        self.url, self.host, self.port, self.is_tls = url, parts.hostname, port, parts.scheme == "https"
        self.path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")

    def post(self, headers: Mapping[str, str], body: bytes) -> Reception:
        """Send a message once."""
        try:
            connection = self._connection()
            try:
                connection.request("POST", self.path, body, {**headers, "content-type": "application/json"})
                answer = connection.getresponse()
                answer.read(1_024)
            finally:
                connection.close()
        except (OSError, http.client.HTTPException) as problem:
            return Reception(getattr(problem, "strerror", None) or str(problem) or type(problem).__name__)
        if 200 <= answer.status < 300:
            return Reception()
        wait = answer.getheader("retry-after") or ""
        wait_s = min(int(wait), _MOST_WAIT_S) if wait.isascii() and wait.isdigit() else 0
        return Reception(f"status {answer.status}", answer.status == http.client.GONE, wait_s)

    def _connection(self) -> http.client.HTTPConnection:
        if self.is_tls:
            context = ssl.create_default_context()
            return http.client.HTTPSConnection(self.host, self.port, timeout=TIMEOUT_S, context=context)
        return http.client.HTTPConnection(self.host, self.port, timeout=TIMEOUT_S)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
