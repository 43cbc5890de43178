# Over 400 lines: what a value is, how it is read and how it is written stand or fall together.
"""Exact quantities: the kinds a value can have, their units, reading and writing them, and rounding.

Every value is an integer in its kind's smallest unit, or a symbol. No float is met here. Must not know policies.
"""

import re
import typing
import unicodedata
from collections.abc import Callable, Iterator
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from math import ceil, floor

import msgspec

from walkaway.language import meant
from walkaway.language.currencies import DECIMALS
from walkaway.language.diagnostics import closest
from walkaway.language.diagnostics import shorten as shorten
from walkaway.language.instants import DAY_FORM, FIRST_DAY, LAST_DAY, format_day, read_day
from walkaway.language.spelling import composed

LIMIT = 2**53
"""No integer in a fact, a term or a constant lies beyond this, either way (design.md, 3)."""
TOO_LARGE = "look for a digit too many"
"""The hint where one does."""


class Kind(StrEnum):
    """What sort of quantity a value is."""

    MONEY = "money"
    PERCENT = "percent"
    MONTHS = "months"
    DAYS = "days"
    DAY = "day"
    DURATION = "duration"
    COUNT = "count"
    NUMBER = "number"
    YES_NO = "yes/no"
    CHOICE = "choice"
    TEXT = "text"


NUMERIC = frozenset(
    {Kind.MONEY, Kind.PERCENT, Kind.MONTHS, Kind.DAYS, Kind.DAY, Kind.DURATION, Kind.COUNT, Kind.NUMBER}
)

_SCALES = {Kind.PERCENT: 10_000, Kind.NUMBER: 10_000}

DURATIONS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400, "week": 604_800}
"""Words a duration is written in, in the singular, with their seconds."""

UNIT_WORDS = frozenset({"%", "month", "months", *DURATIONS, *(f"{word}s" for word in DURATIONS)})


class Unit(msgspec.Struct, frozen=True):
    """A kind with all that is needed to read and write its values.

    Attributes:
        currency: ISO 4217 code, for money.
        choices: The symbols, in the policy's order, for a choice.
    """

    kind: Kind
    currency: str = ""
    choices: tuple[str, ...] = ()

    @property
    def scale(self) -> int:
        """Return how many of the smallest unit make one: 100 cents, 10,000 parts of a percent."""
        if self.kind is Kind.MONEY:
            return int(10 ** DECIMALS.get(self.currency, 2))
        return _SCALES.get(self.kind, 1)

    @property
    def is_numeric(self) -> bool:
        """Return whether values can be ordered, and have a distance."""
        return self.kind in NUMERIC

    @property
    def distance(self) -> "Unit":
        """Return the unit of the distance between two values: between two days there are days, else the unit itself."""
        return Unit(Kind.DAYS) if self.kind is Kind.DAY else self

    @property
    def span(self) -> tuple[int, int]:
        """Return the least and the greatest value that can be written: of days those of years 1 to 9999."""
        return (FIRST_DAY, LAST_DAY) if self.kind is Kind.DAY else (-LIMIT, LIMIT)

    def __str__(self) -> str:
        if self.kind is Kind.CHOICE:
            return "one of " + ", ".join((*self.choices[:8], "…") if len(self.choices) > 8 else self.choices)
        return f"money in {self.currency}" if self.kind is Kind.MONEY else str(self.kind)


Value = int | str
"""An integer in the smallest unit of its kind (yes is 1, no is 0), or the symbol of a choice, or free text."""

Exact = int | str | Fraction
"""What is computed from values: as a value, or between two smallest units; a fraction is never a whole number."""

_AMOUNT = re.compile(r"([+-]?)\s*([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.([0-9]+))?\s*(%|[A-Za-z]+)?", re.ASCII)


_PLAIN_AMOUNT = re.compile(r"([0-9]{1,9}|[0-9]{1,3}(?:,[0-9]{3}){1,2})(?:\.([0-9]{1,2}))? ?(%|[A-Za-z]+|)", re.ASCII)
"""Amounts without a sign, of up to nine digits and up to two behind the point: no reading of one is in doubt."""


