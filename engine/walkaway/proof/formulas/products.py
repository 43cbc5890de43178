"""What a policy compares the factors of its derived facts with, so that proofs may multiply both sides by the other one.

A solver that takes a product for any number with the right sign and order does not see that a price of at least 80% of
the list makes a total of at least 80% of what the list comes to. Said for each such comparison, it need not multiply.
"""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import product
from math import lcm

import msgspec

from walkaway.language.expr.linear import Term, Test, TooComplex, lower
from walkaway.language.expr.tree import Compare, Condition, leaves
from walkaway.policy.model import Policy

MOST = 60
"""So many comparisons are multiplied at most."""


class Guard(msgspec.Struct, frozen=True):
    """A sum of facts against a number, and the fact by which both are multiplied.

    Attributes:
        terms: Each fact of the sum with the product that it is part of, its names in order, and its factor.
    """

    terms: tuple[tuple[str, tuple[str, ...], int], ...]
    bound: int
    by: str


def guards(policy: Policy) -> tuple[Guard, ...]:
    """Return the comparisons of a policy, each with every factor for which all its products are derived somewhere."""
    made = {frozenset(names): names for d in policy.derived.values() for names, _ in d.parts if len(names) == 2}
    factors = sorted({name for names in made for name in names})
    found: dict[Guard, None] = {}
    conditions = [*(r.condition for r in policy.rules), *(c.condition for c in policy.claims)]
    for (term, bound), by in product(dict.fromkeys(_compared(conditions)), factors):
        facts = [(atoms[0], factor) for atoms, factor in term.parts if len(atoms) == 1 and isinstance(atoms[0], str)]
        if len(facts) == len(term.parts) and all(frozenset({fact, by}) in made for fact, _ in facts):
            terms = tuple((fact, made[frozenset({fact, by})], factor) for fact, factor in facts)
            found[Guard(terms, bound, by)] = None
    for term, bound in dict.fromkeys(_compared(conditions)):
        found |= dict.fromkeys(_divided(policy, term) if abs(bound) <= 1 else ())
    return tuple(found)[:MOST]


def _divided(policy: Policy, term: Term) -> Iterator[Guard]:
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
        yield Guard(tuple((rest[n], n, int(f * scale)) for n, f in products.items() if f), 0, by)


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
