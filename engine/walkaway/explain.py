"""Explain: the fired rules as reasons, leaf by leaf, with the value seen and the value needed, as people write them.

What is *needed* is what would keep the rule from firing: of a conjunction one leaf is enough.
"""

import re
from collections.abc import Mapping
from fractions import Fraction

from walkaway.catalog import Entry
from walkaway.core.program import Facts
from walkaway.decision import Leaf, Reason
from walkaway.events import Terms
from walkaway.expr.tree import (
    MIRRORED,
    OPPOSITE,
    All,
    Any,
    Compare,
    Condition,
    Is,
    Known,
    Not,
    compare,
    evaluate,
    facts_of,
)
from walkaway.expr.types import is_constant
from walkaway.facts import Room
from walkaway.policy.model import Policy, Rule
from walkaway.valuation import PACKAGE, Bound
from walkaway.values import Unit, Value, format_value, round_half_even
from walkaway.verdict import Firing, Ruling

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_COUNTED = {"room.beyond_walk": "walk", "room.short_of_want": "want"}


def explain(ruling: Ruling, facts: Facts, policy: Policy, room: Room | None, terms: Terms) -> tuple[Reason, ...]:
    """Give a reason for each fired rule, in the ruling's order.

    Args:
        room: The room of the terms on the table; counts of limits passed are shown issue by issue.
        terms: These terms; empty for events without.
    """
    explainer = _Explainer(facts, policy, room, terms)
    return tuple(explainer.reason(firing) for firing in ruling.firings)


def said(rule: Rule, facts: Facts, catalog: Mapping[str, Entry]) -> str:
    """Give what may be repeated to the other side, with values for `{fact}`."""
    if "{" not in rule.say:
        return rule.say

    def value(match: re.Match[str]) -> str:
        known = facts.get(match[1].strip())
        return "unknown" if known is None else show(known, match[1].strip(), catalog)

    return _PLACEHOLDER.sub(value, rule.say)


def show(value: Value, name: str, catalog: Mapping[str, Entry]) -> str:
    """Write a fact's value; a table's cell has no entry of its own and is shown as it is."""
    entry = catalog.get(name)
    return format_value(value, entry.unit) if entry else str(value)


def holds(condition: Condition, facts: Facts, *, wanted: bool = True) -> bool:
    """Tell whether *condition* holds, or its opposite with `wanted=False`; over an unknown fact a leaf does neither."""
    match condition:
        case Not(part):
            return holds(part, facts, wanted=not wanted)
        case All(parts) | Any(parts):
            join = all if isinstance(condition, All) is wanted else any
            return join(holds(p, facts, wanted=wanted) for p in parts)
        case Known(fact):
            return (facts.get(fact) is not None) is wanted
        case Is(fact, values):
            value = facts.get(fact)
            return value is not None and (value in values) is wanted
        case Compare(op, left, right):
            a, b = evaluate(left, facts), evaluate(right, facts)
            return a is not None and b is not None and compare(op if wanted else OPPOSITE[op], a, b)


class _Explainer:
    """What all reasons of one decision share."""

    def __init__(self, facts: Facts, policy: Policy, room: Room | None, terms: Terms) -> None:
        self.facts, self.policy, self.room, self.terms = facts, policy, room, terms

    def reason(self, firing: Firing) -> Reason:
        rule = firing.rule
        verdict = rule.effect.verdict
        read = {n: v for n in sorted(facts_of(rule.condition)) if (v := self.facts.get(n)) is not None}
        return Reason(
            by=firing.by,
            effect=verdict.word if verdict is not None else f"concludes {rule.effect.concludes}",
            enforcement=rule.enforcement.value,
            facts={name: show(value, name, self.policy.catalog) for name, value in read.items()},
            leaves=tuple(self.leaves(rule.condition, wanted=True)),
            rule=rule.id,
            say=said(rule, self.facts, self.policy.catalog),
            source="built-in" if rule.built_in else f"{rule.span.file}:{rule.span.line}",
            standing=firing.standing.value,
            why=rule.why,
        )

    def leaves(self, condition: Condition, *, wanted: bool) -> list[Leaf]:
        """Give the leaves that made a condition hold: all of a conjunction, of a disjunction those that hold."""
        match condition:
            case Not(part):
                return self.leaves(part, wanted=not wanted)
            case All(parts) | Any(parts):
                every = isinstance(condition, All) is wanted
                kept = [p for p in parts if every or holds(p, self.facts, wanted=wanted)]
                return [leaf for part in kept for leaf in self.leaves(part, wanted=wanted)]
            case Compare(left=left) if self.room is not None and not facts_of(left).isdisjoint(_COUNTED):
                return self.limits(facts_of(left)) or [self.leaf(condition, wanted=wanted)]
            case _:
                return [self.leaf(condition, wanted=wanted)]

    def limits(self, counted: frozenset[str]) -> list[Leaf]:
        """Show a count of limits passed, or not reached, as one leaf for each."""
        assert self.room is not None
        found = []
        if "room.beyond_walk" in counted:
            found += [self.limit(bound, "beyond walk") for bound in self.room.beyond]
        if "room.short_of_want" in counted:
            found += [self.limit(bound, "short of want") for bound in self.room.short]
        return found

    def limit(self, bound: Bound, what: str) -> Leaf:
        name = "offer.worth" if bound.issue == PACKAGE else f"offer.{bound.issue}"
        unit = self.policy.catalog[name].unit
        seen = self.facts.get(name, self.terms.get(bound.issue))
        at = format_value(bound.at, unit)
        needed = f"{at} or better" if not bound.better else f"{'>=' if bound.better > 0 else '<='} {at}"
        return Leaf(True, needed, "unknown" if seen is None else format_value(seen, unit), f"{name} {what}")

    def leaf(self, leaf: Condition, *, wanted: bool) -> Leaf:
        """Show one leaf; *needed* is what would make it fail."""
        held = holds(leaf, self.facts, wanted=wanted)
        match leaf:
            case Compare(op, left, right, text, _, unit):
                if is_constant(left) and not is_constant(right):
                    left, right, op = right, left, MIRRORED[op]
                needed = OPPOSITE[op] if wanted else op
                seen = _number(evaluate(left, self.facts), unit)
                return Leaf(held, f"{needed} {_number(evaluate(right, self.facts), unit)}", seen, text)
            case Is(fact, values, text, _, unit):
                options = ", ".join(format_value(v, unit) for v in values)
                value = self.facts.get(fact)
                if len(values) > 1:
                    needed_text = f"not in [{options}]" if wanted else f"in [{options}]"
                else:
                    needed_text = f"!= {options}" if wanted else f"= {options}"
                return Leaf(held, needed_text, "unknown" if value is None else format_value(value, unit), text)
            case Known(fact, text):
                seen = "unknown" if self.facts.get(fact) is None else "known"
                return Leaf(held, "unknown" if wanted else "known", seen, text)
            case _:
                raise AssertionError(f"no leaf: {leaf}")


def _number(value: Fraction | None, unit: Unit) -> str:
    """Write an exact number of whole units; more digits than the unit holds are shown rounded, with a tilde."""
    if value is None:
        return "unknown"
    scaled = value * unit.scale
    if scaled.denominator == 1:
        return format_value(int(scaled), unit)
    return f"~{format_value(round_half_even(scaled.numerator, scaled.denominator), unit)}"
