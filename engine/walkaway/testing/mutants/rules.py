"""Mutants of rules and of what their conditions are made of: definitions, derived facts and patterns."""

from collections.abc import Callable, Iterator
from functools import partial
from operator import is_

import msgspec

from walkaway.language.diagnostics import Span
from walkaway.language.expr.linear import TooComplex
from walkaway.language.expr.tree import (
    ALWAYS,
    NEVER,
    Compare,
    Condition,
    Fact,
    Leaf,
    Number,
    Sum,
    facts_of,
    leaves,
    rebuilt,
)
from walkaway.policy.model import Enforcement, Policy, Reach, Rule
from walkaway.testing.mutants.forms import Mutant, RuleChange, changed_leaves, moved, moved_by, with_leaf, with_rules


def of_rules(policy: Policy) -> Iterator[Mutant]:
    """Return the policy with each of its own rules taken away, and with each leaf of each of them changed."""
    for rule in policy.rules:
        if rule.built_in:
            continue
        yield _mutant(policy, RuleChange(rule, silenced(rule)), "taken away")
        for leaf, what, condition, _ in changed_leaves(rule.condition):
            yield _mutant(policy, RuleChange(rule, msgspec.structs.replace(rule, condition=condition), leaf), what)


def _mutant(policy: Policy, change: RuleChange, what: str) -> Mutant:
    rule, leaf = change.was, change.leaf
    span = leaf.span if leaf is not None and (leaf.span.file == rule.span.file or rule.made_of) else rule.span
    text = "" if leaf is None else leaf.text
    return Mutant(rule.id, span, text, what, with_rules(policy, (change,)), (change,))


def silenced(rule: Rule) -> Rule:
    """Return a rule that never fires."""
    return msgspec.structs.replace(rule, condition=NEVER)


def unconditional(rule: Rule) -> Rule:
    """Return a rule that always fires."""
    return msgspec.structs.replace(rule, condition=ALWAYS)


def toothless(rule: Rule) -> Rule:
    """Return a rule that fires and decides nothing."""
    return msgspec.structs.replace(rule, enforcement=Enforcement.ADVISORY)


def of_patterns(policy: Policy) -> Iterator[Mutant]:
    """Return the policy with each leaf of each pattern's condition changed."""
    for number, pattern in enumerate(policy.patterns):
        for leaf, what, condition, alternatives in changed_leaves(pattern.condition):
            changed = msgspec.structs.replace(pattern, condition=condition, alternatives=alternatives)
            patterns = (*policy.patterns[:number], changed, *policy.patterns[number + 1 :])
            other = msgspec.structs.replace(policy, patterns=patterns)
            facts = frozenset({f"pattern.{pattern.name}"})
            yield Mutant(f"pattern {pattern.name}", leaf.span, leaf.text, what, other, facts=facts)


def of_figures(policy: Policy) -> Iterator[Mutant]:
    """Return the policy with each leaf of each condition on lines changed, and with `any` and `every` exchanged."""
    items = policy.lines
    for name, figure in {} if items is None else items.figures.items():
        if items is None or figure.reach not in _EXCHANGED:
            continue
        span, facts = policy.places[f"lines.{name}"], frozenset({f"lines.{name}"})
        asked: Condition = figure.tree  # type: ignore[assignment]
        changes = [(leaf.span, leaf.text, what, tree, figure.reach) for leaf, what, tree, _ in changed_leaves(asked)]
        other = _EXCHANGED[figure.reach]
        changes.append((span, name, f"`{figure.reach}` is `{other}`", asked, other))
        for place, text, what, tree, reach in changes:
            changed = msgspec.structs.replace(figure, tree=tree, reach=reach)
            lines = msgspec.structs.replace(items, figures={**items.figures, name: changed})
            other_policy = msgspec.structs.replace(policy, lines=lines)
            yield Mutant(f"figure {name}", place, text, what, other_policy, facts=facts)


_EXCHANGED = {Reach.ANY: Reach.EVERY, Reach.EVERY: Reach.ANY}


