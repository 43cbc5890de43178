"""What came of lines for a log, before it is written: entries still to come, and answers that need none."""

from collections.abc import Iterator
from itertools import chain

import msgspec

from walkaway.deal.letters import DeadLetter
from walkaway.decide.decision import UsedRate
from walkaway.log import store as db
from walkaway.log.seal import SealedText
from walkaway.log.store import Store

PROVISIONAL = 1 << 60
"""Entries are numbered from here on where their place in the log is not known yet."""


class Prepared(msgspec.Struct, frozen=True, gc=False, tag=True):
    """An event that was decided, with all that is to be written; `rates` are the published ones that it rests on."""

    number: int
    deal: str
    event: str
    at: str
    instant: int
    verdict: str
    leaf: bytes
    answer: bytes
    items: tuple[SealedText, ...]
    policy: str
    rates: tuple[UsedRate, ...] = ()


class Answered(msgspec.Struct, frozen=True, gc=False, tag=True):
    """An event with an answer that needs no entry."""

    number: int
    deal: str
    event: str
    at: str
    verdict: str
    answer: bytes
    repeated: bool


class Kept(msgspec.Struct, frozen=True, gc=False):
    """Where an open deal stands after an entry; no position where it would show a sealed quantity."""

    deal: str
    number: int
    last: int
    position: bytes


class Decided(msgspec.Struct, frozen=True, gc=False):
    """What came of a batch.

    Attributes:
        answers: In the order of the lines.
        kept: Of the deals in it that are open.
        closed: Those that are not.
    """

    answers: list[Prepared | Answered | DeadLetter]
    kept: list[Kept]
    closed: list[str]


class Unwritten:
    """What was decided and is not in the store yet, batch by batch."""

    def __init__(self) -> None:
        self.count = PROVISIONAL
        self.batches: list[list[Prepared]] = []

    def begin(self, store: Store, number: int | None) -> None:
        """Begin a batch.

        Args:
            number: That of its first entry, where all batches before it are in the store; otherwise those that are not
                yet are remembered, and entries are counted provisionally.
        """
        if number is not None:
            self.count, self.batches = number, []
        self.batches = [batch for batch in self.batches if batch]
        while self.batches:
            first = self.batches[0][0]
            if db.of_event(store, first.deal, first.event) is None:
                break
            del self.batches[0]
        self.batches.append([])

    def add(self, prepared: Prepared) -> None:
        """Add an entry to the batch."""
        self.batches[-1].append(prepared)
        self.count += 1

    def __iter__(self) -> Iterator[Prepared]:
        """Return the entries in order."""
        return chain.from_iterable(self.batches)
