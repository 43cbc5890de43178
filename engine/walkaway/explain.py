"""Explain: the fired rules as reasons, leaf by leaf, with the value seen and the value needed, as people write them.

What is *needed* is what would keep the rule from firing: of a conjunction one leaf is enough. A rule's words and
the way to show its leaves are prepared once, when it first fires.
"""

import re
from collections.abc import Callable, Mapping
from fractions import Fraction

import msgspec

from walkaway.catalog import Entry
from walkaway.core.program import Facts
from walkaway.decision import Leaf, Reason
from walkaway.expr.tree import (
    MIRRORED,
    OPPOSITE,
    All,
    Any,
    Compare,
    Condition,
    Const,
    Fact,
    Is,
    Known,
    Not,
    Number,
    compare,
    evaluate,
    facts_of,
)
from walkaway.expr.tree import Leaf as TreeLeaf
from walkaway.expr.types import is_constant
from walkaway.facts import Room
from walkaway.policy.model import Policy, Rule
from walkaway.valuation import PACKAGE, Bound
from walkaway.values import Unit, Value, format_value, formatter, round_half_even
from walkaway.verdict import Firing, Ruling

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_COUNTED = {"room.beyond_walk": "beyond walk", "room.short_of_want": "short of want"}

Test = Callable[[Facts], bool]
Show = Callable[[Facts, Room | None], list[Leaf]]


def said(rule: Rule, facts: Facts, catalog: Mapping[str, Entry]) -> str:
    """Give what may be repeated to the other side, with values for `{fact}`."""
    if "{" not in rule.say:
        return rule.say

    def value(match: re.Match[str]) -> str:
        name = match[1].strip()
        known = facts.get(name)
        return "unknown" if known is None else format_value(known, catalog[name].unit)

    return _PLACEHOLDER.sub(value, rule.say)


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


class _Prepared(msgspec.Struct, frozen=True):
    """All that a rule's reason can be made of before it fires."""

    rule: Rule
    effect: str
    source: str
    facts: tuple[tuple[str, Callable[[Value], str]], ...]
    leaves: Show


class Explainer:
    """Gives the reasons of one policy's decisions."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.prepared: dict[int, _Prepared] = {}

    def explain(self, ruling: Ruling, facts: Facts, room: Room | None) -> tuple[Reason, ...]:
        """Give a reason for each fired rule, in the ruling's order.

        Args:
            room: Of the terms on the table; counts of limits passed are shown issue by issue.
        """
        return tuple([self.reason(firing, facts, room) for firing in ruling.firings])

    def reason(self, firing: Firing, facts: Facts, room: Room | None) -> Reason:
        """Give one rule's reason."""
        rule = firing.rule
        prepared = self.prepared.get(id(rule))
        if prepared is None or prepared.rule is not rule:
            prepared = self.prepared[id(rule)] = self.prepare(rule)
        seen = {name: write(value) for name, write in prepared.facts if (value := facts.get(name)) is not None}
        return Reason(
            by=firing.by,
            effect=prepared.effect,
            enforcement=rule.enforcement.value,
            facts=seen,
            leaves=tuple(prepared.leaves(facts, room)),
            rule=rule.id,
            say=said(rule, facts, self.policy.catalog),
            source=prepared.source,
            standing=firing.standing.value,
            why=rule.why,
        )

    def prepare(self, rule: Rule) -> _Prepared:
        """Prepare a rule's reason."""
        verdict = rule.effect.verdict
        return _Prepared(
            rule,
            verdict.word if verdict is not None else f"concludes {rule.effect.concludes}",
            "built-in" if rule.built_in else f"{rule.span.file}:{rule.span.line}",
            tuple((name, self.writer(name)) for name in sorted(facts_of(rule.condition))),
            self.shown(rule.condition, wanted=True),
        )

    def writer(self, name: str) -> Callable[[Value], str]:
        """Give what writes a fact's value; a table's cell has no entry of its own, but a lookup that knows its unit."""
        entry = self.policy.catalog.get(name)
        if entry is not None:
            return formatter(entry.unit)
        lookup = next(n for n in self.policy.lookups if n.name == name)
        return formatter(self.policy.tables[lookup.table].columns[lookup.column])

    def shown(self, condition: Condition, *, wanted: bool) -> Show:
        """Give what shows a condition's leaves: all of a conjunction, of a disjunction those that hold."""
        match condition:
            case Not(part):
                return self.shown(part, wanted=not wanted)
            case All(parts) | Any(parts):
                every = isinstance(condition, All) is wanted
                shows = [(self.shown(p, wanted=wanted), None if every else tester(p, wanted=wanted)) for p in parts]
                return lambda facts, room: [
                    leaf for show, test in shows if test is None or test(facts) for leaf in show(facts, room)
                ]
            case Compare() if counted := counted_by(condition, wanted=wanted):
                return self.counted(counted, _leaf(condition, wanted))
            case _:
                one = _leaf(condition, wanted)
                return lambda facts, room: [one(facts)]

    def counted(self, name: str, otherwise: Callable[[Facts], Leaf]) -> Show:
        """Show a count of limits passed, or not reached, as one leaf for each limit."""
        what, passed = _COUNTED[name], name == "room.beyond_walk"

        def show(facts: Facts, room: Room | None) -> list[Leaf]:
            bounds = () if room is None else room.beyond if passed else room.short
            return [self.limit(bound, what, facts) for bound in bounds] or [otherwise(facts)]

        return show

    def limit(self, bound: Bound, what: str, facts: Facts) -> Leaf:
        """Show one limit against the offer's value."""
        name, at, seen = limit_texts(bound, facts, self.policy)
        needed = f"{at} or better" if not bound.better else f">= {at}" if bound.better > 0 else f"<= {at}"
        return Leaf(True, needed, seen, f"{name} {what}")


