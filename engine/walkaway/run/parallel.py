"""Deciding apart from appending: several workers decide, each its own deals; one process gives entries their numbers.

A worker counts its entries provisionally, and remembers those of its batches until the store shows that they were
committed. What it sends holds everything that must be written; it writes nothing itself.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from itertools import chain
from typing import Protocol

import msgspec

from walkaway.deal.letters import DeadLetter
from walkaway.deal.lines import Line
from walkaway.log import store as db
from walkaway.log.append import Appender
from walkaway.log.problems import StoreProblem
from walkaway.log.record import Recorder
from walkaway.log.seal import Item
from walkaway.log.store import Entry, Store
from walkaway.policy import Policy
from walkaway.run.durable import InStore
from walkaway.run.memory import Memory
from walkaway.run.ports import Answer, Within

PROVISIONAL = 1 << 60
"""Entries are numbered from here on until they have a place in the log."""
_END = 1 << 62
_KEPT = 8
"""The numbers of so many batches are remembered, for events that come again before their first answer is committed."""


class Prepared(msgspec.Struct, frozen=True, gc=False, tag=True):
    """An event that was decided, with all that is to be written."""

    number: int
    deal: str
    event: str
    at: str
    instant: int
    verdict: str
    leaf: bytes
    answer: bytes
    items: tuple[Item, ...]
    policy: str


class Given(msgspec.Struct, frozen=True, gc=False, tag=True):
    """An event with an answer that needs no entry."""

    number: int
    deal: str
    event: str
    at: str
    verdict: str
    answer: bytes
    repeated: bool


class Kept(msgspec.Struct, frozen=True, gc=False):
    """An open deal's position, after an entry."""

    deal: str
    number: int
    last: int
    position: bytes


class Decided(msgspec.Struct, frozen=True, gc=False):
    """What came of a worker's share of a batch.

    Attributes:
        answers: In the order of the lines; none where the next dead letter belongs.
        closed: Deals of which no position is to be kept.
    """

    answers: list[Prepared | Given | None]
    letters: list[DeadLetter]
    kept: list[Kept]
    closed: list[str]


class Decider(Protocol):
    """What a worker asks."""

    def decide(self, lines: Sequence[Line]) -> Decided:
        """Decide lines of its own deals."""
        ...

    def turn_to(self, *policies: Policy) -> None:
        """Let deals open under other versions from now on."""
        ...

    def idle(self, before: int, most: int) -> Sequence[str]:
        """Return open deals whose latest event is older than an instant."""
        ...

    def last(self, deal: str) -> int | None:
        """Return the instant of an open deal's latest event."""
        ...


class Loose(Appender):
    """Entries without a place: counted provisionally, and remembered until they are committed."""

    def refresh(self) -> None:
        """Begin without entries; where the log ends is not asked."""
        self.count = PROVISIONAL
        self.done()
        self.batches: list[list[Entry]] = []

    @property
    def size(self) -> int:
        """Return a number behind all entries."""
        return _END

    def add(self, deal: str | None, event: str | None, instant: int | None, verdict: str | None, leaf: bytes) -> int:
        """Add an entry; give its provisional number."""
        self.entries.append(Entry(self.count, deal, event, instant, verdict, b"", leaf))
        self.count += 1
        return self.count - 1

    def pending(self) -> Iterator[Entry]:
        """Return the entries that are not committed, in order."""
        return chain(*self.batches, self.entries)

    def of_deal(self, deal: str) -> list[Entry]:
        """Return a deal's entries that are not committed."""
        return [e for e in self.pending() if e.deal == deal]

    def recorded(self, number: int, deal: str, event: str) -> Entry:
        """Return an event's entry."""
        found = next((e for e in self.pending() if e.n == number), None) or db.of_event(self.store, deal, event)
        assert found is not None
        return found

    def forget(self) -> None:
        """Forget the batches that the store holds."""
        while self.batches:
            first = self.batches[0][0]
            if db.of_event(self.store, first.deal or "", first.event or "") is None:
                return
            del self.batches[0]

    def finish(self) -> None:
        """End a batch."""
        if self.entries:
            self.batches.append(self.entries)
        self.done()


