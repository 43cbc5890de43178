"""Find gaps and overlaps in tables that have too many regions to try each: keys that no row matches, or two do.

Smaller tables are searched when they are read (`policy.tables`); the findings are the same, but for the deal that one
names: the solver takes any.
"""

from collections.abc import Iterator

import z3

from walkaway.language.codes import Code
from walkaway.language.diagnostics import Diagnostic, Severity, Span
from walkaway.language.instants import LAST_DAY, format_day
from walkaway.language.values import Kind, Unit, format_value
from walkaway.policy.model import Bounds, Policy, Table
from walkaway.policy.tables import is_too_large
from walkaway.proof.counterexamples.find import TimeLimit
from walkaway.proof.counterexamples.write import Model
from walkaway.proof.formulas import logic
from walkaway.proof.formulas.constraints import in_range, row_hits, within
from walkaway.proof.formulas.encode import Codes, Sym
from walkaway.proof.formulas.logic import Truth, both, no, some

MOST_ROWS = 400
"""Rows at most: the solver compares each with all the others, so a larger table is not searched."""


def gaps(policy: Policy, budget: TimeLimit) -> Iterator[Diagnostic]:
    """Return what is found in the tables that reading them has left unsearched."""
    for table in policy.tables.values():
        if is_too_large(table) and len(table.rows) <= MOST_ROWS:
            search = _Searched(policy, table, budget)
            yield from search.late()
            yield from search.gap()
            yield from search.rows()


class _Searched:
    """The search of one table: what is not decided in time is no finding, and shows none."""

    def __init__(self, policy: Policy, table: Table, budget: TimeLimit) -> None:
        self.table, self.budget, self.codes = table, budget, Codes()
        self.place = policy.places.get(f"tables.{table.name}", Span(table.file, 1, 1))
        self.first_day = policy.effective[0]
        self.keys = [Sym(True, logic.free(f"key.{name}")) for name in table.keys]
        self.hits = [row_hits(row, table.key_units, self.keys, self.codes, LAST_DAY) for row in table.rows]
        self.possible = [
            both(in_range(key.value, unit), within(key.value, _stated(unit, bounds)))
            for key, unit, bounds in zip(self.keys, table.key_units, table.key_bounds, strict=True)
        ]

    def solve(self, question: Truth) -> Model | bool | None:
        """Return keys for which something is so; no where there are none, and nothing where time ran out."""
        if question is False:
            return False
        solver = z3.Solver()
        self.budget.set_on(solver)
        solver.add([p for p in (*self.possible, question) if p is not True])
        found = solver.check()
        return Model(solver.model()) if found == z3.sat else False if found == z3.unsat else None

    def late(self) -> Iterator[Diagnostic]:
        """Return the last day before which some deal has no row that has one later on."""
        rows = list(zip(self.table.rows, self.hits, strict=True))
        for day in sorted({row.since for row in self.table.rows if row.since is not None}, reverse=True):
            if self.first_day is not None and self.first_day >= day:
                return
            before = some(hit for row, hit in rows if row.since is None or row.since < day)
            begins = some(hit for row, hit in rows if row.since == day)
            if isinstance(self.solve(both(begins, no(before))), Model):
                what = f"table `{self.table.name}` has no row for deals that open before {format_day(day)} UTC"
                hint = "add a row without a day in `from`, or let `effective:` begin with that day"
                yield Diagnostic(Code.TABLE_GAP, what, self.place, hint, Severity.WARNING)
                return

    def gap(self) -> Iterator[Diagnostic]:
        """Return the first keys that no row matches on any day."""
        found = self.solve(no(some(self.hits)))
        if isinstance(found, Model):
            what = f"table `{self.table.name}` has no row for {self.told(found)}"
            yield Diagnostic(Code.TABLE_GAP, what, self.place, "add a row, or one with `*`")

    def rows(self) -> Iterator[Diagnostic]:
        """Return every row that overlaps with an earlier one of the same day, and every row that never counts."""
        name, rows = self.table.name, self.table.rows
        for second, row in enumerate(rows):
            same = [first for first in range(second) if rows[first].since == row.since]
            above = some(self.hits[first] for first in same)
            if self.table.first_hit:
                counts = self.solve(both(self.hits[second], no(above)))
            else:
                counts = self.solve(self.hits[second])
                found = self.solve(both(self.hits[second], above))
                if isinstance(found, Model):
                    line = next(rows[first].line for first in same if found.truth(self.hits[first]))
                    what = f"this line and line {line} of table `{name}` match {self.told(found)}"
                    hint = "make them exclude each other, or say `hit: first`"
                    yield Diagnostic(Code.TABLE_OVERLAP, what, row.span, hint)
            if counts is False:
                what = f"this line of table `{name}` never matches"
                hint = "an earlier line always matches first; remove it"
                yield Diagnostic(Code.TABLE_ROW_UNREACHED, what, row.span, hint, Severity.WARNING)

    def told(self, found: Model) -> str:
        """Name a deal by what it states of the table's keys."""
        pairs = zip(self.table.keys, self.keys, self.table.key_units, strict=True)
        return ", ".join(f"{key} {self.value(found.number(sym.value), unit)}" for key, sym, unit in pairs)

    def value(self, code: int, unit: Unit) -> str:
        if unit.kind is Kind.TEXT and code not in self.codes.texts.values():
            return "any other text"
        return format_value(self.codes.value(code, unit), unit)


def _stated(unit: Unit, bounds: Bounds) -> Bounds:
    """Return between which bounds a key is looked at: without a least no quantity but a day is below zero."""
    least, most = bounds
    return 0 if least is None and unit.kind is not Kind.DAY else least, most
