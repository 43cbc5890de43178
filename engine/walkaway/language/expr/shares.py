"""Compute a number as a ratio of two integers, without reducing a fraction at each step where it is a share of a fact.

Most worths and limits are: `-1% of deal.list_price per 1%` is one multiplication once the deal states its list price.
"""

from collections.abc import Callable, Mapping
from fractions import Fraction

from walkaway.language.expr.tree import Const, Fact, Number, Product, Scaled, evaluate
from walkaway.language.values import Exact

Compute = Callable[[Mapping[str, Exact | None]], tuple[int, int] | None]


def ratio_of(tree: Number, factor: Fraction) -> Compute:
    """Return what computes a number in whole units times a factor; none where a fact it reads is unknown.

    Returns:
        Of two integers the second above 0, and not always in lowest terms.
    """
    share = _share_of(tree)
    if share is None:

        def whole(facts: Mapping[str, Exact | None]) -> tuple[int, int] | None:
            value = evaluate(tree, facts)
            return None if value is None else (value * factor).as_integer_ratio()

        return whole
    fact, (times, parts) = share[0], (share[1] * factor).as_integer_ratio()

    def of_fact(facts: Mapping[str, Exact | None]) -> tuple[int, int] | None:
        amount = facts.get(fact)
        if not isinstance(amount, int | Fraction):
            return None
        return amount.numerator * times, amount.denominator * parts

    return of_fact


def _share_of(tree: Number) -> tuple[str, Fraction] | None:
    """Return the fact of which a number is a share, and the share of its smallest units; none where it is no share."""
    match tree:
        case Fact(name, scale):
            return name, Fraction(1, scale)
        case Scaled(factor, inner):
            found = _share_of(inner)
            return None if found is None else (found[0], factor * found[1])
        case Product(number, Const(value)) | Product(Const(value), number):
            found = _share_of(number)
            return None if found is None else (found[0], value * found[1])
        case _:
            return None
