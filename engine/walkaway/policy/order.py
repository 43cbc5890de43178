"""Which values of an issue lie beyond a limit where they are worth the same to us as it.

Values without a direction, words and yes or no, are held by their worth. In some deals that tells nothing: a share of
the list price is nothing at a list price of 0. There a value is beyond a limit if it is worth less in other deals; and
where it is worth the same in all of them, or more in some and less in others, if it is declared on the other side of
the limit than the start value. Against a limit at the start value every such other one is beyond.
"""

from collections.abc import Iterator, Set
from fractions import Fraction

from walkaway.language.expr.linear import sign
from walkaway.language.expr.tree import Number, Scaled, Sum, facts_of
from walkaway.language.values import Exact, Kind, Value
from walkaway.policy.model import Graded, Issue, Linear, Policy

NEVER_NEGATIVE = frozenset({Kind.MONEY, Kind.MONTHS, Kind.DAYS, Kind.DURATION, Kind.COUNT})


class Order:
    """The order of the values of a policy's issues where their worth is the same."""

    def __init__(self, policy: Policy) -> None:
        self.issues = policy.issues
        self.amounts = {f"deal.{d.name}" for d in policy.deal.values() if d.unit.kind in NEVER_NEGATIVE} | {"fx.rate"}
        self.found: dict[tuple[str, Value], frozenset[Value]] = {}

    def beyond(self, name: str, limit: Exact) -> frozenset[Value]:
        """Return the values of an issue that are beyond a limit of it where they are worth the same."""
        issue = self.issues[name]
        if issue.better or not isinstance(issue.worth, Graded) or not isinstance(limit, int | str):
            return frozenset()
        key = name, limit
        if key not in self.found:
            self.found[key] = frozenset(v for v in issue.finite if is_beyond(issue, v, limit, self.amounts))
        return self.found[key]

    def pairs(self, name: str) -> Iterator[tuple[Value, Value]]:
        """Return each limit that an issue may have with each value beyond it where they are worth the same."""
        yield from ((limit, value) for limit in self.issues[name].finite for value in self.beyond(name, limit))


def is_beyond(issue: Issue, value: Value, limit: Value, amounts: Set[str]) -> bool:
    """Return whether a value of an issue without a direction is beyond a limit where it is worth the same.

    Args:
        amounts: The facts that are never below 0.
    """
    if value == limit:
        return False
    ways = {_way(at.worth, value, limit, amounts) for at in (issue, *issue.by.values())} - {0}
    way = next(iter(ways)) if len(ways) == 1 else None
    if way is not None:
        return way < 0
    place, start = issue.finite.index, issue.start
    if not isinstance(start, int | str) or start == limit:
        return True
    return (place(value) - place(limit)) * (place(start) - place(limit)) < 0


def _way(worth: Linear | Graded, value: Value, limit: Value, amounts: Set[str]) -> int | None:
    """Return whether a value is worth more than a limit in any deal, 1, or less, -1; none where it may be either."""
    if not isinstance(worth, Graded):
        return 0
    ahead: Number = Sum((worth.worths[value], Scaled(Fraction(-1), worth.worths[limit])))
    return sign(ahead) if facts_of(ahead) <= amounts else None
