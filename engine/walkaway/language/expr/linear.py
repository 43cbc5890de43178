# Over 400 lines: one lowering, from trees to tests of terms, that is read from top to bottom.
"""Lower conditions to disjunctive normal form over tests of integer terms, and of facts against symbols.

A term is a sum of whole multiples of facts, of products with facts fixed at the opening, and of minima and maxima
of such sums. Where its facts are integers, every comparison becomes `>=`, `<=`, `=` or `!=` with an integer: `2x > 5`
is `x >= 3`. Where they may lie between two integers, as amounts of money computed from worths do, the term is
multiplied until what it is compared with is an integer, and `<` and `>` stay. Two leaves about one quantity share one
term.

A term's *rank* is twice its integer part, and one more where it lies between two integers: comparing ranks is comparing
terms with integers, exactly.
"""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from math import gcd, lcm, prod

import msgspec

from walkaway.language.expr.tree import (
    MIRRORED,
    All,
    Any,
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
    are_whole,
    compare,
    facts_of,
    push_not_inwards,
)
from walkaway.language.values import Exact, Kind

MAX_ALTERNATIVES = 128
MAX_MONOMIALS = 200


class Peak(msgspec.Struct, frozen=True, order=True, cache_hash=True):
    """The largest or smallest of several terms, each with a constant added."""

    largest: bool
    parts: tuple[tuple["Term", int], ...]


Atom = str | Peak
Monomial = tuple[Atom, ...]


class Term(msgspec.Struct, frozen=True, order=True, cache_hash=True):
    """A sum of whole multiples of monomials; a monomial is a product of facts.

    Attributes:
        whole: Whether it is always an integer.
    """

    parts: tuple[tuple[Monomial, int], ...]
    whole: bool = True

    @property
    def facts(self) -> frozenset[str]:
        """Return all facts it reads."""
        found: set[str] = set()
        for monomial, _ in self.parts:
            for atom in monomial:
                found |= {atom} if isinstance(atom, str) else {f for part, _ in atom.parts for f in part.facts}
        return frozenset(found)


class Test(msgspec.Struct, frozen=True, cache_hash=True):
    """A term against an integer; `op` is one of >= <= = !=, and > or < too where the term is not whole."""

    __test__ = False
    term: Term
    op: Op
    constant: int


class SymbolTest(msgspec.Struct, frozen=True):
    """A fact against a symbol, equal or not."""

    fact: str
    equal: bool
    symbol: str


class Presence(msgspec.Struct, frozen=True):
    """A fact that must be known, or must not be."""

    fact: str
    known: bool


AnyTest = Test | SymbolTest | Presence
Conjunction = frozenset[AnyTest]


class TooComplex(Exception):
    """A condition has more alternatives than `MAX_ALTERNATIVES`, or a term more parts than `MAX_MONOMIALS`."""


def alternatives(condition: Condition) -> tuple[Conjunction, ...]:
    """Return the disjunctive normal form of *condition*, one conjunction each; empty for a condition never true.

    Raises:
        TooComplex: Where there would be more than `MAX_ALTERNATIVES`.
    """
    return tuple(_bounded(list(dict.fromkeys(_alternatives(push_not_inwards(condition))))))


def _alternatives(condition: Condition) -> list[Conjunction]:
    match condition:
        case Any(parts):
            return _bounded([c for part in parts for c in _alternatives(part)])
        case All(parts):
            found: list[Conjunction] = [frozenset()]
            for part in parts:
                inner = _alternatives(part)
                _bounded([None] * (len(found) * len(inner)))
                found = list(dict.fromkeys(c for a in found for b in inner if (c := tidy(a | b)) is not None))
            return found
        case Compare(op, left, right):
            return _compared(op, left, right)
        case Known(fact):
            return [frozenset({Presence(fact, True)})]
        case Is():
            return [frozenset({t}) for t in _is(condition, equal=True)]
        case Not(Is() as leaf):
            return [frozenset(_is(leaf, equal=False))]
        case Not(Known(fact)):
            return [frozenset({Presence(fact, False)})]
        case _:
            raise AssertionError(f"not pushed inwards: {condition}")


def _bounded(found: list) -> list:  # type: ignore[type-arg]
    if len(found) > MAX_ALTERNATIVES:
        raise TooComplex
    return found


def _is(leaf: Is, *, equal: bool) -> list[AnyTest]:
    if leaf.unit.kind is Kind.YES_NO:
        term = Term((((leaf.fact,), 1),))
        return [Test(term, Op.EQ if equal else Op.NE, int(v)) for v in leaf.values]
    return [SymbolTest(leaf.fact, equal, str(v)) for v in leaf.values]


def _compared(op: Op, left: Number, right: Number) -> list[Conjunction]:
    found = lower(op, left, right)
    if found is False:
        return []
    tests: set[AnyTest] = set() if found is True else {found}
    kept = frozenset() if found is True else found.term.facts
    vanished = (facts_of(left) | facts_of(right)) - kept
    return [frozenset(tests | {Presence(fact, True) for fact in vanished})]


