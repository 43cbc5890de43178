"""Checks of what is named: conclusions that need themselves, and what nobody uses."""

from collections.abc import Callable, Iterator

from walkaway.language.codes import Code
from walkaway.language.diagnostics import Diagnostic
from walkaway.language.expr.tree import (
    facts_of,
)
from walkaway.policy.lint.cycles import ordered, shown
from walkaway.policy.lint.own import own_rules, warning
from walkaway.policy.model import Policy, Rule


def cycles(policy: Policy) -> Iterator[Diagnostic]:
    """Find conclusions that need themselves."""
    needs: dict[str, set[str]] = {}
    rules: dict[str, Rule] = {}
    for rule in policy.rules:
        if name := rule.effect.concludes:
            read = {f.removeprefix("concluded.") for f in facts_of(rule.condition) if f.startswith("concluded.")}
            needs.setdefault(name, set()).update(read)
            rules.setdefault(name, rule)
    for circle in ordered(needs)[1]:
        what = f"these conclusions need each other: {shown(circle)}"
        yield Diagnostic(Code.CONCLUSION_CYCLE, what, rules[circle[0]].span, "let one of the rules read facts instead")


def unused(policy: Policy) -> Iterator[Diagnostic]:
    """Find what is declared and never used."""
    concluded = {r.effect.concludes: r for r in own_rules(policy) if r.effect.concludes}
    read = {f for r in policy.rules for f in facts_of(r.condition)}
    tables = {n.table for n in policy.lookups}
    tests: dict[str, Callable[[str], bool]] = {
        "define": lambda n: n in policy.mentioned,
        "derived": lambda n: f"derived.{n}" in read,
        "lines": lambda n: f"lines.{n}" in read,
        "pattern": lambda n: f"pattern.{n}" in read,
        "tables": lambda n: n in tables,
        "signals": lambda n: f"signals.{n}" in read,
    }
    names = {
        "define": "definition",
        "derived": "derived fact",
        "lines": "figure of lines",
        "pattern": "pattern",
        "tables": "table",
        "signals": "signal",
    }
    for place, span in policy.places.items():
        group, _, name = place.partition(".")
        if group in tests and not tests[group](name):
            yield warning(Code.UNUSED, f"{names[group]} `{name}` is never used", span, "use it in a rule, or remove it")
    for name, rule in concluded.items():
        if f"concluded.{name}" not in read:
            yield warning(
                Code.UNUSED,
                f"no rule reads the conclusion `{name}`",
                rule.span,
                f"read it as `concluded.{name}`, or remove the rule",
            )
