"""What two policies have in common: the deals that both can read, and the numbers that are the same under both."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from walkaway.decide.authority import rests_on
from walkaway.language.expr.tree import facts_of
from walkaway.language.values import Unit, Value
from walkaway.policy.model import AT, LINES, DealFact, Issue, LineItems, Package, Policy, Table
from walkaway.proof.formulas import logic
from walkaway.proof.formulas.logic import Number, Truth

_LEDGER = (
    "last_give", "concessions", "unreturned", "flat", "retracted", "conceded", "conceded_at", "in_a_row", "rejected",
    "rejections",
)  # fmt: skip
_ELSEWHERE = ("left.open", "left_at", "offer.gain", "offer.loss", "offer.losses", "offer.new")
"""Fields of the ledger, and other numbers, that rest on worths."""
HALTED = "ours.halted"
MISSING = "missing"
"""The number of things that a deal lacks."""


COMPARED: Mapping[str, frozenset[str]] = {
    "Policy": frozenset(
        {
            "currency",
            "deal",
            "effective",
            "fixed",
            "issues",
            "lookups",
            "needed",
            "package",
            "patterns",
            "people",
            "spoken_as",
            "roles",
            "rules",
            "side",
            "signals",
            "tables",
            "theirs_base",
            "ahead",
            "calendar",
            "as_of",
            "above",
            "allows",
            "selector",
            "derived",
            "exchange",
            "home",
            "budgets",
            "lines",
        }
    ),
    "LineItems": frozenset({"facts", "issues", "figures", "most"}),
    "LineIssue": frozenset({"name", "unit", "start", "worth", "better", "least", "most"}),
    "Figure": frozenset({"name", "reach", "unit", "tree", "way", "optional"}),
    "DealFact": frozenset({"unit", "optional", "default", "least", "most"}),
    "Issue": frozenset(
        {
            "unit",
            "start",
            "worth",
            "better",
            "wish",
            "want",
            "walk",
            "per_deal",
            "cap",
            "is_shadow",
            "as_named",
            "values",
            "least",
            "most",
            "by",
            "owed",
        }
    ),
    "Derived": frozenset({"unit", "parts"}),
    "Linear": frozenset({"rate", "step"}),
    "Graded": frozenset({"worths"}),
    "Package": frozenset({"base", "wish", "want", "walk", "per_deal", "by"}),
    "Rule": frozenset({"id", "on", "condition", "effect", "enforcement", "by", "built_in"}),
    "Effect": frozenset({"verdict", "concludes", "door", "to", "count"}),
    "Pattern": frozenset({"name", "first", "second", "condition", "alternatives"}),
    "Leg": frozenset({"name", "on", "reads"}),
    "Table": frozenset({"keys", "key_units", "columns", "rows", "first_hit"}),
    "Row": frozenset({"keys", "cells", "since"}),
    "Lookup": frozenset({"name", "table", "column", "keys"}),
    "DealsBudget": frozenset({"name", "of", "most"}),
    "Calendar": frozenset({"starts", "facts", "ends"}),
    "Exchange": frozenset({"accepted", "file", "per", "published", "max_age", "drift"}),
}
"""What `decide` reads of a policy, record by record: two policies are compared on all of it."""
WITHOUT_MEANING: Mapping[str, frozenset[str]] = {
    "Policy": frozenset(
        {
            "name",
            "title",
            "version",
            "owner",
            "sha256",
            "file",
            "files",
            "places",
            "mentioned",
            "claims",
            "quantities",
            "coverage",
            "catalog",
            "matrix",
            "labels",
            "rates",
            "asks",
        }
    ),
    "DealFact": frozenset({"name", "personal", "meaning"}),
    "Issue": frozenset({"name", "personal", "step", "theirs"}),
    "Derived": frozenset({"name", "tree"}),
    "LineItems": frozenset(),
    "LineIssue": frozenset(),
    "Figure": frozenset(),
    "Linear": frozenset(),
    "Graded": frozenset(),
    "Package": frozenset(),
    "Rule": frozenset({"why", "say", "source", "span", "said_at", "concern", "made_of"}),
    "Effect": frozenset(),
    "Pattern": frozenset(),
    "Leg": frozenset(),
    "Table": frozenset({"name", "file", "header", "key_bounds"}),
    "Row": frozenset({"span"}),
    "Lookup": frozenset(),
    "DealsBudget": frozenset({"span"}),
    "Calendar": frozenset({"file", "span"}),
    "Exchange": frozenset({"span"}),
}
"""What it does not read, but for words and places in answers; steps and their worths make counteroffers alone, and how
many asks of agents are answered changes no verdict."""


def apart(old: Policy, new: Policy) -> tuple[str, ...]:
    """Return what two policies differ in that formulas say nothing of: whatever it changes is not found."""
    both = old.budgets.keys() & new.budgets.keys()
    found: dict[str, Callable[[Policy], object]] = {
        "what tells the sums of budgets apart": lambda p: {name: p.budgets[name].of for name in both},
        "the currency": lambda p: p.currency,
        "the side of the table": lambda p: p.side,
        "the names of people": lambda p: dict(p.people),
        "in which roles people act": lambda p: dict(p.spoken_as),
        "from when on an event is far ahead": lambda p: p.ahead,
        "what approvals cover": lambda p: p.roles and {i.name for i in p.issues.values() if i.as_named},
        "in which other currencies deals may be, and at which rates": _others,
        "the calendar": lambda p: p.calendar and (p.calendar.starts, p.calendar.facts),
        "the day asked about": lambda p: p.as_of,
        "what is owed, and until when": lambda p: {name: issue.owed for name, issue in p.owed.items()},
        "the lines of a deal": lambda p: p.lines and _kept(p.lines),
        "the layers above": lambda p: judging_by(p.above),
    }
    return tuple(what for what, of in found.items() if of(old) != of(new))


def _kept(items: LineItems) -> object:
    """Return what is stated and negotiated of lines, and how many there may be, but no worths and no figures."""
    stated = {n: (f.unit, f.optional, f.default, f.least, f.most) for n, f in items.facts.items()}
    return stated, {n: (i.unit, i.start, i.better, i.least, i.most) for n, i in items.issues.items()}, items.most


def _others(policy: Policy) -> object:
    """Return in which other currencies deals may be, and at which rates."""
    found = policy.exchange
    return found and (found.accepted, found.file, found.per, found.published, found.max_age, found.drift)


def judging_by(policy: Policy | None) -> object:
    """Return all by which a policy, and those above it, judge: two of which this is equal give equal answers."""
    if policy is None:
        return None
    said = sorted(COMPARED["Policy"] - {"rules", "above"})
    rules = {(r.id, r.on, r.condition, r.effect, r.enforcement, r.by) for r in policy.rules}
    return [getattr(policy, name) for name in said], rules, judging_by(policy.above)


class Shared:
    """Free numbers by name, so that two deals can be made to have the same events."""

    def __init__(self, made: dict[str, Any] | None = None) -> None:
        self.made: dict[str, Any] = {} if made is None else made

    def number(self, name: str, *, whole: bool = True) -> Number:
        """Return the number of a name."""
        if name not in self.made:
            self.made[name] = logic.free(name, whole=whole)
        return self.made[name]

    def flag(self, name: str) -> Truth:
        """Return the truth of a name."""
        if name not in self.made:
            self.made[name] = logic.flag(name)
        return self.made[name]


class Common(msgspec.Struct, frozen=True):
    """What two policies share.

    Attributes:
        issues: Those that an event may name under both; `deal` and `signals` alike.
        roles: Whether the same roles have the same ranks.
        worths: Whether the same terms have the same worth, from the same start.
        liftable: Rules that the same approvals lift under both.
        stated: Deal facts that both know and that one alone takes as optional, or gives another default.
        own: Names of numbers that each policy has for itself.
        needed: Deal facts without which one of them gives no offer a worth.
        fixed: Those that worths and limits rest on.
        per_deal: Issues, or the package, for which one of them wants each deal to bring a walk value.
        halted: Whether one of them reads that all our offers are stopped.
    """

    issues: frozenset[str]
    deal: frozenset[str]
    signals: frozenset[str]
    roles: bool
    worths: bool
    liftable: frozenset[str]
    stated: frozenset[str]
    own: frozenset[str]
    needed: frozenset[str]
    fixed: frozenset[str]
    per_deal: frozenset[str]
    halted: bool


def common_to(old: Policy, new: Policy) -> Common:
    """Return what two policies share."""
    same_rows = {n for n, t in old.tables.items() if n in new.tables and _rows(t) == _rows(new.tables[n])}
    deal = frozenset(n for n, f in old.deal.items() if n in new.deal and f.unit == new.deal[n].unit)
    stated = frozenset(n for n in deal if _stating(old.deal[n]) != _stating(new.deal[n]))
    moved = {f"deal.{n}" for n in stated}
    cells = {n.name: n for n in (*old.lookups, *new.lookups)}
    own = {n for n, at in cells.items() if at.table not in same_rows or not moved.isdisjoint(at.keys)}
    issues = frozenset(n for n, i in old.issues.items() if n in new.issues and i.unit == new.issues[n].unit)
    if old.lines != new.lines and (not old.lines or not new.lines or _kept(old.lines) != _kept(new.lines)):
        deal, issues = deal - {LINES}, issues - {LINES}  # lines of the one are none of the other
    limits = [{held: _limit(p, of, name, at) for held, of, name, at in p.limit_facts} for p in (old, new)]
    for held in {**limits[0], **limits[1]}:
        pair = [said.get(held) for said in limits]
        if pair[0] != pair[1] or _reads(pair[0]) & (own | moved):
            own |= {held, held.partition(AT)[0]}
    worths = (
        _worths(old) == _worths(new)
        and old.theirs_base == new.theirs_base
        and not (old.is_base_walk and any(name.startswith("walk.") for name in own))
        and not any(_reads(t) & (own | moved) for t in _trees(old))
    )
    if not worths:
        own |= {f"{side}.{field}" for side in ("ours", "theirs") for field in _LEDGER}
        own |= {*_ELSEWHERE}
    spoken = [entry.unit.choices if (entry := p.catalog.get("offer.role")) is not None else () for p in (old, new)]
    if spoken[0] != spoken[1]:
        own |= {"offer.role", "offer.role.known"}
    patterns = {p.name: (p.first, p.second, frozenset(p.alternatives)) for p in old.patterns}
    for pattern in new.patterns:
        if patterns.get(pattern.name) != (pattern.first, pattern.second, frozenset(pattern.alternatives)):
            own |= {f"pattern.{pattern.name}", *(f"again.{act}.{pattern.name}" for act in ("offer", "taking"))}
    if _wanted(old) != _wanted(new) or not own.isdisjoint(_wanted(old)):
        own |= {MISSING}
    lifting = _lifting(old)
    return Common(
        issues,
        deal,
        frozenset(old.signals) & frozenset(new.signals),
        old.roles == new.roles,
        worths,
        frozenset(r for r, how in _lifting(new).items() if lifting.get(r) == how),
        stated,
        frozenset(own),
        old.needed | new.needed,
        old.fixed | new.fixed,
        frozenset(n for n in (*issues, "package") if _limited(old, n).per_deal or _limited(new, n).per_deal),
        reads_halted(old) or reads_halted(new),
    )


def reads_halted(policy: Policy) -> bool:
    """Return whether a rule or a claim reads that all our offers are stopped; the built-in rule `halted` holds whatever
    else is answered then, under every policy.
    """
    conditions = [*(r.condition for r in policy.rules if not r.built_in), *(c.condition for c in policy.claims)]
    return any(HALTED in facts_of(condition) for condition in conditions)


def _wanted(policy: Policy) -> Mapping[str, object]:
    """Return what an opening has to state or to find, each with what else a deal has instead: where it is the same
    under two policies, and no number of it is one policy's own, a deal lacks as much under both."""
    found: dict[str, object] = {f"deal.{n}": (_unit(f.unit), _stating(f)) for n, f in policy.deal.items()}
    found |= {cell.name: (cell.table, cell.column, cell.keys) for cell in policy.lookups}
    for held, threshold, name, value in policy.limit_facts:
        if threshold == "walk":
            limited = _limited(policy, name)
            limited = limited if value is None else limited.by[value]
            found[held] = limited.per_deal, limited.walk
    return found


