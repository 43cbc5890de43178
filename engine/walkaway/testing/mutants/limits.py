"""Mutants of the numbers that a policy states for an issue or for the whole package: start, wish, want and walk."""

from collections.abc import Iterator
from typing import Any as Anything
from typing import TypeVar

import msgspec

from walkaway.language.diagnostics import Span
from walkaway.language.expr.tree import Fact, facts_of
from walkaway.language.values import Kind, Unit, Value, format_value
from walkaway.policy.model import AT, THRESHOLDS, Issue, Package, Policy
from walkaway.testing.mutants.forms import Mutant, moved, moved_by

_BY_TERMS = (
    "offer.",
    "give.",
    "asked.",
    "get.",
    "move.",
    "room.",
    "ours.",
    "theirs.",
    "balance",
    "pattern.",
    "settled.",
)
"""Facts that rest on start terms and worths."""


Limited = TypeVar("Limited", Issue, Package)


def of_limits(policy: Policy) -> Iterator[Mutant]:
    """Return the policy with each start, wish, want and walk value changed that some rule looks at.

    A limit that is a table's cell is changed in the table.
    """
    for name in (*policy.issues, "package"):
        issue = policy.issues.get(name)
        limited: Issue | Package = issue or policy.package
        path = f"issues.{name}" if issue else "package.package"
        stated: list[tuple[str, Value | None, Anything, str]] = [
            ("start", None, getattr(limited, "start", None), "start")
        ]
        stated += [(t, value, limit, f"{t}{at}") for t in THRESHOLDS for value, limit, at in _cases(policy, limited, t)]
        for key, value, limit, place in stated:
            span = policy.places.get(f"{path}.{place}")
            if limit is None or span is None or (isinstance(limit, Fact) and limit.name in _cells(policy)):
                continue
            facts = touched(policy, name, key)
            if not facts:
                continue
            of = f"{place.replace(AT, ' at ')} of {name if issue else 'the package'}"
            selects = issue if issue is not None and name == policy.selector else None
            for what, changed in _forms(limit, issue.unit if issue else policy.money, selects):
                other = _with(policy, name, key, value, changed)
                yield Mutant(of, span, written(span), what, other, facts=facts, issue=name if key == "start" else "")


def of_owed(policy: Policy) -> Iterator[Mutant]:
    """Return the policy with what is owed due a day sooner, and a day later, where some rule looks at what is late."""
    read = {fact for rule in policy.rules for fact in facts_of(rule.condition)}
    for name, issue in policy.owed.items():
        facts = frozenset(read & {"owed.late", f"owed.late.{name}", f"owed.days_left.{name}"})
        span = policy.places.get(f"issues.{name}.owed")
        for days in (1, -1) if facts and span is not None else ():
            assert span is not None
            assert issue.owed is not None
            if issue.owed + days >= 0:
                other = _with(policy, name, "owed", None, issue.owed + days)
                yield Mutant(f"owed of {name}", span, written(span), moved("it", days, _DAYS), other, facts=facts)


_DAYS = Unit(Kind.DAYS)


def _cells(policy: Policy) -> set[str]:
    return {lookup.name for lookup in policy.lookups}


def _cases(policy: Policy, limited: Issue | Package, key: str) -> Iterator[tuple[Value | None, Anything, str]]:
    """Return a limit at each value of the selector on which it hangs, with what is added to its name; else once."""
    name = limited.name if isinstance(limited, Issue) else "package"
    cases = policy.by_case.get(f"{key}.{name}")
    if cases is None:
        yield None, getattr(limited, key), ""
        return
    unit = policy.issues[policy.selector].unit
    for value in cases:
        yield value, getattr(limited.by[value], key), f"{AT}{format_value(value, unit)}"


def _forms(limit: Anything, unit: Unit, selects: Issue | None = None) -> Iterator[tuple[str, Anything]]:
    """Return a limit changed, with what was done to it: a number moved by a unit, a word made each of the others.

    Args:
        selects: The selector, whose values are told apart one by one.
    """
    if selects is not None:
        others = (value for value in selects.finite if value != limit)
        yield from ((f"changed to {format_value(value, unit)}", value) for value in others)
    elif unit.is_numeric:
        yield from ((moved("it", units, unit), moved_by(limit, units, unit)) for units in (1, -1))
    elif unit.kind is Kind.YES_NO:
        yield f"changed to {'no' if limit == 1 else 'yes'}", 1 - limit
    else:
        yield from ((f"changed to {word}", word) for word in unit.choices if word != limit)


def _with(policy: Policy, name: str, key: str, case: Value | None, changed: Anything) -> Policy:
    """Return the policy with another limit: at one value of the selector, or at all of them."""
    issue = policy.issues.get(name)
    if issue is None:
        return msgspec.structs.replace(policy, package=_changed(policy.package, key, case, changed))
    return msgspec.structs.replace(policy, issues={**policy.issues, name: _changed(issue, key, case, changed)})


def _changed(limited: Limited, key: str, case: Value | None, changed: Anything) -> Limited:
    replace = msgspec.structs.replace
    by = {v: replace(at, **{key: changed}) if case in (None, v) else at for v, at in limited.by.items()}
    return replace(limited, by=by, **({} if case is not None else {key: changed}))


def touched(policy: Policy, name: str, key: str) -> frozenset[str]:
    """Return the facts that rest on a limit; none where no rule reads one."""
    read = {fact for rule in policy.rules for fact in facts_of(rule.condition)}
    if key == "start":
        found = {f for f in read if f.startswith(_BY_TERMS)}
        return frozenset({*found, "offer.worth", f"offer.{name}"} if found else ())
    counted = {"walk": {f"room.{name}", "room.beyond_walk"}, "want": {"room.short_of_want"}, "wish": set[str]()}
    found = read & {f"{key}.{name}", *counted[key]}
    return frozenset({*found, f"{key}.{name}"} if found else ())


def by_terms(policy: Policy) -> frozenset[str]:
    """Return the facts that rest on the worth of terms; none where no rule reads one."""
    return touched(policy, "", "start")


def written(span: Span) -> str:
    """Return what stands at a place, without quotes."""
    return span.text[span.column - 1 :][: span.length].strip("'\"")
