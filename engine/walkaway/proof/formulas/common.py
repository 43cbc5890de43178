"""What two policies have in common: the deals that both can read, and the numbers that are the same under both."""

from collections.abc import Mapping
from typing import Any

import msgspec
import z3

from walkaway.language.expr.tree import facts_of
from walkaway.language.values import Unit
from walkaway.policy.model import THRESHOLDS, Enforcement, Issue, Package, Policy, Rule, Table
from walkaway.proof.formulas.logic import Number, Truth

_LEDGER = ("net", "last_give", "concessions", "unreturned", "flat", "retracted", "conceded", "conceded_at")
"""Fields of the ledger that rest on worths."""


class Shared:
    """Free numbers by name, so that two deals can be made to have the same events."""

    def __init__(self, made: dict[str, Any] | None = None) -> None:
        self.made: dict[str, Any] = {} if made is None else made

    def number(self, name: str, *, whole: bool = True) -> Number:
        """Return the number of a name."""
        if name not in self.made:
            self.made[name] = (z3.Int if whole else z3.Real)(name)
        return self.made[name]

    def flag(self, name: str) -> Truth:
        """Return the truth of a name."""
        if name not in self.made:
            self.made[name] = z3.Bool(name)
        return self.made[name]


class Kin(msgspec.Struct, frozen=True):
    """What two policies share.

    Attributes:
        issues: Those that an event may name under both; `deal` and `signals` alike.
        roles: Whether the same roles have the same ranks.
        worths: Whether the same terms have the same worth, from the same start.
        waivable: Rules that an approval may lift under both.
        own: Names of numbers that each policy has for itself.
        needed: Deal facts without which one of them gives no offer a worth.
        fixed: Those that worths and limits rest on.
        per_deal: Issues, or the package, for which one of them wants each deal to bring a walk value.
    """

    issues: frozenset[str]
    deal: frozenset[str]
    signals: frozenset[str]
    roles: bool
    worths: bool
    waivable: frozenset[str]
    own: frozenset[str]
    needed: frozenset[str]
    fixed: frozenset[str]
    per_deal: frozenset[str]


def kin(old: Policy, new: Policy) -> Kin:
    """Return what two policies share."""
    same_rows = {n for n, t in old.tables.items() if n in new.tables and _rows(t) == _rows(new.tables[n])}
    cells = {n.name: n.table for n in (*old.lookups, *new.lookups)}
    own = {name for name, table in cells.items() if table not in same_rows}
    issues = frozenset(n for n, i in old.issues.items() if n in new.issues and i.unit == new.issues[n].unit)
    for name in (*issues, "package"):
        for threshold in THRESHOLDS:
            pair = [getattr(_limited(p, name), threshold) for p in (old, new)]
            if pair[0] != pair[1] or _reads(pair[0]) & own:
                own.add(f"{threshold}.{name}")
    worths = _worths(old) == _worths(new) and not any(_reads(t) & own for t in _trees(old))
    if not worths:
        own |= {f"{side}.{field}" for side in ("ours", "theirs") for field in _LEDGER}
    patterns = {p.name: (p.first, p.second, frozenset(p.alternatives)) for p in old.patterns}
    for pattern in new.patterns:
        if patterns.get(pattern.name) != (pattern.first, pattern.second, frozenset(pattern.alternatives)):
            own |= {f"pattern.{pattern.name}", f"again.{pattern.name}"}
    deal = frozenset(n for n, f in old.deal.items() if n in new.deal and f.unit == new.deal[n].unit)
    waivable = _waivable(old)
    return Kin(
        issues,
        deal,
        frozenset(old.signals) & frozenset(new.signals),
        old.roles == new.roles,
        worths,
        frozenset(r for r, rule in _waivable(new).items() if r in waivable and waivable[r].by == rule.by),
        frozenset(own),
        old.needed | new.needed,
        old.fixed | new.fixed,
        frozenset(n for n in (*issues, "package") if _limited(old, n).per_deal or _limited(new, n).per_deal),
    )


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


def _reads(tree: Any) -> frozenset[str]:
    return frozenset() if tree is None or isinstance(tree, int | str) else facts_of(tree)


def _worths(policy: Policy) -> Mapping[str, object]:
    return {n: (i.worth, i.start, i.better, i.unit) for n, i in policy.issues.items()} | {"": policy.package.base}


def _trees(policy: Policy) -> list[Any]:
    found: list[Any] = [policy.package.base]
    for issue in policy.issues.values():
        found += [issue.start, getattr(issue.worth, "rate", None), *getattr(issue.worth, "worths", {}).values()]
    return found


def _waivable(policy: Policy) -> dict[str, Rule]:
    return {r.id: r for r in policy.rules if r.enforcement is Enforcement.OVERRIDABLE}
