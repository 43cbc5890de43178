"""Redis Streams: read by id, no consumer group; written in order. `redis://HOST:PORT/DB?stream=NAME`."""

from collections.abc import Callable, Sequence
from typing import Any

import redis

from walkaway.deal.lines import Line
from walkaway.run.ports import Batch, Message, Offsets
from walkaway_edge.brokers.address import Address, address, broken
from walkaway_edge.files.lines import PlacedLines

FIELD = b"event"
"""The field that holds the line; an entry with a single field may call it otherwise."""
_BEGINNING = b"0-0"


def connected(text: str) -> tuple[Address, "redis.Redis"]:
    """Connect, and see that somebody answers.

    Raises:
        EdgeProblem: Where nobody does.
    """
    where = address(text, "stream")
    where.need("stream")
    try:
        client = redis.Redis.from_url(where.url, socket_timeout=20, socket_connect_timeout=10)
        client.ping()
    except (redis.RedisError, OSError, ValueError) as problem:
        raise broken(where.name, problem) from problem
    return where, client


class RedisSource:
    """A stream's entries, by their ids."""

    def __init__(self, text: str, *, follow: bool, warn: Callable[[str], None]) -> None:
        self.address, self.client = connected(text)
        self.name, self.stream, self.follow, self.warn = self.address.name, self.address.ours["stream"], follow, warn
        self.is_checked = False

    def read(self, after: Offsets, most: int, wait_s: float) -> Batch:
        """Return the entries after an id."""
        last = after.get("", _BEGINNING)
        try:
            if not self.is_checked:
                self.check(last)
            block = max(int(wait_s * 1000), 1) if self.follow and wait_s else None
            found: Any = self.client.xread({self.stream: last}, count=most, block=block)
        except redis.RedisError as problem:
            raise broken(self.name, problem) from problem
        entries = found[0][1] if found else []
        lines = [Line(_event(fields), f"{self.name} {key.decode()}", 1) for key, fields in entries]
        return PlacedLines(lines, [("", key) for key, _ in entries], is_last=not lines and not self.follow)

    def check(self, last: bytes) -> None:
        """Say so if entries were removed that had not been read."""
        self.is_checked = True
        try:
            about: Any = self.client.xinfo_stream(self.stream)
        except redis.ResponseError:
            return  # there is no such stream yet
        removed = about.get("max-deleted-entry-id", _BEGINNING)
        if last != _BEGINNING and _order(removed) > _order(last):
            self.warn(f"{self.name}: entries were removed from the stream before they were read")

    def close(self) -> None:
        """Disconnect."""
        self.client.close()


def _event(fields: dict[bytes, bytes]) -> bytes:
    """Return the line that an entry holds."""
    if FIELD in fields or len(fields) != 1:
        return fields.get(FIELD, repr(fields).encode())
    return next(iter(fields.values()))


def _order(key: bytes) -> tuple[int, int]:
    first, _, second = key.partition(b"-")
    return int(first), int(second)


class RedisSink:
    """A stream that entries are added to."""

    def __init__(self, text: str) -> None:
        self.address, self.client = connected(text)
        self.name, self.stream = self.address.name, self.address.ours["stream"]
        self.last = b""

    def end(self) -> bytes:
        """Return the id of the last entry."""
        if not self.last:
            try:
                about: Any = self.client.xinfo_stream(self.stream)
                self.last = about["last-generated-id"]
            except redis.ResponseError:
                self.last = _BEGINNING
            except redis.RedisError as problem:
                raise broken(self.name, problem) from problem
        return self.last

    def after(self, end: bytes) -> Sequence[bytes]:
        """Return what the entries behind an id hold."""
        try:
            found: Any = self.client.xrange(self.stream, min=b"(" + end)
        except redis.RedisError as problem:
            raise broken(self.name, problem) from problem
        return [_event(fields) for _, fields in found]

    def write(self, messages: Sequence[Message]) -> None:
        """Add entries, in order, all of them or none."""
        try:
            with self.client.pipeline(transaction=True) as pipeline:
                for message in messages:
                    pipeline.xadd(self.stream, {FIELD: message.data})
                self.last = pipeline.execute()[-1]
        except redis.RedisError as problem:
            raise broken(self.name, problem) from problem

    def close(self) -> None:
        """Disconnect."""
        self.client.close()
