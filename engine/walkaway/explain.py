"""Explain: the fired rules as reasons, leaf by leaf, with the value seen and the value needed, as people write them.

What is *needed* is what would keep the rule from firing: of a conjunction one leaf is enough. A rule's words and
the way to show its leaves are prepared once, when it first fires.
"""

import operator
import re
import typing
from collections.abc import Callable, Mapping
from fractions import Fraction

import msgspec

from walkaway.catalog import Entry
from walkaway.core.plain import amount, predicate
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
    Op,
    compare,
    evaluate,
    facts_of,
)
from walkaway.expr.types import is_constant
from walkaway.facts import Room
from walkaway.policy.model import Policy, Rule
from walkaway.valuation import PACKAGE, Bound
from walkaway.values import Unit, Value, format_value, formatter, round_half_even
from walkaway.verdict import Firing, Ruling

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
UNKNOWN = "unknown"
"""What stands for the value of a fact that has none."""
_COUNTED = {"room.beyond_walk": "beyond walk", "room.short_of_want": "short of want"}

_OPERATORS: dict[Op, Callable[[typing.Any, typing.Any], bool]] = {
    Op.LT: operator.lt,
    Op.LE: operator.le,
    Op.GT: operator.gt,
    Op.GE: operator.ge,
    Op.EQ: operator.eq,
    Op.NE: operator.ne,
}

Test = Callable[[Facts], bool]
Show = Callable[[Facts, Room | None], list[Leaf]]


def said(rule: Rule, catalog: Mapping[str, Entry]) -> Callable[[Facts], str]:
    """Give what tells the words for the other side, with values for `{fact}`."""
    words, *rest = _PLACEHOLDER.split(rule.say)
    if not rest:
        return lambda facts: words
    names = [name.strip() for name in rest[::2]]
    parts = [(n, formatter(catalog[n].unit), text) for n, text in zip(names, rest[1::2], strict=True)]

    def say(facts: Facts) -> str:
        seen = [(UNKNOWN if (known := facts.get(n)) is None else write(known)) + text for n, write, text in parts]
        return words + "".join(seen)

    return say


def placeholders(say: str) -> frozenset[str]:
    """Give the facts whose values the words for the other side show."""
    return frozenset(name.strip() for name in _PLACEHOLDER.findall(say))


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
    enforcement: str
    source: str
    say: Callable[[Facts], str]
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
            firing.by,
            prepared.effect,
            prepared.enforcement,
            seen,
            tuple(prepared.leaves(facts, room)),
            rule.id,
            prepared.say(facts),
            prepared.source,
            str(firing.standing),
            rule.why,
        )

    def prepare(self, rule: Rule) -> _Prepared:
        """Prepare a rule's reason."""
        verdict = rule.effect.verdict
        return _Prepared(
            rule,
            verdict.word if verdict is not None else f"concludes {rule.effect.concludes}",
            rule.enforcement.value,
            "built-in" if rule.built_in else f"{rule.span.file}:{rule.span.line}",
            said(rule, self.policy.catalog),
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
                shows = [self.shown(p, wanted=wanted) for p in parts]
                if isinstance(condition, All) is wanted:
                    return lambda facts, room: [leaf for show in shows for leaf in show(facts, room)]
                tested = [(tester(p, wanted=wanted), show) for p, show in zip(parts, shows, strict=True)]
                return lambda facts, room: [leaf for test, show in tested if test(facts) for leaf in show(facts, room)]
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
        name, unit = limited(bound, self.policy)
        seen, at = facts.get(name), format_value(bound.at, unit)
        needed = f"{at} or better" if not bound.better else f">= {at}" if bound.better > 0 else f"<= {at}"
        return Leaf(True, needed, UNKNOWN if seen is None else format_value(seen, unit), f"{name} {what}")


def counted_by(leaf: Compare, *, wanted: bool) -> str | None:
    """Give the count of limits that a leaf compares with a constant, if it would not hold with none counted."""
    sides = [t.name for t in (leaf.left, leaf.right) if isinstance(t, Fact) and t.name in _COUNTED]
    if len(sides) != 1 or not (is_constant(leaf.left) or is_constant(leaf.right)):
        return None
    return None if holds(leaf, {sides[0]: 0}, wanted=wanted) else sides[0]


def limited(bound: Bound, policy: Policy) -> tuple[str, Unit]:
    """Give the fact that a limit bounds, and its unit."""
    name = "offer.worth" if bound.issue == PACKAGE else f"offer.{bound.issue}"
    return name, policy.catalog[name].unit


def tester(condition: Condition, *, wanted: bool) -> Test:
    """Prepare `holds` for one condition; the common leaf, a fact against a constant, is compared directly."""
    match condition:
        case Compare(op, Fact(name, scale), Const(value)) if (value * scale).denominator == 1:
            bound, compared = int(value * scale), _OPERATORS[op if wanted else OPPOSITE[op]]

            def simple(facts: Facts) -> bool:
                known = facts.get(name)
                return known is not None and compared(known, bound)

            return simple
        case _:
            return predicate(condition if wanted else Not(condition))


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
                if value is None:
                    return Leaf(False, needed, UNKNOWN, text)
                return Leaf((value in values) is wanted, needed, write(value), text)

            return membership
        case Known(fact, text):
            needed = UNKNOWN if wanted else "known"

            def presence(facts: Facts) -> Leaf:
                known = facts.get(fact) is not None
                return Leaf(known is wanted, needed, "known" if known else UNKNOWN, text)

            return presence
        case _:
            raise AssertionError(f"no leaf: {leaf}")


def _comparison(leaf: Compare, wanted: bool) -> Callable[[Facts], Leaf]:
    left, right, op = leaf.left, leaf.right, leaf.op
    if is_constant(left) and not is_constant(right):
        left, right, op = right, left, MIRRORED[op]
    needed = OPPOSITE[op] if wanted else op
    test, text = tester(leaf, wanted=wanted), leaf.text
    seen_of, needed_of = number_writer(left, leaf.unit), number_writer(right, leaf.unit)
    if isinstance(right, Const):
        constant = f"{needed} {written(right.value, leaf.unit)}"
        return lambda facts: Leaf(test(facts), constant, seen_of(facts), text)
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
                return UNKNOWN if known is None else write(known)

            return fact
        case _:
            count, below = amount(tree)

            def computed(facts: Facts) -> str:
                number = count(facts)
                return UNKNOWN if number is None else _ratio(number, below, unit)

            return computed


def written(value: Fraction, unit: Unit) -> str:
    """Write a number of whole units; more digits than the unit holds are rounded, with a tilde."""
    return _ratio(value.numerator, value.denominator, unit)


def _ratio(numerator: int, denominator: int, unit: Unit) -> str:
    units, rest = divmod(numerator * unit.scale, denominator)
    if rest:
        return f"~{format_value(round_half_even(numerator * unit.scale, denominator), unit)}"
    return format_value(units, unit)
