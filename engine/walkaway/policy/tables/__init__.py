"""Read decision tables from CSV, check them for gaps and overlaps, and look up a row.

A key's column bears the name of the deal fact that chooses the row; a cell there is a value, a range (`0%..10%`,
`>= 50`) or `*`. Other columns take their unit from their cells. A `from` column dates rows.
"""

import itertools
import re
from collections.abc import Hashable, Iterable, Mapping, Sequence
from functools import reduce
from math import prod
from operator import and_
from typing import TypeVar

from walkaway.language.codes import Code
from walkaway.language.currencies import CURRENCIES
from walkaway.language.diagnostics import Findings, nearest
from walkaway.language.instants import DAY_FORM, format_day, read_day
from walkaway.language.source import Scalar
from walkaway.language.spelling import counted
from walkaway.language.values import (
    Exact,
    Kind,
    NotAValue,
    Unit,
    Value,
    format_value,
    parse_value,
    read_quantity,
    shorten,
)
from walkaway.policy.model import Bounds, DealFact, Row, Table
from walkaway.policy.tables.cells import CsvLine, read_lines, told

DATED = "from"
MAX_REGIONS = 200_000

K = TypeVar("K", bound=Hashable)
Test = Value | tuple[int | None, int | None] | None


def read_table(
    name: str,
    place: Scalar,
    data: bytes,
    file: str,
    keys: Sequence[str],
    facts: Mapping[str, DealFact],
    first_hit: bool,
    currency: str,
    findings: Findings,
    first_day: int | None = None,
) -> Table | None:
    """Read one table.

    Args:
        place: Where the policy names it.
        file: What findings call its file.
        keys: The key columns, in order.
        facts: Those that every deal states, by name without `deal.`.
        first_day: On which a deal can open under the policy; none where it says none.

    Diagnostics:
        WA401 to WA406.
    """
    lines, units = read_lines(data, file, findings), {name: fact.unit for name, fact in facts.items()}
    columns = _columns(name, place, lines, keys, units, currency, findings) if lines else None
    if not lines or columns is None:
        return None
    header = lines[0].cells
    read = [_row(line, header, keys, units, columns, findings) for line in lines[1:]]
    found = tuple(r for r in read if r is not None)
    if len(found) < len(read):
        return None
    key_units, key_bounds = tuple(units[k] for k in keys), tuple(facts[k].bounds for k in keys)
    table = Table(name, file, tuple(keys), key_units, columns, found, first_hit, header, key_bounds)
    check_rows(table, place, first_day, findings)
    return table


def _columns(
    name: str,
    place: Scalar,
    lines: list[CsvLine],
    keys: Sequence[str],
    units: Mapping[str, Unit],
    currency: str,
    findings: Findings,
) -> dict[str, Unit] | None:
    """Check the header; give the unit of each column that is no key."""
    before = len(findings)
    header = lines[0].cells
    for key in keys:
        if key not in header:
            what = f"table `{name}` has no column `{shorten(key)}`"
            findings.add(Code.TABLE_SHAPE, what, place.span, nearest(key, header))
        elif key not in units:
            what = f"the key `{shorten(key)}` of table `{name}` is no fact that every deal states"
            findings.add(Code.TABLE_SHAPE, what, place.span, nearest(key, units) or "declare it under `deal:`")
    for i, column in enumerate(header):
        if problem := _no_name(column, i, header):
            hint = "name each column once, in letters, digits and `_`"
            findings.add(Code.TABLE_SHAPE, f"{problem} of table `{name}`", lines[0].at(i), hint)
    if len(lines) < 2:
        findings.add(Code.TABLE_SHAPE, f"table `{name}` has no rows", lines[0].span, "add a row below the header")
    if len(findings) > before:
        return None
    return {
        column: _column_unit([line.cells[i] for line in lines[1:] if i < len(line.cells)], currency)
        for i, column in enumerate(header)
        if column not in keys and column != DATED
    }


def _no_name(column: str, index: int, header: tuple[str, ...]) -> str:
    """Say what is wrong with a column's name; nothing where it is one."""
    if not column:
        return f"nothing names column {index + 1}"
    if column in header[:index]:
        return f"`{shorten(column)}` names two columns"
    is_word = re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", column, re.ASCII)
    return "" if is_word else f"`{shorten(column)}` cannot name a column"


_WORDS = {"%": Kind.PERCENT, "month": Kind.MONTHS, "day": Kind.DAYS, "week": Kind.DAYS, "": Kind.NUMBER}


def _column_unit(cells: Sequence[str], currency: str) -> Unit:
    """Take a column's unit from most of its cells; where no cell is a quantity or yes or no, its words are a choice."""
    kinds = [kind for cell in cells if (kind := _kind(cell)) is not None]
    if not kinds:
        return Unit(Kind.CHOICE, choices=tuple(dict.fromkeys(cells)))
    kind = max(dict.fromkeys(kinds), key=lambda k: (kinds.count(k), k is not Kind.NUMBER))
    return Unit(kind, currency if kind is Kind.MONEY else "")


