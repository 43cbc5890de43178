"""Join words of many deals with earlier ones of the same deals, as a policy's patterns say; as `deal.patterns` does."""

from collections.abc import Callable
from typing import Any

import numpy as np

from walkaway.backtest.columnar.moves import CODE, Moves
from walkaway.backtest.columnar.numbers import Array, Code, Truth, condition
from walkaway.backtest.columnar.openings import Openings
from walkaway.policy.model import Leg, Pattern, Policy

WORTH = "worth"
"""What a leg reads beside values of issues."""


class PairSheet:
    """The facts of pairs of legs, as a sheet."""

    def __init__(self, values: dict[str, Array]) -> None:
        self.values = values

    def value(self, fact: str) -> Array:
        """Return what a leg has."""
        return self.values[fact]

    def known(self, fact: str) -> Truth:
        """Return that every leg has all that is read of it."""
        return True


class SeenPattern:
    """One pattern, and what its first leg has been in every deal.

    Attributes:
        seen: What is read of the first leg, by its place → of each deal a row of values, `count` of them so far.
    """

    def __init__(self, pattern: Pattern, place: dict[str, int], openings: Openings, deals: int, code: Code) -> None:
        self.pattern, self.place, self.openings = pattern, place, openings
        self.first, self.second = CODE[pattern.first.on], CODE[pattern.second.on]
        self.joins: Callable[[PairSheet], Truth] = condition(pattern.condition, self.below, code)
        self.count = np.zeros(deals, np.int64)
        self.seen = [np.zeros((deals, 4), np.int64) for _ in pattern.first.reads]

    def below(self, fact: str) -> int:
        """Return the denominator of what a leg has."""
        return self.openings.scale if fact.rpartition(".")[2] == WORTH else 1

    def read(self, leg: Leg, moves: Moves, deals: Any) -> list[Array]:
        """Return what is read of words as a leg."""
        base = self.openings.base
        base = base[deals] if isinstance(base, np.ndarray) and base.ndim else base
        return [base + moves.worth if r == WORTH else moves.v[:, self.place[r]] for r in leg.reads]

    def joined(self, deals: Any, on: Any, moves: Moves) -> Any:
        """Return how often words, as second legs, meet earlier first ones.

        Args:
            on: What the words are heard as, of all of them or of each.
        """
        found = np.zeros(len(deals), np.int64)
        at = np.flatnonzero(np.broadcast_to(on == self.second, len(deals)) & (self.count[deals] > 0))
        if not len(at):
            return found
        pattern, some = self.pattern, deals[at]
        now = [column[at] for column in self.read(pattern.second, moves, deals)]
        values = {f"{pattern.second.name}.{r}": column for r, column in zip(pattern.second.reads, now, strict=True)}
        for slot in range(int(self.count[some].max())):
            earlier = [seen[some, slot] for seen in self.seen]
            legs = {f"{pattern.first.name}.{r}": column for r, column in zip(pattern.first.reads, earlier, strict=True)}
            found[at] += np.broadcast_to(self.joins(PairSheet({**values, **legs})), len(at)) & (self.count[some] > slot)
        return found

    def enter(self, deals: Any, on: Any, moves: Moves) -> None:
        """Remember words as first legs."""
        at = np.flatnonzero(np.broadcast_to(on == self.first, len(deals)))
        if not len(at):
            return
        some = deals[at]
        slots = self.count[some]
        for n, column in enumerate(self.read(self.pattern.first, moves, deals)):
            if int(slots.max()) >= self.seen[n].shape[1]:
                self.seen[n] = np.concatenate([self.seen[n], np.zeros_like(self.seen[n])], axis=1)
            self.seen[n][some, slots] = column[at]
        self.count[some] += 1


def patterns_of(
    policy: Policy, read: frozenset[str], openings: Openings, deals: int, code: Code
) -> dict[str, SeenPattern]:
    """Return the patterns that rules read.

    Args:
        read: The facts that some rule reads.
    """
    place = {name: n for n, name in enumerate(policy.issues)}
    wanted = (p for p in policy.patterns if f"pattern.{p.name}" in read)
    return {p.name: SeenPattern(p, place, openings, deals, code) for p in wanted}
