"""Read decision tables from CSV, check them for gaps and overlaps, and look up a row.

A key's column bears the name of the deal fact that chooses the row; a cell there is a value, a range (`0%..10%`,
`>= 50`) or `*`. Other columns take their unit from their cells. A `from` column dates rows.
"""

import csv
import io
import itertools
import re
from collections.abc import Mapping, Sequence

from walkaway.codes import Code
from walkaway.diagnostics import Findings, Span, nearest
from walkaway.policy.model import Row, Table
from walkaway.policy.section import read_day
from walkaway.source import Scalar
from walkaway.values import (
    CURRENCIES,
    LIMIT,
    Kind,
    NotAValue,
    Unit,
    Value,
    format_value,
    parse_value,
    read_quantity,
    shorten,
)

DATED = "from"
MAX_ROWS = 10_000
MAX_CELLS_CHECKED = 20_000

Test = Value | tuple[int | None, int | None] | None


def read_table(
    name: str,
    place: Scalar,
    data: bytes,
    file: str,
    keys: Sequence[str],
    units: Mapping[str, Unit],
    first_hit: bool,
    currency: str,
    findings: Findings,
) -> Table | None:
    """Read one table.

    Args:
        place: Where the policy names it.
        keys: The key columns, in order.
        units: Of all declared deal facts, by name without `deal.`.

    Diagnostics:
        WA401 to WA406.
    """
    before = len(findings)
    lines = _lines(data, file, place, findings)
    if lines is None:
        return None
    text, rows = lines
    header = [c.strip() for c in rows[0]] if rows else []
    for key in keys:
        if key not in header:
            findings.add(
                Code.TABLE_SHAPE, f"table `{name}` has no column `{shorten(key)}`", place.span, nearest(key, header)
            )
        elif key not in units:
            findings.add(
                Code.TABLE_SHAPE,
                f"the key `{key}` of table `{name}` is no fact under `deal:`",
                place.span,
                nearest(key, units),
            )
    for column in header:
        if header.count(column) > 1 or not re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", column, re.ASCII):
            findings.add(
                Code.TABLE_SHAPE,
                f"`{shorten(column)}` cannot name a column of table `{name}`",
                Span(file, 1, 1, 1, text[0] if text else ""),
                "name each column once, in letters, digits and `_`",
            )
            return None
    if len(rows) < 2:
        findings.add(Code.TABLE_SHAPE, f"table `{name}` has no rows", place.span)
    if len(findings) > before:
        return None
    columns = {
        c: _column_unit([r[i] for r in rows[1:] if i < len(r)], currency)
        for i, c in enumerate(header)
        if c not in keys and c != DATED
    }
    read = [
        _row(file, text, number, header, cells, keys, units, columns, findings)
        for number, cells in enumerate(rows[1:], 2)
        if any(c.strip() for c in cells)
    ]
    found = tuple(r for r in read if r is not None)
    if len(found) < len(read):
        return None
    table = Table(name, file, tuple(keys), tuple(units[k] for k in keys), columns, found, first_hit)
    _check_rows(table, place, text, findings)
    return table


def _lines(data: bytes, file: str, place: Scalar, findings: Findings) -> tuple[list[str], list[list[str]]] | None:
    try:
        decoded = data.decode("utf-8-sig")
        rows = list(itertools.islice(csv.reader(io.StringIO(decoded, newline=""), strict=True), MAX_ROWS + 2))
    except (UnicodeDecodeError, csv.Error) as problem:
        findings.add(
            Code.TABLE_NOT_READABLE, f"table file `{shorten(file, 80)}` is not CSV in UTF-8: {problem}", place.span
        )
        return None
    if len(rows) > MAX_ROWS + 1:
        findings.add(
            Code.TABLE_NOT_READABLE, f"table file `{shorten(file, 80)}` has more than {MAX_ROWS:,} rows", place.span
        )
        return None
    return decoded.splitlines(), rows


def _column_unit(cells: Sequence[str], currency: str) -> Unit:
    """Take a column's unit from its first cell that is a quantity; words make it a choice."""
    for cell in cells:
        text = cell.strip()
        if text in ("yes", "no"):
            return Unit(Kind.YES_NO)
        try:
            word = read_quantity(text).word
        except NotAValue:
            continue
        if word in CURRENCIES:
            return Unit(Kind.MONEY, currency)
        named = {"%": Kind.PERCENT, "month": Kind.MONTHS, "day": Kind.DAYS, "week": Kind.DAYS, "": Kind.NUMBER}
        return Unit(named.get(word.removesuffix("s"), Kind.DURATION))
    return Unit(Kind.CHOICE, choices=tuple(dict.fromkeys(c.strip() for c in cells)))


