"""Compile a policy: for each kind of event, the rules that listen to it, as the cores run them."""

from collections.abc import Iterable, Mapping

import msgspec

from walkaway.decide.core.program import CONCLUDED, CoreRule, Stage
from walkaway.events import LESSER, OPENING, Heard, On
from walkaway.language.expr.tree import facts_of
from walkaway.policy.model import Policy, Rule


class Program(msgspec.Struct, frozen=True):
    """A policy ready to run.

    Attributes:
        rules: What rules listen to → those that do, in the order of its stages.
        stages: What rules listen to, and whether the deal lacks nothing → what a core loads. A deal that lacks
            something runs the same rules with every fact taken as possibly unknown.
        wanted: Every fact that a rule reads.
    """

    policy: Policy
    rules: Mapping[Heard, tuple[Rule, ...]]
    stages: Mapping[tuple[Heard, bool], Stage]
    wanted: frozenset[str]


def compile_policy(policy: Policy) -> Program:
    """Compile *policy*, which has passed its checks."""
    strata = strata_of(policy.rules)
    wanted = frozenset(f for r in policy.rules for f in facts_of(r.condition))
    rules: dict[Heard, tuple[Rule, ...]] = {}
    stages: dict[tuple[Heard, bool], Stage] = {}
    lowered = [(rule, rule.alternatives, _stratum(strata, rule)) for rule in policy.rules]
    for on in (*On, LESSER, OPENING):
        words = frozenset((on,) if isinstance(on, On) else on)
        heard = sorted((h for h in lowered if not words.isdisjoint(h[0].on)), key=lambda h: (h[2], h[0].id))
        core_rules = tuple(CoreRule(r.id, r.condition, a, r.effect.concludes, s) for r, a, s in heard)
        uncertain = frozenset(f for f in wanted if f in policy.catalog and not words <= policy.catalog[f].known)
        everything = frozenset(f for f in wanted if not f.startswith(CONCLUDED))
        rules[on] = tuple(r for r, _, _ in heard)
        stages[on, True] = Stage(core_rules, uncertain)
        stages[on, False] = Stage(core_rules, everything)
    return Program(policy, rules, stages, wanted)


def _stratum(strata: Mapping[str, int], rule: Rule) -> int:
    """Return a rule's stratum: above every conclusion it reads."""
    return max((strata[name] for name in reads(rule)), default=0)


def reads(rule: Rule) -> frozenset[str]:
    """Return the names of the conclusions that *rule* reads."""
    return frozenset(f.removeprefix(CONCLUDED) for f in facts_of(rule.condition) if f.startswith(CONCLUDED))


def strata_of(rules: Iterable[Rule]) -> dict[str, int]:
    """Return for each conclusion the first stratum in which it can be read; there are no cycles among them."""
    concluding: dict[str, list[Rule]] = {}
    for rule in rules:
        if rule.effect.concludes:
            concluding.setdefault(rule.effect.concludes, []).append(rule)
    found: dict[str, int] = {}

    def stratum(name: str) -> int:
        if name not in found:
            found[name] = 1 + max((stratum(n) for r in concluding.get(name, []) for n in reads(r)), default=0)
        return found[name]

    for name in concluding:
        stratum(name)
    return found
