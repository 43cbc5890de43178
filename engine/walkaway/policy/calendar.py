"""The calendar: a frozen table of days, so that the same instant is the same day at every replay.

`walkaway calendar` makes the table out of a zone, a fiscal year and holidays; nothing here knows any of them. A day
begins at the instant that its row states, and ends where the next one begins; the last one ends after 24 hours.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import groupby

import msgspec

from walkaway.language.diagnostics import Span
from walkaway.language.instants import DAY, instant_text

_HOUR = DAY // 24


class CalendarDay(msgspec.Struct, frozen=True):
    """One row of the table.

    Attributes:
        day: Days since 1970.
        starts: The instant at which it begins, in microseconds since 1970.
        month: Of the quarter, 1 to 3.
    """

    day: int
    starts: int
    fiscal_year: int
    quarter: int
    month: int
    business: bool


class Calendar(msgspec.Struct, frozen=True, dict=True):
    """All days of the table, one after the other.

    Attributes:
        starts: At which instant each begins; `facts` what rules may read of it, by the fact's last name.
        ends: The instant at which the last one is over.
        file: The name of the table, as the policy writes it; `span` where it does.
    """

    starts: tuple[int, ...]
    facts: Mapping[str, tuple[int, ...]]
    ends: int
    file: str
    span: Span = Span("", 0, 0)

    def row(self, instant: int) -> int | None:
        """Return the number of the row, from 0, of the day that holds an instant; none outside the table."""
        if not self.starts[0] <= instant < self.ends:
            return None
        return bisect_right(self.starts, instant) - 1

    def read(self, name: str, instant: int) -> int | None:
        """Return a fact of the day that holds an instant, as `weekday`; none outside the table."""
        row = self.row(instant)
        if row is None:
            return None
        return (instant - self.starts[row]) // _HOUR if name == HOUR else self.facts[name][row]

    def instant_on(self, day: int) -> int | None:
        """Return an instant in the middle of business on a day (days since 1970): none outside the table."""
        row = day - self.facts["day"][0]
        if not 0 <= row < len(self.starts):
            return None
        return self.starts[row] + 9 * _HOUR

    def lacks(self, instant: int) -> str:
        """Say which row is missing for an instant; nothing where there is one."""
        if self.row(instant) is not None:
            return ""
        return f"a row of the calendar `{self.file}` for {instant_text(instant)}"


HOUR = "hour"
"""The one fact that is not the same all day."""
CALENDAR = (
    "day", "weekday", "quarter", "fiscal_year", "month_of_quarter", "business", "days_to_quarter_end",
    "business_days_to_quarter_end",
)  # fmt: skip
"""The facts that are, by their last names."""


def calendar_of(days: Sequence[CalendarDay], file: str, span: Span) -> Calendar:
    """Return the calendar of days that follow each other, whole quarters of them."""
    left: dict[str, list[int]] = {"days_to_quarter_end": [], "business_days_to_quarter_end": []}
    for _, quarter in groupby(days, key=lambda d: (d.fiscal_year, d.quarter)):
        rows = list(quarter)
        left["days_to_quarter_end"] += range(len(rows) - 1, -1, -1)
        open_days = sum(d.business for d in rows)
        for day in rows:
            left["business_days_to_quarter_end"].append(open_days)
            open_days -= day.business
    facts = {
        "day": tuple(d.day for d in days),
        "weekday": tuple((d.day + 3) % 7 + 1 for d in days),
        "quarter": tuple(d.quarter for d in days),
        "fiscal_year": tuple(d.fiscal_year for d in days),
        "month_of_quarter": tuple(d.month for d in days),
        "business": tuple(int(d.business) for d in days),
        **{name: tuple(numbers) for name, numbers in left.items()},
    }
    return Calendar(tuple(d.starts for d in days), facts, days[-1].starts + DAY, file, span)
