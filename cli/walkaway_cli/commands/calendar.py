"""`walkaway calendar`: make the table of days that a policy's `calendar:` names."""

import importlib
import re
from collections.abc import Iterator
from datetime import date, time, timedelta
from itertools import zip_longest
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click
import msgspec

from walkaway.language import nearest, read_day
from walkaway_cli import exits, fiscal
from walkaway_edge.files.names import reason, shown_name

_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
MAX_YEARS = 25
MAX_SHOWN = 10


def _zone(_: click.Context, __: click.Parameter, text: str) -> ZoneInfo:
    """Return a zone, as `America/New_York`."""
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as problem:
        what = f"there is no zone {text!r}; write a name such as America/New_York or Europe/Berlin"
        raise click.BadParameter(what) from problem


def _years(_: click.Context, __: click.Parameter, text: str) -> range:
    """Return fiscal years, as `2026..2035`."""
    found = re.fullmatch(r"(\d{4})\.\.(\d{4})", text, re.ASCII)
    first, last = (int(found[1]), int(found[2])) if found else (0, 0)
    if not 1971 <= first <= last <= 9_900:
        raise click.BadParameter(f"{text!r} are no years; write the first and the last of 1971 to 9900, as 2026..2035")
    if last - first >= MAX_YEARS:
        raise click.BadParameter(f"these are more than {MAX_YEARS} years; later ones are added when they are near")
    return range(first, last + 1)


def _cut_off(_: click.Context, __: click.Parameter, text: str | None) -> time | None:
    """Return an hour of the day, as `18:00`."""
    if text is not None and re.fullmatch(r"(?:[01]\d|2[0-3]):[0-5]\d", text, re.ASCII) is None:
        raise click.BadParameter(f"{text!r} is no hour; write hours and minutes, as 18:00")
    return None if text is None else time(int(text[:2]), int(text[3:]))


@click.command("calendar")
@click.option(
    "--zone",
    callback=_zone,
    required=True,
    metavar="ZONE",
    help="Whose clock says when a day begins, as America/New_York.",
)
@click.option("--years", callback=_years, required=True, metavar="FIRST..LAST", help="The fiscal years, as 2026..2035.")
@click.option(
    "--fiscal-start",
    type=click.Choice(_MONTHS, case_sensitive=False),
    default="january",
    show_default=True,
    help="The month with which a fiscal year begins.",
)
@click.option(
    "--named",
    type=click.Choice(("start", "end")),
    default="end",
    show_default=True,
    help="Whether a fiscal year is named for the calendar year in which it begins or ends.",
)
@click.option(
    "--weeks", type=click.Choice(fiscal.PATTERNS), help="Quarters of 13 weeks; a 53rd week joins the last month."
)
@click.option(
    "--ends",
    metavar="WHICH-DAY",
    default="last-saturday",
    show_default=True,
    help="With --weeks: the year ends on the last-saturday of the month before --fiscal-start, or on the"
    " nearest-saturday to its end; any day of the week.",
)
@click.option(
    "--holidays",
    multiple=True,
    metavar="FILE_OR_CODE",
    help="A CSV file whose first column has days, or a country with its part, as US or DE-BY; repeatable.",
)
@click.option(
    "--weekend",
    metavar="DAYS",
    help="The days of the week on which no business is done, or none; if left out, those of the country of --holidays,"
    " else saturday,sunday.",
)
@click.option(
    "--cut-off",
    callback=_cut_off,
    metavar="HOUR",
    help="From this hour on, by the zone's clock, it is tomorrow; as 18:00.",
)
@click.option(
    "--check",
    "checked",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Write nothing; show where FILE differs from the table that would be made now.",
)
def command(
    zone: ZoneInfo,
    years: range,
    fiscal_start: str,
    named: str,
    weeks: str | None,
    ends: str,
    holidays: tuple[str, ...],
    weekend: str | None,
    cut_off: time | None,
    checked: Path | None,
) -> int:
    """Make the table of days that a policy's `calendar:` names, and write it to standard output.

    Zones, holidays and fiscal years are looked up now and never again: what is decided rests on the table, which is
    reviewed like any other and part of the policy. --check says whether they would come out otherwise today.

    \b
    walkaway calendar --zone Europe/Berlin --years 2026..2035 > calendar.csv
    walkaway calendar --zone America/New_York --fiscal-start february --holidays US --cut-off 18:00 --years 2026..2035
    walkaway calendar --zone America/Chicago --weeks 4-4-5 --ends nearest-saturday --years 2026..2030
    """
    which, day = _ends(ends)
    pattern = tuple(map(int, weeks.split("-"))) if weeks else ()
    year = fiscal.Fiscal(_MONTHS.index(fiscal_start.lower()) + 1, named, pattern, day, which == "nearest")
    first, after = year.begins(years[0]), year.begins(years[-1] + 1)
    closed = [_closed(given, range(first.year, after.year + 1)) for given in holidays]
    country = next((c.weekend for c in closed if c.weekend is not None), _USUAL)
    try:
        days = fiscal.days(
            year,
            years,
            zone,
            cut_off,
            country if weekend is None else _weekend(weekend),
            frozenset(day for c in closed for day in c.days),
            frozenset(day for c in closed for day in c.made_up),
        )
    except fiscal.NoSuchDay as problem:
        raise click.UsageError(str(problem)) from problem
    made = [*fiscal.lines(days)]
    if checked is None:
        click.echo("\n".join(made))
        return exits.YES
    return _compare(checked, made)


