"""What the pump takes and gives: places, batches, messages, and the two small interfaces that sources and sinks have.

A source is asked for what comes after a place and is told nothing else: no message is ever acknowledged, since the
place is committed together with the decisions. Knows no file, no broker and no clock.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

from walkaway.deal.letters import DeadLetter
from walkaway.deal.lines import Line
from walkaway.log.append import Answer as Answer
from walkaway.policy import Policy

Places = Mapping[str, bytes]
"""Where to go on in each part of a source: a partition, a file of a folder; `""` where there is one part only."""


class Batch(Protocol):
    """Some lines that came together.

    Attributes:
        lines: In their order, blank ones included; none where there was nothing to read within the time given.
        is_last: Whether the source has ended, so that nothing will ever come behind these.
    """

    lines: Sequence[Line]
    is_last: bool

    def places(self, count: int) -> Places:
        """Return the places after the first *count* lines, of the parts that these lines are from."""
        ...


class Source(Protocol):
    """Where events come from.

    Attributes:
        name: Stands for the source in the store; the same after a restart, and without secrets.
        is_lasting: Whether what was read can be read again, so that a restart may go on from a place.
    """

    name: str
    is_lasting: bool

    def read(self, after: Places, most: int, wait_s: float) -> Batch:
        """Give up to *most* lines after the places, waiting so long for the first one.

        Raises:
            OSError: Where the source cannot be read any more.
        """
        ...

    def close(self) -> None:
        """Let go of it."""
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


class Within(Protocol):
    """What is to be noted together with answers."""

    def __call__(self, answers: Sequence[Answer | DeadLetter]) -> None:
        """Note it."""
        ...


class Keeper(Protocol):
    """What decides events and keeps what it decided: the log, or memory alone."""

    def take(self, lines: Sequence[Line], within: Within) -> Sequence[Answer | DeadLetter]:
        """Return an answer for each line, in order, when they and all that *within* noted are kept."""
        ...

    def ahead(self, lines: Sequence[Line]) -> bool:
        """Begin to decide lines that will be taken after those at hand; tell whether that is possible."""
        ...

    def turn_to(self, *policies: Policy) -> None:
        """Let deals open under other versions from now on; those that are open stay under theirs."""
        ...

    def idle(self, before: int, most: int) -> Sequence[str]:
        """Give up to *most* open deals whose latest event is older than an instant."""
        ...

    def last(self, deal: str) -> int | None:
        """Return the instant of an open deal's latest event; none where no such deal is open."""
        ...

    def answer(self, entry: int) -> Answer:
        """Return an answer that was kept."""
        ...

    def noted(self, name: str) -> Places:
        """Return what was noted under a name."""
        ...

    def note(self, name: str, places: Places) -> None:
        """Note places under a name; only `within` may."""
        ...