def lower(op: Op, left: Number, right: Number) -> Test | bool:
    """Return the test that `left op right` is, or its truth where it reads no fact."""
    polynomial = _polynomial(left)
    for monomial, factor in _polynomial(right).items():
        polynomial[monomial] = polynomial.get(monomial, Fraction(0)) - factor
    bound = -polynomial.pop((), Fraction(0))
    factors = {m: f for m, f in polynomial.items() if f}
    if not factors:
        return compare(op, Fraction(0), bound)
    whole_facts = are_whole(left) and are_whole(right)
    denominator = lcm(*(f.denominator for f in factors.values()))
    whole = {m: int(f * denominator) for m, f in factors.items()}
    shared = gcd(*whole.values())
    ordered = sorted(whole.items(), key=_rank)
    if ordered[0][1] < 0:
        shared, op = -shared, MIRRORED[op]
    bound = bound * denominator / shared
    if whole_facts:
        return _whole(Term(tuple((m, f // shared) for m, f in ordered)), op, bound)
    scaled = tuple((m, f // shared * bound.denominator) for m, f in ordered)
    return Test(Term(scaled, whole=False), op, bound.numerator)


def monomials(tree: Number) -> tuple[tuple[Monomial, Fraction], ...]:
    """Return *tree* as a sum of products of facts, each with its factor: of facts in smallest units, to whole units."""
    return tuple(sorted(_polynomial(tree).items(), key=lambda item: repr(item[0])))


def sign(tree: Number) -> int | None:
    """Return the sign of *tree* where facts are 0 or more: -1, 0 or 1; none where it may be either."""
    try:
        return _sign(_polynomial(tree).items())
    except TooComplex:
        return None


def _sign(parts: Iterable[tuple[Monomial, Fraction | int]]) -> int | None:
    found: set[int | None] = set()
    for monomial, factor in parts:
        peaks = [atom for atom in monomial if isinstance(atom, Peak)]
        signs = [_one({_sign((*term.parts, ((), c))) for term, c in peak.parts}) for peak in peaks]
        found.add(None if None in signs else prod([(factor > 0) - (factor < 0), *(s or 0 for s in signs)]))
    return _one(found)


def _one(signs: set[int | None]) -> int | None:
    """Return the sign that all of *signs* share; 0 goes with any."""
    found = signs - {0}
    return None if len(found) > 1 else next(iter(found), 0)


def _rank(item: tuple[Monomial, int]) -> str:
    return repr(item[0])


def _whole(term: Term, op: Op, bound: Fraction) -> Test | bool:
    """Compare an integer term with a fraction: the fraction moves to the nearest integer that means the same."""
    floor = bound.numerator // bound.denominator
    exact = bound.denominator == 1
    match op:
        case Op.GE:
            return Test(term, Op.GE, floor if exact else floor + 1)
        case Op.GT:
            return Test(term, Op.GE, floor + 1)
        case Op.LE:
            return Test(term, Op.LE, floor)
        case Op.LT:
            return Test(term, Op.LE, floor - 1 if exact else floor)
        case Op.EQ | Op.NE:
            return Test(term, op, floor) if exact else op is Op.NE


def _polynomial(tree: Number) -> dict[Monomial, Fraction]:
    match tree:
        case Const(value):
            return {(): value}
        case Fact(name, scale):
            return {(name,): Fraction(1, scale)}
        case Scaled(factor, inner):
            return {m: f * factor for m, f in _polynomial(inner).items()}
        case Sum(parts):
            found: dict[Monomial, Fraction] = {}
            for part in parts:
                for monomial, factor in _polynomial(part).items():
                    found[monomial] = found.get(monomial, Fraction(0)) + factor
            return found
        case Product(left, right):
            found = {}
            for a, x in _polynomial(left).items():
                for b, y in _polynomial(right).items():
                    monomial = tuple(sorted(a + b, key=repr))
                    found[monomial] = found.get(monomial, Fraction(0)) + x * y
                if len(found) > MAX_MONOMIALS:
                    raise TooComplex
            return found
        case Extreme(largest, parts):
            return _peak(largest, [_polynomial(p) for p in parts])


def _peak(largest: bool, polynomials: list[dict[Monomial, Fraction]]) -> dict[Monomial, Fraction]:
    """Return a minimum or maximum as one atom over whole-numbered terms, divided by their common denominator."""
    denominator = lcm(*(f.denominator for p in polynomials for f in p.values()))
    parts = []
    for polynomial in polynomials:
        whole = {m: int(f * denominator) for m, f in polynomial.items() if f}
        constant = whole.pop((), 0)
        parts.append((Term(tuple(sorted(whole.items(), key=_rank))), constant))
    return {(Peak(largest, tuple(sorted(set(parts), key=repr))),): Fraction(1, denominator)}


def ranks_of(test: Test) -> tuple[int | None, int | None]:
    """Return the lowest and the highest rank that a term may have by a test with an order; none for no bound."""
    twice = 2 * test.constant
    match test.op:
        case Op.GE:
            return twice, None
        case Op.GT:
            return twice + 1, None
        case Op.LE:
            return None, twice
        case Op.LT:
            return None, twice - 1
        case _:
            return twice, twice


def tidy(tests: Conjunction) -> Conjunction | None:
    """Return *tests* with one range for each term; none where they cannot all hold."""
    ranges: dict[Term, list[int | None]] = {}
    unequal: dict[Term, set[int]] = {}
    symbols: dict[str, set[str]] = {}
    rest: set[AnyTest] = set()
    for test in tests:
        match test:
            case Test(term, op, constant) if op is not Op.NE:
                low, high = ranges.setdefault(term, [None, None])
                least, most = ranks_of(test)
                if least is not None:
                    low = least if low is None else max(low, least)
                if most is not None:
                    high = most if high is None else min(high, most)
                ranges[term] = [low, high]
            case Test(term, _, constant):
                unequal.setdefault(term, set()).add(constant)
            case SymbolTest(fact, True, symbol):
                symbols.setdefault(fact, set()).add(symbol)
                rest.add(test)
            case _:
                rest.add(test)
    if any(len(s) > 1 for s in symbols.values()):
        return None
    if any(isinstance(t, SymbolTest) and not t.equal and t.symbol in symbols.get(t.fact, ()) for t in rest):
        return None
    if any(isinstance(t, Presence) and Presence(t.fact, not t.known) in rest for t in rest):
        return None
    return _joined(ranges, unequal, rest)


def _joined(
    ranges: Mapping[Term, list[int | None]], unequal: Mapping[Term, set[int]], rest: set[AnyTest]
) -> Conjunction | None:
    found = set(rest)
    for term, (low, high) in ranges.items():
        if low is not None and high is not None and low >= high:
            if low > high or (not low & 1 and low // 2 in unequal.get(term, ())):
                return None
            if not low & 1:
                found.add(Test(term, Op.EQ, low // 2))
                continue
        if low is not None:
            found.add(Test(term, Op.GT if low & 1 else Op.GE, low // 2))
        if high is not None:
            found.add(Test(term, Op.LT if high & 1 else Op.LE, (high + 1) // 2))
    for term, constants in unequal.items():
        low, high = ranges.get(term, [None, None])
        found |= {
            Test(term, Op.NE, c) for c in constants if (low is None or low <= 2 * c) and (high is None or 2 * c <= high)
        }
    return frozenset(found)


def implies(strong: Conjunction, weak: Conjunction) -> bool:
    """Return whether *strong* implies *weak* test by test; `False` is no proof that it does not."""
    return all(any(_implies(s, w) for s in strong) for w in weak)


def _implies(strong: AnyTest, weak: AnyTest) -> bool:
    if strong == weak:
        return True
    if isinstance(strong, Test) and isinstance(weak, Test) and strong.term == weak.term:
        low, high = (None, None) if strong.op is Op.NE else ranks_of(strong)
        if weak.op is Op.EQ:
            return False
        if weak.op is Op.NE:
            at = 2 * weak.constant
            return (low is not None and low > at) or (high is not None and high < at)
        least, most = ranks_of(weak)
        if least is not None:
            return low is not None and low >= least
        return most is not None and high is not None and high <= most
    if isinstance(strong, SymbolTest) and isinstance(weak, SymbolTest):
        return strong.fact == weak.fact and strong.equal and not weak.equal and strong.symbol != weak.symbol
    return (
        isinstance(weak, Presence) and weak.known and not isinstance(strong, Presence) and weak.fact in read_by(strong)
    )


def read_by(test: AnyTest) -> frozenset[str]:
    """Return the facts that a test reads."""
    return test.term.facts if isinstance(test, Test) else frozenset({test.fact})


def value_of(term: Term, facts: Mapping[str, Exact | None]) -> int | Fraction | None:
    """Return a term's value; none where a fact it reads is unknown."""
    total: int | Fraction = 0
    for monomial, factor in term.parts:
        product: int | Fraction = factor
        for atom in monomial:
            value = facts.get(atom) if isinstance(atom, str) else _peak_value(atom, facts)
            if not isinstance(value, int | Fraction):
                return None
            product *= value
        total += product
    return total


def _peak_value(peak: Peak, facts: Mapping[str, Exact | None]) -> int | Fraction | None:
    values = [value_of(term, facts) for term, _ in peak.parts]
    known = [v + c for v, (_, c) in zip(values, peak.parts, strict=True) if v is not None]
    if len(known) < len(values):
        return None
    return max(known) if peak.largest else min(known)


def holds(test: AnyTest, facts: Mapping[str, Exact | None]) -> bool:
    """Return whether a test holds; one over an unknown fact does not, unless it asks for just that."""
    match test:
        case Presence(fact, known):
            return (facts.get(fact) is not None) is known
        case SymbolTest(fact, equal, symbol):
            value = facts.get(fact)
            return value is not None and (value == symbol) is equal
        case Test(term, op, constant):
            number = value_of(term, facts)
            return number is not None and compare(op, number, constant)