def _ends(text: str) -> tuple[str, int]:
    which, _, day = text.lower().partition("-")
    if which not in ("last", "nearest") or day not in fiscal.WEEKDAYS:
        hint = nearest(text, [f"{w}-{d}" for w in ("last", "nearest") for d in fiscal.WEEKDAYS])
        raise click.BadParameter(f"{text!r} is no such day; {hint or 'write last-saturday or nearest-saturday'}")
    return which, fiscal.WEEKDAYS.index(day)


def _weekend(text: str) -> frozenset[int]:
    names = [] if text == "none" else [name.strip().lower() for name in text.split(",")]
    unknown = next((name for name in names if name not in fiscal.WEEKDAYS), None)
    if unknown is not None:
        raise click.BadParameter(f"{unknown!r} is no day of the week; {nearest(unknown, fiscal.WEEKDAYS)}")
    return frozenset(fiscal.WEEKDAYS.index(name) for name in names)


class Closed(msgspec.Struct, frozen=True):
    """Days without business, of a file or a country.

    Attributes:
        made_up: Days of a weekend on which business is done in place of others.
        weekend: Of the country; none of a file.
    """

    days: tuple[date, ...]
    made_up: tuple[date, ...] = ()
    weekend: frozenset[int] | None = None


_USUAL = frozenset({5, 6})


def _closed(given: str, years: range) -> Closed:
    """Return the holidays of a file, or of a country and its part.

    Raises:
        UsageError: Where there are none, or the library is not installed.
    """
    if Path(given).is_file() or given.lower().endswith(".csv"):
        return Closed(tuple(_of_file(Path(given))))
    try:
        library = importlib.import_module("holidays")
    except ModuleNotFoundError as problem:
        what = "the holidays of a country need the library holidays: pip install 'walkaway[calendar]'"
        raise click.UsageError(f"{what}, or name a CSV file") from problem
    country, _, part = given.partition("-")
    try:
        found = library.country_holidays(country, subdiv=part or None, years=years)
    except (NotImplementedError, KeyError) as problem:
        raise click.UsageError(f"holidays of {given!r} are not known; write a code such as US or DE-BY") from problem
    return Closed(tuple(sorted(found)), tuple(sorted(found.weekend_workdays)), frozenset(found.weekend))


def _of_file(file: Path) -> Iterator[date]:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as problem:
        raise click.UsageError(f"{shown_name(file)} cannot be read: {reason(problem)}") from problem
    for number, line in enumerate(text.splitlines(), 1):
        cell = line.partition(",")[0].strip().strip('"')
        if not cell or (number == 1 and not cell[:1].isdigit()):
            continue
        day = read_day(cell)
        if day is None:
            raise click.UsageError(f"{shown_name(file)}:{number}: {cell!r} is no day; write it as YYYY-MM-DD")
        yield fiscal.FIRST + timedelta(days=day)


def _compare(file: Path, made: list[str]) -> int:
    """Show where a table differs from one that is made now."""
    try:
        held = [line.strip() for line in file.read_text(encoding="utf-8-sig").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as problem:
        raise click.UsageError(f"{shown_name(file)} cannot be read: {reason(problem)}") from problem
    pairs = zip_longest(held, made, fillvalue="nothing")
    differs = [(n, old, new) for n, (old, new) in enumerate(pairs, 1) if old != new]
    for number, old, new in differs[:MAX_SHOWN]:
        click.echo(f"{shown_name(file)}:{number}: {old}\n  would be {new}")
    if len(differs) > MAX_SHOWN:
        click.echo(f"and {len(differs) - MAX_SHOWN} more lines")
    if not differs:
        click.echo(f"{shown_name(file)}: all {len(made) - 1:,} days would be made the same now")
    return exits.NO if differs else exits.YES
