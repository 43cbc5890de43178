"""Properties of facts: where terms lie among the constants that rules compare them with, symbols by number.

What the C core is told in place of facts, and how the native core computes it. Knows no rules.
"""

import ast
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from walkaway.language.codegen import call, expression, var
from walkaway.language.expr.linear import Term, Test
from walkaway.language.expr.tree import Op
from walkaway.language.native import placer

_COMPARED = 4
"""Among up to so many constants a place is found by comparing with each."""


class Places:
    """The places that a term may have among the constants that tests compare it with.

    A constant to which something holds from or up to is a cut; a term's place is how many cuts it reaches. Where a term
    may lie between two integers, its rank (`expr.linear`) stands for it, and the cuts are ranks.
    """

    def __init__(self, tests: Iterable[Test]) -> None:
        cuts: set[int] = set()
        for test in tests:
            op, constant = _compared(test)
            if op is not Op.LE:
                cuts.add(constant)
            if op is not Op.GE:
                cuts.add(constant + 1)
        self.cuts = sorted(cuts)

    def test(self, test: Test) -> tuple[Op, int]:
        """Return the comparison of places that a test is."""
        op, constant = _compared(test)
        if op is Op.LE:
            return op, self.cuts.index(constant + 1)
        return op, self.cuts.index(constant) + 1

    def of(self, total: ast.expr, *, whole: bool) -> ast.expr:
        """Return the expression for a term's place."""
        cuts = self.cuts
        if not whole:
            total = expression("t + t if (t := TOTAL).__class__ is int else rank(t)", TOTAL=total)
        if len(cuts) == 1:
            return expression("1 if TOTAL >= CUT else 0", TOTAL=total, CUT=cuts[0])
        if len(cuts) > _COMPARED:
            return call(var("place"), ast.Tuple([ast.Constant(cut) for cut in cuts], ast.Load()), total)
        place: ast.expr = ast.Constant(len(cuts))
        for number, cut in reversed(list(enumerate(cuts))):
            held: ast.expr = var("v") if number else ast.NamedExpr(ast.Name("v", ast.Store()), total)
            is_below = ast.Compare(held, [ast.Lt()], [ast.Constant(cut)])
            place = ast.IfExp(is_below, ast.Constant(number), place)
        return place


def native_places(
    properties: Sequence[object],
    uncertain: frozenset[str],
    cuts: Mapping[Term, Sequence[int]],
    symbols: Mapping[str, dict[str, int]],
) -> tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]]] | None:
    """Return as `Ruleset.placed`.

    Args:
        properties: Terms, and pairs of `symbol` or `known` and a fact.
        uncertain: The facts that may be unknown.
        cuts: Of each term; `symbols` has what numbers those of a fact.
    """
    facts = tuple(sorted({fact for wanted in properties for fact in _facts(wanted)}))
    places = {fact: place for place, fact in enumerate(facts)}
    tables: list[tuple[object, ...]] = []
    for wanted in properties:
        guards = tuple(places[fact] for fact in sorted(reads(wanted) & uncertain))
        if isinstance(wanted, Term):
            parts = []
            for monomial, factor in wanted.parts:
                if not all(isinstance(atom, str) for atom in monomial):
                    return None  # a largest or smallest of several
                parts.append((factor, tuple(places[str(atom)] for atom in monomial)))
            tables.append(("term", wanted.whole, tuple(parts), tuple(cuts[wanted]), guards))
            continue
        assert isinstance(wanted, tuple)
        sort, fact = wanted
        tables.append(("symbol", places[fact], symbols[fact], guards) if sort == "symbol" else ("known", places[fact]))
    found = placer(len(facts), tuple(tables), rank_of) if placer is not None and facts else None
    return None if found is None else (facts, found)


def rank_of(total: int | Fraction) -> int:
    """Return a number's rank: twice its integer part, and one more where it lies between two integers."""
    if total.__class__ is int:
        return int(total + total)
    return 2 * (total.numerator // total.denominator) + (total.denominator != 1)


def _compared(test: Test) -> tuple[Op, int]:
    """Return what a test compares an integer with: the term, or its rank where it may lie between two integers."""
    if test.term.whole:
        return test.op, test.constant
    twice = 2 * test.constant
    return {Op.GT: (Op.GE, twice + 1), Op.LT: (Op.LE, twice - 1)}.get(test.op, (test.op, twice))


def _facts(wanted: object) -> frozenset[str]:
    """Return the facts that a property is read from."""
    if isinstance(wanted, Term):
        return wanted.facts
    assert isinstance(wanted, tuple)
    return frozenset({wanted[1]})


def reads(wanted: object) -> frozenset[str]:
    """Return the facts whose absence leaves a property out."""
    if isinstance(wanted, Term):
        return wanted.facts
    assert isinstance(wanted, tuple)
    return frozenset() if wanted[0] == "known" else frozenset({wanted[1]})