class LogDecider:
    """Decides for a log that another process appends to.

    Args:
        recorder: Reads the store, and writes nothing.
    """

    def __init__(self, store: Store, recorder: Recorder) -> None:
        self.store, self.recorder = store, recorder
        self.loose = Loose(store)
        recorder.log = self.loose

    def reading(self) -> AbstractContextManager[None]:
        """See one state of the store, from which what is committed is forgotten here."""
        return self.store.reading()

    def decide(self, lines: Sequence[Line]) -> Decided:
        """Decide lines."""
        recorder, loose = self.recorder, self.loose
        answers: list[Prepared | Given | None] = []
        letters: list[DeadLetter] = []
        with self.reading():
            loose.forget()
            for line in lines:
                before = len(loose.items)
                answer = recorder.take(line)
                if isinstance(answer, DeadLetter):
                    letters.append(answer)
                    answers.append(None)
                    continue
                found = (answer.entry, answer.deal, answer.event, answer.at)
                if answer.repeated:
                    answers.append(Given(*found, answer.verdict, answer.answer, repeated=True))
                    continue
                entry = loose.entries[-1]
                items = tuple(item for _, item in loose.items[before:])
                policy = recorder.deals[answer.deal].pinned.policy.sha256
                assert entry.instant is not None
                answers.append(
                    Prepared(*found, entry.instant, answer.verdict, entry.leaf, answer.answer, items, policy)
                )
            kept, closed = recorder.positions()
        loose.finish()
        recorder.settle()
        return Decided(answers, letters, [Kept(*row) for row in kept], sorted(closed))

    def turn_to(self, *policies: Policy) -> None:
        """Let deals open under other versions from now on."""
        self.recorder.policies.add(self.recorder.current.policy.sha256)
        self.recorder.turn_to(*policies)

    def idle(self, before: int, most: int) -> Sequence[str]:
        """Return nothing: whoever appends asks the store."""
        return ()

    def last(self, deal: str) -> int | None:
        """Return the instant of an open deal's latest event."""
        with self.reading():
            followed = self.recorder.follow(deal)
        return None if followed is None or followed.position.outcome else followed.position.last


class MemoryDecider:
    """Decides where there is no store."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory

    def decide(self, lines: Sequence[Line]) -> Decided:
        """Decide lines."""
        answers: list[Prepared | Given | None] = []
        letters: list[DeadLetter] = []
        for answer in self.memory.take(lines, lambda _: None):
            if isinstance(answer, DeadLetter):
                letters.append(answer)
                answers.append(None)
            else:
                found = (answer.entry, answer.deal, answer.event, answer.at, answer.verdict, answer.decision)
                answers.append(Given(*found, repeated=answer.repeated))
        return Decided(answers, letters, [], [])

    def turn_to(self, *policies: Policy) -> None:
        """Let deals open under other versions from now on."""
        self.memory.turn_to(*policies)

    def idle(self, before: int, most: int) -> Sequence[str]:
        """Return open deals whose latest event is older than an instant."""
        return self.memory.idle(before, most)

    def last(self, deal: str) -> int | None:
        """Return the instant of an open deal's latest event."""
        return self.memory.last(deal)


class Joined(msgspec.Struct, frozen=True):
    """A batch put together again: its answers in the order of its lines."""

    answers: Sequence[Prepared | Given | DeadLetter]
    kept: Sequence[Kept]
    closed: Sequence[str]


class JoinedLog(InStore):
    """Appends what workers decided; the log has no other writer meanwhile."""

    def __init__(self, store: Store, policies: Sequence[Policy]) -> None:
        super().__init__(store)
        self.log = Appender(store)
        self.stored = set(db.policy_names(store))
        self.policies: dict[str, Mapping[str, bytes]] = {}
        self.lay(policies)
        self.numbers: list[dict[int, int]] = []

    def lay(self, policies: Iterable[Policy]) -> None:
        """Have the files of policies at hand."""
        self.policies |= {policy.sha256: policy.files for policy in policies}

    def append(self, joined: Joined, within: Within) -> Sequence[Answer | DeadLetter]:
        """Return the answers when all are on disk, with what *within* noted.

        Raises:
            StoreProblem: Where somebody else has appended to the log.
        """
        with self.store.writing():
            if db.size(self.store) != self.log.size:
                raise StoreProblem(f"{self.store.name}: somebody else writes to this log; use --workers 1")
            self.numbers = [*self.numbers[-_KEPT:], {}]
            answers = [self.answer_of(answer) for answer in joined.answers]
            self.log.write()
            kept = [(k.deal, self.number(k.number), k.last, k.position) for k in joined.kept]
            db.keep_positions(self.store, kept, joined.closed)
            within(answers)
        self.log.done()
        return answers

    def answer_of(self, answer: Prepared | Given | DeadLetter) -> Answer | DeadLetter:
        """Return an answer as it leaves, with its entry added to the batch."""
        if isinstance(answer, DeadLetter):
            return answer
        common = (answer.deal, answer.event, answer.at, answer.verdict, answer.answer)
        if isinstance(answer, Given):
            return Answer(self.number(answer.number), *common, repeated=True)
        number = self.log.add(answer.deal, answer.event, answer.instant, answer.verdict, answer.leaf)
        self.numbers[-1][answer.number] = number
        self.log.items += [(answer.deal, item) for item in answer.items]
        if answer.policy not in self.stored:
            db.add_policy(self.store, answer.policy, self.policies[answer.policy])
            self.stored.add(answer.policy)
        return Answer(number, *common, repeated=False)

    def number(self, number: int) -> int:
        """Return an entry's number in the log."""
        if number < PROVISIONAL:
            return number
        return next(found[number] for found in reversed(self.numbers) if number in found)
