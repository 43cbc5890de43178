"""Several currencies: what a policy says of them, the published rates of its file, and which of them counts when.

A deal is judged in its own currency; only the policy's own amounts are converted, at the rate that was pinned when the
deal opened: the last one *published* by then. No rate is guessed, and none is computed with but as an exact fraction.

Source:
    DECISIONS.md, policy: rates are rows with the instant of their publication.
"""

import hashlib
import re
from bisect import bisect_right
from collections.abc import Iterable
from fractions import Fraction
from typing import Protocol

import msgspec

from walkaway.events import Brought
from walkaway.language.diagnostics import Span
from walkaway.language.instants import DAY, format_day, instant_text
from walkaway.language.spelling import counted
from walkaway.language.values import Kind, Unit, format_value, shorten

RATE, DRIFT = "fx.rate", "fx.drift"
"""The facts: how much of the deal's currency one unit of the policy's is, and how far today's rate is from that."""
ONE = 10_000
"""A rate of 1, in the smallest unit of `fx.rate`."""
PERCENT = 1_000_000
"""All of something, in 1/10,000 percent."""


class Exchange(msgspec.Struct, frozen=True):
    """What a policy says under `currencies:`.

    Attributes:
        accepted: The currencies that deals may be in, the policy's own first.
        file: Where rates are published, beside the policy; empty where it needs none.
        per: One unit of which the rates of the file are for.
        published: So long after midnight UTC of its day a row counts, in microseconds; none where each row says when.
        max_age: So long after its publication a rate counts at most, in microseconds.
        drift: How far a rate that an event brings may lie from the file's, in 1/10,000 percent; none where none may.
        span: Where `currencies:` stands.
    """

    accepted: tuple[str, ...]
    file: str = ""
    per: str = ""
    published: int | None = None
    max_age: int = 0
    drift: int | None = None
    span: Span = Span("", 0, 0)


class PublishedRate(msgspec.Struct, frozen=True, array_like=True, gc=False, order=True):
    """One row of a file of rates.

    Attributes:
        published: The instant from which it counts, in microseconds since 1970.
        day: Of which it is, days since 1970.
        digits: The rate as it was published; `N/A` where there was none that day.
        per: One unit of which it is for.
    """

    currency: str
    published: int
    day: int
    digits: str
    per: str

    @property
    def rate(self) -> Fraction | None:
        """Return the rate, exactly; none where there was none that day."""
        return None if self.digits == NOT_AVAILABLE else Fraction(self.digits)

    @property
    def line(self) -> str:
        """Return the row as one line, by which it is hashed and kept."""
        return f"{format_day(self.day)},{self.currency}/{self.per},{self.digits},{instant_text(self.published)}"

    @property
    def sha256(self) -> str:
        """Return the SHA-256 of the line, in hexadecimal."""
        return hashlib.sha256(self.line.encode()).hexdigest()


NOT_AVAILABLE = "N/A"
_DIGITS = re.compile(r"(?=.*[1-9])\d{1,12}(?:\.\d{1,12})?", re.ASCII)


def is_rate(digits: str) -> bool:
    """Return whether digits are a rate above nothing: with a point, and no sign, exponent or grouping."""
    return _DIGITS.fullmatch(digits) is not None


class Rates(Protocol):
    """Where rates are found."""

    def last(self, currency: str, instant: int) -> PublishedRate | None:
        """Return the row of a currency that was published last by an instant."""
        ...


class RateRows(dict[str, list[PublishedRate]]):
    """Rates as rows, by currency and in the order of their publication."""

    def __init__(self, rows: Iterable[PublishedRate] = ()) -> None:
        super().__init__()
        for row in sorted(set(rows)):
            self.setdefault(row.currency, []).append(row)

    def lines(self) -> list[str]:
        """Return each row as its line."""
        return [row.line for rows in self.values() for row in rows]

    def last(self, currency: str, instant: int) -> PublishedRate | None:
        """Return the row of a currency that was published last by an instant."""
        rows = self.get(currency, ())
        place = bisect_right(rows, instant, key=lambda row: row.published)
        return rows[place - 1] if place else None


class Quote(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What is known of a rate at an instant: the pinned rate of a deal, or the one that was published last.

    Attributes:
        rows: Those that were looked at, the deal's currency first; a rate that cannot be had rests on them too.
        lacks: Why there is none, in the words of what a deal lacks; empty where there is one.
        above, below: The rate as a fraction: how much of the deal's currency one unit of the policy's is.
        brought: The rate that an event brought in place of the file's.
    """

    rows: tuple[PublishedRate, ...]
    lacks: str = ""
    above: int = 0
    below: int = 1
    brought: Brought | None = None

    @property
    def rate(self) -> Fraction | None:
        """Return the rate, exactly; none where there is none."""
        return None if self.lacks else Fraction(self.above, self.below)


def quoted(exchange: Exchange, rates: Rates, own: str, currency: str, instant: int) -> Quote:
    """Return the rate of a currency that counts at an instant: that which was published last by then.

    Args:
        own: The policy's currency.
    """
    rows: list[PublishedRate] = []
    lacks = ""
    for code in (currency, own):
        if code == exchange.per:
            continue
        row = rates.last(code, instant)
        if row is not None:
            rows.append(row)
        lacks = lacks or _lack(exchange, code, row, instant)
    if not lacks and len({row.day for row in rows}) > 1:
        said = " and ".join(f"{row.currency} of {format_day(row.day)}" for row in rows)
        lacks = f"rates of one day: the last in `{exchange.file}` are {said}"
    if lacks:
        return Quote(tuple(rows), lacks)
    found = {row.currency: row.rate or Fraction(1) for row in rows}
    rate = found.get(currency, Fraction(1)) / found.get(own, Fraction(1))
    return Quote(tuple(rows), "", rate.numerator, rate.denominator)


def _lack(exchange: Exchange, code: str, row: PublishedRate | None, instant: int) -> str:
    """Say why a row gives no rate; nothing where it does."""
    if row is None:
        return f"a rate of {code}: `{exchange.file}` has none published by {instant_text(instant)}"
    if row.rate is None:
        return f"a rate of {code}: `{exchange.file}` has {NOT_AVAILABLE} for {format_day(row.day)}"
    if instant - row.published > exchange.max_age:
        most, day = counted(exchange.max_age // DAY, "day"), format_day(row.day)
        return f"a rate of {code} that is no older than {most}: the last in `{exchange.file}` is of {day}"
    return ""


def brought(exchange: Exchange, brings: Brought, file: Quote) -> Quote:
    """Return the rate that an event brings, where it lies within the drift of the file's."""
    own = Fraction(brings.digits)
    if file.rate is None:
        return Quote(file.rows, file.lacks, brought=brings)
    if exchange.drift is None or drift(file.rate, own) > exchange.drift:
        most = format_value(exchange.drift or 0, Unit(Kind.PERCENT))
        what = f"a rate within {most} of the one in `{exchange.file}`: `{shorten(brings.source)}` has {brings.digits}"
        return Quote(file.rows, what, brought=brings)
    return Quote(file.rows, "", own.numerator, own.denominator, brings)


def drift(pinned: Fraction, now: Fraction) -> Fraction:
    """Return how far a rate is from another, either way, in 1/10,000 percent."""
    return abs(now / pinned - 1) * PERCENT


def known(quote: Quote | None) -> int | Fraction | None:
    """Return a rate as the fact `fx.rate` has it; 1 where nothing is converted."""
    if quote is None:
        return ONE
    rate = quote.rate
    if rate is None:
        return None
    units = rate * ONE
    return units.numerator if units.denominator == 1 else units
