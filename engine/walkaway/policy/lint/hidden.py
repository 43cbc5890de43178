"""The check that no rule is always hidden by a more severe one."""

from collections.abc import Iterator

import msgspec

from walkaway.events import Verdict
from walkaway.language.codes import Code
from walkaway.language.diagnostics import Diagnostic
from walkaway.language.expr.linear import (
    Conjunction,
    Test,
    implies,
    read_by,
)
from walkaway.policy.lint.own import lowered, warning
from walkaway.policy.model import Enforcement, Policy, Rule

MAX_COMPARISONS = 200_000
"""After so many comparisons of conditions nobody looks for further rules that are always hidden."""


class _Lowered(msgspec.Struct, frozen=True):
    """A rule that decides, with what its condition comes to.

    Attributes:
        has: For each alternative, the terms and facts about which it says something.
        wants: For each alternative, those about which another one must say something to imply it.
    """

    rule: Rule
    verdict: Verdict
    alternatives: tuple[Conjunction, ...]
    has: tuple[frozenset[object], ...]
    wants: tuple[frozenset[object], ...]


def _deciding(policy: Policy) -> Iterator[_Lowered]:
    for rule in policy.rules:
        found = lowered(rule) if rule.decides else None
        if found and rule.effect.verdict is not None:
            wants = tuple(frozenset(t.term if isinstance(t, Test) else t.fact for t in tests) for tests in found)
            has = tuple(w | {f for t in tests for f in read_by(t)} for w, tests in zip(wants, found, strict=True))
            yield _Lowered(rule, rule.effect.verdict, found, has, wants)


def hidden(policy: Policy) -> Iterator[Diagnostic]:
    """Find rules that fire only where a more severe one fires too."""
    deciding = list(_deciding(policy))
    hiding = {verdict: [d for d in deciding if _hides(d.rule) and d.verdict > verdict] for verdict in Verdict}
    left = MAX_COMPARISONS
    for own in deciding:
        for other in hiding[own.verdict] if not own.rule.built_in else ():
            if not own.rule.on <= other.rule.on or not _may_imply(own, other):
                continue
            left -= len(own.alternatives) * len(other.alternatives)
            if left < 0:
                return
            if all(any(implies(a, b) for b in other.alternatives) for a in own.alternatives):
                name, word = other.rule.id, other.verdict
                what = f"rule `{own.rule.id}` never decides: where it fires, `{name}` gives the more severe `{word}`"
                hint = "make its condition wider or its verdict more severe, or remove it"
                yield warning(Code.ALWAYS_HIDDEN, what, own.rule.span, hint)
                break


def _hides(rule: Rule) -> bool:
    """Return whether nothing takes a rule's verdict back: no waiver, no approval."""
    return rule.enforcement is Enforcement.MANDATORY and rule.effect.verdict is not Verdict.ESCALATE


def _may_imply(own: _Lowered, other: _Lowered) -> bool:
    return all(any(wants <= has for wants in other.wants) for has in own.has)
