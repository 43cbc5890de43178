"""Numbers of a policy computed from a deal's facts, as two integers: fractions cost ten times as much.

Knows no worths and no limits; what rests on no fact is computed before a deal opens.
"""

from collections.abc import Callable
from fractions import Fraction
from math import gcd
from typing import Generic, TypeVar

import msgspec

from walkaway.language.expr.tree import Const, Fact, Number, Product, Scaled, evaluate, facts_of
from walkaway.language.values import Exact

Known = dict[str, Exact | None]
Result = TypeVar("Result")
Compute = Callable[[Known], Result]
"""Computes something from a deal's facts; what rests on none of them was computed before."""
Ratio = tuple[int, int]
"""A fraction in lowest terms, its denominator above 0."""


class Fixed(msgspec.Struct, Generic[Result], frozen=True):
    """What is the same for every deal."""

    value: Result

    def __call__(self, known: Known) -> Result:
        """Return it, whatever is known."""
        return self.value


def once(tree: Number, compute: Compute[Result], refusal: type[Exception]) -> Compute[Result]:
    """Compute now what reads no fact; where that is refused, every deal is to be told."""
    if facts_of(tree):
        return compute
    try:
        return Fixed(compute({}))
    except refusal:
        return compute


def ratio(tree: Number, factor: Fraction | int) -> Compute[Ratio | None]:
    """Return what computes a number times *factor*; none where a fact it reads is unknown."""

    def evaluated(known: Known) -> Ratio | None:
        value = evaluate(tree, known)
        return None if value is None else (value * factor).as_integer_ratio()

    single = _multiple(tree)
    if single is None:
        return evaluated
    fact, by = single
    above, below = (by * factor).as_integer_ratio()

    def multiplied(known: Known) -> Ratio | None:
        value = known.get(fact)
        if type(value) is not int:
            return evaluated(known)
        times = value * above
        common = gcd(times, below)
        return times // common, below // common

    return multiplied


def _multiple(tree: Number) -> tuple[str, Fraction] | None:
    """Return the fact of which a number is a multiple, and by what in its smallest units; none for other numbers."""
    match tree:
        case Fact(name, scale):
            return name, Fraction(1, scale)
        case Scaled(factor, inner) | Product(Const(factor), inner) | Product(inner, Const(factor)):
            found = _multiple(inner)
            return None if found is None else (found[0], found[1] * factor)
        case _:
            return None