def _kind(cell: str) -> Kind | None:
    if cell in ("yes", "no"):
        return Kind.YES_NO
    if read_day(cell) is not None:
        return Kind.DAY
    try:
        word = read_quantity(cell).word
    except NotAValue:
        return None
    return Kind.MONEY if word in CURRENCIES else _WORDS.get(word.removesuffix("s"), Kind.DURATION)


def _row(
    line: CsvLine,
    header: tuple[str, ...],
    keys: Sequence[str],
    units: Mapping[str, Unit],
    columns: Mapping[str, Unit],
    findings: Findings,
) -> Row | None:
    if len(line.cells) != len(header):
        what = f"this row has {counted(len(line.cells), 'cell')}; the header names {counted(len(header), 'column')}"
        hint = "put quotes around a cell that holds a comma" if len(line.cells) > len(header) else "write every cell"
        findings.add(Code.TABLE_SHAPE, what, line.span, hint)
        return None
    tests: dict[str, Test] = {}
    values: dict[str, Value] = {}
    since: int | None = None
    before = len(findings)
    for i, (column, cell) in enumerate(zip(header, line.cells, strict=True)):
        try:
            if column in keys:
                tests[column] = test_of(cell, units[column])
            elif column == DATED:
                since = _since(cell)
            else:
                values[column] = parse_value(cell, columns[column])
        except NotAValue as problem:
            what, hint = told(cell, problem, {**columns, **units}.get(column))
            findings.add(Code.TABLE_CELL, f"column `{column}`: {what}", line.at(i), hint)
    return Row(tuple(tests[k] for k in keys), values, line.span, since) if len(findings) == before else None


def _since(cell: str) -> int | None:
    day = read_day(cell)
    if cell and day is None:
        raise NotAValue(f"`{shorten(cell)}` is not a day", DAY_FORM)
    return day


def test_of(cell: str, unit: Unit) -> Test:
    """Read a cell of a key.

    Raises:
        NotAValue: Where it is none.
    """
    if cell in ("", "*"):
        return None
    if not unit.is_numeric:
        return parse_value(cell, unit)
    if ".." in cell:
        low, _, high = cell.partition("..")
        bounds = (_whole(low.strip(), unit), _whole(high.strip(), unit))
        if bounds[0] > bounds[1]:
            raise NotAValue(f"`{shorten(cell)}` ends before it begins")
        return bounds
    for sign in (">=", "<=", ">", "<"):
        if cell.startswith(sign):
            bound = _whole(cell.removeprefix(sign).strip(), unit)
            return (bound + (sign == ">"), None) if sign[0] == ">" else (None, bound - (sign == "<"))
    bound = _whole(cell, unit)
    return bound, bound


def _whole(text: str, unit: Unit) -> int:
    value = parse_value(text, unit)
    if not isinstance(value, int):
        raise NotAValue(f"`{shorten(text)}` is not a quantity")
    return value


def matches(test: Test, value: Exact) -> bool:
    """Return whether a key's test lets *value* through."""
    if test is None:
        return True
    if isinstance(test, tuple):
        low, high = test
        return isinstance(value, int) and (low is None or low <= value) and (high is None or value <= high)
    return test == value


def look_up(table: Table, keys: Sequence[Exact], day: int) -> Row | None:
    """Return the row in force on *day* for *keys*: of those dated, the latest not after it; none where none matches."""
    hits = [r for r in table.rows if (r.since is None or r.since <= day) and all(map(matches, r.keys, keys))]
    if len(hits) < 2:
        return hits[0] if hits else None
    newest = max(-(10**9) if r.since is None else r.since for r in hits)
    return next(r for r in hits if (-(10**9) if r.since is None else r.since) == newest)


def is_too_large(table: Table) -> bool:
    """Return whether a table has too many regions to try each."""
    return prod(len(axis) for axis in _axes(table)) * len({row.since for row in table.rows}) > MAX_REGIONS


def _axes(table: Table) -> list[list[tuple[Value, int]]]:
    """Return for each key the values that the rows' tests tell apart, with the rows that match."""
    keys = enumerate(zip(table.key_units, table.key_bounds, strict=True))
    return [axis(unit, [row.keys[i] for row in table.rows], bounds) for i, (unit, bounds) in keys]


