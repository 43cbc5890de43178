"""Look at what an approval covers that its approver may not have thought of.

Source:
    docs/calculus.md, approvals.
"""

from collections.abc import Iterator

from walkaway.language.codes import Code
from walkaway.language.diagnostics import Diagnostic
from walkaway.language.expr.tree import facts_of
from walkaway.language.values import Kind
from walkaway.policy.lint.own import note
from walkaway.policy.model import Enforcement, Policy

_RATES = (Kind.PERCENT, Kind.MONEY)
"""Kinds of which as much may cost more over a longer time."""


def crossing(policy: Policy) -> Iterator[Diagnostic]:
    """Say where an approval of one term covers others: what is right for a year may be wrong for three."""
    read = {
        fact.partition(".")[2]
        for rule in policy.rules
        if rule.effect.to or (rule.enforcement is Enforcement.OVERRIDABLE and not rule.built_in)
        for fact in facts_of(rule.condition)
        if fact.startswith(("offer.", "room."))
    }
    priced = [name for name, issue in policy.issues.items() if issue.unit.kind in _RATES and name in read]
    for name, term in policy.issues.items():
        span = policy.places.get(f"issues.{name}")
        is_said = f"issues.{name}.approved" in policy.places
        if term.unit.kind is not Kind.MONTHS or not term.better or is_said or name == policy.selector:
            continue
        if not priced or span is None or not policy.roles:
            continue
        other = "longer" if term.better > 0 else "shorter"
        what = f"an approval of `{priced[0]}` for one `{name}` covers as much for every {other} one"
        hint = f"write `approved: as named` under `{name}`, or `approved: or better` where that is meant"
        yield note(Code.APPROVAL_CROSSES_TERM, what, span, hint)
