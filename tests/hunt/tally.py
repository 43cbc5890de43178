"""What a hunt has tried so far, and what it has found."""

import math
import time
from collections import Counter
from collections.abc import Callable

import msgspec
from tests.hunt.made import Made


class Contradiction(msgspec.Struct, frozen=True):
    """What walkaway says and a deal that contradicts it.

    Attributes:
        law: Which hunt found it.
        what: The contradiction in words.
        made: The case, its deal included.
        holds: Returns the contradiction of a case in words, or nothing; a smaller case is one of which it still does.
    """

    law: str
    what: str
    made: Made
    holds: Callable[[Made], str | None]


class Tally:
    """Counts by name: policies, proofs, differences, deals, events; and until when there is time."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.until = math.inf

    def is_over(self) -> bool:
        """Return whether the time is over: a round ends where it is, and what it did not finish counts for nothing."""
        return time.monotonic() > self.until

    def add(self, what: str, number: int = 1) -> None:
        """Count something."""
        self.counts[what] += number

    def __str__(self) -> str:
        return ", ".join(f"{n:,} {what}" for what, n in sorted(self.counts.items()))
