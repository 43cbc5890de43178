"""Templates filled for every issue: its name, its bit, its value in the terms judged, and what values are worth."""

import ast
from collections.abc import Callable

from walkaway.language.codegen import Part, block, expression, var
from walkaway.policy.model import Issue, Linear, Policy

Lines = list[ast.stmt]


def value(issue: str) -> ast.expr:
    """Return the variable that holds an issue's value in the terms judged."""
    return var(f"offer__{issue}")


def change(issue: Issue, old: ast.expr, new: ast.expr, at: str = "") -> ast.expr:
    """Return the expression for how much more one value is worth to us than another.

    Args:
        at: The variable with the issue's worths; that for the terms judged, if left out.
    """
    rate = var(at or f"rate__{issue.name}")
    how = "RATE * (NEW - OLD)" if isinstance(issue.worth, Linear) and issue.cap is None else "RATE[NEW] - RATE[OLD]"
    return expression(how, RATE=rate, OLD=old, NEW=new)


def counts(
    policy: Policy, issue: Issue, new: ast.expr, at: str, rate: str = "", over: ast.expr | None = None
) -> ast.expr:
    """Return the expression for what a value of theirs counts, as `deal.ledger.counted`: over `begun`, or another one.

    Args:
        at: The variable with the scales, where there is a selector; *rate* that with the issue's worths there.
    """
    if not policy.is_base_bound:
        return change(issue, over or var("begun"), new, rate)
    scales = f", {at}" if policy.selector else ""
    counted = f"counted(policy, position, ISSUE, NEW{scales})"
    if over is None:
        return expression(counted, ISSUE=issue.name, NEW=new)
    return expression(
        f"{counted} - counted(policy, position, ISSUE, OVER{scales})", ISSUE=issue.name, NEW=new, OVER=over
    )


def of_issues(policy: Policy, template: str, **parts: Callable[[Issue], Part]) -> Lines:
    """Return a template's lines for every issue: its name, its bit, its value in the terms judged, changes to that.

    Args:
        parts: What else stands in its places, by issue.
    """
    found: Lines = []
    for name, issue in policy.issues.items():
        filled: dict[str, Part] = {place: part(issue) for place, part in parts.items()}
        for old in ("old", "begun", "last"):
            filled[f"FROM_{old.upper()}"] = change(issue, var(old), value(name))
        found += block(template, ISSUE=name, BIT=policy.bits[name], VALUE=value(name), **filled)
    return found


def package(policy: Policy) -> ast.expr:
    """Return the expression for the terms judged, whole, in the policy's order."""
    return ast.Dict([ast.Constant(name) for name in policy.issues], [value(name) for name in policy.issues])
