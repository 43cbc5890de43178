"""What must be so at an event for a mutant to show there: leaves that hold or fail, and the edge of the changed one."""

from collections.abc import Iterator

import msgspec

from walkaway.decide.core.program import Facts
from walkaway.language.expr.linear import Test, TooComplex, lower
from walkaway.language.expr.tree import All, Any, Compare, Condition, Leaf, Not, compare, truth
from walkaway.testing.mutants import RuleChange


def fires(condition: Condition, facts: Facts) -> bool:
    """Return whether a rule with this condition fires."""
    return truth(condition, facts) is True


def differ(change: RuleChange, facts: Facts) -> bool:
    """Return whether the two forms of a rule differ on these facts."""
    return fires(change.was.condition, facts) != fires(change.rule.condition, facts)


class Want(msgspec.Struct, frozen=True):
    """A leaf that must have a truth value for the mutant to show."""

    leaf: Leaf
    wanted: bool

    def __call__(self, facts: Facts) -> bool:
        return truth(self.leaf, facts) is self.wanted

    def missing(self, facts: Facts) -> int:
        """Return 0 where it is met, 1 where it is not, 2 where a fact of it is unknown."""
        return 0 if self(facts) else 2 if truth(self.leaf, facts) is None else 1

    def goals(self) -> Iterator[int]:
        """Return values of the leaf's term that meet it, the nearest to its edge."""
        test = test_of(self.leaf)
        if test is not None:
            yield from (v for v in _near(test.constant) if compare(test.op, v, test.constant) is self.wanted)


class Gap(msgspec.Struct, frozen=True):
    """The edge: a leaf and its changed form must differ."""

    leaf: Leaf
    changed: Condition

    def __call__(self, facts: Facts) -> bool:
        return fires(self.leaf, facts) != fires(self.changed, facts)

    def missing(self, facts: Facts) -> int:
        """Return 0 where they differ, 1 where they do not, 2 where a fact of them is unknown."""
        return 0 if self(facts) else 2 if truth(self.leaf, facts) is None else 1

    def goals(self) -> Iterator[int]:
        """Return values of the leaf's term at which the two differ."""
        one = test_of(self.leaf)
        other = test_of(self.changed) if isinstance(self.changed, Compare) else None
        if one is None or other is None:
            return
        for value in sorted({*_near(one.constant), *_near(other.constant)}):
            if compare(one.op, value, one.constant) != compare(other.op, value, other.constant):
                yield value


def _near(edge: int) -> tuple[int, ...]:
    return edge, edge - 1, edge + 1


def test_of(leaf: Leaf) -> Test | None:
    """Return a comparison as a test of one term."""
    if not isinstance(leaf, Compare):
        return None
    try:
        found = lower(leaf.op, leaf.left, leaf.right)
    except TooComplex:
        return None
    return found if isinstance(found, Test) else None


def wants_of(condition: Condition, wanted: bool, facts: Facts) -> Iterator[Want]:
    """Return the leaves that must hold or fail for a condition to; of alternatives the one with the fewest open."""
    match condition:
        case Not(part):
            yield from wants_of(part, not wanted, facts)
        case All(parts) | Any(parts):
            ways = [list(wants_of(part, wanted, facts)) for part in parts]
            if isinstance(condition, All) is wanted:
                yield from (want for way in ways for want in way)
            elif ways:
                yield from min(ways, key=lambda way: sum(not want(facts) for want in way))
        case _:
            yield Want(condition, wanted)


def around(condition: Condition, leaf: Leaf, facts: Facts) -> list[Want] | None:
    """Return what must hold for *leaf* alone to decide a condition; none where the leaf is not in it."""
    match condition:
        case Not(part):
            return around(part, leaf, facts)
        case All(parts) | Any(parts):
            for part in parts:
                inner = around(part, leaf, facts)
                if inner is not None:
                    others = [p for p in parts if p is not part]
                    return [*inner, *(w for p in others for w in wants_of(p, isinstance(condition, All), facts))]
            return None
        case _:
            return [] if condition is leaf else None
