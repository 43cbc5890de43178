"""Find gaps and overlaps in tables that have too many regions to try each: keys that no row matches, or two do.

Smaller tables are searched when they are read (`policy.tables`); the findings are the same.
"""

from collections.abc import Iterator, Sequence

import z3

from walkaway.language.codes import Code
from walkaway.language.diagnostics import Diagnostic, Severity, Span
from walkaway.language.values import format_value
from walkaway.policy.model import Policy, Table
from walkaway.policy.tables import is_too_large
from walkaway.proof.counterexamples.find import TimeLimit
from walkaway.proof.counterexamples.write import Model
from walkaway.proof.formulas.constraints import in_range, row_hits, within
from walkaway.proof.formulas.encode import Codes, Sym
from walkaway.proof.formulas.logic import Truth, at_least, both, no, some

MOST_ROWS = 400
"""Rows at most: the solver compares each with all the others, so a larger table is not searched."""
NEWEST = 10**6
"""Days after 1970 by which every row is in force."""


def gaps(policy: Policy, budget: TimeLimit) -> Iterator[Diagnostic]:
    """Return what is found in the tables that reading them has left unsearched."""
    for table in policy.tables.values():
        if is_too_large(table) and len(table.rows) <= MOST_ROWS:
            yield from _Searched(policy, table, budget).findings()


class _Searched:
    def __init__(self, policy: Policy, table: Table, budget: TimeLimit) -> None:
        self.table, self.budget, self.codes = table, budget, Codes()
        self.place = policy.places.get(f"tables.{table.name}", Span(table.file, 1, 1))
        self.keys = [Sym(True, z3.Int(f"key.{name}")) for name in table.keys]
        self.day = z3.Int("day")
        first = policy.effective[0]
        self.hits = [row_hits(row, table.key_units, self.keys, self.codes, self.day) for row in table.rows]
        self.possible = [in_range(k.value, u) for k, u in zip(self.keys, table.key_units, strict=True)]
        stated = [(0 if low is None else low, high) for low, high in table.key_bounds]
        self.possible += [within(k.value, bounds) for k, bounds in zip(self.keys, stated, strict=True)]
        self.possible.append(both(at_least(self.day, 0 if first is None else first), at_least(NEWEST, self.day)))

    def solve(self, question: Truth) -> Model | None:
        """Return keys for which something is so."""
        solver = z3.Solver()
        solver.set("timeout", max(1, self.budget.milliseconds))
        solver.add([p for p in (*self.possible, question) if p is not True])
        return Model(solver.model()) if question is not False and solver.check() == z3.sat else None

    def findings(self) -> Iterator[Diagnostic]:
        """Return the first gap, every row that overlaps with an earlier one, every row that never counts."""
        name = self.table.name
        found = self.solve(no(some(self.hits)))
        if found is not None:
            pairs = zip(self.table.keys, self.keys, self.table.key_units, strict=True)
            what = ", ".join(
                f"{key} {format_value(self.codes.value(found.number(sym.value), unit), unit)}"
                for key, sym, unit in pairs
            )
            hint = "add a row, or one with `*`"
            yield Diagnostic(Code.TABLE_GAP, f"table `{name}` has no row for {what}", self.place, hint)
        for second, row in enumerate(self.table.rows):
            same = [first for first in range(second) if self.table.rows[first].since == row.since]
            overlap = both(self.hits[second], some(self.hits[f] for f in same))
            found = None if self.table.first_hit else self.solve(overlap)
            if found is not None:
                line = next(self.table.rows[f].line for f in same if found.truth(self.hits[f]))
                what = f"this line and line {line} of table `{name}` match the same deal"
                hint = "make them exclude each other, or say `hit: first`"
                yield Diagnostic(Code.TABLE_OVERLAP, what, row.span, hint)
            elif self.solve(both(self.hits[second], no(some(self.ahead(second, same))))) is None:
                what = f"this line of table `{name}` never matches"
                hint = "an earlier line always matches first; remove it"
                yield Diagnostic(Code.TABLE_ROW_UNREACHED, what, row.span, hint, Severity.WARNING)

    def ahead(self, second: int, same: Sequence[int]) -> Iterator[Truth]:
        """Return the truth that a row with precedence over another one matches."""
        since = self.table.rows[second].since
        for place, row in enumerate(self.table.rows):
            if place in same or (row.since is not None and (since is None or row.since > since)):
                yield self.hits[place]