def _row(
    file: str,
    text: list[str],
    number: int,
    header: list[str],
    cells: list[str],
    keys: Sequence[str],
    units: Mapping[str, Unit],
    columns: Mapping[str, Unit],
    findings: Findings,
) -> Row | None:
    line = text[number - 1] if number <= len(text) else ""

    def at(cell: str) -> Span:
        return Span(file, number, max(line.find(cell.strip()), 0) + 1, max(len(cell.strip()), 1), line)

    if len(cells) != len(header):
        findings.add(
            Code.TABLE_SHAPE,
            f"this row has {len(cells)} cells; the header names {len(header)} columns",
            Span(file, number, 1, max(len(line), 1), line),
            "put quotes around a cell that holds a comma",
        )
        return None
    named = dict(zip(header, cells, strict=True))
    tests: list[Test] = []
    values: dict[str, Value] = {}
    since: int | None = None
    before = len(findings)
    for column, cell in named.items():
        try:
            if column == DATED:
                since = read_day(cell.strip())
                if cell.strip() and since is None:
                    raise NotAValue(f"`{shorten(cell)}` is not a day", "write it as `2026-10-01`")
            elif column in columns:
                values[column] = parse_value(cell.strip(), columns[column])
        except NotAValue as problem:
            findings.add(Code.TABLE_CELL, f"column `{column}`: {problem}", at(cell), problem.hint)
    for key in keys:
        try:
            tests.append(_test(named[key].strip(), units[key]))
        except NotAValue as problem:
            findings.add(Code.TABLE_CELL, f"key `{key}`: {problem}", at(named[key]), problem.hint)
    return Row(tuple(tests), values, number, since) if len(findings) == before else None


def _test(cell: str, unit: Unit) -> Test:
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


def matches(test: Test, value: Value) -> bool:
    """Tell whether a key's test lets *value* through."""
    if test is None:
        return True
    if isinstance(test, tuple):
        low, high = test
        return isinstance(value, int) and (low is None or low <= value) and (high is None or value <= high)
    return test == value


def look_up(table: Table, keys: Sequence[Value], day: int) -> Row | None:
    """Give the row in force on *day* for *keys*: of those dated, the latest not after it; none where none matches."""
    hits = [r for r in table.rows if (r.since is None or r.since <= day) and all(map(matches, r.keys, keys))]
    if not hits:
        return None
    newest = max(-(10**9) if r.since is None else r.since for r in hits)
    return next(r for r in hits if (-(10**9) if r.since is None else r.since) == newest)


def _check_rows(table: Table, place: Scalar, text: list[str], findings: Findings) -> None:
    """Try every region that the rows' tests tell apart: none may be without a row, none with two (hit `unique`)."""
    axes = [_samples(unit, [row.keys[i] for row in table.rows]) for i, unit in enumerate(table.key_units)]
    size = 1
    for axis in axes:
        size *= len(axis)
    if size > MAX_CELLS_CHECKED:
        return
    reached: set[int] = set()
    clashes: set[tuple[int, int]] = set()
    gap: tuple[Value, ...] | None = None
    for point in itertools.product(*axes):
        hits = [r for r in table.rows if all(map(matches, r.keys, point))]
        if not hits and gap is None:
            gap = point
        for since in {r.since for r in hits}:
            same = [r for r in hits if r.since == since]
            reached.add(same[0].line)
            clashes |= {(same[0].line, other.line) for other in same[1:]}
            if not table.first_hit:
                reached |= {r.line for r in same}
    if gap is not None:
        what = ", ".join(f"{k} {format_value(v, u)}" for k, v, u in zip(table.keys, gap, table.key_units, strict=True))
        findings.add(
            Code.TABLE_GAP, f"table `{table.name}` has no row for {what}", place.span, "add a row, or one with `*`"
        )
    for first, second in sorted(clashes) if not table.first_hit else ():
        findings.add(
            Code.TABLE_OVERLAP,
            f"lines {first} and {second} of table `{table.name}` match the same deal",
            _line_span(table, second, text),
            "make them exclude each other, or say `hit: first`",
        )
    for row in table.rows:
        if row.line not in reached:
            findings.warn(
                Code.TABLE_ROW_UNREACHED,
                f"line {row.line} of table `{table.name}` never matches",
                _line_span(table, row.line, text),
                "an earlier line always matches first; remove it",
            )


def _line_span(table: Table, line: int, text: list[str]) -> Span:
    content = text[line - 1] if line <= len(text) else ""
    return Span(table.file, line, 1, max(len(content), 1), content)


def _samples(unit: Unit, tests: Sequence[Test]) -> list[Value]:
    """Give one value from each region that *tests* tell apart; quantities below zero are left out."""
    if unit.kind is Kind.CHOICE:
        return list(unit.choices)
    if unit.kind is Kind.YES_NO:
        return [0, 1]
    points: set[int] = {0}
    for test in tests:
        if isinstance(test, tuple):
            low, high = test
            points |= {low} if low is not None else set()
            points |= {high, min(high + 1, LIMIT)} if high is not None else {LIMIT}
    return sorted(p for p in points if p >= 0)
