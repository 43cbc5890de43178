"""What terms are worth, as formulas: exactly, once a deal's opening facts are known, or for all opening facts at once.

Worths are counted from the start terms, in units of which `scale` make one minor unit of money.
"""

from collections.abc import Mapping
from fractions import Fraction
from typing import Protocol

import z3

from walkaway.deal.valuation import Capped, Valuation
from walkaway.language.expr.tree import Number as Tree
from walkaway.language.expr.tree import facts_of
from walkaway.language.values import Value
from walkaway.policy.model import Graded, Issue, Linear, Policy
from walkaway.proof.formulas import logic
from walkaway.proof.formulas.encode import Codes, Encoder, Products
from walkaway.proof.formulas.logic import Number, Truth, above, at_least, both, choose, equal, implies, no, same


class Worths(Protocol):
    """The worth of terms as formulas."""

    def worth(self, issue: str, value: Number) -> Number:
        """Return what a value of an issue is worth against its start value."""

    def base(self) -> Number:
        """Return what the start terms are worth."""

    def exact(self, worth: Number) -> Number:
        """Return a worth in minor units of money."""


class Asserted(Products):
    """Formulas that hold of whatever the solver is free to choose; products of two free numbers among them.

    Attributes:
        formulas: Those collected so far.
        precise: Let the solver multiply; else a product is any number with the right sign and order.
    """

    def __init__(self, *, precise: bool = False) -> None:
        self.formulas: list[Truth] = []
        self.precise = precise
        self.names = 0
        self.products: dict[tuple[int, int], tuple[Number, Number, Number]] = {}

    def add(self, formula: Truth) -> None:
        """Assert a formula."""
        if formula is False:
            formula = z3.BoolVal(False)
        if formula is not True:
            self.formulas.append(formula)

    def fresh(self, name: str, *, whole: bool = True) -> Number:
        """Return a number that is free to be chosen."""
        self.names += 1
        return (z3.Int if whole else z3.Real)(f"{name}#{self.names}")

    def flag(self, name: str) -> Truth:
        """Return a truth that is free to be chosen."""
        self.names += 1
        return z3.Bool(f"{name}#{self.names}")

    def unknown(self, one: Number, other: Number) -> Number:
        """Return the product of two numbers of the solver: itself, or a number with its sign and its order."""
        if self.precise:
            return one * other
        one, other = sorted((one, other), key=lambda n: int(n.get_id()))
        key = (one.get_id(), other.get_id())
        if key not in self.products:
            found = self.fresh("product", whole=z3.is_int(one) and z3.is_int(other))
            self.add(product_signs(one, other, found))
            for a, b, c in list(self.products.values()):
                for shared, x, y in ((one, other, b if a is one else None), (other, one, a if b is other else None)):
                    if y is not None:
                        self.add(product_order(shared, x, found, y, c))
            self.products[key] = (one, other, found)
        return self.products[key][2]


def product_signs(one: Number, other: Number, product: Number) -> Truth:
    """Return what signs say of a product."""
    return both(
        same(equal(product, 0), logic.either(equal(one, 0), equal(other, 0))),
        implies(both(above(one, 0), above(other, 0)), above(product, 0)),
        implies(both(above(0, one), above(0, other)), above(product, 0)),
        implies(both(above(one, 0), above(0, other)), above(0, product)),
        implies(both(above(0, one), above(other, 0)), above(0, product)),
    )


def product_order(shared: Number, x: Number, shared_x: Number, y: Number, shared_y: Number) -> Truth:
    """Return what the order of two numbers says of their products with a third."""
    return both(
        implies(both(at_least(shared, 0), at_least(x, y)), at_least(shared_x, shared_y)),
        implies(both(at_least(shared, 0), at_least(y, x)), at_least(shared_y, shared_x)),
    )


class KnownWorths:
    """The scales of a deal whose opening facts are known."""

    def __init__(self, policy: Policy, valuation: Valuation, start: Mapping[str, Value], asserted: Asserted) -> None:
        self.policy, self.valuation, self.asserted = policy, valuation, asserted
        codes = Codes()
        self.start = {i: codes.code(v, policy.issues[i].unit) for i, v in start.items()}
        self.tables = {
            i: {codes.code(s, policy.issues[i].unit): w - worths[start[i]] for s, w in worths.items()}
            for i, worths in valuation.worths.items()
            if isinstance(worths, Mapping)
        }

    def worth(self, issue: str, value: Number) -> Number:
        """Return what a value of an issue is worth against its start value."""
        worth = self.valuation.worths[issue]
        if isinstance(worth, int):
            return logic.times(worth, logic.less(value, self.start[issue]))
        if isinstance(worth, Capped):
            even = logic.times(worth.rate, logic.less(value, worth.start))
            return capped(even, worth.most, is_shadow=worth.floored)
        return _of_symbol(self.tables[issue], value)

    def base(self) -> Number:
        """Return what the start terms are worth."""
        return self.valuation.base

    def exact(self, worth: Number) -> Number:
        """Return a worth in minor units of money."""
        return logic.times(Fraction(1, self.valuation.scale), worth)


