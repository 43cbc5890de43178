"""What follows from all that a deal keeps of one kind, computed from what followed before one more was kept.

A position is never changed: a deal that keeps one thing more at every event would else look at all of them at each.
"""

from collections.abc import Callable
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
_MOST = 64
"""How many deals are remembered at a time."""


class Growing(Generic[Item, Result]):
    """Folds tuples that mostly grow by one at their end; what it gives depends on nothing but the tuple.

    Args:
        begin: What it gives for none.
        add: Gives what follows from one more.
    """

    def __init__(self, begin: Result, add: Callable[[Result, Item], Result]) -> None:
        self.begin, self.add = begin, add
        self.known: dict[int, tuple[tuple[tuple[Item, ...], Result], ...]] = {}

    def of(self, items: tuple[Item, ...]) -> Result:
        """Return what follows from all of *items*."""
        if not items:
            return self.begin
        known = self.known.get(id(items[0]), ())
        for before, found in known:
            if before is items or (len(before) == len(items) and before == items):
                return found
        for before, found in known:
            if len(before) == len(items) - 1 and before == items[:-1]:
                return self.remember(items, self.add(found, items[-1]))
        found = self.begin
        for item in items:
            found = self.add(found, item)
        return self.remember(items, found)

    def remember(self, items: tuple[Item, ...], found: Result) -> Result:
        """Keep what was computed last of a deal, and before that: a deal is asked about before and after an event."""
        if len(self.known) >= _MOST:
            self.known.clear()
        self.known[id(items[0])] = ((items, found), *self.known.get(id(items[0]), ())[:1])
        return found
