"""Read published rates from CSV: a day, a currency and a rate in each row, and when it was published."""

import re
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from pathlib import Path

from walkaway.language.codes import Code
from walkaway.language.diagnostics import Diagnostic, Enough, Findings, Severity, Span, nearest
from walkaway.language.instants import DAY, DAY_FORM, format_day, instant_of, read_day
from walkaway.language.spelling import counted
from walkaway.language.values import shorten
from walkaway.policy.exchange import NOT_AVAILABLE, Exchange, PublishedRate, RateRows, is_rate
from walkaway.policy.tables.cells import CsvLine, read_lines

RATE_COLUMNS = ("day", "currency", "rate")
"""Columns of the file; a fourth, `published`, has the instant of publication where the policy does not say the hour."""
PUBLISHED = "published"
MOST = 1_000_000
"""RateRows that a file may have: 40 currencies for a hundred years."""
_CURRENCY = re.compile("[A-Z]{3}")
_EASTMOST = 14 * DAY // 24
_JUMP = 10
"""A rate that is so many times the one before is one of another unit."""


class RateFile:
    """The rates of a policy's file; one that has grown, or was replaced, is read again when it is next asked.

    A file that cannot be read, or that has a mistake in it, gives no rate.

    Args:
        data: What stands in it, where it is no file of its own.
    """

    def __init__(self, exchange: Exchange, path: Path | None = None, data: bytes | None = None) -> None:
        self.exchange, self.path, self.data = exchange, path, data
        self.rows: RateRows | None = None
        self.read_at: tuple[int, int] | None = None

    def last(self, currency: str, instant: int) -> PublishedRate | None:
        """Return the row of a currency that was published last by an instant."""
        now = self.stamp()
        if self.rows is None or now != self.read_at:
            findings = Findings()
            try:
                self.rows = self.checked(findings)
            except Enough:
                self.rows = RateRows()
            if any(f.severity is Severity.ERROR for f in findings):
                self.rows = RateRows()
            self.read_at = now
        return self.rows.last(currency, instant)

    def stamp(self) -> tuple[int, int] | None:
        """Return what tells that the file has changed; none where there is no file."""
        if self.path is None:
            return None
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size

    def content(self) -> bytes | None:
        """Return what stands in the file; none where it cannot be read."""
        if self.path is None:
            return self.data
        try:
            return self.path.read_bytes()
        except OSError:
            return None

    def checked(self, findings: Findings) -> RateRows:
        """Return the rows, with what is wrong with them.

        Diagnostics:
            WA401 to WA405.
        """
        exchange, data = self.exchange, self.content()
        if data is None:
            what = f"the file of rates `{shorten(exchange.file)}` cannot be read; no deal in another currency can open"
            hint = "it must lie beside the policy, or in a folder below it"
            findings.warn(Code.TABLE_NOT_READABLE, what, exchange.span, hint)
            return RateRows()
        return RateRows(read_rates(exchange, data, str(self.path or exchange.file), findings))


def changed(file: RateFile, kept: Iterable[str]) -> Iterator[Diagnostic]:
    """Find rows of a file that are not those which decisions were made with.

    Args:
        kept: The lines of these (`PublishedRate.line`).

    Diagnostics:
        WA408.
    """
    now = {line.rpartition(",")[0].rpartition(",")[0]: line for line in file.checked(Findings()).lines()}
    for line in sorted(set(kept)):
        row, digits, _ = line.rsplit(",", 2)
        day, _, pair = row.partition(",")
        currency, _, per = pair.partition("/")
        if per != file.exchange.per or now.get(row) == line:
            continue
        said = now[row].rsplit(",", 2)[1:] if row in now else None
        there = "is gone" if said is None else f"is {said[0]}, published {said[1]}"
        what = f"the rate of {currency} of {day} {there}; decisions in the log were made with {digits}"
        hint = "put the old row back; an `update` with `fx: now` pins deals anew"
        yield Diagnostic(Code.RATE_CHANGED, what, file.exchange.span, hint)


def read_rates(exchange: Exchange, data: bytes, file: str, findings: Findings) -> list[PublishedRate]:
    """Read the rows of a file of rates, in any order.

    Args:
        file: What findings call it.

    Diagnostics:
        WA401 to WA405.
    """
    lines = read_lines(data, file, findings, MOST, what="file of rates")
    if not lines or not _has_columns(lines[0], exchange, findings):
        return []
    places = {name: place for place, name in enumerate(lines[0].cells)}
    found: dict[tuple[str, int], PublishedRate] = {}
    at: dict[PublishedRate, Span] = {}
    for line in lines[1:]:
        row = _row(line, places, exchange, findings)
        if row is None:
            continue
        if found.setdefault((row.currency, row.day), row) is not row:
            what = f"{row.currency} of {format_day(row.day)} stands twice"
            findings.add(Code.TABLE_OVERLAP, what, line.span, "keep the row that was published")
        else:
            at[row] = line.span
    _check_jumps(at, at, findings)
    return list(at)


