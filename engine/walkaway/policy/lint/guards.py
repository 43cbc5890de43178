"""The check that every fact which may be unknown is guarded where a rule reads it."""

from collections.abc import Iterator

from walkaway.language.codes import Code
from walkaway.language.diagnostics import Diagnostic
from walkaway.language.expr.tree import (
    All,
    Any,
    Compare,
    Condition,
    Is,
    Known,
    Leaf,
    Not,
    facts_of,
    push_not_inwards,
)
from walkaway.policy.lint.own import own_rules
from walkaway.policy.model import Policy


def guards(policy: Policy) -> Iterator[Diagnostic]:
    """Find facts that may be unknown where nothing in the condition makes sure that they are known."""
    for rule in own_rules(policy):
        known = {f: policy.catalog[f].known & rule.on for f in facts_of(rule.condition) if f in policy.catalog}
        uncertain = frozenset(f for f, on in known.items() if on != rule.on)
        for fact, leaf in unguarded(push_not_inwards(rule.condition), uncertain, frozenset()):
            if not known[fact] and policy.catalog[fact].known:
                when = policy.catalog[fact].when_known()
                heard = ", ".join(f"`{o}`" for o in sorted(rule.on)) if len(rule.on) < 4 else "every event"
                yield Diagnostic(
                    Code.NEVER_KNOWN,
                    f"`{fact}` is known {when} only, and `{rule.id}` listens to {heard}",
                    leaf.span,
                    "let the rule listen to the events that know it",
                )
            else:
                yield Diagnostic(
                    Code.UNGUARDED,
                    f"`{fact}` may be unknown here",
                    leaf.span,
                    f"add `known({fact})` with `and` before it",
                )


def unguarded(condition: Condition, uncertain: frozenset[str], sure: frozenset[str]) -> Iterator[tuple[str, Leaf]]:
    """Return each uncertain fact that is read where it is not sure to be known, with its leaf."""
    match condition:
        case All(parts):
            sure = sure.union(*(_establishes(p) for p in parts))
            for part in parts:
                yield from unguarded(part, uncertain, sure)
        case Any(parts):
            for i, part in enumerate(parts):
                absent = frozenset(
                    p.part.fact
                    for j, p in enumerate(parts)
                    if j != i and isinstance(p, Not) and isinstance(p.part, Known)
                )
                yield from unguarded(part, uncertain, sure | absent)
        case Known() | Not(Known()):
            return
        case Not(Is() as leaf):
            yield from ((f, leaf) for f in sorted((facts_of(leaf) & uncertain) - sure))
        case Compare() | Is():
            yield from ((f, condition) for f in sorted((facts_of(condition) & uncertain) - sure))
        case Not():
            raise AssertionError(f"not pushed inwards: {condition}")


def _establishes(condition: Condition) -> frozenset[str]:
    match condition:
        case Known(fact):
            return frozenset({fact})
        case All(parts):
            return frozenset().union(*map(_establishes, parts))
        case Any(parts) if parts:
            first, *rest = map(_establishes, parts)
            return first.intersection(*rest)
        case _:
            return frozenset()
