"""JSON values as a policy's units and instants read them; each is parsed once and remembered."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Protocol, TypeVar

from walkaway.deal.decode.line_items import readers_of
from walkaway.deal.decode.reported import shown
from walkaway.language.instants import DAY, instant_of
from walkaway.language.values import (
    LIMIT,
    TOO_LARGE,
    Kind,
    NotAValue,
    Unit,
    Value,
    a_kind,
    as_unit,
    beyond,
    finest,
    form,
    format_value,
    may_be_thousands,
    parse_value,
    plain_units,
)
from walkaway.policy.model import LINES, Policy

V = TypeVar("V", bound=Value)
_MAX_KNOWN = 10_000
_HOURS = {f"{hour:02d}": hour * 3_600_000_000 for hour in range(24)}
_MINUTES = {f"{minute:02d}": minute * 60_000_000 for minute in range(60)}
_SECONDS = {f"{second:02d}": second * 1_000_000 for second in range(60)}


class ReadsValues(Protocol):
    """What reads JSON values of one fact or issue.

    Attributes:
        unit: Of the values.
        known: What values have been read as, by what they were written.
    """

    unit: Unit
    known: dict[object, Value]

    def read(self, value: object) -> Value:
        """Return the typed value.

        Raises:
            NotAValue: Where it is none.
        """


class ValueReader:
    """Reads JSON values of one unit."""

    def __init__(
        self, unit: Unit, least: int | None = None, most: int | None = None, values: tuple[int, ...] = ()
    ) -> None:
        self.unit, self.least, self.most, self.values = unit, least, most, values
        self.known: dict[object, Value] = {}
        self.is_amount = unit.is_numeric and unit.kind is not Kind.DAY

    def read(self, value: object) -> Value:
        """Return the typed value.

        Raises:
            NotAValue: Where *value* does not say its unit or does not fit it.
        """
        if type(value) is str:
            found = self.known.get(value)
            if found is None:
                plain = plain_units(value, self.unit) if self.is_amount else None
                found = self.within(parse_value(value, self.unit) if plain is None else plain, value)
                if isinstance(found, str) and self.unit.kind is Kind.TEXT:
                    return found
                self.remembered(value, found)
            return found
        kind = self.unit.kind
        if kind is Kind.YES_NO and isinstance(value, bool):
            return self.remembered((bool, value), int(value))
        if kind in (Kind.COUNT, Kind.NUMBER) and isinstance(value, int | Decimal) and not isinstance(value, bool):
            return self.remembered((type(value), value), self.within(self.number(value), value))
        raise NotAValue(f"{shown(value)} does not say its unit", _quoted(value, self.unit))

    def within(self, found: V, value: object) -> V:
        """Return a value that lies within the bounds that the policy gives it.

        Raises:
            NotAValue: Where it passes one of them.
        """
        if self.values and found not in self.values:
            listed = ", ".join(format_value(v, self.unit) for v in self.values)
            hint = "name one of them, or list it in the policy"
            raise NotAValue(f"{shown(value)} is none of its values: {listed}", hint)
        if isinstance(found, int) and (past := beyond(found, self.unit, self.least, self.most)):
            raise NotAValue(f"{shown(value)} is {past}", "state what is so, or correct `least` or `most` of the policy")
        return found

    def remembered(self, value: object, found: Value) -> Value:
        """Keep what a JSON value means, as long as there is room."""
        if len(self.known) < _MAX_KNOWN:
            self.known[value] = found
        return found

    def number(self, value: int | Decimal) -> int:
        if isinstance(value, Decimal) and not (
            value.is_finite() and -20 <= value.adjusted() <= 20 and len(value.as_tuple().digits) <= 60
        ):
            raise NotAValue(f"{shown(value)} is beyond what {self.unit} holds")
        if isinstance(value, Decimal) and may_be_thousands(self.unit):
            return int(parse_value(str(value), self.unit)) if "E" not in str(value) else self.whole(value)
        return self.whole(value)

    def whole(self, value: int | Decimal) -> int:
        """Return a JSON number in the smallest unit.

        Raises:
            NotAValue: Where it is none of it.
        """
        exact = Fraction(value) * self.unit.scale
        if exact.denominator != 1:
            raise NotAValue(f"{shown(value)} has more digits than {a_kind(self.unit)} holds", finest(self.unit))
        if abs(exact) > LIMIT:
            raise NotAValue(f"{shown(value)} is beyond ±2^53 of the smallest unit", TOO_LARGE)
        return int(exact)


def _quoted(value: object, unit: Unit) -> str:
    """Return the hint for a JSON value without its unit: the same value as a text."""
    if unit.kind is Kind.YES_NO:
        return 'write `"yes"` or `"no"`'
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        if unit.kind in (Kind.TEXT, Kind.CHOICE):
            return f'put quotes around it: `"{value}"`'
        texts = as_unit(str(value), unit)
        return "write " + " or ".join(f'`"{text}"`' for text in texts) if texts else form(unit)
    return f"{form(unit)}, in quotes"


class Readers:
    """What reads the values of one policy's events.

    Attributes:
        issues: Issue → reader of its values; `deal` the same for deal facts.
        money: Reads amounts in the policy's currency.
    """

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.issues: dict[str, ReadsValues] = {
            i.name: ValueReader(i.unit, i.least, i.most, i.values) for i in policy.issues.values()
        }
        self.deal: dict[str, ReadsValues] = {d.name: ValueReader(d.unit, d.least, d.most) for d in policy.deal.values()}
        if policy.lines is not None:
            self.deal[LINES], self.issues[LINES] = readers_of(policy.lines, ValueReader)
        self.money = ValueReader(policy.money)
        self.days: dict[str, int] = {}

    def instant(self, text: str) -> int:
        """Read an RFC 3339 instant as microseconds since 1970.

        Raises:
            ValueError: Where it is none.
        """
        if len(text) == 20 and text[13] == text[16] == ":" and text[19] == "Z" and (day := self.days.get(text[:11])):
            try:
                return day + _HOURS[text[11:13]] + _MINUTES[text[14:16]] + _SECONDS[text[17:19]]
            except KeyError:
                pass  # the long way says what is wrong with it
        instant = instant_of(text)
        if instant is None:
            raise ValueError
        if text[10] == "T" and text[19:] == "Z":
            if len(self.days) >= _MAX_KNOWN:
                self.days.clear()
            self.days[text[:11]] = instant - instant % DAY
        return instant


Known = Mapping[str, Mapping[object, Value]]


def typed(values: Mapping[str, str | bool | int], known: Known, readers: Mapping[str, ReadsValues]) -> dict[str, Value]:
    """Read values: those that have been read before at once, others with care.

    Raises:
        KeyError, ValueError: Where there is no such name, or a value does not fit it.
    """
    found: dict[str, Value] = {}
    for name, value in values.items():
        met = known[name].get(value if value.__class__ is str else (value.__class__, value))
        found[name] = readers[name].read(value) if met is None else met
    return found
