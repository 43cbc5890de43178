"""Mutants of decision tables: a cell's number moved, and the end of a range, so that its neighbour begins elsewhere."""

from collections.abc import Iterator

import msgspec

from walkaway.language.diagnostics import Span
from walkaway.language.expr.tree import facts_of
from walkaway.policy.model import THRESHOLDS, Graded, Policy, Row, Table
from walkaway.policy.tables.cells import CsvLine
from walkaway.testing.mutants.forms import Mutant, moved
from walkaway.testing.mutants.limits import by_terms, touched, written

_ENDS = ("its lower end", "its upper end")


def of_tables(policy: Policy) -> Iterator[Mutant]:
    """Return a mutant for each number in the tables a policy looks up; columns that nobody reads have none."""
    for table in policy.tables.values():
        read = {lookup.column: lookup.name for lookup in policy.lookups if lookup.table == table.name}
        touches = {column: _touched(policy, name) for column, name in read.items()}
        for number, row in enumerate(table.rows):
            for column, facts in touches.items():
                for what, rows in _outputs(table, number, column):
                    yield _mutant(policy, table, row, column, what, rows, facts)
            for place, key in enumerate(table.keys):
                for what, rows in _bounds(table, number, place):
                    facts = frozenset[str]().union(*touches.values())
                    yield _mutant(policy, table, row, key, what, rows, facts)


def _mutant(
    policy: Policy, table: Table, row: Row, column: str, what: str, rows: tuple[Row, ...], facts: frozenset[str]
) -> Mutant:
    other = msgspec.structs.replace(table, rows=rows)
    changed = msgspec.structs.replace(policy, tables={**policy.tables, table.name: other})
    span = _place(table, row, column)
    of = f"{column} in table {table.name}"
    return Mutant(of, span, written(span), what, changed, facts=facts, table=table.name)


def _place(table: Table, row: Row, column: str) -> Span:
    """Return the place of a cell; of a line that is too long to be kept, that of the line."""
    try:
        return CsvLine(row.span.file, row.span.line, (), row.span.text).at(table.header.index(column))
    except IndexError:
        return row.span


def _outputs(table: Table, number: int, column: str) -> Iterator[tuple[str, tuple[Row, ...]]]:
    row, unit = table.rows[number], table.columns[column]
    cell = row.cells[column]
    if unit.is_numeric and isinstance(cell, int):
        for units in (1, -1):
            changed = msgspec.structs.replace(row, cells={**row.cells, column: cell + units})
            yield moved("it", units, unit), (*table.rows[:number], changed, *table.rows[number + 1 :])


def _bounds(table: Table, number: int, place: int) -> Iterator[tuple[str, tuple[Row, ...]]]:
    """Return rows with an end of a range moved by a unit, each way: one value changes its row.

    The lower end of a range that begins where another ends is moved as that one's upper end.
    """
    test, unit = table.rows[number].keys[place], table.key_units[place]
    if not isinstance(test, tuple):
        return
    ends = {r.keys[place][1] for r in table.rows if isinstance(r.keys[place], tuple)}  # type: ignore[index]
    for end, bound in enumerate(test):
        if bound is None or (end == 0 and (bound <= 0 or bound - 1 in ends)):
            continue
        for units in (1, -1):
            yield moved(_ENDS[end], units, unit), _moved(table, number, place, end, units)


def _moved(table: Table, number: int, place: int, end: int, units: int) -> tuple[Row, ...]:
    row = table.rows[number]
    test = row.keys[place]
    assert isinstance(test, tuple)
    bound = test[end]
    assert bound is not None
    changed = _with_test(row, place, (bound + units, test[1]) if end == 0 else (test[0], bound + units))
    others = (*table.rows[:number], *table.rows[number + 1 :])
    if (units > 0) == (end == 1):  # it grows: its new value is its own, whoever had it
        rows = (*table.rows[:number], changed, *table.rows[number + 1 :])
        return rows if table.first_hit else (changed, *others)
    beyond = bound - 1 if end == 0 else bound + 1
    taking = [_with_test(r, place, (bound, bound)) for r in others if _begins(r.keys[place], beyond, 1 - end)]
    return (*table.rows[:number], changed, *table.rows[number + 1 :], *taking)


def _begins(test: object, value: int, end: int) -> bool:
    """Return whether a range has its end of that number at a value."""
    return isinstance(test, tuple) and test[end] == value


def _with_test(row: Row, place: int, test: tuple[int | None, int | None]) -> Row:
    return msgspec.structs.replace(row, keys=(*row.keys[:place], test, *row.keys[place + 1 :]))


def _touched(policy: Policy, cell: str) -> frozenset[str]:
    """Return the facts that some rule reads and that rest on a cell."""
    found = {fact for rule in policy.rules for fact in facts_of(rule.condition)} & {cell}
    for name in (*policy.issues, "package"):
        limited = policy.issues.get(name, policy.package)
        for key, limit in ((t, getattr(at, t)) for at in (limited, *limited.by.values()) for t in THRESHOLDS):
            if limit is not None and not isinstance(limit, int | str) and cell in facts_of(limit):
                found |= touched(policy, name, key)
    return frozenset(found) | (by_terms(policy) if cell in _valued(policy) else frozenset())


def _valued(policy: Policy) -> frozenset[str]:
    """Return the facts on which start terms and worths rest."""
    found = frozenset[str]().union(*(facts_of(at.base) for at in (policy.package, *policy.package.by.values())))
    for issue in (at for each in policy.issues.values() for at in (each, *each.by.values())):
        worth = issue.worth
        rates = worth.worths.values() if isinstance(worth, Graded) else (worth.rate,)
        start = issue.start
        trees = [*rates, *([] if start is None or isinstance(start, int | str) else [start])]
        found |= frozenset[str]().union(*map(facts_of, trees))
    return found
