"""Make a calendar's days: where each begins in a zone, and where it lies in the fiscal year.

Zones are met here alone.
"""

from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import msgspec

from walkaway.language import EPOCH, format_day, instant_text
from walkaway.policy import CALENDAR_COLUMNS, CalendarDay

_ONE = timedelta(days=1)
_MICROSECOND = timedelta(microseconds=1)
FIRST = date(1970, 1, 1)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
PATTERNS = ("4-4-5", "4-5-4", "5-4-4")


class NoSuchDay(Exception):
    """A zone left out a day, or a day in it does not begin after the one before."""


class Fiscal(msgspec.Struct, frozen=True):
    """How a company counts its years.

    Attributes:
        start: The month with which a fiscal year begins, 1 to 12.
        named: Whether a year is named for the calendar year of its `start` or of its `end`.
        weeks: Weeks of the months of a quarter; empty for months of the calendar.
        ends: With weeks: the weekday on which a year ends, from 0 for Monday.
        nearest: With weeks: it is that weekday nearest to the end of the month before `start`; else the last in it.
    """

    start: int = 1
    named: str = "end"
    weeks: tuple[int, ...] = ()
    ends: int = 5
    nearest: bool = False

    def begins(self, year: int) -> date:
        """Return the first day of the year with a name."""
        calendar_year = year - (self.named == "end" and self.start > 1)
        first = date(calendar_year, self.start, 1)
        if not self.weeks:
            return first
        last = first - _ONE  # of the month before, around which a year of weeks ends
        back = (last.weekday() - self.ends) % 7
        if self.nearest and back > 3:
            back -= 7
        return last - timedelta(days=back) + _ONE

    def months(self, year: int) -> Iterator[tuple[date, int, int]]:
        """Return the first day of each month of a year, with its quarter and its place in it, from 1."""
        first, after = self.begins(year), self.begins(year + 1)
        for month in range(12):
            quarter, place = divmod(month, 3)
            if self.weeks:
                weeks = quarter * sum(self.weeks) + sum(self.weeks[:place])
                yield first + timedelta(weeks=weeks), quarter + 1, place + 1
            else:
                years, of_year = divmod(self.start - 1 + month, 12)
                yield date(first.year + years, of_year + 1, 1), quarter + 1, place + 1
        assert after > first, "a year ends after it begins"


def days(
    fiscal: Fiscal,
    years: range,
    zone: ZoneInfo,
    cut_off: time | None,
    weekend: Collection[int],
    holidays: Collection[date],
    made_up: Collection[date] = (),
) -> list[CalendarDay]:
    """Return all days of some fiscal years.

    Args:
        cut_off: From when on, by the zone's clock, it is tomorrow; none for midnight.
        weekend: Days of the week on which no business is done, from 0 for Monday.
        holidays: Other days without business; `made_up` days of a weekend with business.

    Raises:
        NoSuchDay: Where a zone's clock left out a day.
    """
    found: list[CalendarDay] = []
    for year in years:
        months = [*fiscal.months(year), (fiscal.begins(year + 1), 0, 0)]
        for (first, quarter, month), (after, _, _) in pairwise(months):
            for n in range((after - first).days):
                day = first + n * _ONE
                starts = beginning(day, zone, cut_off)
                if found and starts <= found[-1].starts:
                    raise NoSuchDay(f"{day} does not begin after {day - _ONE} in {zone.key}")
                business = day in made_up or (day.weekday() not in weekend and day not in holidays)
                found.append(CalendarDay((day - FIRST).days, starts, year, quarter, month, business))
    return found


def beginning(day: date, zone: ZoneInfo, cut_off: time | None) -> int:
    """Return the instant at which a day begins: the first at which the zone's clock shows its hour, or a later one.

    Where clocks go back over that hour it is the first of the two; where they leave it out, that of the change.
    """
    clock = datetime.combine(day, time()) if cut_off is None else datetime.combine(day - _ONE, cut_off)
    at = clock.replace(tzinfo=zone).astimezone(UTC)
    shown = at.astimezone(zone)
    if shown.replace(tzinfo=None) != clock:  # the clock left it out: go back to the change
        before = clock.replace(tzinfo=zone, fold=1).astimezone(UTC)
        while at - before > timedelta(seconds=1):
            half = before + timedelta(seconds=(at - before) // timedelta(seconds=2))
            before, at = (before, half) if half.astimezone(zone).utcoffset() == shown.utcoffset() else (half, at)
    return (at - EPOCH) // _MICROSECOND


def lines(found: Collection[CalendarDay]) -> Iterator[str]:
    """Return the table, its header first."""
    yield ",".join(CALENDAR_COLUMNS)
    for day in found:
        business = "yes" if day.business else "no"
        cells = (format_day(day.day), instant_text(day.starts), day.fiscal_year, day.quarter, day.month, business)
        yield ",".join(map(str, cells))
