"""The stage that lists every fact of the policy, for the conditions that are read after it."""

import re

from msgspec.structs import replace

from walkaway.language import source
from walkaway.language.diagnostics import Findings
from walkaway.language.expr.types import FactType, Scope
from walkaway.language.source import Scalar
from walkaway.policy.catalog import DealShape, DerivedShape, IssueShape, Shape, entries
from walkaway.policy.model import THRESHOLDS, Derived, Issue, Package
from walkaway.policy.parse.derived import written
from walkaway.policy.parse.draft import Draft
from walkaway.policy.parse.fields import NAME, RULE_NAME
from walkaway.policy.parse.line_items import figure_shapes, unread_figures
from walkaway.policy.parse.names import broken, undue
from walkaway.policy.parse.section import Section


def list_facts(draft: Draft, _: Findings) -> Draft:
    """Make the catalog of facts, and let expressions name them."""
    catalog = {e.name: e for e in entries(_shape(draft))}
    unread = draft.scope.broken.union(
        broken(draft.top, "issues", draft.issues),
        broken(draft.top, "derived", draft.derived),
        unread_figures(draft),
        broken(draft.top, "signals", draft.signals),
        broken(draft.top, "roles", draft.roles),
        undue(draft.top, [i.name for i in draft.issues.values() if i.owed is not None]),
    )
    known = {n: FactType(e.unit, e.fixed, not e.known, e.whole) for n, e in catalog.items()}
    return replace(draft, catalog=catalog, scope=Scope(known, draft.currency, {}, draft.table_types, unread))


def _shape(draft: Draft) -> Shape:
    """Return what the catalog must know."""
    return Shape(
        currency=draft.currency,
        issues={i.name: IssueShape(i.unit, _limited(i), _across(i)) for i in draft.issues.values()},
        deal={d.name: DealShape(d.unit, d.may_be_missing, d.meaning) for d in draft.deal.values()},
        signals=draft.signals,
        roles=draft.roles,
        mandates=tuple(n.value for n, _ in draft.top.entries("mandates", RULE_NAME)),
        patterns=tuple(n.value for n, _ in draft.top.entries("pattern", NAME)),
        conclusions=_conclusions(draft.top),
        package=_limited(draft.package) if draft.package is not None else frozenset(),
        package_across=_across(draft.package) if draft.package is not None else frozenset(),
        selector=draft.selector,
        derived={d.name: _derived(d, draft) for d in draft.derived.values()},
        calendar="calendar" in draft.top.nodes,
        exchange=draft.exchange is not None and bool(draft.exchange.file),
        budgets=tuple(n.value for n, _ in draft.top.entries("budgets", NAME)),
        owed=tuple(i.name for i in draft.issues.values() if i.owed is not None),
        lines=figure_shapes(draft),
    )


def _derived(derived: Derived, draft: Draft) -> DerivedShape:
    """Return what the catalog must know of a derived fact: it is unknown where something is that it is made of."""
    optional = any(f"deal.{d.name}" in derived.facts and d.may_be_missing for d in draft.deal.values())
    meaning = f"`{written(draft.top, derived.name)}` of the offer judged"
    return DerivedShape(derived.unit, meaning, optional, derived.whole)


def _limited(limited: Issue | Package) -> frozenset[str]:
    """Return the thresholds that it has, at every value of the selector."""
    found = {t for t in THRESHOLDS if all(getattr(at, t) is not None for at in limited.by.values() or (limited,))}
    return frozenset(found | ({"walk"} if limited.per_deal else set()))


def _across(limited: Issue | Package) -> frozenset[str]:
    """Return the thresholds that hang on the selector."""
    return frozenset(t for t in THRESHOLDS if len({getattr(at, t) for at in limited.by.values()}) > 1)


def _conclusions(top: Section) -> tuple[str, ...]:
    """Return the names that rules conclude, before the rules are read."""
    found = []
    rules = top.nodes.get("rules")
    for _, node in rules.entries if isinstance(rules, source.Mapping) else ():
        then = node.get("then") if isinstance(node, source.Mapping) else None
        name = then.get("conclude") if isinstance(then, source.Mapping) else None
        if isinstance(name, Scalar) and re.fullmatch(NAME, name.value, re.ASCII):
            found.append(name.value)
    return tuple(dict.fromkeys(found))
