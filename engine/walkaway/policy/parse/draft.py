"""A policy while it is read: one frozen record, which every stage takes and returns with what it has added."""

from collections.abc import Mapping
from fractions import Fraction

import msgspec

from walkaway.language.diagnostics import Findings, Span
from walkaway.language.expr.tree import Const
from walkaway.language.expr.types import Inferred, Lookup, Scope, TableType, Typed
from walkaway.policy.calendar import Calendar
from walkaway.policy.catalog import FactSpec
from walkaway.policy.exchange import Exchange
from walkaway.policy.model import (
    ASKS,
    Claim,
    DealFact,
    DealsBudget,
    Derived,
    Issue,
    LineItems,
    Package,
    Pattern,
    Rule,
    Table,
)
from walkaway.policy.parse.layers import LoadFile
from walkaway.policy.parse.merge import Below
from walkaway.policy.parse.section import Section


class Draft(msgspec.Struct, frozen=True):
    """What the stages have read so far; what a later stage reads is still empty. The rest is named as in `Policy`.

    Attributes:
        top: The whole file, laid over the layers above it.
        below: Limits that lower layers set beside those in *top*.
        load: Gives a table's file by its name.
        scope: What an expression may name by now. A name that has a finding of its own is in its `broken`.
        limit_places: Where each start and limit stands, as `issues.price.walk`.
        multipliers: Facts that multiply, or choose a row.
    """

    top: Section
    below: Below
    load: LoadFile
    scope: Scope = Scope({}, "")
    name: str = ""
    title: str = ""
    version: int = 0
    owner: str = ""
    side: str = ""
    currency: str = ""
    effective: tuple[int | None, int | None] = (None, None)
    coverage: int | None = None
    undeclared: str = "hold"
    theirs_base: str = "said"
    ahead: int = 400
    allows: Const = Const(Fraction(0))
    people: Mapping[str, str] = {}
    spoken_as: Mapping[str, str] = {}
    asks: tuple[int, int] = ASKS
    signals: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    deal: Mapping[str, DealFact] = {}
    calendar: Calendar | None = None
    exchange: Exchange | None = None
    tables: Mapping[str, Table] = {}
    issues: Mapping[str, Issue] = {}
    package: Package | None = None
    selector: str = ""
    derived: Mapping[str, Derived] = {}
    limit_places: Mapping[str, Span] = {}
    catalog: Mapping[str, FactSpec] = {}
    patterns: tuple[Pattern, ...] = ()
    rules: tuple[Rule, ...] = ()
    matrix: Table | None = None
    budgets: Mapping[str, DealsBudget] = {}
    lines: LineItems | None = None
    labels: Mapping[str, Mapping[str, str]] = {}
    claims: tuple[Claim, ...] = ()
    lookups: tuple[Lookup, ...] = ()
    multipliers: frozenset[str] = frozenset()
    mentioned: frozenset[str] = frozenset()

    @property
    def quantities(self) -> dict[str, Typed]:
        """Return the definitions that are no conditions."""
        return {name: found for name, found in self.scope.defined.items() if isinstance(found, Typed)}

    @property
    def table_types(self) -> dict[str, TableType]:
        """Return what expressions may know of the tables."""
        return {t.name: TableType(t.key_units, t.columns) for t in self.tables.values()}

    def noting(self, notes: Inferred) -> "Draft":
        """Return the draft with what the inference of a stage's expressions left behind."""
        return msgspec.structs.replace(
            self,
            lookups=(*self.lookups, *notes.lookups),
            multipliers=self.multipliers | notes.multipliers,
            mentioned=self.mentioned | notes.names,
        )


def notes_for(findings: Findings) -> Inferred:
    """Return empty notes for a stage's expressions, whose findings go to *findings*."""
    return Inferred(findings, [], set())
