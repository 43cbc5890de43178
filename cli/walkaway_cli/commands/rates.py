"""`walkaway rates`: make the file of rates that a policy's `currencies:` names, out of one as it is published."""

import csv
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from walkaway.language import read_day
from walkaway.policy import is_rate
from walkaway_cli import exits
from walkaway_edge.files.names import reason, shown_name

_FIRST = date(1970, 1, 1)
_HOUR = re.compile(r"([01]\d|2[0-3]):([0-5]\d) (\S+)", re.ASCII)
_CODE = re.compile("[A-Z]{3}")
_NONE = ("", "N/A")
HEADER = "day,currency,rate,published"

Rate = tuple[str, date, str]
"""A currency, a day, and its rate as it was published; `N/A` where there was none."""


def _published(_: click.Context, __: click.Parameter, text: str) -> tuple[time, ZoneInfo]:
    """Return an hour and whose clock shows it, as `16:30 Europe/Berlin`."""
    found = _HOUR.fullmatch(text)
    if found is None:
        raise click.BadParameter(f"{text!r} is no hour in a zone; write it as '16:30 Europe/Berlin', or '15:30 UTC'")
    try:
        return time(int(found[1]), int(found[2])), ZoneInfo(found[3])
    except (ZoneInfoNotFoundError, ValueError, OSError) as problem:
        raise click.BadParameter(f"there is no zone {found[3]!r}; write a name such as Europe/Berlin") from problem


def _codes(_: click.Context, __: click.Parameter, text: str | None) -> frozenset[str] | None:
    """Return currencies, as `USD,GBP`."""
    codes = None if text is None else frozenset(code.strip() for code in text.split(","))
    wrong = sorted(code for code in codes or () if not _CODE.fullmatch(code))
    if wrong:
        raise click.BadParameter(f"{wrong[0]!r} is no code of a currency; write three capital letters, as GBP")
    return codes


@click.command("rates")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option(
    "--published",
    callback=_published,
    required=True,
    metavar="'HOUR ZONE'",
    help="When the rates of a day are published, by whose clock, as '16:30 Europe/Berlin'.",
)
@click.option("--only", callback=_codes, metavar="CODES", help="The currencies wanted, as USD,GBP; all, if left out.")
@click.option("--since", metavar="DAY", help="The first day wanted, as 2025-01-01; all, if left out.")
def command(file: Path, published: tuple[time, ZoneInfo], only: frozenset[str] | None, since: str | None) -> int:
    """Make the file of rates that a policy's `currencies:` names, and write it to standard output.

    FILE is CSV as it is published: a row for each day with a column for each currency, or rows of day, currency and
    rate; in any order. Digits stay as they are, and a day without a rate is N/A and no guess. The hour of publication
    becomes an instant in each row, so that no zone is looked up when a deal is decided.

    \b
    walkaway rates eurofxref-hist.csv --published '16:30 Europe/Berlin' --only USD,GBP > rates.csv
    """
    first = 0 if since is None else read_day(since)
    if first is None:
        raise click.UsageError(f"{since!r} is no day; write it as YYYY-MM-DD")
    found: dict[tuple[date, str], str] = {}
    for currency, day, digits in _rates(file):
        if (only is not None and currency not in only) or day < _FIRST + timedelta(days=first):
            continue
        if found.setdefault((day, currency), digits) != digits:
            raise click.UsageError(f"{shown_name(file)}: {currency} of {day} has two rates")
    missing = sorted((only or frozenset()) - {currency for _, currency in found})
    if missing:
        raise click.UsageError(f"{shown_name(file)} has no rate of {', '.join(missing)}")
    rows = [f"{day},{code},{digits},{_instant(day, *published)}" for (day, code), digits in sorted(found.items())]
    click.echo("\n".join((HEADER, *rows)))
    return exits.YES


def _instant(day: date, hour: time, zone: ZoneInfo) -> str:
    """Return the instant of an hour of a day, in UTC; of two, where clocks go back, the later.

    Raises:
        UsageError: Where clocks went over that hour.
    """
    local = datetime.combine(day, hour, zone).replace(fold=1)
    found = local.astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise click.UsageError(f"there was no {hour:%H:%M} on {day} by the clock of {zone.key}; give another hour")
    return found.strftime("%Y-%m-%dT%H:%M:%SZ")


def _rates(file: Path) -> Iterator[Rate]:
    """Yield the rates of a file, as they stand there."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            rows = [row for row in csv.reader(opened, strict=True) if any(cell.strip() for cell in row)]
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise click.UsageError(f"{shown_name(file)} cannot be read: {reason(problem)}") from problem
    if not rows:
        raise click.UsageError(f"{shown_name(file)} is empty")
    header = [cell.strip() for cell in rows[0]]
    named = [cell.lower() for cell in header]
    is_long = {"day", "currency", "rate"} <= set(named)
    for number, row in enumerate(rows[1:], 2):
        cells = [cell.strip() for cell in row]
        if any(cells[len(header) :]) or any(c for c, name in zip(cells, header, strict=False) if not name):
            raise click.UsageError(f"{shown_name(file)}:{number} has a cell in a column without a name")
        cells += [""] * (len(header) - len(cells))
        yield from _long(cells, named, file, number) if is_long else _wide(cells, header, file, number)


def _wide(cells: Sequence[str], header: Sequence[str], file: Path, number: int) -> Iterator[Rate]:
    """Yield the rates of a row that has a column for each currency."""
    day = _day(cells[0], file, number)
    for currency, digits in zip(header[1:], cells[1:], strict=False):
        if currency:
            yield _rate(currency, day, digits, file, number)


def _long(cells: Sequence[str], named: Sequence[str], file: Path, number: int) -> Iterator[Rate]:
    said = dict(zip(named, cells, strict=False))
    yield _rate(said["currency"], _day(said["day"], file, number), said["rate"], file, number)


def _day(text: str, file: Path, number: int) -> date:
    day = read_day(text)
    if day is None:
        raise click.UsageError(f"{shown_name(file)}:{number}: {text!r} is no day; write it as YYYY-MM-DD")
    return _FIRST + timedelta(days=day)


def _rate(currency: str, day: date, digits: str, file: Path, number: int) -> Rate:
    where = f"{shown_name(file)}:{number}"
    if not _CODE.fullmatch(currency):
        raise click.UsageError(f"{where}: {currency!r} is no code of a currency")
    if digits in _NONE:
        return currency, day, "N/A"
    if not is_rate(digits):
        raise click.UsageError(f"{where}: {digits!r} is no rate of {currency}; write digits with a point, as 0.8338")
    return currency, day, digits
