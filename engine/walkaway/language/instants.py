"""Instants and days as text: the one reader and the one writer of RFC 3339 instants and ISO days there is.

An instant is a whole number of microseconds since 1970, a day a whole number of days since 1970, in UTC.

What a text says below a microsecond (C# writes 7 digits, Go 9) is dropped, downwards: of two instants the later is
never read as the earlier, and events whose instants become one keep the order in which they came, as all such do.
"""

import re
from datetime import UTC, date, datetime, timedelta, timezone

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = 86_400_000_000
"""So many microseconds has a day."""
_EPOCH_DAY = date(1970, 1, 1)
FIRST_DAY, LAST_DAY = (date.min - _EPOCH_DAY).days, (date.max - _EPOCH_DAY).days
"""The days that can be written, since 1970."""
_MICROSECOND = timedelta(microseconds=1)
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ](?:[01]\d|2[0-3]):\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII)
_BELOW = re.compile(r"(?<=\.\d{6})\d+", re.ASCII)
_HOUR_24 = re.compile(r"\d{4}-?\d\d-?\d\d[Tt ]24", re.ASCII)
DAY_FORM = "write it as `YYYY-MM-DD`"
_DAY_TEXT = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def instant_of(text: object) -> int | None:
    """Return the microseconds since 1970 of an RFC 3339 instant; none where it is no such.

    Hours are 00 to 23: `24:00:00` is the next day's midnight for some readers and none for others.
    """
    if isinstance(text, str) and _RFC3339.fullmatch(text):
        try:
            return (datetime.fromisoformat(_BELOW.sub("", text.upper())) - EPOCH) // _MICROSECOND
        except (ValueError, OverflowError):
            pass
    return None


def instant_text(instant: int) -> str:
    """Write microseconds since 1970 as RFC 3339: in UTC, or with an offset where UTC has no four-digit year for it.

    Raises:
        OverflowError: Where no year of four digits holds it.
    """
    since = timedelta(microseconds=instant)
    for minutes in (0, 1439, -1439):
        zone = timezone(timedelta(minutes=minutes))
        try:
            text = (EPOCH.astimezone(zone) + since).isoformat()
        except OverflowError:
            continue
        return text.replace("+00:00", "Z") if not minutes else text
    raise OverflowError(f"no year of four digits holds {instant}")


def datetime_of(text: str) -> datetime:
    """Return an instant with the offset in which it is written, which is UTC where there is none.

    Args:
        text: RFC 3339, or another form of ISO 8601.

    Raises:
        ValueError: Where it is neither.
    """
    if _HOUR_24.match(text):
        raise ValueError("hours are 00 to 23")
    found = datetime.fromisoformat(_BELOW.sub("", text.upper()))
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def read_day(text: str) -> int | None:
    """Return an ISO date as days since 1970, or none."""
    try:
        return (date.fromisoformat(text) - _EPOCH_DAY).days if _DAY_TEXT.fullmatch(text) else None
    except ValueError:
        return None


def format_day(day: int) -> str:
    """Write a day, given in days since 1970, as policies do."""
    return (_EPOCH_DAY + timedelta(days=day)).isoformat()
