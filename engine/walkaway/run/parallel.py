"""Deciding apart from appending: several workers decide, each its own deals; one process gives entries their numbers.

What a worker sends holds everything that must be written; it writes nothing itself, and remembers what it decided until
the store shows that it was committed.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from walkaway.deal.letters import DeadLetter
from walkaway.deal.lines import Line
from walkaway.decide.engine import Core, Incident
from walkaway.log import store as db
from walkaway.log.append import Appender, DecidedEvent
from walkaway.log.decided import Answered, Decided
from walkaway.log.decider import Decider
from walkaway.log.problems import StoreProblem
from walkaway.log.record import RELEASE
from walkaway.log.store import Store
from walkaway.policy import Policy
from walkaway.run.durable import Durable
from walkaway.run.keeper import Within
from walkaway.run.memory import Memory


class Worker(Protocol):
    """What decides a share of the deals."""

    def decide(self, lines: Sequence[Line]) -> Decided:
        """Decide lines of its own deals."""
        ...

    def use_versions(self, *policies: Policy) -> None:
        """Let deals open under other versions from now on."""
        ...

    def idle(self, before: int, most: int) -> Sequence[str]:
        """Return open deals whose latest event is older than an instant."""
        ...

    def last(self, deal: str) -> int | None:
        """Return the instant of an open deal's latest event."""
        ...


class LogWorker:
    """Decides for a log that another process appends to."""

    def __init__(
        self,
        store: Store,
        given: Sequence[Policy],
        salt: Callable[[], bytes],
        core: Core,
        report: Callable[[Incident], None],
        most: int,
        *,
        in_words: bool,
    ) -> None:
        self.store = store
        self.decider = Decider(store, given, salt, core, report, RELEASE, most, in_words=in_words)
        self.decider.parties.is_alone = False

    def decide(self, lines: Sequence[Line]) -> Decided:
        """Decide lines, as one state of the store has their deals."""
        with self.store.reading():
            return self.decider.decide(lines)

    def use_versions(self, *policies: Policy) -> None:
        """Let deals open under other versions from now on."""
        self.decider.use_versions(policies)

    def idle(self, before: int, most: int) -> Sequence[str]:
        """Return nothing: whoever appends asks the store."""
        return ()

    def last(self, deal: str) -> int | None:
        """Return the instant of an open deal's latest event."""
        with self.store.reading():
            return self.decider.last(deal)


class MemoryWorker:
    """Decides where there is no store."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory
        memory.stream.parties.is_alone = False

    def decide(self, lines: Sequence[Line]) -> Decided:
        """Decide lines."""
        return Decided([_answered(answer) for answer in self.memory.take(lines, lambda _: None)], [], [])

    def use_versions(self, *policies: Policy) -> None:
        """Let deals open under other versions from now on."""
        self.memory.use_versions(*policies)

    def idle(self, before: int, most: int) -> Sequence[str]:
        """Return open deals whose latest event is older than an instant."""
        return self.memory.idle(before, most)

    def last(self, deal: str) -> int | None:
        """Return the instant of an open deal's latest event."""
        return self.memory.last(deal)


def _answered(answer: DecidedEvent | DeadLetter) -> Answered | DeadLetter:
    if isinstance(answer, DeadLetter):
        return answer
    common = (answer.entry, answer.deal, answer.event, answer.at, answer.verdict, answer.answer)
    return Answered(*common, repeated=answer.repeated)


class MergedLog(Durable):
    """Appends what workers decided; the log has no other writer meanwhile."""

    def __init__(self, store: Store, policies: Iterable[Policy], *, in_words: bool) -> None:
        super().__init__(store, in_words=in_words)
        self.appender = Appender(store, policies)

    def append(self, decided: Decided, within: Within) -> Sequence[DecidedEvent | DeadLetter]:
        """Return the answers when all are on disk, with what *within* noted.

        Raises:
            StoreProblem: Where somebody else has appended to the log.
        """
        with self.store.writing():
            if db.size(self.store) != self.appender.size:
                raise StoreProblem(f"{self.store.name}: somebody else writes to this log; use --workers 1")
            answers = self.appender.append(decided)
            within(answers)
        self.appender.done()
        return answers
