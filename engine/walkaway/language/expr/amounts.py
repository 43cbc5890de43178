"""Constants of expressions, and which of them are amounts of money."""

from collections.abc import Iterator
from fractions import Fraction

from walkaway.language.expr.tree import Const, Extreme, Fact, Number, Product, Scaled, Sum
from walkaway.language.values import Kind, Unit


def amount_of(value: int, unit: Unit) -> Const:
    """Return a value in smallest units as a constant."""
    return Const(Fraction(value, unit.scale), unit.kind is Kind.MONEY)


def constants_of(tree: Number) -> Iterator[Const]:
    """Return the constants of a number, left to right."""
    match tree:
        case Const():
            yield tree
        case Sum(parts) | Extreme(_, parts):
            for part in parts:
                yield from constants_of(part)
        case Product(number, other):
            yield from constants_of(number)
            yield from constants_of(other)
        case Scaled(_, number):
            yield from constants_of(number)
        case Fact():
            pass
