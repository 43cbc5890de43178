"""Which proxies are believed when they say what was asked for, and from where: `Forwarded` (RFC 7239) alone."""

import ipaddress
import re
from collections.abc import Mapping, Sequence

from starlette.requests import Request
from starlette.types import Scope

from walkaway_edge.problems import EdgeProblem

_PAIR = re.compile(r'\s*([!#$%&\'*+.^_`|~0-9A-Za-z-]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*))\s*')
_PORT = re.compile(r":[0-9_A-Za-z.-]+$")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Proxies:
    """The proxies that stand before a server.

    Args:
        networks: Each as `10.0.0.0/8` or an address.

    Raises:
        EdgeProblem: Where one is none.
    """

    def __init__(self, networks: Sequence[str]) -> None:
        self.networks = []
        for text in networks:
            try:
                self.networks.append(ipaddress.ip_network(text))
            except ValueError as error:
                raise EdgeProblem(f"--proxy {text[:60]}: this is no network", "write `--proxy 10.0.0.0/8`") from error

    def heard(self, scope: Scope) -> tuple[str, str]:
        """Return which host a request asked for and the address it came from, as far as proxies here say so.

        What somebody before them wrote into the header is not believed: the last element is the nearest proxy's own.
        """
        client = scope.get("client")
        host, place = "", str(client[0]) if client else ""
        said = b",".join(value for name, value in scope["headers"] if name == b"forwarded").decode("latin-1")
        elements = _elements(said) if said and self.has(place) else []
        while elements and self.has(place):
            last = elements.pop()
            host = last.get("host", host)
            place = _bare(last.get("for", ""))
        return host.lower(), place

    def has(self, place: str) -> bool:
        """Return whether an address is one of theirs."""
        found = _address(place)
        return found is not None and any(found in network for network in self.networks)


def place_of(request: Request) -> str:
    """Return the address that a request came from, by which calls without a token are counted.

    Of IPv6 the network of one customer counts, since they have all its addresses.
    """
    client = request.scope.get("client")
    text = request.scope.get("place") or (str(client[0]) if client else "")
    found = _address(text)
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((found, 64), strict=False))
    return text or "nowhere"


def _elements(said: str) -> list[Mapping[str, str]]:
    """Return the elements of the header, the nearest proxy's last; those behind one that cannot be read alone."""
    found: list[Mapping[str, str]] = []
    for element in _split(said):
        pairs: dict[str, str] = {}
        at = 0
        while (match := _PAIR.match(element, at)) and (name := match[1].lower()) not in pairs:
            pairs[name] = re.sub(r"\\(.)", r"\1", match[2]) if match[2] is not None else match[3]
            at = match.end() + (element[match.end() : match.end() + 1] == ";")
        if at < len(element):
            found.clear()
        else:
            found.append(pairs)
    return found


def _split(said: str) -> list[str]:
    """Return what stands between commas that no quotation marks hold; marks that nobody closes hold all the rest."""
    return re.findall(r'(?:"(?:[^"\\]|\\.)*(?:"|\\?\Z)|[^,"])+', said)


def _bare(node: str) -> str:
    """Return a node without its port and brackets."""
    if node.startswith("["):
        return node[1:].partition("]")[0]
    return _PORT.sub("", node)


def _address(text: str) -> Address | None:
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = getattr(found, "ipv4_mapped", None)
    return mapped or found
