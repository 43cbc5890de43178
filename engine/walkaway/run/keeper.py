"""What decides the events of a live run and keeps what it decided: one small interface for the log and for memory."""

from collections.abc import Sequence
from typing import Protocol

from walkaway.deal.letters import DeadLetter
from walkaway.deal.lines import Line
from walkaway.log.append import DecidedEvent as DecidedEvent
from walkaway.policy import Policy
from walkaway.run.ports import Offsets


class Within(Protocol):
    """What is to be noted together with answers."""

    def __call__(self, answers: Sequence[DecidedEvent | DeadLetter]) -> None:
        """Note it."""
        ...


class Keeper(Protocol):
    """What decides events and keeps what it decided: the log, or memory alone."""

    def take(self, lines: Sequence[Line], within: Within) -> Sequence[DecidedEvent | DeadLetter]:
        """Return an answer for each line, in order, when they and all that *within* noted are kept."""
        ...

    def ahead(self, lines: Sequence[Line]) -> bool:
        """Begin to decide lines that will be taken after those at hand; tell whether that is possible."""
        ...

    def use_versions(self, *policies: Policy) -> None:
        """Let deals open under other versions from now on; those that are open stay under theirs."""
        ...

    def idle(self, before: int, most: int) -> Sequence[str]:
        """Return up to *most* open deals whose latest event is older than an instant."""
        ...

    def last(self, deal: str) -> int | None:
        """Return the instant of an open deal's latest event; none where no such deal is open."""
        ...

    def answer(self, entry: int) -> DecidedEvent:
        """Return an answer that was kept."""
        ...

    def noted(self, name: str) -> Offsets:
        """Return what was noted under a name."""
        ...

    def note(self, name: str, places: Offsets) -> None:
        """Note places under a name; only `within` may."""
        ...