def counted_by(leaf: Compare, *, wanted: bool) -> str | None:
    """Give the count of limits that a leaf compares with a constant, if it would not hold with none counted."""
    sides = [t.name for t in (leaf.left, leaf.right) if isinstance(t, Fact) and t.name in _COUNTED]
    if len(sides) != 1 or not (is_constant(leaf.left) or is_constant(leaf.right)):
        return None
    return None if holds(leaf, {sides[0]: 0}, wanted=wanted) else sides[0]


def limit_texts(bound: Bound, facts: Facts, policy: Policy) -> tuple[str, str, str]:
    """Give the fact that a limit bounds, the limit, and the value on the table, as people write them."""
    name = "offer.worth" if bound.issue == PACKAGE else f"offer.{bound.issue}"
    write, seen = formatter(policy.catalog[name].unit), facts.get(name)
    return name, write(bound.at), "unknown" if seen is None else write(seen)


def tester(condition: Condition, *, wanted: bool) -> Test:
    """Prepare `holds` for a part of a disjunction; the common leaf, a fact against a constant, is compared directly."""
    match condition:
        case Compare(op, Fact(name, scale), Const(value)) if (value * scale).denominator == 1:
            bound, asked = int(value * scale), op if wanted else OPPOSITE[op]

            def simple(facts: Facts) -> bool:
                known = facts.get(name)
                return isinstance(known, int) and compare(asked, known, bound)

            return simple
        case _:
            return lambda facts: holds(condition, facts, wanted=wanted)


def _leaf(leaf: Condition, wanted: bool) -> Callable[[Facts], Leaf]:
    """Give what shows one leaf; *needed* is what would make it fail."""
    match leaf:
        case Compare():
            return _comparison(leaf, wanted)
        case Is(fact, values, text, _, unit):
            options = ", ".join(format_value(v, unit) for v in values)
            signs = ("not in [{}]", "in [{}]") if len(values) > 1 else ("!= {}", "= {}")
            needed, write = signs[not wanted].format(options), formatter(unit)

            def membership(facts: Facts) -> Leaf:
                value = facts.get(fact)
                return Leaf(_holds(leaf, facts, wanted), needed, "unknown" if value is None else write(value), text)

            return membership
        case Known(fact, text):
            needed = "unknown" if wanted else "known"

            def presence(facts: Facts) -> Leaf:
                known = facts.get(fact) is not None
                return Leaf(known is wanted, needed, "known" if known else "unknown", text)

            return presence
        case _:
            raise AssertionError(f"no leaf: {leaf}")


def _holds(leaf: TreeLeaf, facts: Facts, wanted: bool) -> bool:
    return holds(leaf, facts, wanted=wanted)


def _comparison(leaf: Compare, wanted: bool) -> Callable[[Facts], Leaf]:
    left, right, op = leaf.left, leaf.right, leaf.op
    if is_constant(left) and not is_constant(right):
        left, right, op = right, left, MIRRORED[op]
    needed = OPPOSITE[op] if wanted else op
    test, text = tester(leaf, wanted=wanted), leaf.text
    seen_of, needed_of = number_writer(left, leaf.unit), number_writer(right, leaf.unit)
    return lambda facts: Leaf(test(facts), f"{needed} {needed_of(facts)}", seen_of(facts), text)


def number_writer(tree: Number, unit: Unit) -> Callable[[Facts], str]:
    """Give what writes a number; more digits than the unit holds are shown rounded, with a tilde."""
    write = formatter(unit)
    match tree:
        case Const(value):
            text = written(value, unit)
            return lambda facts: text
        case Fact(name, scale) if scale == unit.scale:

            def fact(facts: Facts) -> str:
                known = facts.get(name)
                return "unknown" if known is None else write(known)

            return fact
        case _:

            def computed(facts: Facts) -> str:
                number = evaluate(tree, facts)
                return "unknown" if number is None else written(number, unit)

            return computed


def written(value: Fraction, unit: Unit) -> str:
    scaled = value * unit.scale
    if scaled.denominator == 1:
        return format_value(int(scaled), unit)
    return f"~{format_value(round_half_even(scaled.numerator, scaled.denominator), unit)}"