def capped(worth: Number, most: Number, *, is_shadow: bool) -> Number:
    """Return what counts of the worth of an issue that is new in a layer below others."""
    found = logic.largest((worth, most), smallest=True)
    return logic.no_less_than_0(found) if is_shadow else found


def _of_symbol(worths: Mapping[int | Fraction, Number], value: Number) -> Number:
    codes = sorted(worths)
    found = worths[codes[-1]]
    for code in codes[-2::-1]:
        found = choose(equal(value, code), worths[code], found)
    return found


class AnyWorths:
    """An over-approximation of the scales of every deal: `scale` is 1, worths are any rationals that fit the policy."""

    def __init__(self, policy: Policy, reader: Encoder, asserted: Asserted) -> None:
        self.policy, self.reader, self.asserted = policy, reader, asserted
        self.money = policy.money.scale
        self.start = {i.name: self._start(i) for i in policy.issues.values()}
        self.flat: dict[str, Truth] = {}
        self.seen: dict[str, dict[int, tuple[Number, Number]]] = {}
        self.tables: dict[str, Mapping[int | Fraction, Number]] = {}
        for issue in policy.issues.values():
            if isinstance(issue.worth, Linear):
                self._even(issue, issue.worth)
            else:
                self.tables[issue.name] = self._graded(issue, issue.worth)

    def _start(self, issue: Issue) -> Number:
        """Return the start value, moved to the next unit better for us."""
        start = issue.start
        if start is None or isinstance(start, int | str):
            return self.reader.codes.code(start or 0, issue.unit)
        return whole(self.asserted, self.reader.amount(start), issue.unit.scale, issue.better or 1)

    def _even(self, issue: Issue, worth: Linear) -> None:
        rate = self.reader.amount(worth.rate)
        self.asserted.add(at_least(logic.times(issue.better, rate), 0))
        if facts_of(worth.rate):
            self.flat[issue.name] = equal(rate, 0)
            self.seen[issue.name] = {}
            self.value_of(issue.name, self.start[issue.name], 0)

    def _graded(self, issue: Issue, worth: Graded) -> Mapping[int | Fraction, Number]:
        codes = {self.reader.codes.code(s, issue.unit): self._money(w) for s, w in worth.worths.items()}
        start = _of_symbol(codes, self.start[issue.name])
        return {c: logic.less(w, start) for c, w in codes.items()}

    def _money(self, tree: Tree) -> Number:
        return logic.times(self.money, self.reader.amount(tree))

    def worth(self, issue: str, value: Number) -> Number:
        """Return what a value of an issue is worth against its start value."""
        one = self.policy.issues[issue]
        worth = self._uncapped(issue, value)
        return worth if one.cap is None else capped(worth, self._money(one.cap), is_shadow=one.is_shadow)

    def _uncapped(self, issue: str, value: Number) -> Number:
        if issue in self.tables:
            return _of_symbol(self.tables[issue], value)
        declared = self.policy.issues[issue].worth
        assert isinstance(declared, Linear)
        if issue not in self.seen:
            rate = self.reader.amount(declared.rate) * self.money / declared.step
            return logic.times(rate, logic.less(value, self.start[issue]))
        if self.asserted.precise:
            rate = logic.times(Fraction(self.money, declared.step), self.reader.amount(declared.rate))
            return self.asserted.product(rate, logic.less(value, self.start[issue]))
        value = logic.exact(value)
        if value.get_id() not in self.seen[issue]:
            self.value_of(issue, value, self.asserted.fresh(f"worth.{issue}", whole=False))
        return self.seen[issue][value.get_id()][1]

    def value_of(self, issue: str, value: Number, worth: Number) -> None:
        """Assert that the worth of a value keeps the order of its issue's values."""
        value = logic.exact(value)
        better, flat = self.policy.issues[issue].better, self.flat[issue]
        for other, others in self.seen[issue].values():
            self.asserted.add(ordered(better, flat, value, worth, other, others))
        self.seen[issue][value.get_id()] = (value, worth)

    def base(self) -> Number:
        """Return what the start terms are worth."""
        return self._money(self.policy.package.base)

    def exact(self, worth: Number) -> Number:
        """Return a worth in minor units of money."""
        return worth


def ordered(better: int, flat: Truth, one: Number, worth: Number, other: Number, others: Number) -> Truth:
    """Return the truth that the worths of two values of an issue are in the order of the values.

    Args:
        flat: That the issue is worth nothing, whatever its value.
    """
    ahead = logic.times(better or 1, logic.less(one, other))
    gain = logic.less(worth, others)
    return both(
        implies(logic.either(flat, equal(ahead, 0)), equal(gain, 0)),
        implies(both(no(flat), above(ahead, 0)), above(gain, 0)),
        implies(both(no(flat), above(0, ahead)), above(0, gain)),
    )


def whole(asserted: Asserted, value: Number, scale: int, better: int) -> Number:
    """Return a value in smallest units, moved to the next one better for us."""
    units = logic.times(scale, value)
    if logic.is_known(units):
        exact = Fraction(units)
        return -(-exact.numerator // exact.denominator) if better > 0 else exact.numerator // exact.denominator
    if z3.is_int(units):
        return units
    found = asserted.fresh("whole")
    gap = logic.times(better, logic.less(found, units))
    asserted.add(both(at_least(gap, 0), above(1, gap)))
    return found
