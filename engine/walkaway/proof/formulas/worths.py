# Over 400 lines: worths of one deal and of every deal, side by side, for they must say the same.
"""What terms are worth, as formulas: exactly, once a deal's opening facts are known, or for all opening facts at once.

Worths are counted from the start terms, in units of which `scale` make one minor unit of money.
"""

from collections.abc import Hashable, Mapping
from fractions import Fraction
from typing import Any, Protocol

import z3

from walkaway.deal.line_items import LineWorths
from walkaway.deal.valuation import Capped, Valuation
from walkaway.language.expr.tree import Const, Product, Scaled, facts_of
from walkaway.language.expr.tree import Number as Tree
from walkaway.language.values import Value
from walkaway.policy.model import LINES, Bounds, Graded, Issue, Linear, Policy
from walkaway.proof.formulas import logic
from walkaway.proof.formulas.encode import Codes, Encoder, Products
from walkaway.proof.formulas.logic import Number, Truth, above, at_least, both, choose, equal, implies, no
from walkaway.proof.formulas.products import product_envelope, product_grows, product_order, product_signs

Key = str | tuple[str, int | Fraction | None]
"""What a package's worths are kept by: an issue, for what its value is worth in the package; an issue with a value of
the selector, for what it would be worth at that one; and the selector with none, for its value itself.
"""


def selector_in(worths: Mapping[Any, Number]) -> Key | None:
    """Return the key by which the value of the selector stands among a package's worths; none without one."""
    return next((key for key in worths if not isinstance(key, str) and key[1] is None), None)


class Worths(Protocol):
    """The worth of terms as formulas.

    Attributes:
        start: The start terms.
    """

    start: Mapping[str, Any]

    def package(self, terms: Mapping[str, Number]) -> Mapping[Any, Number]:
        """Return what each term of a package is worth against its start value, by `Key`."""

    def worth(self, issue: str, value: Number) -> Number:
        """Return what a value of an issue is worth against its start value."""

    def base(self) -> Number:
        """Return what the start terms are worth."""

    def exact(self, worth: Number) -> Number:
        """Return a worth in minor units of money."""


class Across:
    """Worths that hang on the selector: plain ones at each of its values.

    Attributes:
        same: Of issues whose worth does not hang on it, and of the base; `cases` the others, by the selector's code.
        own: What each of its values makes of the start terms.
    """

    def __init__(
        self, policy: Policy, same: Worths, cases: Mapping[int | Fraction, Worths], own: Mapping[int | Fraction, Number]
    ) -> None:
        self.policy, self.same, self.cases, self.own, self.selector = policy, same, cases, own, policy.selector
        self.start = same.start

    def package(self, terms: Mapping[str, Number]) -> Mapping[Any, Number]:
        """Return what each term of a package is worth against its start value, by `Key`."""
        found: dict[Key, Number] = {}
        for issue, value in terms.items():
            if issue == self.selector:
                found[issue], found[issue, None] = by_code(self.own, value), value
            elif not self.policy.issues[issue].by:
                found[issue] = self.same.worth(issue, value)
            else:
                each = {code: at.worth(issue, value) for code, at in self.cases.items()}
                found[issue] = by_code(each, terms[self.selector])
                found |= {(issue, code): worth for code, worth in each.items()}
        return found

    def worth(self, issue: str, value: Number) -> Number:
        """Return what a value of an issue is worth, where that does not hang on the selector."""
        return self.same.worth(issue, value)

    def worth_at(self, issue: str, value: Number, code: int | Fraction) -> Number:
        """Return what a value of an issue is worth against its start value, at a value of the selector."""
        return self.cases[code].worth(issue, value) if self.policy.issues[issue].by else self.same.worth(issue, value)

    def base(self) -> Number:
        """Return what the start terms are worth."""
        return self.same.base()

    def exact(self, worth: Number) -> Number:
        """Return a worth in minor units of money."""
        return self.same.exact(worth)


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
        self.figured: dict[Hashable, dict[int, tuple[Number, Number]]] = {}
        self.names_of: dict[int, tuple[object, str]] = {}
        self.multiplied: dict[tuple[str, ...], dict[int, tuple[tuple[Number, Number], Number]]] = {}

    def add(self, formula: Truth) -> None:
        """Assert a formula."""
        if formula is False:
            formula = z3.BoolVal(False)
        if formula is not True:
            self.formulas.append(formula)

    def fresh(self, name: str, *, whole: bool = True) -> Number:
        """Return a number that is free to be chosen."""
        self.names += 1
        return logic.free(f"{name}#{self.names}", whole=whole)

    def flag(self, name: str) -> Truth:
        """Return a truth that is free to be chosen."""
        self.names += 1
        return logic.flag(f"{name}#{self.names}")

    def of_lines(self, key: Hashable, lines: Number, *, whole: bool = True) -> Number:
        """Return what something of lines is: the same of the same lines, else any number.

        Args:
            key: What of which deal's lines it is.
        """
        lines, before = logic.exact(lines), self.figured.setdefault(key, {})
        place = lines.get_id()
        if place not in before:
            found = self.fresh("lines", whole=whole)
            for other, its in before.values():
                self.add(implies(equal(lines, other), equal(found, its)))
            before[place] = lines, found
        return before[place][1]

    def named(self, thing: object) -> str:
        """Return a name that nothing else has, the same for the same thing."""
        return self.names_of.setdefault(id(thing), (thing, f"thing {len(self.names_of)}"))[1]

    def unknown(self, one: Number, other: Number) -> Number:
        """Return the product of two numbers of the solver: itself, or a number with its sign and its order."""
        if self.precise:
            return one * other
        one, other = sorted((one, other), key=lambda n: int(n.get_id()))
        key = (one.get_id(), other.get_id())
        if key not in self.products:
            found = self.fresh("product", whole=logic.is_whole(one) and logic.is_whole(other))
            self.add(product_signs(one, other, found))
            for a, b, c in list(self.products.values()):
                for shared, x, y in ((one, other, b if a is one else None), (other, one, a if b is other else None)):
                    if y is not None:
                        self.add(product_order(shared, x, found, y, c))
            self.products[key] = (one, other, found)
        return self.products[key][2]

    def derived(self, names: tuple[str, ...], factors: tuple[Number, Number], spans: tuple[Bounds, Bounds]) -> Number:
        """Return the product of two numbers of the solver, with what their bounds say of it, and the same of others."""
        product, before = self.product(*factors), self.multiplied.setdefault(names, {})
        key = product.get_id()
        if key not in before:
            self.add(product_envelope(factors, spans, product))
            for other, its in before.values():
                self.add(product_grows(factors, product, other, its))
                self.add(product_grows(other, its, factors, product))
            before[key] = factors, product
        return product


