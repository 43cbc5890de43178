"""Truths and numbers that are either known or a solver's: one way to write a formula, two ways to read it.

Every function takes Python's own values and z3's expressions alike. Where all it is given is known, what it gives is
known too: so the formulas that proofs rest on are computed, in tests, for millions of real positions.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any, TypeAlias

import z3

from walkaway.language.expr.tree import Op

Truth: TypeAlias = Any
"""A `bool`, or a z3 truth."""
Number: TypeAlias = Any
"""An `int` or `Fraction`, or a z3 whole or real number."""


def is_known(*values: Any) -> bool:
    """Return whether none of *values* is a solver's."""
    return not any(isinstance(v, z3.AstRef) for v in values)


def both(*parts: Truth) -> Truth:
    """Return the truth that every part holds."""
    return every(parts)


def either(*parts: Truth) -> Truth:
    """Return the truth that some part holds."""
    return some(parts)


def every(parts: Iterable[Truth]) -> Truth:
    """Return the truth that every one of *parts* holds; none is needed."""
    open_parts = []
    for part in parts:
        if part is False:
            return False
        if part is not True:
            open_parts.append(part)
    if not open_parts:
        return True
    return open_parts[0] if len(open_parts) == 1 else z3.And(open_parts)


def some(parts: Iterable[Truth]) -> Truth:
    """Return the truth that one of *parts* holds."""
    open_parts = []
    for part in parts:
        if part is True:
            return True
        if part is not False:
            open_parts.append(part)
    if not open_parts:
        return False
    return open_parts[0] if len(open_parts) == 1 else z3.Or(open_parts)


def no(part: Truth) -> Truth:
    """Return the truth that *part* does not hold."""
    return (not part) if isinstance(part, bool) else z3.Not(part)


def implies(part: Truth, then: Truth) -> Truth:
    """Return the truth that *then* holds where *part* does."""
    return either(no(part), then)


def same(one: Truth, other: Truth) -> Truth:
    """Return the truth that two truths are equal."""
    if isinstance(one, bool):
        return other if one else no(other)
    if isinstance(other, bool):
        return one if other else no(one)
    return one == other


def choose(when: Truth, then: Any, otherwise: Any) -> Any:
    """Return *then* where *when* holds, *otherwise* elsewhere; both numbers, or both truths."""
    if isinstance(when, bool):
        return then if when else otherwise
    if isinstance(then, bool) or isinstance(otherwise, bool) or z3.is_bool(then):
        return both(implies(when, then), implies(no(when), otherwise))
    if is_known(then, otherwise) and then == otherwise:
        return then
    return z3.If(when, exact(then), exact(otherwise))


def exact(value: Number) -> Number:
    """Return a number as z3 takes it."""
    if isinstance(value, Fraction):
        return z3.IntVal(value.numerator) if value.denominator == 1 else z3.Q(value.numerator, value.denominator)
    return z3.IntVal(value) if isinstance(value, int) else value


def times(factor: Fraction | int, value: Number) -> Number:
    """Return a known factor times a number."""
    if is_known(value):
        return factor * value
    if factor == 1:
        return value
    whole = Fraction(factor)
    return whole.numerator * value if whole.denominator == 1 else exact(whole) * _real(value)


def total(values: Iterable[Number]) -> Number:
    """Return a sum."""
    known: int | Fraction = 0
    others = []
    for value in values:
        if isinstance(value, z3.AstRef):
            others.append(value)
        else:
            known += value
    if not others:
        return known
    if known:
        others.append(exact(known))
    return others[0] if len(others) == 1 else z3.Sum(others)


def less(one: Number, other: Number) -> Number:
    """Return a difference."""
    return total((one, times(-1, other)))


def compared(op: Op, one: Number, other: Number) -> Truth:
    """Return the truth of a comparison of two numbers."""
    if not is_known(one, other):
        one, other = exact(one), exact(other)
    match op:
        case Op.LT:
            return one < other
        case Op.LE:
            return one <= other
        case Op.GT:
            return one > other
        case Op.GE:
            return one >= other
        case Op.EQ:
            return one == other
        case Op.NE:
            return one != other


def at_least(one: Number, other: Number) -> Truth:
    """Return the truth that the first number is no less than the second."""
    return compared(Op.GE, one, other)


def above(one: Number, other: Number) -> Truth:
    """Return the truth that the first number is greater than the second."""
    return compared(Op.GT, one, other)


def equal(one: Number, other: Number) -> Truth:
    """Return the truth that two numbers are equal."""
    return compared(Op.EQ, one, other)


def largest(values: Sequence[Number], *, smallest: bool = False) -> Number:
    """Return the largest of *values*, or the smallest."""
    found = values[0]
    for value in values[1:]:
        better = at_least(found, value) if smallest else at_least(value, found)
        found = choose(better, value, found)
    return found


def no_less_than_0(value: Number) -> Number:
    """Return *value*, or 0 where it is below."""
    return choose(above(value, 0), value, 0)


def count(truths: Iterable[Truth]) -> Number:
    """Return how many of *truths* hold."""
    return total(choose(t, 1, 0) for t in truths)


def _real(value: Number) -> Number:
    return z3.ToReal(value) if z3.is_int(value) else value