def _has_columns(header: CsvLine, exchange: Exchange, findings: Findings) -> bool:
    wanted = RATE_COLUMNS if exchange.published is not None else (*RATE_COLUMNS, PUBLISHED)
    before = len(findings)
    if not {*RATE_COLUMNS, PUBLISHED} & {name.lower() for name in header.cells}:
        what = "no column of this file is one of a file of rates"
        findings.add(Code.TABLE_SHAPE, what, header.span, "`walkaway rates` makes one of a file as it is published")
        return False
    for place, name in enumerate(header.cells):
        if name == PUBLISHED and exchange.published is not None:
            what = "the policy says when rates are published, and so does this column"
            findings.add(Code.TABLE_SHAPE, what, header.at(place), "keep one of the two")
        elif name not in wanted:
            what = f"the file of rates has no column `{shorten(name)}`"
            findings.add(Code.TABLE_SHAPE, what, header.at(place), nearest(name, wanted) or "remove it")
        elif name in header.cells[:place]:
            findings.add(Code.TABLE_SHAPE, f"`{name}` names two columns", header.at(place), "name each column once")
    for name in wanted:
        if name not in header.cells and len(findings) == before:
            hint = "`walkaway rates` writes the columns day, currency, rate and published"
            what = f"the file of rates has no column `{name}`"
            if name == PUBLISHED:
                hint = "`walkaway rates` writes it; or give `published: 15:30 UTC` in the policy"
            findings.add(Code.TABLE_SHAPE, what, header.span, hint)
    return len(findings) == before


def _row(line: CsvLine, places: dict[str, int], exchange: Exchange, findings: Findings) -> PublishedRate | None:
    cells = line.cells
    is_bare = len(cells) == len(places) - 1 and places["rate"] == len(places) - 1  # an empty rate is the last cell
    if len(cells) != len(places) and not is_bare:
        what = f"this row has {counted(len(cells), 'cell')}; the header names {counted(len(places), 'column')}"
        findings.add(Code.TABLE_SHAPE, what, line.span, "write every cell")
        return None
    said = {name: cells[place] if place < len(cells) else "" for name, place in places.items()}
    before = len(findings)

    def wrong(name: str, what: str, hint: str) -> None:
        span = line.at(places[name]) if places[name] < len(cells) else line.span
        findings.add(Code.TABLE_CELL, f"column `{name}`: `{shorten(said[name])}` {what}", span, hint)

    day, digits = read_day(said["day"]), said["rate"] or NOT_AVAILABLE
    if day is None:
        wrong("day", "is not a day", DAY_FORM)
    if not _CURRENCY.fullmatch(said["currency"]):
        wrong("currency", "is no code of a currency", "write its three capital letters, as `GBP`")
    elif said["currency"] == exchange.per:
        wrong("currency", "is what the rates are for one of", "remove the row: the rate of a currency to itself is 1")
    if digits != NOT_AVAILABLE and not is_rate(digits):
        hint = f"write digits with a point, as `0.8338`, or `{NOT_AVAILABLE}` where there is none"
        wrong("rate", "is no rate above nothing", hint)
    published = None if day is None or exchange.published is None else day * DAY + exchange.published
    if PUBLISHED in places:
        published = instant_of(said[PUBLISHED])
        if published is None:
            wrong(PUBLISHED, "is no instant", "write it as `YYYY-MM-DDThh:mm:ssZ`")
        elif day is not None and published < day * DAY - _EASTMOST:
            wrong(PUBLISHED, f"is before {format_day(day)} begins anywhere", "correct one of the two")
    if len(findings) > before or day is None or published is None:
        return None
    return PublishedRate(said["currency"], published, day, digits, exchange.per)


def _check_jumps(found: Iterable[PublishedRate], at: Mapping[PublishedRate, Span], findings: Findings) -> None:
    """Warn of a rate that is ten times the one before, or a tenth: money that has dropped zeros has another code."""
    for currency, rows in RateRows(found).items():
        last: Fraction | None = None
        for row in rows:
            rate = row.rate
            if rate is not None and last is not None and not last / _JUMP < rate < last * _JUMP:
                what = f"the rate of {currency} jumps to {row.digits}: a currency that drops zeros has a new code"
                findings.warn(Code.TABLE_CELL, what, at[row], "write the days before under the old code, or correct it")
            last = rate or last
