"""The targets of a search: the leaf whose flip would expose a mutant, in a rule with counts and patterns written out.

A limit, a cell or a pattern has no leaf of its own; the leaves that rest on it are moved by a unit in its place. A
target says where to search, and nothing about what is found there.
"""

from collections.abc import Callable, Iterator
from fractions import Fraction

import msgspec

from walkaway.events import On
from walkaway.language.expr.linear import Test, TooComplex, lower
from walkaway.language.expr.tree import (
    All,
    Any,
    Compare,
    Condition,
    Const,
    Fact,
    Is,
    Known,
    Leaf,
    Number,
    Op,
    evaluate,
    facts_of,
    leaves,
    rebuilt,
    with_leaves,
)
from walkaway.language.values import Kind, Unit, Value
from walkaway.policy.model import Graded, Issue, Pattern, Policy
from walkaway.policy.order import Order
from walkaway.testing.mutants import Mutant, RuleChange
from walkaway.testing.mutants.forms import moved_leaf, with_leaf

_COUNTS = {"room.beyond_walk": "walk", "room.short_of_want": "want"}
_LAST = {
    On.OUR_OFFER: "ours.last",
    On.THEIR_OFFER: "theirs.last",
    On.OUR_ACCEPTANCE: "theirs.last",
    On.THEIR_ACCEPTANCE: "ours.last",
}
"""Kind of event → the group of facts that holds its values afterwards."""
_SETTLED = {On.OUR_ACCEPTANCE: "ours.settled", On.THEIR_ACCEPTANCE: "theirs.settled"}
"""Kind of event → the fact that counts the events of that kind."""
_MANY = 100_000


def targets_of(policy: Policy, mutant: Mutant) -> tuple[RuleChange, ...]:
    """Return the targets: the mutant's own rules in both forms, else the rules that rest on what it changed."""
    return mutant.changes if not mutant.facts else tuple(_aims(policy, mutant))


def _aims(policy: Policy, mutant: Mutant) -> Iterator[RuleChange]:
    for rule in policy.rules:
        if not facts_of(rule.condition) & mutant.facts:
            continue
        condition, other = (with_leaves(rule.condition, _words_for(p)) for p in (policy, mutant.policy))
        whole = msgspec.structs.replace(rule, condition=condition)
        for number, (leaf, changed) in enumerate(zip(leaves(condition), leaves(other), strict=True)):
            if not facts_of(leaf) & mutant.facts and leaf == changed:
                continue
            for form in _forms(leaf, changed):
                yield RuleChange(
                    whole, msgspec.structs.replace(whole, condition=with_leaf(condition, number, form)), leaf
                )


def _forms(leaf: Leaf, changed: Leaf) -> Iterator[Condition]:
    if leaf != changed:
        yield changed
    elif isinstance(leaf, Compare) and leaf.unit.is_numeric:
        yield from (moved_leaf(leaf, units) for units in (1, -1))


def _words_for(policy: Policy) -> Callable[[Leaf], Condition]:
    """Return the function that writes a leaf out: a count of limits, or of a pattern's matches, as what it counts."""
    patterns = {f"pattern.{p.name}": p for p in policy.patterns}

    def words(leaf: Leaf) -> Condition:
        counted = _at_least_one(leaf)
        if isinstance(leaf, Compare) and counted in _COUNTS:
            return Any(tuple(_past(policy, _COUNTS[counted], leaf)))
        if counted in patterns:
            return _joined(policy, patterns[counted])
        return leaf

    return words


def _at_least_one(leaf: Leaf) -> str:
    """Return the fact of a leaf `FACT >= 1`; empty for any other leaf."""
    if not isinstance(leaf, Compare) or len(facts_of(leaf)) != 1:
        return ""
    (fact,) = facts_of(leaf)
    try:
        test = lower(leaf.op, leaf.left, leaf.right)
    except TooComplex:
        return ""
    wanted = isinstance(test, Test) and (test.term.parts, test.op, test.constant) == ((((fact,), 1),), Op.GE, 1)
    return fact if wanted else ""


def _past(policy: Policy, key: str, leaf: Compare) -> Iterator[Leaf]:
    """Return for each issue that has a limit, and for the package, the leaf that its value is past the limit."""
    for name, issue in policy.issues.items():
        limit, hangs = getattr(issue, key), f"{key}.{name}" in policy.by_case
        if issue.better and (limit is not None or issue.per_deal or hangs):
            unit, op = issue.unit, Op.LT if issue.better > 0 else Op.GT
            left, right = Fact(f"offer.{name}", unit.scale), Fact(f"{key}.{name}", unit.scale)
            yield Compare(op, left, right, leaf.text, leaf.span, unit)
        elif isinstance(issue.worth, Graded) and isinstance(limit, int | str):
            yield Is(
                f"offer.{name}", tuple(_worse(policy, issue, issue.worth, limit)), leaf.text, leaf.span, issue.unit
            )
    if getattr(policy.package, key) is not None or policy.package.per_deal or f"{key}.package" in policy.by_case:
        money = policy.money
        left, right = Fact("offer.worth", money.scale), Fact(f"{key}.package", money.scale)
        yield Compare(Op.LT, left, right, leaf.text, leaf.span, money)


def _worse(policy: Policy, issue: Issue, worth: Graded, limit: Value) -> Iterator[Value]:
    """Return the words that are worth less than *limit*, every fact taken as the same large number, and those beyond it
    that are worth as much.
    """
    alike = policy.once(Order).beyond(issue.name, limit)
    amounts = {w: evaluate(tree, dict.fromkeys(facts_of(tree), _MANY)) or 0 for w, tree in worth.worths.items()}
    yield from (w for w, amount in amounts.items() if amount < amounts[limit] or w in alike)


def _joined(policy: Policy, pattern: Pattern) -> Condition:
    """Return a pattern's condition over facts: its first leg is the latest event of its kind, its second this event."""
    places = {pattern.first.name: _LAST[pattern.first.on], pattern.second.name: "offer"}

    def named(fact: str) -> str:
        leg, _, name = fact.partition(".")
        return f"{places[leg]}.{name}"

    def renamed(part: Number) -> Number | None:
        return Fact(named(part.name), part.scale) if isinstance(part, Fact) else None

    def words(leaf: Leaf) -> Condition:
        match leaf:
            case Compare(_, left, right):
                return msgspec.structs.replace(leaf, left=rebuilt(left, renamed), right=rebuilt(right, renamed))
            case Is(fact) | Known(fact):
                return msgspec.structs.replace(leaf, fact=named(fact))

    joined = with_leaves(pattern.condition, words)
    if pattern.first.on not in _SETTLED:
        return joined
    first = next(leaves(joined))
    settled, one = Fact(_SETTLED[pattern.first.on]), Const(Fraction(1))
    return All((Compare(Op.GE, settled, one, first.text, first.span, Unit(Kind.COUNT)), joined))
