"""What the checks share: the rules that the policy itself wrote, what their conditions come to, and warnings."""

from walkaway.language.codes import Code
from walkaway.language.diagnostics import Diagnostic, Severity, Span
from walkaway.language.expr.linear import (
    Conjunction,
    TooComplex,
)
from walkaway.policy.model import Policy, Rule


def own_rules(policy: Policy) -> list[Rule]:
    """Return the rules the policy itself wrote."""
    return [r for r in policy.rules if not r.built_in]


def lowered(rule: Rule) -> tuple[Conjunction, ...] | None:
    """Return the alternatives of a rule's condition; none where they are too many."""
    try:
        return rule.alternatives
    except TooComplex:
        return None


def note(code: Code, message: str, span: Span, hint: str) -> Diagnostic:
    """Return a finding that may be just what is meant."""
    return Diagnostic(code, message, span, hint, Severity.NOTE)


def warning(code: Code, message: str, span: Span, hint: str) -> Diagnostic:
    """Return a finding that leaves a policy fit to run."""
    return Diagnostic(code, message, span, hint, Severity.WARNING)