class NotAValue(ValueError):
    """A text is no value of the unit asked for. The message is fit for a finding; `hint` says what to type."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class Quantity(msgspec.Struct, frozen=True, repr_omit_defaults=True):
    """A number as written, with the unit word behind it, if any: `12%`, `10,000 USD`, `24 months`.

    Attributes:
        grouped: Its other reading where its point may stand for thousands, as in `1.000`; none for other numbers.
    """

    amount: Fraction
    word: str = ""
    grouped: Fraction | None = None


def read_quantity(text: str) -> Quantity:
    """Read a number with an optional unit.

    Raises:
        NotAValue: Where *text* is something else; commas must group by three.
    """
    match = _AMOUNT.fullmatch(text.strip()) if len(text) <= 80 else None
    if match is None:
        shown = anywhere(text)
        hint = f"write {' or '.join(f'`{s}`' for s in shown)}" if shown else "write a number, with its unit behind it"
        raise NotAValue(f"`{shorten(text)}` is not a quantity", hint)
    sign, whole, decimals, word = match.groups()
    digits = whole.replace(",", "") + (decimals or "")
    amount, grouped = Fraction(int(digits), 10 ** len(decimals or "")), None
    if decimals and len(decimals) == 3 and len(whole) <= 3 and whole[0] != "0":
        grouped = Fraction(int(digits))
    if sign == "-":
        amount, grouped = -amount, None if grouped is None else -grouped
    return Quantity(amount, word or "", grouped)


def parse_value(text: str, unit: Unit) -> Value:
    """Read the value of *unit* that *text* writes.

    Raises:
        NotAValue: For another kind, more digits than the unit holds, or a number beyond 2^53.
    """
    match unit.kind:
        case Kind.TEXT:
            return composed(text)
        case Kind.CHOICE:
            word = composed(text)
            if word in unit.choices:
                return word
            raise NotAValue(f"`{shorten(text)}` is not {unit}", _closest(word, unit.choices))
        case Kind.YES_NO:
            if text in ("yes", "no"):
                return int(text == "yes")
            raise NotAValue(f"`{shorten(text)}` is neither yes nor no", _yes_or_no(text))
        case Kind.DAY:
            day = read_day(text)
            if day is None:
                raise NotAValue(f"`{shorten(text)}` is not a day", DAY_FORM)
            return day
        case _:
            try:
                quantity = read_quantity(text)
            except NotAValue as problem:
                raise NotAValue(str(problem), meaning(text, unit)) from None
            return to_units(quantity, unit, text)


def plain_units(text: str, unit: Unit) -> int | None:
    """Return what `parse_value` reads of a plainly written quantity, sooner; none where it needs a closer look."""
    match = _PLAIN_AMOUNT.fullmatch(text)
    if match is None:
        return None
    whole, decimals, word = match.groups()
    factor = _factor(word, unit)
    if factor is None:
        return None
    if decimals is None:
        return int(whole.replace(",", "")) * factor
    digits, below = int(whole.replace(",", "") + decimals) * factor, 100 if len(decimals) == 2 else 10
    return None if digits % below else digits // below


def _yes_or_no(text: str) -> str:
    word = text.strip().lower()
    same = {"yes": "yes", "y": "yes", "true": "yes", "on": "yes", "no": "no", "n": "no", "false": "no", "off": "no"}
    return f"write `{same[word]}`" if word in same else "write `yes` or `no`"


def to_units(quantity: Quantity, unit: Unit, text: str) -> int:
    """Return *quantity* as a whole number of *unit*'s smallest unit.

    Raises:
        NotAValue: As `parse_value`; *text* is what the message quotes.
    """
    factor = _factor(quantity.word, unit)
    if factor is None:
        raise NotAValue(f"`{shorten(text)}` is not {a_kind(unit)}", meaning(text, unit))
    scaled = quantity.amount * factor
    if quantity.grouped is not None and may_be_thousands(unit):
        one, other = plain(abs(quantity.amount)), plain(abs(quantity.grouped))
        told = meaning(text, unit)
        if scaled.denominator != 1:
            told += f" if that is meant; {finest(unit).removeprefix('write ')}"
        raise NotAValue(f"`{shorten(text)}` may be {one} or {other}", told)
    if scaled.denominator != 1:
        raise NotAValue(
            f"`{shorten(text)}` has more digits than {a_kind(unit)} holds",
            finest(unit),
        )
    if abs(scaled) > LIMIT:
        raise NotAValue(f"`{shorten(text)}` is beyond ±2^53 of the smallest unit", "look for a digit too many")
    return int(scaled)


def may_be_thousands(unit: Unit) -> bool:
    """Return whether a point before three digits may stand for thousands: in counts, and money of up to two decimals.

    Percentages and plain numbers are written with three decimals, and so are currencies that have them.
    """
    return unit.is_numeric and unit.scale < 1_000


def plain(amount: Fraction) -> str:
    """Write a number in decimals, thousands grouped: `12.5`, `100,000`."""
    digits = next((n for n in range(41) if (amount * 10**n).denominator == 1), 40)
    return _decimal(int(amount * 10**digits), 10**digits)


def _factor(word: str, unit: Unit) -> int | None:
    match unit.kind:
        case Kind.MONEY:
            return unit.scale if word == unit.currency else None
        case Kind.PERCENT:
            return unit.scale if word == "%" else None
        case Kind.MONTHS:
            return 1 if word in ("month", "months") else None
        case Kind.DAYS:
            return {"day": 1, "days": 1, "week": 7, "weeks": 7}.get(word)
        case Kind.DURATION:
            return DURATIONS.get(word.removesuffix("s")) if word else None
        case _:
            return unit.scale if not word else None


def example(unit: Unit) -> str:
    """Return how a value of *unit* is written."""
    match unit.kind:
        case Kind.MONEY:
            return f"10,000 {unit.currency}"
        case Kind.CHOICE:
            return unit.choices[0] if unit.choices else "a word"
        case _:
            return {
                Kind.PERCENT: "12%",
                Kind.MONTHS: "24 months",
                Kind.DAYS: "30 days",
                Kind.DAY: "2026-10-01",
                Kind.DURATION: "2 hours",
                Kind.COUNT: "3",
                Kind.NUMBER: "2.5",
                Kind.YES_NO: "yes",
                Kind.TEXT: "any text",
            }[unit.kind]


def a_kind(unit: Unit) -> str:
    """Name what a value of *unit* is, in a sentence."""
    names = {
        Kind.MONEY: f"an amount in {unit.currency}",
        Kind.PERCENT: "a percentage",
        Kind.COUNT: "a whole number",
        Kind.MONTHS: "a number of months",
        Kind.DAYS: "a number of days",
        Kind.DAY: "a day",
        Kind.YES_NO: "yes or no",
    }
    return names.get(unit.kind, f"a {unit.kind}")


def as_unit(text: str, unit: Unit) -> tuple[str, ...]:
    """Return how a text's own value is written in *unit*: none where it is no such value, two where it may be two."""
    found = meant.quantity(text)
    if found is None:
        return ()
    numbers, word = found
    written = [w for n in numbers for w in _written(n, word, unit)]
    return tuple(dict.fromkeys(written))


