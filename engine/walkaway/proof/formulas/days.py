"""The calendar as formulas: which row of its table an instant lies in, and what the row says.

An instant is a whole number of seconds from wherever a deal counts them; `origin` is where that lies, in seconds since
1970. A row's facts are steps and slopes over its number, so that nothing is said day by day.
"""

from bisect import bisect_right
from collections.abc import Sequence
from typing import Protocol

import msgspec

from walkaway.language.values import DURATIONS
from walkaway.policy.calendar import HOUR, Calendar
from walkaway.policy.model import Policy
from walkaway.proof.formulas import logic
from walkaway.proof.formulas.encode import UNKNOWN, Sym
from walkaway.proof.formulas.logic import Number, Truth, above, at_least, both, choose, equal, implies, total
from walkaway.proof.formulas.worths import Asserted

_SECOND = 1_000_000
_DAY, _NINE = DURATIONS["day"], 9 * DURATIONS["hour"]
_SLOPES = {"day": 1, "days_to_quarter_end": -1}
"""By how much a fact grows from one row to the next, where it does not jump; by nothing, if left out."""


class Days(Protocol):
    """What knows the facts of the calendar at an instant of a deal."""

    def read(self, name: str, now: Number) -> Sym:
        """Return a fact by its last name, as `weekday`."""

    def covered(self, now: Number) -> Truth:
        """Return the truth that the calendar has a row for an instant."""


class KnownDay(msgspec.Struct, frozen=True):
    """The day of one real event, in microseconds since 1970."""

    calendar: Calendar
    instant: int

    def read(self, name: str, now: Number) -> Sym:
        """Return a fact of it."""
        found = self.calendar.read(name, self.instant)
        return UNKNOWN if found is None else Sym(True, found)

    def covered(self, now: Number) -> Truth:
        """Return whether it has a row."""
        return self.calendar.row(self.instant) is not None


class AnyDay:
    """The days of all instants that a solver may choose."""

    def __init__(self, calendar: Calendar, origin: Number, asserted: Asserted) -> None:
        self.calendar, self.origin, self.asserted = calendar, origin, asserted
        self.starts = [at // _SECOND for at in calendar.starts]
        shifts = [at - _DAY * n for n, at in enumerate(self.starts)]
        self.shifts = _pieces(shifts)
        self.rows: dict[object, tuple[Number, Number, Truth, Number]] = {}
        self.made: dict[tuple[object, str], Number] = {}

    def covered(self, now: Number) -> Truth:
        """Return the truth that the calendar has a row for an instant."""
        return self._row(now)[2]

    def read(self, name: str, now: Number) -> Sym:
        """Return a fact."""
        row, at, covered, _ = self._row(now)
        key = _key(now), name
        if key not in self.made:
            self.made[key] = self._value(name, row, at)
        return Sym(covered, self.made[key])

    def _row(self, now: Number) -> tuple[Number, Number, Truth, Number]:
        """Return the number of the row of an instant, the instant in seconds since 1970, and whether there is one."""
        key = _key(now)
        if key not in self.rows:
            at = total((self.origin, now))
            ends = self.calendar.ends // _SECOND
            if logic.is_known(at):
                inside = self.starts[0] <= at < ends
                row: Number = bisect_right(self.starts, at) - 1 if inside else 0
                self.rows[key] = row, at, inside, now
                return self.rows[key]
            row, covered = self.asserted.fresh("row"), both(at_least(at, self.starts[0]), above(ends, at))
            begins = total((logic.times(_DAY, row), self._over(self.shifts, row)))
            after = total((row, 1))
            is_last = equal(row, len(self.starts) - 1)
            until = total((logic.times(_DAY, after), self._over(self.shifts, after)))
            self.asserted.add(both(at_least(row, 0), above(len(self.starts), row)))
            self.asserted.add(implies(covered, both(at_least(at, begins), logic.either(is_last, above(until, at)))))
            self.rows[key] = row, at, covered, now
        return self.rows[key]

    def _value(self, name: str, row: Number, at: Number) -> Number:
        calendar = self.calendar
        if name == HOUR:
            begins = total((logic.times(_DAY, row), self._over(self.shifts, row)))
            return self._parted(logic.less(at, begins), DURATIONS["hour"])[0]
        facts = calendar.facts[name]
        if name == "weekday":
            return total((self._parted(total((row, facts[0] - 1)), 7)[1], 1))
        slope = _SLOPES.get(name, 0)
        level = self._over(_pieces([value - slope * n for n, value in enumerate(facts)]), row)
        return total((level, logic.times(slope, row))) if slope else level

    def _over(self, pieces: Sequence[tuple[int, int]], row: Number) -> Number:
        """Return what stands at a row, of values that are the same from one row on until the next one named."""
        if len(pieces) == 1:
            return pieces[0][1]
        half = len(pieces) // 2
        return choose(
            at_least(row, pieces[half][0]), self._over(pieces[half:], row), self._over(pieces[:half], row)
        )  # fmt: skip

    def _parted(self, value: Number, by: int) -> tuple[Number, Number]:
        """Return the whole quotient and the rest of a number by a constant."""
        if logic.is_known(value):
            return value // by, value % by
        quotient, rest = self.asserted.fresh("quotient"), self.asserted.fresh("rest")
        self.asserted.add(equal(value, total((logic.times(by, quotient), rest))))
        self.asserted.add(both(at_least(rest, 0), above(by, rest)))
        return quotient, rest


def _key(now: Number) -> object:
    return now if logic.is_known(now) else now.get_id()


def _pieces(values: Sequence[int]) -> list[tuple[int, int]]:
    """Return from which row on which value stands."""
    found = [(0, values[0])]
    found += [(n, value) for n, value in enumerate(values) if n and value != values[n - 1]]
    return found


def second_on(policy: Policy, day: int) -> int:
    """Return the second since 1970 at which deals open that are written for one of the policy's days: about nine."""
    found = None if policy.calendar is None else policy.calendar.instant_on(day)
    return day * _DAY + _NINE if found is None else found // _SECOND
