"""Whether a value is past a limit of its issue, as the engine's answers are checked: told by worths alone."""

from collections.abc import Mapping
from fractions import Fraction

from walkaway.language.expr.tree import evaluate, facts_of
from walkaway.language.values import Value
from walkaway.policy.model import Graded, Issue

LARGE = 10**12


def is_worse(issue: Issue, value: Value, walk: object, known: Mapping[str, object]) -> bool:
    """Return whether a value is worse for us than a walk value, exactly.

    Of words that are worth the same that one is which is worth less where every amount is large, and any against a walk
    value at the start that is worth the same there too; what lies beside another walk value is not told here.
    """
    if isinstance(issue.worth, Graded):
        (one, least), (later, then) = (
            [evaluate(issue.worth.worths[v], facts) for v in (value, walk)]  # type: ignore[index, arg-type]
            for facts in (known, {n: LARGE if isinstance(v, int) else v for n, v in known.items()})
        )
        if one is None or least is None or one != least:
            return one is not None and least is not None and one < least
        names = {f for tree in issue.worth.worths.values() for f in facts_of(tree)}
        if value == walk or later is None or then is None or not names <= {"deal.list_price"}:
            return False
        return later < then or (later == then and issue.start == walk)
    assert isinstance(value, int)
    assert isinstance(walk, int | Fraction)
    return issue.better * (value - walk) < 0
