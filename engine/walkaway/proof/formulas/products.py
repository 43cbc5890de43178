"""What is so of a product, whatever its factors: signs, order, envelopes, and what the policy compares a factor with.

A solver that takes a product for any number with the right sign and order does not see that a price of at least 80% of
the list makes a total of at least 80% of what the list comes to. Said of each such comparison, both sides times
the other factor, it need not multiply.
"""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import product
from math import lcm

import msgspec

from walkaway.language.expr.linear import Term, Test, TooComplex, lower
from walkaway.language.expr.tree import Compare, Condition, leaves
from walkaway.policy.model import Bounds, Policy
from walkaway.proof.formulas import logic
from walkaway.proof.formulas.logic import Number, Truth, above, at_least, both, equal, every, implies, same

MOST = 60
"""So many comparisons are multiplied at most."""


class GuardedProduct(msgspec.Struct, frozen=True):
    """A sum of facts against a number, and the fact by which both are multiplied.

    Attributes:
        terms: Each fact of the sum with the product that it is part of, its names in order, and its factor.
    """

    terms: tuple[tuple[str, tuple[str, ...], int], ...]
    bound: int
    by: str


def guards(policy: Policy) -> tuple[GuardedProduct, ...]:
    """Return the comparisons of a policy, each with every factor for which all its products are derived somewhere."""
    made = {frozenset(names): names for d in policy.derived.values() for names, _ in d.parts if len(names) == 2}
    factors = sorted({name for names in made for name in names})
    found: dict[GuardedProduct, None] = {}
    conditions = [*(r.condition for r in policy.rules), *(c.condition for c in policy.claims)]
    for (term, bound), by in product(dict.fromkeys(_compared(conditions)), factors):
        facts = [(atoms[0], factor) for atoms, factor in term.parts if len(atoms) == 1 and isinstance(atoms[0], str)]
        if len(facts) == len(term.parts) and all(frozenset({fact, by}) in made for fact, _ in facts):
            terms = tuple((fact, made[frozenset({fact, by})], factor) for fact, factor in facts)
            found[GuardedProduct(terms, bound, by)] = None
    for term, bound in dict.fromkeys(_compared(conditions)):
        found |= dict.fromkeys(_divided(policy, term) if abs(bound) <= 1 else ())
    return tuple(found)[:MOST]


def _divided(policy: Policy, term: Term) -> Iterator[GuardedProduct]:
    """Return a sum of derived facts, against nothing, as what is left of it once a factor that all share is taken out.

    Of whole numbers one below nothing is as good as nothing: what is above -1 is 0 or more.
    """
    products: dict[tuple[str, ...], Fraction] = {}
    for atoms, factor in term.parts:
        name = atoms[0] if len(atoms) == 1 and isinstance(atoms[0], str) else ""
        if not name.startswith("derived."):
            return
        for names, times in policy.derived[name.removeprefix("derived.")].parts:
            products[names] = products.get(names, Fraction(0)) + factor * times
    if any(len(names) != 2 for names in products):
        return
    scale = lcm(*(factor.denominator for factor in products.values()))
    for by in sorted(set[str]().union(*products).intersection(*products)):
        rest = {names: names[names[0] == by] for names in products}
        yield GuardedProduct(tuple((rest[n], n, int(f * scale)) for n, f in products.items() if f), 0, by)


def _compared(conditions: Iterable[Condition]) -> Iterator[tuple[Term, int]]:
    for condition in conditions:
        for leaf in leaves(condition):
            if not isinstance(leaf, Compare):
                continue
            try:
                test = lower(leaf.op, leaf.left, leaf.right)
            except TooComplex:
                continue
            if isinstance(test, Test):
                yield test.term, test.constant


def product_envelope(factors: tuple[Number, Number], spans: tuple[Bounds, Bounds], product: Number) -> Truth:
    """Return what is so of a product of two numbers that lie within bounds.

    Source:
        McCormick, Computability of global solutions to factorable nonconvex programs (1976): the envelopes of x·y.
    """
    (one, other), (ones, others), found = factors, spans, []
    for bound, is_least in ((ones[0], True), (ones[1], False)):
        for limit, is_lower in ((others[0], True), (others[1], False)):
            if bound is None or limit is None:
                continue
            inside = both(
                at_least(one, bound) if is_least else at_least(bound, one),
                at_least(other, limit) if is_lower else at_least(limit, other),
            )
            plane = logic.total((logic.times(bound, other), logic.times(limit, one), -bound * limit))
            order = (product, plane) if is_least is is_lower else (plane, product)
            found.append(implies(inside, at_least(*order)))
    return every(found)


def product_grows(less: tuple[Number, Number], product: Number, more: tuple[Number, Number], greater: Number) -> Truth:
    """Return that what multiplies two numbers, none of them below 0 and each no less than another's, is no less."""
    larger = both(*(at_least(b, a) for a, b in zip(less, more, strict=True)))
    return implies(both(larger, at_least(less[0], 0), at_least(less[1], 0)), at_least(greater, product))


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
