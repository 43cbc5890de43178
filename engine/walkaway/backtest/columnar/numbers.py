"""Numbers and conditions over columns: the typed trees of a policy as functions of whole numbers of 64 bits.

Both sides of a comparison are multiplied by their denominators, as `decide.core.plain` does; a leaf over an unknown
fact is false. How large every intermediate number can get is computed beforehand, so that nothing overflows.
"""

from collections.abc import Callable, Mapping
from math import lcm
from typing import Any, Protocol

import numpy as np

from walkaway.language.expr.tree import (
    All,
    Compare,
    Condition,
    Const,
    Extreme,
    Fact,
    Is,
    Known,
    Not,
    Number,
    Op,
    Product,
    Scaled,
    Sum,
    facts_of,
    push_not_inwards,
)
from walkaway.language.expr.tree import Any as Some

Array = Any
"""A column: an array of numpy, or one number for all rows."""
Truth = Any
"""A column of yes and no, or one of them for all rows."""
MOST = 1 << 62
"""No number, and no intermediate one, is larger."""
_OPS: dict[Op, Callable[[Any, Any], Any]] = {
    Op.LT: np.less,
    Op.LE: np.less_equal,
    Op.GT: np.greater,
    Op.GE: np.greater_equal,
    Op.EQ: np.equal,
    Op.NE: np.not_equal,
}


class TooLarge(Exception):
    """A number could be larger than 64 bits hold."""


class FactColumns(Protocol):
    """The facts of some events, column by column."""

    def value(self, fact: str) -> Array:
        """Return a fact, in its smallest unit times `Below` of it; anything where it is unknown."""
        ...

    def known(self, fact: str) -> Truth:
        """Return where a fact is known."""
        ...


Below = Callable[[str], int]
"""Fact → the denominator of its column: how many of the column's units make one of the fact's smallest."""
Code = Callable[[int | str], int]
"""Symbol → the number that stands for it in columns."""


