"""Change a policy in one small way: what no scenario notices, no scenario states.

Each rule is taken away, each comparison is turned round, and each threshold is moved by one smallest unit either way.
"""

from collections.abc import Iterator
from fractions import Fraction

import msgspec

from walkaway.expr.linear import TooComplex
from walkaway.expr.tree import (
    ALWAYS,
    NEVER,
    OPPOSITE,
    All,
    Any,
    Compare,
    Condition,
    Const,
    Leaf,
    Not,
    Sum,
    leaves,
)
from walkaway.policy.model import Enforcement, Policy, Rule
from walkaway.values import format_value


class Mutant(msgspec.Struct, frozen=True):
    """A rule that was changed.

    Attributes:
        was: The rule as the policy has it.
        rule: The same, changed.
        leaf: The leaf that was changed; none where the whole rule was.
        what: What was done to it.
    """

    was: Rule
    rule: Rule
    leaf: Leaf | None
    what: str


def mutants(policy: Policy) -> Iterator[Mutant]:
    """Give every mutant of the policy's own rules, rule by rule."""
    for rule in policy.rules:
        if not rule.built_in:
            yield Mutant(rule, silenced(rule), None, "taken away")
            yield from _of_leaves(rule)


def silenced(rule: Rule) -> Rule:
    """Give a rule that never fires."""
    return msgspec.structs.replace(rule, condition=NEVER)


def unconditional(rule: Rule) -> Rule:
    """Give a rule that always fires."""
    return msgspec.structs.replace(rule, condition=ALWAYS)


def toothless(rule: Rule) -> Rule:
    """Give a rule that fires and decides nothing."""
    return msgspec.structs.replace(rule, enforcement=Enforcement.ADVISORY)


def with_rule(policy: Policy, rule: Rule) -> Policy:
    """Give the policy with another rule in place of the one of that name."""
    rules = tuple(rule if r.id == rule.id else r for r in policy.rules)
    return msgspec.structs.replace(policy, rules=rules)


def _of_leaves(rule: Rule) -> Iterator[Mutant]:
    for number, leaf in enumerate(leaves(rule.condition)):
        for what, changed in _changes(leaf):
            condition, _ = _replaced(rule.condition, number, changed)
            mutant = msgspec.structs.replace(rule, condition=condition)
            try:
                assert mutant.alternatives is not None
            except TooComplex:
                continue
            yield Mutant(rule, mutant, leaf, what)


def _changes(leaf: Leaf) -> Iterator[tuple[str, Condition]]:
    """Give each change of a leaf with its name."""
    if not isinstance(leaf, Compare):
        yield "turned round", Not(leaf)
        return
    yield "turned round", msgspec.structs.replace(leaf, op=OPPOSITE[leaf.op])
    if leaf.unit.is_numeric:
        for units in (1, -1):
            moved = Sum((leaf.right, Const(Fraction(units, leaf.unit.scale))))
            way = "up" if units > 0 else "down"
            what = f"its threshold moved {way} by {format_value(1, leaf.unit)}"
            yield what, msgspec.structs.replace(leaf, right=moved)


def _replaced(condition: Condition, number: int, leaf: Condition) -> tuple[Condition, int]:
    """Put *leaf* in place of the leaf of that number; give also how many leaves there are."""
    match condition:
        case All(parts) | Any(parts):
            found, passed = [], 0
            for part in parts:
                changed, count = _replaced(part, number - passed, leaf)
                found.append(changed)
                passed += count
            return type(condition)(tuple(found)), passed
        case Not(part):
            changed, count = _replaced(part, number, leaf)
            return Not(changed), count
        case _:
            return (leaf if number == 0 else condition), 1