def known_worths(
    policy: Policy, valuation: Valuation, start: Mapping[str, Value], asserted: Asserted, codes: Codes
) -> Worths:
    """Return the scales of a deal whose opening facts are known."""
    if not valuation.selector:
        return KnownWorths(policy, valuation, start, asserted, codes)
    selector = policy.issues[valuation.selector]
    cases: dict[int | Fraction, Worths] = {
        codes.code(v, selector.unit): KnownWorths(policy, at, start, asserted, codes) for v, at in valuation.by.items()
    }
    same = cases[codes.code(start[selector.name], selector.unit)]
    own = {code: at.worth(selector.name, code) for code, at in cases.items()}
    return Across(policy, same, cases, own)


def any_worths(policy: Policy, reader: Encoder, asserted: Asserted) -> Worths:
    """Return an over-approximation of the scales of every deal."""
    same = AnyWorths(policy, reader, asserted)
    if not policy.selector:
        return same
    selector, codes = policy.issues[policy.selector], reader.codes
    cases: dict[int | Fraction, Worths] = {}
    own: dict[int | Fraction, Number] = {}
    for value, case in policy.cases.items():
        code = codes.code(value, selector.unit)
        cases[code] = at = AnyWorths(case, reader, asserted, like=same)
        own[code] = logic.total((logic.less(at.base(), same.base()), same.worth(selector.name, code)))
    return Across(policy, same, cases, own)


class KnownWorths:
    """The scales of a deal whose opening facts are known.

    Attributes:
        codes: Those of its words; of lines, one for each text that terms may be.
    """

    def __init__(
        self, policy: Policy, valuation: Valuation, start: Mapping[str, Value], asserted: Asserted, codes: Codes
    ) -> None:
        self.policy, self.valuation, self.asserted, self.codes = policy, valuation, asserted, codes
        self.start: Mapping[str, Any] = {i: codes.code(v, policy.issues[i].unit) for i, v in start.items()}
        self.tables = {
            i: {codes.code(s, policy.issues[i].unit): w - worths[start[i]] for s, w in worths.items()}
            for i, worths in valuation.worths.items()
            if isinstance(worths, Mapping)
        }
        self.begun = start.get(LINES)

    def lines(self) -> dict[int, str]:
        """Return the lines of the deal that have a code, by it."""
        worth = self.valuation.worths.get(LINES)
        if not isinstance(worth, LineWorths):
            return {}
        return {code: text for text, code in self.codes.texts.items() if worth.tells_of(text)}

    def package(self, terms: Mapping[str, Number]) -> Mapping[Any, Number]:
        """Return what each term of a package is worth against its start value."""
        return {issue: self.worth(issue, value) for issue, value in terms.items()}

    def worth(self, issue: str, value: Number) -> Number:
        """Return what a value of an issue is worth against its start value."""
        worth = self.valuation.worths[issue]
        if isinstance(worth, int):
            return logic.times(worth, logic.less(value, self.start[issue]))
        if isinstance(worth, Capped):
            even = logic.times(worth.rate, logic.less(value, worth.start))
            return capped(even, worth.most, is_shadow=worth.floored)
        if isinstance(worth, LineWorths):
            lines, begun = self.lines(), worth[str(self.begun)]
            if logic.is_known(value):
                return worth[lines[int(value)]] - begun
            return by_code({code: worth[text] - begun for code, text in lines.items()}, value)
        return by_code(self.tables[issue], value)

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