def _rows(table: Table) -> object:
    return (
        table.keys,
        table.key_units,
        {n: _unit(u) for n, u in table.columns.items()},
        table.first_hit,
        [(r.keys, dict(r.cells), r.since) for r in table.rows],
    )


def _unit(unit: Unit) -> tuple[object, ...]:
    return (unit.kind, unit.currency, unit.choices)


def _limited(policy: Policy, name: str) -> Issue | Package:
    return policy.issues.get(name, policy.package)


def _limit(policy: Policy, threshold: str, name: str, value: Value | None) -> Any:
    """Return a limit, at a value of the selector."""
    limited = _limited(policy, name)
    return getattr(limited if value is None else limited.by[value], threshold)


def _reads(tree: Any) -> frozenset[str]:
    return frozenset() if tree is None or isinstance(tree, int | str) else facts_of(tree)


def _worths(policy: Policy) -> Mapping[str, object]:
    found: dict[str, object] = {
        n: (i.worth, i.start, i.better, i.unit, i.cap, i.is_shadow, {v: at.worth for v, at in i.by.items()})
        for n, i in policy.issues.items()
    }
    bases = {value: at.base for value, at in policy.package.by.items()}
    lines = {} if policy.lines is None else {n: (i.worth, i.start) for n, i in policy.lines.issues.items()}
    return found | {"": (policy.package.base, bases), "by": policy.selector, LINES: lines}


def _trees(policy: Policy) -> list[Any]:
    found: list[Any] = [at.base for at in (policy.package, *policy.package.by.values())]
    for issue in (at for each in policy.issues.values() for at in (each, *each.by.values())):
        found += [issue.start, getattr(issue.worth, "rate", None), *getattr(issue.worth, "worths", {}).values()]
    return found


def _lifting(policy: Policy) -> dict[str, object]:
    """Return for each rule all that says which approvals lift it."""
    found: dict[str, list[object]] = {}
    for rule in policy.rules:
        how = (rule.effect.to, rule.effect.count, rule.enforcement, rule.by, rule.built_in, rests_on(policy, rule))
        found.setdefault(rule.id, []).append(how)
    return {rule: tuple(hows) for rule, hows in found.items()}


def _stating(fact: DealFact) -> object:
    return fact.optional, fact.default
