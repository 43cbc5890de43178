"""The id and the instant of an event for which nobody typed one."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from walkaway.language import EPOCH, instant_text

_SECOND = 1_000_000


def now() -> int:
    """Return the instant, in microseconds since 1970."""
    return (datetime.now(UTC) - EPOCH) // timedelta(microseconds=1)


def instant(last: int | None) -> str:
    """Return the present second as RFC 3339; the deal's latest event's instant, where that is within it.

    Args:
        last: That instant, in microseconds since 1970; none before the deal opens.
    """
    at = now()
    second = at - at % _SECOND
    return instant_text(last if last is not None and second < last <= at else second)


def event_id(events: Collection[str]) -> str:
    """Return the next id of a deal that has these: `e` and its place, `e01` for the first, as far as it is free."""
    number = len(events) + 1
    while (found := f"e{number:02}") in events:
        number += 1
    return found
