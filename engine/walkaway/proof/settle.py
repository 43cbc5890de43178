"""Settle whether a mutant makes a difference: by a deal in which a verdict changes, or by a proof that none does.

A rule that only advises, or whose verdict others hide, is looked at as if it walked for good, so that its firing shows.
"""

from collections.abc import Callable, Iterator

import msgspec

from walkaway.events import Door, Verdict
from walkaway.language.expr.tree import facts_of
from walkaway.policy.model import Effect, Enforcement, Policy, Rule
from walkaway.proof.diff import compare
from walkaway.testing.killers.inputs import Deal
from walkaway.testing.mutants import Mutant


class Settled(msgspec.Struct, frozen=True):
    """What came of it.

    Attributes:
        is_alike: It is proved that no rule that the mutant touches answers otherwise.
        deals: Deals in which one does; empty where none does, or nobody knows.
    """

    is_alike: bool
    deals: tuple[Deal, ...] = ()


def settle(policy: Policy, mutant: Mutant, clock: Callable[[], float], seconds: float) -> Settled:
    """Compare a policy with a mutant of it, for so many seconds in all."""
    until = clock() + seconds
    for names in _louder(policy, mutant):
        one, other = _with_loud(policy, names), _with_loud(mutant.policy, names)
        found = compare(one, other, clock, max(until - clock(), 0.0))
        if found.regions:
            return Settled(False, tuple(_deal(r.deals[0].lines) for r in found.regions))
        if not found.is_same or found.apart:
            return Settled(False)
    return Settled(True)


def _louder(policy: Policy, mutant: Mutant) -> Iterator[frozenset[str]]:
    """Return the rules to make severe, one set after another: the changed ones, or those whose facts differ."""
    if not mutant.facts:
        yield frozenset(change.was.id for change in mutant.changes)
        return
    yield frozenset()
    for rule in policy.rules:
        if not rule.decides and facts_of(rule.condition) & mutant.facts:
            yield frozenset({rule.id})


def _with_loud(policy: Policy, names: frozenset[str]) -> Policy:
    return msgspec.structs.replace(policy, rules=tuple(_loud(r) if r.id in names else r for r in policy.rules))


def _loud(rule: Rule) -> Rule:
    effect = Effect(Verdict.WALK, rule.effect.concludes, Door.CLOSED)
    return msgspec.structs.replace(rule, effect=effect, enforcement=Enforcement.MANDATORY)


def _deal(lines: tuple[bytes, ...]) -> Deal:
    return tuple(msgspec.json.decode(line) for line in lines)