def as_policies(text: str) -> str:
    """Return how a policy writes the quantity that a text is, in a unit of its own; empty where it is none, or two."""
    found = meant.quantity(text)
    if found is None or len(found[0]) != 1:
        return ""
    (number,), word = found
    kinds = {"%": Kind.PERCENT, "months": Kind.MONTHS, "days": Kind.DAYS, "": Kind.NUMBER}
    unit = Unit(Kind.MONEY, word) if word in DECIMALS else Unit(kinds.get(word, Kind.DURATION))
    return next(iter(_written(number, word, unit)), "")


def _written(number: Fraction, word: str, unit: Unit) -> Iterator[str]:
    """Yield how a number with a word is written in *unit*, where it is a value of it."""
    for amount in _amounts(number, word, unit):
        scaled = amount * unit.scale
        if scaled.denominator == 1 and abs(scaled) <= LIMIT:
            yield format_value(int(scaled), unit)


def _amounts(number: Fraction, word: str, unit: Unit) -> tuple[Fraction, ...]:
    bare, kind = not word, unit.kind
    if kind is Kind.MONEY:
        # a sign that several currencies share stands for the policy's own
        shared = word == "USD" and unit.currency in ("CAD", "AUD", "NZD", "SGD", "HKD", "MXN")
        return (number,) if bare or word == unit.currency or shared else ()
    if kind is Kind.PERCENT:
        if bare and 0 < abs(number) < 1:
            return (number, number * 100)
        return (number,) if bare or word == "%" else ()
    if kind is Kind.MONTHS:
        return (number,) if word in ("", "months") else ()
    if kind is Kind.DAYS:
        days = {"": 1, "days": 1, "weeks": 7}
        return (number * days[word],) if word in days else ()
    if kind is Kind.DURATION:
        seconds = DURATIONS.get(word.removesuffix("s"))
        if bare:
            return number * DURATIONS["hour"], number * DURATIONS["day"]
        return (number * seconds,) if seconds is not None else ()
    return (number,) if bare and kind in (Kind.COUNT, Kind.NUMBER) else ()


