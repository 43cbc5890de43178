"""One value of one issue, with all that it brings to a package, and how the values of an issue are measured."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import overload

import msgspec

from walkaway.deal.valuation import Bound, IssueWorth, Valuation
from walkaway.language.values import Value

FIELD = 0xFFFF
LOSSES, GAINS, BEYOND, SHORT = 0, 16, 32, 48
"""Where the counts stand in `Choice.counts`, in bits; added up they count issues, of which there are fewer."""
_GIVES, _ASKS, _BEYOND, _SHORT = 1 << LOSSES, 1 << GAINS, 1 << BEYOND, 1 << SHORT


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
    rate: IssueWorth
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

    def choice(self, place: int, value: Value, covered: int) -> Choice:
        """Return a value of the issue at *place*, with what it brings.

        Args:
            covered: As for `Choice`.
        """
        rate, cleared, moves = self.rate, self.cleared, self.moves
        linear = rate.__class__ is int  # of a quantity: what most values are of, so written out
        worth: int = rate * (value - cleared) if linear else self.worth(cleared, value)  # type: ignore[operator]
        loss = -worth if worth < 0 else 0
        if moves is not None:
            run = moves[value][0]
        else:
            run = loss if self.run == cleared else max(0, self.worth(value, self.run))
        both = 0
        if self.both is not None:
            base, last = self.both
            asked = self.worth(self.start, value) if moves is None else moves[value][1]
            both = max(0, min(max(0, asked), last) - max(0, base))
        counts = _GIVES if loss else _ASKS if worth else 0
        room, beyond, bound = None, False, self.walk
        if bound is not None:
            room = bound.better * (value - bound.at) if bound.better else self.valuation.distance(bound, value)
            if room < 0 or (not room and value in bound.alike):
                beyond = True
                counts += _BEYOND
        if self.want is not None and self.valuation.is_beyond(self.want, value):
            counts += _SHORT
        wanted, apart = self.wanted, 0
        if wanted is not None:
            apart = abs(rate * (value - wanted) if linear else self.worth(wanted, value))  # type: ignore[operator]
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
        return self.at(at)  # type: ignore[arg-type]

    def at(self, place: int) -> Choice:
        """Return the choice at a place, as `self[place]` does."""
        value = self.values[place]
        return self.made.get(value) or self.making(self.place, value)

    def __iter__(self) -> Iterator[Choice]:
        return iter([self.made.get(value) or self.making(self.place, value) for value in self.values])

    def worths(self) -> list[int]:
        """Return the worth of each."""
        rate, cleared = self.ruler.rate, self.ruler.cleared
        if isinstance(rate, int):
            return [rate * (value - cleared) for value in self.values]  # type: ignore[operator]
        return [choice.worth for choice in self]