def of_definitions(policy: Policy) -> Iterator[Mutant]:
    """Return the policy with each quantity under `define:` moved, in every rule that uses it.

    It moves by a unit of what it is compared with. Numbers in conditions are thresholds of the rules that use them.
    """
    for name, typed in policy.quantities.items():
        span = policy.places[f"define.{name}"]
        yield from _moved_in_rules(policy, f"definition {name}", span, name, partial(is_, typed.tree))


def of_derived(policy: Policy) -> Iterator[Mutant]:
    """Return the policy with each derived fact moved, in every rule that reads it, and with a product of it left out.

    It moves by a unit of what it is compared with.
    """
    read = {fact for rule in policy.rules for fact in facts_of(rule.condition)}
    for name, derived in policy.derived.items():
        fact, span = f"derived.{name}", policy.places[f"derived.{name}"]
        if fact not in read:
            continue
        yield from _moved_in_rules(policy, fact, span, name, partial(_is_fact, fact))
        products = derived.tree.parts if isinstance(derived.tree, Sum) else ()
        for place in range(len(products)):
            rest = products[:place] + products[place + 1 :]
            other = derived.made_of(Sum(rest) if len(rest) > 1 else rest[0])
            changed = msgspec.structs.replace(policy, derived={**policy.derived, name: other})
            what = f"its {_ORDINALS[place] if place < len(_ORDINALS) else f'{place + 1}th'} part is left out"
            yield Mutant(fact, span, name, what, changed, facts=frozenset({fact}))


def _is_fact(name: str, part: Number) -> bool:
    return isinstance(part, Fact) and part.name == name


_ORDINALS = ("first", "second", "third")


def _moved_in_rules(
    policy: Policy, of: str, span: Span, text: str, is_it: Callable[[Number], bool]
) -> Iterator[Mutant]:
    """Return the policy with a quantity moved by a unit each way, in every rule in which it stands.

    Args:
        is_it: Whether a part of an expression is that quantity.
    """
    for units in (1, -1):
        changes = [c for rule in policy.rules for c in _redefined(rule, is_it, units)]
        if not changes or _is_threshold(changes, is_it):
            continue
        # A rule's whole new form is that of its last change: each has the leaves before it changed as well.
        forms = {id(c.was): c.rule for c in changes}
        whole = tuple(RuleChange(c.was, forms[id(c.was)], c.leaf) for c in changes)
        leaf = changes[0].leaf
        assert isinstance(leaf, Compare)
        yield Mutant(of, span, text, moved("it", units, leaf.unit), with_rules(policy, whole), whole)


def _is_threshold(changes: list[RuleChange], is_it: Callable[[Number], bool]) -> bool:
    """Return whether a quantity is nothing but a side of one comparison, whose threshold is moved as such."""
    leaf = changes[0].leaf
    return len(changes) == 1 and isinstance(leaf, Compare) and (is_it(leaf.left) or is_it(leaf.right))


def _redefined(rule: Rule, is_it: Callable[[Number], bool], units: int) -> Iterator[RuleChange]:
    """Return a rule with a quantity moved in one leaf after another, those before it included."""
    condition: Condition = rule.condition
    for number, leaf in enumerate(leaves(rule.condition)):
        changed = _with_moved(leaf, is_it, units)
        if changed == leaf:
            continue
        condition = with_leaf(condition, number, changed)
        whole = msgspec.structs.replace(rule, condition=condition)
        try:
            assert whole.alternatives is not None
        except TooComplex:
            return
        yield RuleChange(rule, whole, leaf)


def _with_moved(leaf: Leaf, is_it: Callable[[Number], bool], units: int) -> Leaf:
    """Return a leaf with a quantity moved wherever it stands."""
    if not isinstance(leaf, Compare):
        return leaf

    def moved_part(part: Number) -> Number | None:
        return moved_by(part, units, leaf.unit) if is_it(part) else None

    left, right = rebuilt(leaf.left, moved_part), rebuilt(leaf.right, moved_part)
    return msgspec.structs.replace(leaf, left=left, right=right)