def anywhere(text: str, currency: str = "") -> tuple[str, ...]:
    """Return how a text's own value is written in an expression, whatever its unit."""
    found = meant.quantity(text)
    if found is None:
        return ()
    numbers, word = found
    behind = "%" if word == "%" else f" {word}" if word else ""
    if word == "USD" and currency and "$" in text:
        behind = f" {currency}"
    if word in DECIMALS or len(word) == 3:
        money = Unit(Kind.MONEY, behind.strip())
        if all((number * money.scale).denominator == 1 for number in numbers):
            return tuple(dict.fromkeys(format_value(int(number * money.scale), money) for number in numbers))
    return tuple(dict.fromkeys(f"{plain(number)}{behind}" for number in numbers))


def form(unit: Unit) -> str:
    """Return how a value of *unit* is written, in words, for a text that has no value in it."""
    match unit.kind:
        case Kind.MONEY:
            return f"write a number, a space and `{unit.currency}`"
        case Kind.PERCENT:
            return "write a number with `%` behind it"
        case Kind.MONTHS | Kind.DAYS:
            return f"write a whole number, a space and `{unit.kind}`"
        case Kind.DURATION:
            return "write a whole number, a space and `hours`, `days` or another unit of time"
        case Kind.DAY:
            return DAY_FORM
        case Kind.COUNT:
            return "write a whole number, without a unit"
        case Kind.NUMBER:
            return "write a number, without a unit"
        case Kind.YES_NO:
            return "write `yes` or `no`"
        case _:
            return "write one of its words"


def meaning(text: str, unit: Unit) -> str:
    """Return what to type in place of a text that is no value of *unit*."""
    shown = as_unit(text, unit)
    return f"write {' or '.join(f'`{s}`' for s in shown)}" if shown else form(unit)


def finest(unit: Unit) -> str:
    """Return how many digits a value of *unit* has at most, as a hint says it."""
    most = ("no", "one", "two", "three", "four")[min(len(str(unit.scale)) - 1, 4)]
    if most == "no":
        return "write a whole number of it"
    return f"write {most} decimals at most"


def _closest(text: str, choices: tuple[str, ...]) -> str:
    meant = closest(text, choices)
    return f"did you mean `{meant}`?" if meant else ""


