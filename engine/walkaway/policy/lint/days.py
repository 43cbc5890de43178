"""Look at how long the calendar goes on: after its last row every deal is held."""

from collections.abc import Iterator

from walkaway.language.codes import Code
from walkaway.language.diagnostics import Diagnostic
from walkaway.language.instants import DAY, format_day
from walkaway.policy.lint.own import warning
from walkaway.policy.model import Policy

_SOON = 365 * DAY


def ending(policy: Policy, now: int) -> Iterator[Diagnostic]:
    """Find a calendar that ends within a year.

    Args:
        now: The instant of whoever asks, in microseconds since 1970.
    """
    calendar = policy.calendar
    if calendar is not None and calendar.ends < now + _SOON:
        what = f"the calendar ends with {format_day(calendar.facts['day'][-1])}; then every deal is held"
        yield warning(Code.TABLE_GAP, what, calendar.span, "make it anew with later years, by `walkaway calendar`")
