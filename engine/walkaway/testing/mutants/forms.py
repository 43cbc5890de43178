"""What a mutant is, and small changes of leaves and conditions."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import count

import msgspec

from walkaway.language.diagnostics import Span
from walkaway.language.expr.linear import Conjunction, TooComplex, alternatives
from walkaway.language.expr.tree import OPPOSITE, Compare, Condition, Const, Leaf, Not, Number, Sum, leaves, with_leaves
from walkaway.language.values import Unit, format_value
from walkaway.policy.model import Policy, Rule


class RuleChange(msgspec.Struct, frozen=True):
    """A rule as the policy has it, and as the mutant has it.

    Attributes:
        was: As the policy has it.
        leaf: The leaf in which the two differ; none where the whole rule was changed.
    """

    was: Rule
    rule: Rule
    leaf: Leaf | None = None


class Mutant(msgspec.Struct, frozen=True):
    """A policy that was changed in one small way.

    Attributes:
        of: What was changed, as `near-the-floor` or `walk of price`.
        span: Where it stands.
        text: The very part that was changed, as it stands there; empty where the whole was.
        what: What was done to it.
        policy: The changed policy.
        changes: The rules that it gives another form.
        facts: The facts that it gives other values; where there are none, only the forms of rules differ.
        table: The table of which it changed a cell.
        issue: The issue of which it changed the start value.
    """

    of: str
    span: Span
    text: str
    what: str
    policy: Policy
    changes: tuple[RuleChange, ...] = ()
    facts: frozenset[str] = frozenset()
    table: str = ""
    issue: str = ""

    @property
    def at(self) -> str:
        """Return its place in words, for the name of a scenario; empty where a whole rule was changed."""
        if self.changes:
            return self.text
        return f"{self.of}: {self.text}" if self.table or self.of.startswith("pattern ") else self.of


def with_rules(policy: Policy, changes: tuple[RuleChange, ...]) -> Policy:
    """Return the policy with other rules in place of some of its own."""
    instead = {id(c.was): c.rule for c in changes}
    return msgspec.structs.replace(policy, rules=tuple(instead.get(id(r), r) for r in policy.rules))


def changed_leaves(condition: Condition) -> Iterator[tuple[Leaf, str, Condition, tuple[Conjunction, ...]]]:
    """Return a condition with each leaf changed in turn: the leaf, what was done, the condition, its alternatives."""
    for number, leaf in enumerate(leaves(condition)):
        for what, changed in changes_of(leaf):
            whole = with_leaf(condition, number, changed)
            try:
                yield leaf, what, whole, alternatives(whole)
            except TooComplex:
                continue


def changes_of(leaf: Leaf) -> Iterator[tuple[str, Condition]]:
    """Return each change of a leaf with its name."""
    if not isinstance(leaf, Compare):
        yield "turned round", Not(leaf)
        return
    yield "turned round", msgspec.structs.replace(leaf, op=OPPOSITE[leaf.op])
    if leaf.unit.is_numeric:
        for units in (1, -1):
            yield moved("its threshold", units, leaf.unit), moved_leaf(leaf, units)


def moved_leaf(leaf: Compare, units: int) -> Compare:
    """Return a comparison with its threshold moved by so many smallest units."""
    return msgspec.structs.replace(leaf, right=moved_by(leaf.right, units, leaf.unit))


def moved_by(number: Number, units: int, unit: Unit) -> Number:
    """Return a number moved by so many smallest units."""
    return Sum((number, Const(Fraction(units, unit.scale))))


def moved(what: str, units: int, unit: Unit) -> str:
    """Return in words which way, and by how much, something was moved."""
    return f"{what} moved {'up' if units > 0 else 'down'} by {format_value(abs(units), unit.distance)}"


def with_leaf(condition: Condition, number: int, leaf: Condition) -> Condition:
    """Put *leaf* in place of the leaf of that number."""
    numbers = count()
    return with_leaves(condition, lambda old: leaf if next(numbers) == number else old)