@lru_cache(1_024)
def folded(name: str) -> str:
    """Return a name of a person or party as names are compared.

    Case, the width of letters, how blanks are written, and signs that nobody sees tell no two people apart (Unicode's
    NFKC_Casefold, blanks joined). Letters that look alike do; who goes by several names is declared.
    """
    if not name.isascii():
        for form in ("NFD", "NFKC"):
            name = unicodedata.normalize(form, name).casefold()
        name = "".join(c for c in unicodedata.normalize("NFKC", name) if not _is_unseen(c))
    return " ".join(name.casefold().split())


def _is_unseen(char: str) -> bool:
    """Return whether nobody sees a character of a name: joiners, soft hyphens, variation selectors."""
    return unicodedata.category(char) == "Cf" or "\ufe00" <= char <= "\ufe0f" or char == "\u034f"


def exactly(amount: Fraction) -> int | Fraction:
    """Return an amount as an integer where it is one."""
    return amount.numerator if amount.denominator == 1 else amount


def format_value(value: Exact, unit: Unit) -> str:
    """Write *value* as people write it; `parse_value` reads it back to the same value, if it is a whole number."""
    return formatter(unit)(value)


@lru_cache(maxsize=4_096)
def formatter(unit: Unit, way: int = 0) -> Callable[[Exact], str]:
    """Return the function that writes values of *unit*; it remembers the latest ones it has written.

    Args:
        way: What is written for an amount between two smallest units: the next one above (1) or below (-1), so that
            nobody reads it as satisfying what it does not; 0 for the nearest, half to even, with a tilde.
    """
    write = _writer(unit)

    def written(value: typing.Any) -> str:
        if value.__class__ is not Fraction:
            return write(value)
        if way:
            return write(ceil(value) if way > 0 else floor(value))
        return f"~{write(round(value))}"

    return lru_cache(maxsize=16_384)(written)


def _writer(unit: Unit) -> Callable[[typing.Any], str]:
    scale = unit.scale
    match unit.kind:
        case Kind.MONEY:
            return lambda value: f"{_decimal(value, scale, whole_cents=True)} {unit.currency}"
        case Kind.PERCENT:
            return lambda value: f"{_decimal(value, scale)}%"
        case Kind.MONTHS | Kind.DAYS:
            many, one = f" {unit.kind}", f" {unit.kind.removesuffix('s')}"
            return lambda value: f"{value:,}{many if value != 1 else one}"
        case Kind.DAY:
            return format_day
        case Kind.DURATION:
            return _duration
        case Kind.YES_NO:
            return lambda value: "yes" if value else "no"
        case Kind.CHOICE | Kind.TEXT:
            return str
        case _:
            return lambda value: _decimal(value, scale)


def _decimal(value: int, scale: int, *, whole_cents: bool = False) -> str:
    whole, rest = divmod(abs(value), scale)
    if not rest:
        return f"{'-' if value < 0 else ''}{whole:,}"
    digits = f"{rest:0{len(str(scale)) - 1}d}"
    return f"{'-' if value < 0 else ''}{whole:,}.{digits if whole_cents else digits.rstrip('0')}"


def _duration(seconds: int) -> str:
    """Write seconds in the largest unit that divides them."""
    word = next(w for w in ("day", "hour", "minute", "second") if seconds % DURATIONS[w] == 0)
    count = seconds // DURATIONS[word]
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def beyond(value: int, unit: Unit, least: int | None, most: int | None) -> str:
    """Say which bound a value passes, as in `below its least, 1 USD`; empty where it passes none."""
    if least is not None and value < least:
        return f"below its least, {format_value(least, unit)}"
    if most is not None and value > most:
        return f"above its most, {format_value(most, unit)}"
    return ""


def round_half_even(numerator: int, denominator: int) -> int:
    """Return the integer nearest to *numerator* / *denominator* (above 0); a tie goes to the even one."""
    quotient, rest = divmod(numerator, denominator)
    twice = 2 * rest
    return quotient + (twice > denominator or (twice == denominator and quotient & 1))
