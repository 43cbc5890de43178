"""Read the calendar from CSV: days that follow each other, in whole quarters."""

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby, pairwise

from walkaway.language.codes import Code
from walkaway.language.diagnostics import Findings, closest, nearest
from walkaway.language.instants import DAY, DAY_FORM, format_day, instant_of, instant_text, read_day
from walkaway.language.source import Scalar
from walkaway.language.spelling import counted
from walkaway.language.values import shorten
from walkaway.policy.calendar import Calendar, CalendarDay, calendar_of
from walkaway.policy.tables.cells import CsvLine, read_lines

CALENDAR_COLUMNS = ("day", "starts", "fiscal_year", "quarter", "month", "business")
"""Columns of the table: the day, the instant at which it begins, its fiscal year and quarter, the month of the quarter
(1 to 3), and whether business is done on it."""
_HOUR = DAY // 24
_EARLIEST, _LATEST = -38 * _HOUR, 12 * _HOUR
"""A day begins so far from its own midnight in UTC at most: 14 hours east, cut off a day before; 12 hours west."""
_SHORTEST, _LONGEST = 84, 98
"""A quarter has 12 to 14 weeks."""


def read_calendar(place: Scalar, data: bytes, file: str, findings: Findings) -> Calendar | None:
    """Read a table of days.

    Args:
        place: Where the policy names it.
        file: What findings call its file.

    Diagnostics:
        WA401 to WA404.
    """
    lines = read_lines(data, file, findings, what="calendar")
    if not lines or not _has_columns(lines, place, findings):
        return None
    header = lines[0].cells
    read = [_day(line, header, findings) for line in lines[1:]]
    days = [d for d in read if d is not None]
    if len(days) < len(read) or not _follow(days, lines[1:], findings):
        return None
    _check_quarters(days, place, findings)
    return calendar_of(days, place.value, place.span)


def _has_columns(lines: Sequence[CsvLine], place: Scalar, findings: Findings) -> bool:
    header, before = lines[0].cells, len(findings)
    meant = {closest(column, CALENDAR_COLUMNS) for column in header if column not in CALENDAR_COLUMNS}
    for column in CALENDAR_COLUMNS:
        if column not in header and column not in meant:
            hint = f"`walkaway calendar` writes the columns {', '.join(CALENDAR_COLUMNS)}"
            findings.add(Code.TABLE_SHAPE, f"the calendar has no column `{column}`", place.span, hint)
    for i, column in enumerate(header):
        if column not in CALENDAR_COLUMNS or column in header[:i]:
            what = (
                f"the calendar has no column `{shorten(column)}`"
                if column not in CALENDAR_COLUMNS
                else "a column stands twice"
            )
            findings.add(Code.TABLE_SHAPE, what, lines[0].at(i), nearest(column, CALENDAR_COLUMNS) or "remove it")
    if len(lines) < 2:
        what, hint = "the calendar has no days", "make it with `walkaway calendar`"
        findings.add(Code.TABLE_SHAPE, what, lines[0].span, hint)
    return len(findings) == before


def _second(text: str) -> int | None:
    """Return an instant without a part of a second."""
    found = instant_of(text)
    return None if found is None or found % 1_000_000 else found


def _whole(least: int, most: int) -> Callable[[str], int | None]:
    """Return what reads a whole number between two, as it is written here; none where it is no such."""

    def read(text: str) -> int | None:
        found = int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else least - 1
        return found if least <= found <= most else None

    return read


_READ: Mapping[str, tuple[Callable[[str], int | None], str, str]] = {
    "day": (read_day, "a day", DAY_FORM),
    "starts": (_second, "the second of a day's beginning", "write it as `YYYY-MM-DDThh:mm:ssZ`"),
    "fiscal_year": (_whole(1, 9999), "a year", "write its four digits"),
    "quarter": (_whole(1, 4), "a quarter", "write 1 to 4"),
    "month": (_whole(1, 3), "a month of the quarter", "write 1 to 3"),
    "business": (lambda text: {"yes": 1, "no": 0}.get(text), "yes or no", "write `yes` or `no`"),
}
"""Column → what reads a cell of it, what a cell is, and the hint where it is none."""


def _day(line: CsvLine, header: tuple[str, ...], findings: Findings) -> CalendarDay | None:
    if len(line.cells) != len(header):
        what = f"this row has {counted(len(line.cells), 'cell')}; the header names {counted(len(header), 'column')}"
        findings.add(Code.TABLE_SHAPE, what, line.span, "write every cell")
        return None
    found: dict[str, int] = {}
    for i, (column, cell) in enumerate(zip(header, line.cells, strict=True)):
        read, what, hint = _READ[column]
        value = read(cell)
        if value is None:
            findings.add(Code.TABLE_CELL, f"column `{column}`: `{shorten(cell)}` is not {what}", line.at(i), hint)
        else:
            found[column] = value
    if len(found) < len(CALENDAR_COLUMNS):
        return None
    day, starts = found["day"], found["starts"]
    if not _EARLIEST <= starts - day * DAY <= _LATEST:
        what = f"{format_day(day)} begins at {instant_text(starts)} nowhere"
        hint = "a day begins at its midnight in some zone, or at the cut-off hour before"
        findings.add(Code.TABLE_CELL, what, line.at(header.index("starts")), hint)
        return None
    return CalendarDay(
        day, starts, found["fiscal_year"], found["quarter"], found["month"], bool(found["business"])
    )  # fmt: skip


def _follow(days: Sequence[CalendarDay], lines: Sequence[CsvLine], findings: Findings) -> bool:
    """Report days that do not follow each other, or that begin before the one before."""
    before = len(findings)
    for (last, day), line in zip(pairwise(days), lines[1:], strict=True):
        if day.day != last.day + 1:
            gap = day.day > last.day + 1
            what = f"the calendar has no row for {format_day(last.day + 1)}" if gap else "this day is no later"
            findings.add(Code.TABLE_GAP, what, line.span, "give every day one row, in their order")
        elif day.starts <= last.starts:
            what = f"{format_day(day.day)} begins before {format_day(last.day)}"
            findings.add(Code.TABLE_CELL, what, line.span, "correct one of the two")
    return len(findings) == before


def _check_quarters(days: Sequence[CalendarDay], place: Scalar, findings: Findings) -> None:
    """Report quarters that the table cuts, or that do not follow: how many days are left of them is not known."""
    last: tuple[int, int] | None = None
    for key, rows in groupby(days, key=lambda d: (d.fiscal_year, d.quarter)):
        length, called = len(months := [d.month for d in rows]), f"quarter {key[1]} of {key[0]}"
        if last is not None and key != ((last[0] + 1, 1) if last[1] == 4 else (last[0], last[1] + 1)):
            what = f"{called} follows quarter {last[1]} of {last[0]} in the calendar"
            findings.add(Code.TABLE_GAP, what, place.span, "let the quarters follow each other")
        if not _SHORTEST <= length <= _LONGEST:
            what = f"{called} has {counted(length, 'day')} in the calendar"
            findings.add(Code.TABLE_GAP, what, place.span, "let the table begin and end with a quarter")
        elif months != sorted(months) or set(months) != {1, 2, 3}:
            what = f"the months of {called} do not follow each other in the calendar"
            findings.add(Code.TABLE_GAP, what, place.span, "write month 1, then 2, then 3")
        last = key
