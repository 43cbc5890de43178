"""Settle whether a mutant is equivalent: by a deal in which a verdict changes, or by a proof that none does.

The effect of a rule that only advises, or whose verdict others hide, is raised to `walk` with the door closed in both
policies, so that its firing is observable in the verdict.
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
    """Whether a mutant is equivalent.

    Attributes:
        is_alike: Whether it is proved equivalent: no rule that the mutant touches answers otherwise.
        deals: Killing deals; empty where the mutant is equivalent, or where none was found in time.
    """

    is_alike: bool
    deals: tuple[Deal, ...] = ()


def settle(policy: Policy, mutant: Mutant, clock: Callable[[], float], seconds: float) -> Settled:
    """Compare a policy with a mutant of it, for *seconds* in all."""
    until = clock() + seconds
    for names in _louder(policy, mutant):
        one, other = _with_loud(policy, names), _with_loud(mutant.policy, names)
        found = compare(one, other, clock, max(until - clock(), 0.0), enough=True)
        if found.regions:
            return Settled(False, tuple(_deal(r.deals[0].lines) for r in found.regions))
        if not found.is_same or found.apart:
            return Settled(False)
    return Settled(True)


def _louder(policy: Policy, mutant: Mutant) -> Iterator[frozenset[str]]:
    """Return the sets of rules whose effect to raise, in turn: the changed ones, or those whose facts differ."""
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
