"""What the pump takes and gives: places, batches, messages, and the two small interfaces that sources and sinks have.

A source is asked for what comes after a place and is told nothing else: no message is ever acknowledged, since the
place is committed together with the decisions. Knows no file, no broker and no clock.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

import msgspec

from walkaway.deal.lines import Line

Offsets = Mapping[str, bytes]
"""Where to go on in each part of a source: a partition, a file of a folder; `""` where there is one part only."""


class Batch(Protocol):
    """Some lines that came together.

    Attributes:
        lines: In their order, blank ones included; none where there was nothing to read within the time given.
        is_last: Whether the source has ended, so that nothing will ever come behind these.
    """

    lines: Sequence[Line]
    is_last: bool

    def places(self, count: int) -> Offsets:
        """Return the places after the first *count* lines, of the parts that these lines are from."""
        ...


class Source(Protocol):
    """Where events come from.

    Attributes:
        name: Stands for the source in the store; the same after a restart, and without secrets.
    """

    name: str

    def read(self, after: Offsets, most: int, wait_s: float) -> Batch:
        """Return up to *most* lines after the places, waiting so long for the first one.

        Raises:
            OSError: Where the source cannot be read any more.
        """
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


@runtime_checkable
class PassingSource(Source, Protocol):
    """A source that holds a line until it is taken and no longer, so that no restart can go on from a place in it."""

    def drain(self) -> None:
        """Take in no more than is there by now; once that is read, nothing comes."""
        ...


class Message(msgspec.Struct, frozen=True, gc=False):
    """What leaves: a line without its break, and the deal it is about (empty where nobody knows)."""

    data: bytes
    deal: str = ""


class Sink(Protocol):
    """Where verdicts, or dead letters, go to."""

    name: str

    def end(self) -> bytes:
        """Return the place behind all that it holds; empty where it cannot tell."""
        ...

    def after(self, end: bytes) -> Sequence[bytes]:
        """Return what it holds behind a place that `end` has given; nothing where it cannot tell."""
        ...

    def write(self, messages: Sequence[Message]) -> None:
        """Take messages, those of one deal in their order; when this returns, the sink will not lose them.

        Raises:
            OSError: Where it cannot.
        """
        ...

    def close(self) -> None:
        """Let go of it."""
        ...
