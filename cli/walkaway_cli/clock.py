"""The present, for whoever does not say when."""

from datetime import UTC, datetime, timedelta

from walkaway.language import EPOCH, instant_text

_SECOND = 1_000_000


def now() -> int:
    """Return the instant, in microseconds since 1970."""
    return (datetime.now(UTC) - EPOCH) // timedelta(microseconds=1)


def instant(last: int | None = None) -> str:
    """Return the present second as RFC 3339; the deal's latest event's instant, where that is within it.

    Args:
        last: That instant, in microseconds since 1970; none where there is none.
    """
    at = now()
    second = at - at % _SECOND
    return instant_text(last if last is not None and second < last <= at else second)