def check_rows(table: Table, place: Scalar, first_day: int | None, findings: Findings) -> None:
    """Try every region that the rows' tests tell apart: none may be without a row, none with two (hit `unique`)."""
    axes, dates = _axes(table), _sets((row.since, i) for i, row in enumerate(table.rows))
    if is_too_large(table):
        what = f"table `{table.name}` is too large to look for gaps and overlaps"
        findings.warn(Code.TABLE_SHAPE, what, place.span, "use fewer rows, or fewer keys")
        return
    gaps: list[tuple[Value, ...]] = []
    late: list[int] = []
    clashes: dict[int, tuple[int, tuple[Value, ...]]] = {}
    reached = clashing = 0
    for region in itertools.product(*axes):
        hits = reduce(and_, (rows for _, rows in region))
        if not hits:
            gaps.append(tuple(value for value, _ in region))
        since = [day for day, dated in dates.items() if hits & dated]
        late += [min(d for d in since if d is not None)] if since and None not in since else []
        for dated in dates.values():
            same = hits & dated
            first = same & -same
            reached |= first if table.first_hit else same
            fresh = same & ~first & ~clashing
            clashing |= fresh
            both = first.bit_length() - 1, tuple(value for value, _ in region)
            clashes |= dict.fromkeys(_members(fresh), both)
    if late and (first_day is None or first_day < max(late)):
        what = f"table `{table.name}` has no row for deals that open before {format_day(max(late))} UTC"
        hint = "add a row without a day in `from`, or let `effective:` begin with that day"
        findings.warn(Code.TABLE_GAP, what, place.span, hint)
    _report(table, place, gaps, {} if table.first_hit else clashes, reached, findings)


def _report(
    table: Table,
    place: Scalar,
    gaps: Sequence[tuple[Value, ...]],
    clashes: Mapping[int, tuple[int, tuple[Value, ...]]],
    reached: int,
    findings: Findings,
) -> None:
    if gaps:
        what = _deal(table, gaps[0])
        more = f", and {len(gaps) - 1} more" if len(gaps) > 1 else ""
        hint = "add a row, or one with `*`"
        findings.add(Code.TABLE_GAP, f"table `{table.name}` has no row for {what}{more}", place.span, hint)
    for second, (first, deal) in sorted(clashes.items()):
        what = f"this line and line {table.rows[first].line} of table `{table.name}` match {_deal(table, deal)}"
        hint = "make them exclude each other, or say `hit: first`"
        findings.add(Code.TABLE_OVERLAP, what, table.rows[second].span, hint)
    for i, row in enumerate(table.rows):
        if not reached >> i & 1:
            what = f"this line of table `{table.name}` never matches"
            findings.warn(Code.TABLE_ROW_UNREACHED, what, row.span, "an earlier line always matches first; remove it")


def _deal(table: Table, values: Sequence[Value]) -> str:
    """Name a deal by what it states of a table's keys."""
    shown = zip(table.keys, values, table.key_units, strict=True)
    return ", ".join(f"{key} {format_value(value, unit)}" for key, value, unit in shown)


def _members(rows: int) -> list[int]:
    """Return the indexes in a set of rows, lowest first."""
    found = []
    while rows:
        lowest = rows & -rows
        found.append(lowest.bit_length() - 1)
        rows ^= lowest
    return found


def _sets(pairs: Iterable[tuple[K, int]]) -> dict[K, int]:
    """Return for each key the set of rows that bear it, one bit for each row."""
    found: dict[K, int] = {}
    for key, row in pairs:
        found[key] = found.get(key, 0) | 1 << row
    return found


def axis(unit: Unit, tests: Sequence[Test], bounds: Bounds) -> list[tuple[Value, int]]:
    """Return one value from each region that *tests* tell apart, with the set of rows that match it.

    Args:
        bounds: Quantities beyond them are left out: no deal states one. Without a least it is none below zero.
    """
    if unit.is_numeric:
        least, most = bounds
        first = unit.span[0] if unit.kind is Kind.DAY else 0
        return _numeric_axis(tests, (first if least is None else least, unit.span[1] if most is None else most))
    named = _sets((test, i) for i, test in enumerate(tests))
    anything = named.get(None, 0)
    choices: Sequence[Value] = (0, 1) if unit.kind is Kind.YES_NO else unit.choices
    if unit.kind is Kind.TEXT:
        choices = (*(t for t in named if isinstance(t, str)), _OTHER_TEXT)
    return [(choice, named.get(choice, 0) | anything) for choice in choices]


def _numeric_axis(tests: Sequence[Test], bounds: tuple[int, int]) -> list[tuple[Value, int]]:
    """Sweep over the bounds of all ranges; a row enters at its lower bound, and leaves behind its upper one."""
    least, most = bounds
    changes: dict[int, int] = {least: 0}
    for i, test in enumerate(tests):
        low, high = test if isinstance(test, tuple) else (None, None)
        enters, leaves = least if low is None else max(low, least), most if high is None else high
        if leaves >= enters:
            changes[enters] = changes.get(enters, 0) ^ 1 << i
            changes[leaves + 1] = changes.get(leaves + 1, 0) ^ 1 << i
    found: list[tuple[Value, int]] = []
    rows = 0
    for bound in sorted(changes):
        rows ^= changes[bound]
        if bound <= most:
            found.append((bound, rows))
    return found


_OTHER_TEXT = "any other text"
