"""One value of one issue, with all that it brings to a package, and how the values of an issue are measured."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import overload

import msgspec

from walkaway.deal.valuation import Bound, Capped, Valuation
from walkaway.language.values import Value

FIELD = 0xFFFF
LOSSES, GAINS, BEYOND, SHORT = 0, 16, 32, 48
"""Where the counts stand in `Choice.counts`, in bits; added up they count issues, of which there are fewer."""


class Choice(msgspec.Struct, frozen=True, eq=False, gc=False):
    """One value of one issue, with all that it brings to a package.

    Attributes:
        issue: Its place in the policy's order.
        worth: More than our cleared value of it, in units of the deal's valuation; `loss` is what it gives of that.
        run: Worth given over what was cleared when they last moved; `both` is what they conceded and it asks for.
        counts: Four counts of 0 or 1 side by side: whether it gives, asks, is beyond walk, or short of want.
        beyond: Whether it is beyond the issue's walk value.
        covered: The approvals that cover it, one bit each.
        distance: Worth between it and what they want, as far as that is known; 0 where it is not.
        room: How far it is from the issue's walk value; none where there is none in this deal.
    """

    issue: int
    value: Value
    worth: int
    loss: int
    run: int
    both: int
    counts: int
    beyond: bool
    covered: int
    distance: int
    room: int | Fraction | None


Package = tuple[Choice, ...]
Making = Callable[[int, Value], Choice]
"""Makes a value of the issue at a place a choice."""


class Ruler(msgspec.Struct, frozen=True, eq=False, gc=False):
    """Measures the values of one issue in one deal.

    Attributes:
        rate: Its worth in the valuation.
        cleared, wanted: Our cleared value, and the one that they are taken to want, where it is known.
        run: What was cleared when they last moved.
        start: The start value. `both`: what they first said of it and their last word on it, as worth over the start
            value; none where they have not named it.
        walk, want: The issue's limits, where it has them in this deal.
        moves: Of the selector, for each value: what it gives over `run`, and asks over `start`.
    """

    name: str
    valuation: Valuation
    rate: int | Mapping[Value, int] | Capped
    cleared: Value
    run: Value
    start: Value
    both: tuple[int, int] | None
    wanted: Value | None
    walk: Bound | None
    want: Bound | None
    moves: Mapping[Value, tuple[int, int]] | None = None

    def worth(self, old: Value, new: Value) -> int:
        """Return by how much *new* is worth more to us than *old*."""
        rate = self.rate
        if isinstance(rate, int):
            return rate * (new - old)  # type: ignore[operator]
        return self.valuation.change(self.name, old, new)

    def distance(self, bound: Bound, value: Value) -> int | Fraction:
        """Return how far *value* is from a threshold in our favour, as the valuation counts it."""
        if bound.better:
            found: int | Fraction = bound.better * (value - bound.at)
            return found
        return self.valuation.distance(bound, value)

    def choice(self, place: int, value: Value, covered: int) -> Choice:
        """Return a value of the issue at *place*, with what it brings.

        Args:
            covered: As for `Choice`.
        """
        worth = self.worth(self.cleared, value)
        loss = -worth if worth < 0 else 0
        moves = self.moves
        if moves is not None:
            run = moves[value][0]
        else:
            run = loss if self.run == self.cleared else max(0, self.worth(value, self.run))
        both = 0
        if self.both is not None:
            base, last = self.both
            asked = self.worth(self.start, value) if moves is None else moves[value][1]
            both = max(0, min(max(0, asked), last) - max(0, base))
        counts = (1 << LOSSES) if loss else (1 << GAINS) if worth else 0
        room, beyond = None, False
        if self.walk is not None:
            room = self.distance(self.walk, value)
            beyond = room < 0 or (not room and value in self.walk.alike)
            counts += beyond << BEYOND
        if self.want is not None and self.valuation.is_beyond(self.want, value):
            counts += 1 << SHORT
        apart = 0 if self.wanted is None else abs(self.worth(self.wanted, value))
        return Choice(place, value, worth, loss, run, both, counts, beyond, covered, apart, room)


class ChoiceLine(Sequence[Choice]):
    """Values of one issue as choices, each made when somebody looks at it.

    Args:
        place: The issue's.
        values: By worth, strictly, upwards or downwards.
        made: Those that somebody has looked at before.
    """

    __slots__ = ("made", "making", "place", "ruler", "values")

    def __init__(
        self, place: int, values: Sequence[Value], ruler: Ruler, making: Making, made: Mapping[Value, Choice]
    ) -> None:
        self.place, self.values, self.ruler, self.making, self.made = place, values, ruler, making, made

    def __len__(self) -> int:
        return len(self.values)

    @overload
    def __getitem__(self, at: int) -> Choice: ...
    @overload
    def __getitem__(self, at: slice) -> "ChoiceLine": ...
    def __getitem__(self, at: int | slice) -> "Choice | ChoiceLine":
        if at.__class__ is slice:
            return ChoiceLine(self.place, self.values[at], self.ruler, self.making, self.made)
        value: Value = self.values[at]  # type: ignore[assignment]
        return self.made.get(value) or self.making(self.place, value)

    def __iter__(self) -> Iterator[Choice]:
        return iter([self.made.get(value) or self.making(self.place, value) for value in self.values])

    def worths(self) -> list[int]:
        """Return the worth of each."""
        rate, cleared = self.ruler.rate, self.ruler.cleared
        if isinstance(rate, int):
            return [rate * (value - cleared) for value in self.values]  # type: ignore[operator]
        return [choice.worth for choice in self]
