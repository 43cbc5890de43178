"""URLs of brokers and tables: what their clients are given, what is ours in them, and their names without secrets."""

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import msgspec

from walkaway_edge.problems import EdgeProblem


class Address(msgspec.Struct, frozen=True):
    """A URL taken apart.

    Attributes:
        url: As the client is to have it, without what is ours.
        name: The URL without user and password, with what is ours.
        ours: Our own keys of its query.
    """

    url: str
    name: str
    ours: Mapping[str, str]

    def need(self, key: str) -> str:
        """Return one of our keys.

        Raises:
            EdgeProblem: Where it is not there.
        """
        if not self.ours.get(key):
            raise EdgeProblem(f"{self.name}: say which {key}, as in …?{key}=NAME")
        return self.ours[key]


def address(text: str, *keys: str) -> Address:
    """Take a URL apart.

    Args:
        keys: Those of its query that are ours.

    Raises:
        EdgeProblem: Where it is none.
    """
    try:
        parts = urlsplit(text)
        query = parse_qsl(parts.query, keep_blank_values=True)
        host = parts.netloc.rpartition("@")[2]
    except ValueError as problem:
        raise EdgeProblem(f"this is no URL: {problem}") from problem
    ours = {k: v for k, v in query if k in keys}
    theirs = [(k, v) for k, v in query if k not in keys]
    url = urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(theirs), ""))
    name = urlunsplit((parts.scheme, host, parts.path, urlencode(sorted(ours.items())), ""))
    return Address(url, name, ours)


def broken(name: str, problem: BaseException) -> EdgeProblem:
    """Return what ends a run whose broker cannot be reached, or refuses; the store knows where to go on."""
    text = " ".join(str(problem).split()) or type(problem).__name__
    return EdgeProblem(f"{name}: {text[:300]}")
