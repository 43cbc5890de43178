"""Which factors of a product may change during a deal, and what two of them that do may be: see `numbers`."""

from walkaway.language.expr.infer.context import Context
from walkaway.language.expr.tree import Extreme, Number, Product, Scaled, Sum, facts_of
from walkaway.language.expr.types import Typed
from walkaway.language.values import Kind


def changing(tree: Number, context: Context) -> int:
    """Return how many facts that may change during a deal a product in *tree* multiplies at most."""
    match tree:
        case Product(number, fixed):
            return changing(number, context) + changing(fixed, context)
        case Sum(parts) | Extreme(parts=parts):
            return max(changing(part, context) for part in parts)
        case Scaled(_, number):
            return changing(number, context)
        case _:
            return 0 if is_fixed(tree, context) else 1


def could_be_derived(tree: Number, context: Context) -> bool:
    """Return whether a derived fact may read all that *tree* does."""
    facts = context.scope.facts
    groups = {name.partition(".")[0] for name in facts_of(tree)}
    return "offer.worth" in facts and groups <= {"offer", "deal"} and "offer.worth" not in facts_of(tree)


def for_each(left: Typed, right: Typed) -> Typed | None:
    """Return the amount of two factors that are one for each month or day, and so many of them; none of others."""
    for money, times in ((left, right), (right, left)):
        if money.unit.kind is Kind.MONEY and times.unit.kind in (Kind.MONTHS, Kind.DAYS):
            return money
    return None


def is_fixed(tree: Number, context: Context) -> bool:
    """Return whether all that a tree reads is known when the deal opens, and never changed."""
    return all(context.scope.facts[name].fixed for name in facts_of(tree) if name in context.scope.facts)
