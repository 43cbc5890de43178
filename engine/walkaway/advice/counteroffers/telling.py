"""Which rules would tell the other side something of ours: what it must hear nothing of, not even that they fired.

A rule tells a number of ours if it reads a limit, a table's cell or what a limit counts, or compares with a number that
the policy states; whether something happened at all is no such number. So does one that reads what such a rule
concludes, or a pattern with such a number.

Source:
    docs/disclosure.md.
"""

from collections.abc import Iterable, Sequence

from walkaway.decide.compiler import reads
from walkaway.language.expr.tree import (
    All,
    Any,
    Compare,
    Condition,
    Is,
    Known,
    Not,
    Op,
    facts_of,
)
from walkaway.language.expr.types import constant, holds_number, is_constant
from walkaway.language.values import Kind
from walkaway.policy.lint import LIMIT_GROUPS
from walkaway.policy.model import LINES, Policy, Reach, Rule

_COUNTED_TO_WALK = ("theirs.", "move.", "get.")
"""Groups of facts that rest on our walk values, where what they moved counts no further than these."""


def telling(policy: Policy) -> tuple[Rule, ...]:
    """Return the rules whose firing would tell a number of ours."""
    return tuple(above((r for r in policy.rules if _tells(policy, r.condition)), policy.rules))


def above(found: Iterable[Rule], rules: Sequence[Rule]) -> list[Rule]:
    """Add every rule that reads a conclusion of those *found*, or of those added."""
    kept = list(found)
    while True:
        names = {r.effect.concludes for r in kept} - {""}
        more = [r for r in rules if r not in kept and reads(r) & names]
        if not more:
            return kept
        kept += more


def _tells(policy: Policy, condition: Condition) -> bool:
    match condition:
        case All(parts) | Any(parts):
            return any(_tells(policy, part) for part in parts)
        case Not(part):
            return _tells(policy, part)
        case Compare() as leaf:
            return _reads_ours(policy, leaf) or _holds_number(leaf) or _derives_number(policy, leaf)
        case Is() | Known() as leaf:
            return _reads_ours(policy, leaf)


def _reads_ours(policy: Policy, leaf: Compare | Is | Known) -> bool:
    """Return whether a leaf reads a limit, or what rests on one; a table's cell may be one."""
    facts = facts_of(leaf)
    patterns = {f"pattern.{p.name}": p.condition for p in policy.patterns}
    return (
        any(f.split(".")[0] in LIMIT_GROUPS for f in facts)
        or not facts.isdisjoint(n.name for n in policy.lookups)
        or any(_tells(policy, patterns[f]) for f in facts if f in patterns)
        or any(tells_of_lines(policy, f) for f in facts)
        or (policy.is_base_walk and any(f.startswith(_COUNTED_TO_WALK) for f in facts))
    )


def _derives_number(policy: Policy, leaf: Compare) -> bool:
    """Return whether a comparison reads what a policy derives with a number of its own."""
    return any(derives_number(policy, fact) for fact in facts_of(leaf))


def derives_number(policy: Policy, fact: str) -> bool:
    """Return whether a fact is derived, or one of all lines, and a number that the policy chose stands in it."""
    group, _, name = fact.partition(".")
    return (group == "derived" and policy.derived[name].holds_number) or tells_of_lines(policy, fact)


def tells_of_lines(policy: Policy, fact: str) -> bool:
    """Return whether a fact is a figure of lines, and a number that the policy chose stands in it."""
    group, _, name = fact.partition(".")
    figure = None if group != LINES or policy.lines is None else policy.lines.figures.get(name)
    if figure is None:
        return False
    if figure.reach in (Reach.ANY, Reach.EVERY):
        return _tells(policy, figure.tree)  # type: ignore[arg-type]
    return holds_number(figure.tree)  # type: ignore[arg-type]


def _holds_number(leaf: Compare) -> bool:
    """Return whether a comparison holds a number that a policy chose: any but what tells something from nothing."""
    for one, other in ((leaf.left, leaf.right), (leaf.right, leaf.left)):
        if is_constant(other):
            return holds_number(one) or not _is_at_all(leaf, int(one is leaf.right), constant(other) * leaf.unit.scale)
    return holds_number(leaf.left) or holds_number(leaf.right)


def _is_at_all(leaf: Compare, mirrored: int, units: object) -> bool:
    """Return whether a comparison asks only whether there is something: with nothing, or a count with one.

    A definition that happens to be 0 or 1 is a number that was chosen.
    """
    if not any(letter.isdigit() for letter in leaf.text):
        return False
    if units == 0:
        return True
    split = (Op.LE, Op.GT) if mirrored else (Op.GE, Op.LT)
    return units == 1 and leaf.unit.kind is Kind.COUNT and leaf.op in split
