"""Numbers of JSON as values: as they are written, exactly, or not at all; never as binary fractions."""

from decimal import Decimal
from typing import Any

from walkaway.language.values import LIMIT, Kind, NotAValue, Unit, format_value

_DIGITS = 15
"""So many decimal digits every double keeps."""


def read_number(value: Any, unit: Unit) -> int:
    """Return a number in the smallest unit of its kind.

    Args:
        value: As `read_object` reads it: an integer, or a Decimal.

    Raises:
        NotAValue: Where it is no number, is negative, or lies between two units.
    """
    if type(value) is not int and not isinstance(value, Decimal):
        raise NotAValue("it is no number")
    exact = Decimal(value)
    if not exact.is_finite() or abs(exact.adjusted()) > _DIGITS or _digits(exact) > _DIGITS:
        raise NotAValue(f"a number here has {_DIGITS} digits at most")
    scaled = exact * unit.scale
    if scaled != scaled.to_integral_value() or not 0 <= scaled <= LIMIT:
        small = (
            f"amount in the smallest unit of {unit.currency}" if unit.kind is Kind.MONEY else f"number of {unit.kind}"
        )
        raise NotAValue(f"it is no exact {small}, from 0 on")
    return int(scaled)


def write_number(value: int, unit: Unit) -> int | float:
    """Return a value as the number that `read_number` reads as it.

    Raises:
        NotAValue: Where no double is exactly that.
    """
    exact = Decimal(value) / unit.scale
    if value < 0 or _digits(exact) > _DIGITS:
        raise NotAValue(f"`{format_value(value, unit)}` cannot be said exactly on this wire")
    return int(exact) if exact == exact.to_integral_value() else float(exact)


def _digits(exact: Decimal) -> int:
    """Return how many digits a number has, but for noughts at its ends."""
    return len("".join(map(str, exact.as_tuple().digits)).strip("0"))
