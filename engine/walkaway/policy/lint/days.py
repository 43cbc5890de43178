"""Look at how long the calendar goes on, and the rates: after the last row deals are held."""

from collections.abc import Iterator

from walkaway.language.codes import Code
from walkaway.language.diagnostics import Diagnostic
from walkaway.language.instants import DAY, format_day
from walkaway.policy.lint.own import warning
from walkaway.policy.model import Policy

_SOON = 365 * DAY


def ending(policy: Policy, now: int) -> Iterator[Diagnostic]:
    """Find a calendar that ends within a year, and rates that are too old already.

    Args:
        now: The instant of whoever asks, in microseconds since 1970.
    """
    calendar = policy.calendar
    if calendar is not None and calendar.ends < now + _SOON:
        what = f"the calendar ends with {format_day(calendar.facts['day'][-1])}; then every deal is held"
        yield warning(Code.TABLE_GAP, what, calendar.span, "make it anew with later years, by `walkaway calendar`")
    exchange = policy.exchange
    if exchange is None or policy.rates is None or not exchange.file:
        return
    lasts = [policy.rates.last(code, now) for code in exchange.accepted if code != exchange.per]
    old = [row for row in lasts if row is not None and now - row.published > exchange.max_age]
    if old:
        said = ", ".join(f"{row.currency} with {format_day(row.day)}" for row in old)
        what = f"the rates in `{exchange.file}` end: {said}; a deal that needs one is held"
        yield warning(Code.TABLE_GAP, what, exchange.span, "add the rows that were published since")