def by_code(worths: Mapping[int | Fraction, Number], value: Number) -> Number:
    """Return what stands at a value's code."""
    codes = sorted(worths)
    found = worths[codes[-1]]
    for code in codes[-2::-1]:
        found = choose(equal(value, code), worths[code], found)
    return found


class AnyWorths:
    """An over-approximation of the scales of every deal: `scale` is 1, worths are any rationals that fit the policy.

    Args:
        like: The scales at another value of the selector: what both take from the same facts is the same for both.
    """

    def __init__(self, policy: Policy, reader: Encoder, asserted: Asserted, like: "AnyWorths | None" = None) -> None:
        self.policy, self.reader, self.asserted = policy, reader, asserted
        self.money = policy.money.scale
        self.start: Mapping[str, Any] = like.start if like else {i.name: self._start(i) for i in policy.issues.values()}
        self.flat: dict[str, Truth] = {}
        self.seen: dict[str, dict[int, tuple[Number, Number]]] = {}
        self.shared: dict[tuple[str, Tree, bool], dict[int, tuple[Number, Number]]] = like.shared if like else {}
        self.times: dict[str, Fraction] = {}
        self.shares = like is not None or bool(policy.selector)
        self.tables: dict[str, Mapping[int | Fraction, Number]] = {}
        for issue in policy.issues.values():
            if like is not None and not like.policy.issues[issue.name].by:
                continue  # its worth does not hang on the selector
            if isinstance(issue.worth, Linear):
                self._even(issue, issue.worth)
            elif issue.name == LINES and policy.lines is not None:
                self.of_lines = "worth", asserted.named(self)
                begun = logic.exact(self.start[LINES])
                asserted.figured[self.of_lines] = {begun.get_id(): (begun, 0)}
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
            self.flat[issue.name], self.seen[issue.name] = equal(rate, 0), {}
            if self.shares:
                times, core = factored(worth.rate)
                self.times[issue.name] = abs(times) / worth.step
                self.seen[issue.name] = self.shared.setdefault((issue.name, core, times > 0), {})
                self.flat[issue.name] = equal(self.reader.amount(core), 0)
            self.value_of(issue.name, self.start[issue.name], 0)

    def _graded(self, issue: Issue, worth: Graded) -> Mapping[int | Fraction, Number]:
        codes = {self.reader.codes.code(s, issue.unit): self._money(w) for s, w in worth.worths.items()}
        start = by_code(codes, self.start[issue.name])
        return {c: logic.less(w, start) for c, w in codes.items()}

    def _money(self, tree: Tree) -> Number:
        return logic.times(self.money, self.reader.amount(tree))

    def package(self, terms: Mapping[str, Number]) -> Mapping[Any, Number]:
        """Return what each term of a package is worth against its start value."""
        return {issue: self.worth(issue, value) for issue, value in terms.items()}

    def worth(self, issue: str, value: Number) -> Number:
        """Return what a value of an issue is worth against its start value."""
        one = self.policy.issues[issue]
        worth = self._uncapped(issue, value)
        return worth if one.cap is None else capped(worth, self._money(one.cap), is_shadow=one.is_shadow)

    def _uncapped(self, issue: str, value: Number) -> Number:
        if issue == LINES and self.policy.lines is not None:
            return self.asserted.of_lines(self.of_lines, value, whole=False)
        if issue in self.tables:
            return by_code(self.tables[issue], value)
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
        return logic.times(self.times.get(issue, Fraction(1)), self.seen[issue][value.get_id()][1])

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


def factored(tree: Tree) -> tuple[Fraction, Tree]:
    """Return a number as a constant times another one."""
    match tree:
        case Scaled(factor, inner) | Product(Const(factor), inner) | Product(inner, Const(factor)):
            times, core = factored(inner)
            return factor * times, core
        case _:
            return Fraction(1), tree


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
    if logic.is_whole(units):
        return units
    found = asserted.fresh("whole")
    gap = logic.times(better, logic.less(found, units))
    asserted.add(both(at_least(gap, 0), above(1, gap)))
    return found
