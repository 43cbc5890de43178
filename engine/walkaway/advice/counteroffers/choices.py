"""One value of one issue, with all that it brings to a package, and how the values of an issue are measured."""

from collections.abc import Mapping
from fractions import Fraction

import msgspec

from walkaway.deal.valuation import Bound, Capped, Valuation
from walkaway.language.values import Exact, Value


class Choice(msgspec.Struct, frozen=True, eq=False, gc=False):
    """One value of one issue, with all that it brings to a package.

    Attributes:
        issue: Its place in the policy's order.
        worth: More than our cleared value of it, in units of the deal's valuation; `loss` and `gain` are its parts.
        run: Worth given over what was cleared when they last moved; `both` is what they conceded and it asks for.
        beyond, short: Whether it is beyond the issue's walk value, or short of its want value.
        covered: The approvals that cover it, one bit each.
        distance: Worth between it and what they want, as far as that is known; 0 where it is not.
    """

    issue: int
    value: Value
    worth: int
    loss: int
    gain: int
    run: int
    both: int
    beyond: int
    short: int
    covered: int
    distance: int
    facts: Mapping[str, Exact]


Package = tuple[Choice, ...]


class Ruler(msgspec.Struct, frozen=True, eq=False):
    """Measures the values of one issue in one deal.

    Attributes:
        rate: Its worth in the valuation.
        cleared, wanted: Our cleared value, and the one that they are taken to want, where it is known.
        run: What was cleared when they last moved.
        start: The start value. `both`: what they first said of it and their last word on it, as worth over the start
            value; none where they have not named it.
        offered: What they offer now; none where their offer does not stand.
        fact, room: The facts that a value changes: its own and that of its room to walk; empty where no rule reads it.
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
    fact: str
    room: str

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
