"""Truths and numbers that are either known or a solver's: one way to write a formula, two ways to read it.

Every function takes Python's own values and z3's expressions alike. Where all it is given is known, what it gives is
known too: so the formulas that proofs rest on are computed, in tests, for millions of real positions.

Terms are made by z3's functions of C, where its classes for Python cost ten times as much and most of a proof's time.
"""

import operator
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from functools import lru_cache
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
    return open_parts[0] if len(open_parts) == 1 else _joined(_Truth, z3.Z3_mk_and, open_parts)


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
    return open_parts[0] if len(open_parts) == 1 else _joined(_Truth, z3.Z3_mk_or, open_parts)


def no(part: Truth) -> Truth:
    """Return the truth that *part* does not hold."""
    return (not part) if isinstance(part, bool) else _made(_Truth, z3.Z3_mk_not, part)


def implies(part: Truth, then: Truth) -> Truth:
    """Return the truth that *then* holds where *part* does."""
    return either(no(part), then)


def same(one: Truth, other: Truth) -> Truth:
    """Return the truth that two truths are equal."""
    if isinstance(one, bool):
        return other if one else no(other)
    if isinstance(other, bool):
        return one if other else no(one)
    return _made(_Truth, z3.Z3_mk_eq, one, other)


def choose(when: Truth, then: Any, otherwise: Any) -> Any:
    """Return *then* where *when* holds, *otherwise* elsewhere; both numbers, or both truths."""
    if isinstance(when, bool):
        return then if when else otherwise
    if isinstance(then, bool) or isinstance(otherwise, bool) or z3.is_bool(then):
        return both(implies(when, then), implies(no(when), otherwise))
    if is_known(then, otherwise) and then == otherwise:
        return then
    numbers = _alike((exact(then), exact(otherwise)))
    return _made(_number(numbers), z3.Z3_mk_ite, when, *numbers)


def exact(value: Number) -> Number:
    """Return a number as z3 takes it."""
    return value if isinstance(value, z3.AstRef) else _numeral(value)


def times(factor: Fraction | int, value: Number) -> Number:
    """Return a known factor times a number."""
    if not isinstance(value, z3.AstRef):
        return factor * value
    if factor == 1:
        return value
    if Fraction(factor).denominator != 1:
        return _joined(_Real, z3.Z3_mk_mul, (_numeral(factor), _real(value)))
    return _joined(_number((value,)), z3.Z3_mk_mul, (_numeral(factor, whole=is_whole(value)), value))


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
    if len(others) == 1:
        return others[0]
    numbers = _alike(others)
    return _joined(_number(numbers), z3.Z3_mk_add, numbers)


def less(one: Number, other: Number) -> Number:
    """Return a difference."""
    return total((one, times(-1, other)))


def compared(op: Op, one: Number, other: Number) -> Truth:
    """Return the truth of a comparison of two numbers."""
    if not (isinstance(one, z3.AstRef) or isinstance(other, z3.AstRef)):
        return _KNOWN[op](one, other)
    one, other = exact(one), exact(other)
    if isinstance(other, _NUMERALS) and not isinstance(one, _NUMERALS):
        # As z3's classes have it; what a solver finds in time rests on such things.
        op, one, other = _TURNED[op], other, one
    return _compared(op, *_alike((one, other)))


_KNOWN = {
    Op.LT: operator.lt, Op.LE: operator.le, Op.GT: operator.gt, Op.GE: operator.ge, Op.EQ: operator.eq,
    Op.NE: operator.ne,
}  # fmt: skip
_NUMERALS = (z3.IntNumRef, z3.RatNumRef)
_TURNED = {Op.LT: Op.GT, Op.LE: Op.GE, Op.GT: Op.LT, Op.GE: Op.LE, Op.EQ: Op.EQ, Op.NE: Op.NE}


def _compared(op: Op, one: Number, other: Number) -> Truth:
    match op:
        case Op.LT:
            return _made(_Truth, z3.Z3_mk_lt, one, other)
        case Op.LE:
            return _made(_Truth, z3.Z3_mk_le, one, other)
        case Op.GT:
            return _made(_Truth, z3.Z3_mk_gt, one, other)
        case Op.GE:
            return _made(_Truth, z3.Z3_mk_ge, one, other)
        case Op.EQ:
            return _made(_Truth, z3.Z3_mk_eq, one, other)
        case Op.NE:
            return _joined(_Truth, z3.Z3_mk_distinct, (one, other))


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


def is_whole(value: Number) -> bool:
    """Return whether a number of the solver's is a whole one."""
    kind = type(value)
    if kind is _Whole or kind is z3.IntNumRef:
        return True
    if kind is _Real or kind is z3.RatNumRef:
        return False
    return bool(z3.Z3_get_sort_kind(_SOLVERS, z3.Z3_get_sort(_SOLVERS, value.ast)) == z3.Z3_INT_SORT)


_CONTEXT = z3.main_ctx()
_SOLVERS = _CONTEXT.ref()


class _Held(z3.AstRef):  # type: ignore[misc]
    """A term of the one context that there is."""

    def __init__(self, ast: z3.Ast) -> None:
        self.ast, self.ctx = ast, _CONTEXT
        z3.Z3_inc_ref(_SOLVERS, ast)


class _Truth(_Held, z3.BoolRef):  # type: ignore[misc]
    """A truth made here."""


class _Whole(_Held, z3.ArithRef):  # type: ignore[misc]
    """A whole number made here, known to be one: the solver is asked of each part of each sum otherwise."""


class _Real(_Held, z3.ArithRef):  # type: ignore[misc]
    """A real number made here."""


def _number(parts: Sequence[Number]) -> Callable[..., Any]:
    """Return the class of what is made of numbers that are all whole, or all real."""
    return _Whole if is_whole(parts[0]) else _Real


def _made(kind: Callable[..., Any], make: Callable[..., Any], *parts: Any) -> Any:
    """Return the term that a function of z3 makes of its parts."""
    return kind(make(_SOLVERS, *[p.ast for p in parts]))


def _joined(kind: Callable[..., Any], make: Callable[..., Any], parts: Sequence[Any]) -> Any:
    """Return the term that a function of z3 makes of any number of parts."""
    size = len(parts)
    return kind(make(_SOLVERS, size, (z3.Ast * size)(*[p.ast for p in parts])))


@lru_cache(4096)
def _numeral(value: Number, *, whole: bool = True) -> Number:
    """Return a known number as z3 has it: a whole one among whole numbers, unless it is wanted among real ones."""
    number = Fraction(value)
    if number.denominator != 1:
        return z3.Q(number.numerator, number.denominator)
    return z3.IntVal(number.numerator) if whole else z3.RealVal(number.numerator)


def _alike(numbers: Sequence[Number]) -> Sequence[Number]:
    """Return the solver's numbers as they are where all are whole or none is, else as real ones."""
    whole = [is_whole(n) for n in numbers]
    if all(whole) or not any(whole):
        return numbers
    return [_made(_Real, z3.Z3_mk_int2real, n) if w else n for n, w in zip(numbers, whole, strict=True)]


def _real(value: Number) -> Number:
    return _alike((value, _numeral(0, whole=False)))[0]