def number(tree: Number, below_of: Below) -> tuple[Callable[[FactColumns], Array], int]:
    """Return what computes a number in whole units, and the positive denominator below it."""
    match tree:
        case Const(value):
            above = value.numerator
            return lambda sheet: above, value.denominator
        case Fact(name, scale):
            return lambda sheet: sheet.value(name), scale * below_of(name)
        case Scaled(factor, inner):
            found, below = number(inner, below_of)
            return _times(found, factor.numerator), below * factor.denominator
        case Product(left, right):
            (a, below_a), (b, below_b) = number(left, below_of), number(right, below_of)
            return lambda sheet: a(sheet) * b(sheet), below_a * below_b
        case Sum(parts) | Extreme(_, parts):
            each = [number(part, below_of) for part in parts]
            common = lcm(*(below for _, below in each))
            scaled = [_times(part, common // below) for part, below in each]
            if isinstance(tree, Sum):
                return lambda sheet: _folded(np.add, scaled, sheet), common
            best = np.maximum if tree.largest else np.minimum
            return lambda sheet: _folded(best, scaled, sheet), common


def _folded(function: Any, parts: list[Callable[[FactColumns], Array]], sheet: FactColumns) -> Array:
    found = parts[0](sheet)
    for part in parts[1:]:
        found = function(found, part(sheet))
    return found


def _times(found: Callable[[FactColumns], Array], factor: int) -> Callable[[FactColumns], Array]:
    return found if factor == 1 else lambda sheet: found(sheet) * factor


def condition(tree: Condition, below_of: Below, code: Code) -> Callable[[FactColumns], Truth]:
    """Return what tells where a condition holds."""
    return _condition(push_not_inwards(tree), below_of, code)


def _condition(tree: Condition, below_of: Below, code: Code) -> Callable[[FactColumns], Truth]:
    match tree:
        case All(parts):
            return _joined([_condition(p, below_of, code) for p in parts], np.logical_and, True)
        case Some(parts):
            return _joined([_condition(p, below_of, code) for p in parts], np.logical_or, False)
        case Compare(op, left, right):
            (a, below_a), (b, below_b) = number(left, below_of), number(right, below_of)
            common, compare = lcm(below_a, below_b), _OPS[op]
            one, other = _times(a, common // below_a), _times(b, common // below_b)
            return _guarded(facts_of(tree), lambda sheet: compare(one(sheet), other(sheet)))
        case Is(fact, values):
            return _member(fact, [code(v) for v in values], np.equal, np.logical_or)
        case Not(Is(fact, values)):
            return _member(fact, [code(v) for v in values], np.not_equal, np.logical_and)
        case Known(fact):
            return lambda sheet: sheet.known(fact)
        case Not(Known(fact)):
            return lambda sheet: np.logical_not(sheet.known(fact))
        case _:
            raise AssertionError(f"not pushed inwards: {tree}")


def _joined(parts: list[Callable[[FactColumns], Truth]], join: Any, settled: bool) -> Callable[[FactColumns], Truth]:
    """Return what joins truths; a part that no row needs any more is not asked."""

    def joined(sheet: FactColumns) -> Truth:
        found: Truth = settled
        for part in parts:
            one = part(sheet)
            if isinstance(one, bool | np.bool_):
                if bool(one) is not settled:
                    return not settled
            else:
                found = one if isinstance(found, bool) else join(found, one)
        return found

    return joined


def _guarded(facts: frozenset[str], test: Callable[[FactColumns], Truth]) -> Callable[[FactColumns], Truth]:
    """Make a leaf false where a fact it reads is unknown."""
    names = sorted(facts)

    def leaf(sheet: FactColumns) -> Truth:
        guard: Truth = True
        for name in names:
            known = sheet.known(name)
            if known is False:
                return False
            if known is not True:
                guard = known if guard is True else guard & known
        found = test(sheet)
        return found if guard is True else guard & found

    return leaf


def _member(fact: str, codes: list[int], compare: Any, join: Any) -> Callable[[FactColumns], Truth]:
    def member(sheet: FactColumns) -> Truth:
        value = sheet.value(fact)
        found = compare(value, codes[0]) if codes else join is np.logical_and
        for each in codes[1:]:
            found = join(found, compare(value, each))
        return found

    return _guarded(frozenset({fact}), member)


def most_of(tree: Number, below_of: Below, most: Mapping[str, int]) -> tuple[int, int]:
    """Return how large a number's column can get, with its denominator.

    Args:
        most: Fact → how large its column can get.

    Raises:
        TooLarge: Where the column, or an intermediate one, could get larger than `MOST`.
    """
    match tree:
        case Const(value):
            return _held(abs(value.numerator)), value.denominator
        case Fact(name, scale):
            return _held(most[name]), scale * below_of(name)
        case Scaled(factor, inner):
            found, below = most_of(inner, below_of, most)
            return _held(found * abs(factor.numerator)), below * factor.denominator
        case Product(left, right):
            (a, below_a), (b, below_b) = most_of(left, below_of, most), most_of(right, below_of, most)
            return _held(a * b), below_a * below_b
        case Sum(parts) | Extreme(_, parts):
            each = [most_of(part, below_of, most) for part in parts]
            common = lcm(*(below for _, below in each))
            scaled = [_held(found * (common // below)) for found, below in each]
            return _held(sum(scaled) if isinstance(tree, Sum) else max(scaled)), common


def hold(tree: Condition, below_of: Below, most: Mapping[str, int]) -> None:
    """Prove that no number in a condition is larger than 64 bits hold.

    Raises:
        TooLarge: Where one could be.
    """
    match tree:
        case All(parts) | Some(parts):
            for part in parts:
                hold(part, below_of, most)
        case Not(part):
            hold(part, below_of, most)
        case Compare(_, left, right):
            (a, below_a), (b, below_b) = most_of(left, below_of, most), most_of(right, below_of, most)
            common = lcm(below_a, below_b)
            _held(a * (common // below_a))
            _held(b * (common // below_b))
        case _:
            pass


def _held(amount: int) -> int:
    if amount > MOST:
        raise TooLarge
    return amount
