"""The stage that reads `approvals:`: a table of who has to agree to what, written out as a rule for each who has to.

What the rules are called, and what they do, follows from the `approver` cells alone, so that a row more or less leaves
their ids as they are.
"""

import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence

import msgspec
from msgspec.structs import replace

from walkaway.events import OUR_TERMS, On, Verdict
from walkaway.language.codes import Code
from walkaway.language.diagnostics import Findings, Span, nearest
from walkaway.language.expr.amounts import amount_of
from walkaway.language.expr.tree import All, Any, Compare, Condition, Fact, Is, Op
from walkaway.language.spelling import counted
from walkaway.language.values import Kind, NotAValue, Unit, Value, format_value, shorten
from walkaway.policy.catalog import FactSpec
from walkaway.policy.model import MATRIX, Bounds, Effect, Enforcement, Row, Rule, Table
from walkaway.policy.parse.draft import Draft
from walkaway.policy.parse.names import broken
from walkaway.policy.parse.rule import check_role, concern, listens_to, say_place
from walkaway.policy.parse.section import Section
from walkaway.policy.tables import Test, check_rows, is_too_large, test_of
from walkaway.policy.tables.boxes import Box, box_of, left_of, words_of
from walkaway.policy.tables.cells import CsvLine, read_lines, told

NAME, APPROVER = MATRIX, "approver"
NOBODY, REFUSED = "nobody", "refuse"
"""Cells that name no role: nobody has to agree, or nobody may."""
_WHY = "Who has to agree to these terms stands in the approval matrix."
_FORM = f"write a role, several with `and` between them, `{REFUSED}` or `{NOBODY}`"

Outcome = tuple[str, int]
"""A role and how many people of it or above, or `refuse` and 0."""


class _LookedAt(msgspec.Struct, frozen=True):
    """One column that rows look at: the fact, and which values of it there are."""

    head: str
    fact: FactSpec
    bounds: Bounds


class _ReadRow(msgspec.Struct, frozen=True):
    """One row: its tests, whom it wants, and where each of its tests stands."""

    row: Row
    outcomes: tuple[Outcome, ...]
    places: tuple[Span, ...]


def read_matrix(draft: Draft, findings: Findings) -> Draft:
    """Read `approvals:`."""
    mapping = draft.top.mapping(NAME)
    if mapping is None:
        return draft
    section = Section(mapping, NAME, "the approval matrix", findings, draft.top.keys[NAME].span)
    on = listens_to(section) if "on" in section.nodes else OUR_TERMS
    common = _common(section, draft)
    before = len(findings)
    first_hit = section.choice("hit", "unique") == "first"
    hits = len(findings) == before
    file = section.scalar("table")
    if file is None or not on:
        return draft
    data = draft.load(file.value)
    if data is None:
        what = f"table file `{shorten(file.value)}` cannot be read"
        findings.add(Code.TABLE_NOT_READABLE, what, file.span, "it must lie beside the policy, or in a folder below it")
        return draft
    path = posixpath.normpath(posixpath.join(posixpath.dirname(draft.top.node.span.file), file.value))
    lines = read_lines(data, path, findings)
    columns = _columns(lines[0], on, draft, findings) if lines else None
    if not lines or columns is None:
        return draft
    before, header = len(findings), lines[0].cells
    if len(lines) < 2:
        findings.add(Code.TABLE_SHAPE, "the approval matrix has no rows", lines[0].span, "add a row below the header")
    read = [_line(line, header, columns, draft, findings) for line in lines[1:]]
    rows = [line for line in read if line is not None]
    if len(findings) > before or len(rows) < len(read):
        return draft
    table = _table(path, columns, rows, header, first_hit=first_hit)
    if hits:
        check_rows(table, file, None, findings)
    if not hits or is_too_large(table):
        return draft
    made = _rules(columns, rows, on, common, draft, findings, first_hit=first_hit)
    return replace(draft, rules=(*draft.rules, *made), matrix=table)


def _common(section: Section, draft: Draft) -> Rule:
    """Read what all rules of the matrix have alike."""
    name = draft.top.keys[NAME]
    enforcement, by = Enforcement(section.choice("enforcement", "mandatory")), section.text("by")
    if "by" in section.nodes or enforcement is Enforcement.OVERRIDABLE:
        check_role(section, "by", by, "overridable", enforcement is Enforcement.OVERRIDABLE, draft)
    why, say, principle = (section.text(key) for key in ("why", "say", "source"))
    return Rule(
        NAME, why or _WHY, OUR_TERMS, All(()), Effect(Verdict.REFUSE), say, principle, enforcement, by, name.span,
        say_place(section, name), concern=concern(section), made_of=NAME,
    )  # fmt: skip


def _columns(line: CsvLine, on: frozenset[On], draft: Draft, findings: Findings) -> list[_LookedAt] | None:
    """Return the columns that rows look at; none where one cannot be read, or none approves."""
    before, found, unread = len(findings), [], False
    for place, head in enumerate(line.cells):
        if head in line.cells[:place]:
            what = f"`{shorten(head)}` names two columns"
            findings.add(Code.TABLE_SHAPE, what, line.at(place), "name each column once")
        elif head != APPROVER:
            column = _column(head, line.at(place), on, draft, findings)
            found += [] if column is None else [column]
            unread |= column is None
    if APPROVER not in line.cells and len(findings) == before:
        hint = f"add a column `{APPROVER}`, with the role that has to agree"
        findings.add(Code.TABLE_SHAPE, f"the approval matrix has no column `{APPROVER}`", line.span, hint)
    elif len(findings) == before and not found and not unread:
        hint = "add a column for an issue or a deal fact"
        findings.add(Code.TABLE_SHAPE, "the approval matrix looks at nothing", line.span, hint)
    return found if len(findings) == before and not unread else None


def _column(head: str, place: Span, on: frozenset[On], draft: Draft, findings: Findings) -> _LookedAt | None:
    """Return the fact that a column's head names: an issue, a deal fact, or any fact by its whole name."""
    if not head:
        findings.add(Code.TABLE_SHAPE, "nothing names a column of the approval matrix", place, "name each column once")
        return None
    if head in draft.issues and head in draft.deal:
        what = f"`{head}` is an issue and a deal fact"
        findings.add(Code.TABLE_SHAPE, what, place, f"write `offer.{head}` or `deal.{head}`")
        return None
    name = f"offer.{head}" if head in draft.issues else f"deal.{head}" if head in draft.deal else head
    fact = draft.catalog.get(name)
    unread = broken(draft.top, "deal", draft.deal) | broken(draft.top, "issues", draft.issues)
    if fact is None:
        if {f"deal.{head}", f"offer.{head}", "deal.*", "offer.*"}.isdisjoint(unread):
            what = f"`{shorten(head)}` is no issue and no fact"
            hint = nearest(head, (*draft.issues, *draft.deal, APPROVER))
            findings.add(Code.TABLE_SHAPE, what, place, hint)
        return None
    if not on <= fact.known:
        what = f"`{head}` may be unknown where the approval matrix looks at it"
        findings.add(Code.TABLE_SHAPE, what, place, "write a rule that guards it with `known(…)`")
        return None
    if not fact.whole or fact.unit.kind is Kind.TEXT:
        kind = "any text" if fact.unit.kind is Kind.TEXT else "an amount between two smallest units"
        what = f"`{head}` may be {kind}, so rows cannot part it"
        findings.add(Code.TABLE_SHAPE, what, place, "compare it in a rule of its own")
        return None
    return _LookedAt(head, fact, _bounds(name, draft))


def _bounds(name: str, draft: Draft) -> Bounds:
    """Return the least and the most that a fact may be, as far as anybody says so."""
    group, _, last = name.partition(".")
    if group == "deal":
        return draft.deal[last].bounds
    return draft.issues[last].bounds if group == "offer" and last in draft.issues else (None, None)


def _seen(column: _LookedAt, tests: Iterable[Test]) -> Bounds:
    """Return the bounds between which holes are looked for: where rows part what is below 0, from there on."""
    (least, most), unit = column.bounds, column.fact.unit
    if least is None and not column.fact.name.startswith("deal.") and unit.kind not in (Kind.COUNT, Kind.DURATION):
        ends = [end for test in tests if isinstance(test, tuple) for end in test if end is not None and end <= 0]
        least = min(ends) - 1 if ends else None
    return least, most


def _line(
    line: CsvLine, header: tuple[str, ...], columns: list[_LookedAt], draft: Draft, findings: Findings
) -> _ReadRow | None:
    if len(line.cells) != len(header):
        what = f"this row has {counted(len(line.cells), 'cell')}; the header names {counted(len(header), 'column')}"
        hint = "put quotes around a cell that holds a comma" if len(line.cells) > len(header) else "write every cell"
        findings.add(Code.TABLE_SHAPE, what, line.span, hint)
        return None
    before, tests, outcomes = len(findings), dict[str, Test](), tuple[Outcome, ...]()
    units = {column.head: column.fact.unit for column in columns}
    for place, (head, cell) in enumerate(zip(header, line.cells, strict=True)):
        if head == APPROVER:
            outcomes = _outcomes(cell, line.at(place), draft, findings)
            continue
        try:
            tests[head] = test_of(cell, units[head])
        except NotAValue as problem:
            what, hint = told(cell, problem, units[head])
            findings.add(Code.TABLE_CELL, f"column `{head}`: {what}", line.at(place), hint)
    if len(findings) > before:
        return None
    row = Row(tuple(tests[c.head] for c in columns), {APPROVER: line.cells[header.index(APPROVER)]}, line.span)
    return _ReadRow(row, outcomes, tuple(line.at(header.index(c.head)) for c in columns))


def _outcomes(cell: str, place: Span, draft: Draft, findings: Findings) -> tuple[Outcome, ...]:
    """Return whom a row wants: for each role how many people of it, or of one above."""
    if not cell:
        findings.add(Code.TABLE_CELL, f"column `{APPROVER}` is empty here", place, _FORM)
        return ()
    if cell in (REFUSED, NOBODY):
        return ((REFUSED, 0),) if cell == REFUSED else ()
    roles = re.split(r"\s+and\s+", cell)
    for role in roles:
        if role not in draft.roles and draft.scope.broken.isdisjoint((f"approved.{role}", "approved.*")):
            hint = nearest(role, (*draft.roles, REFUSED, NOBODY)) or _FORM
            hint = _FORM if len(role.split()) > 1 or "," in role else hint
            findings.add(Code.UNKNOWN_ROLE, f"`{shorten(role)}` is not under `roles:`", place, hint)
            return ()
    ranks = sorted((draft.roles.index(role) for role in roles if role in draft.roles), reverse=True)
    return tuple({draft.roles[rank]: count for count, rank in enumerate(ranks, 1)}.items())


def _table(
    file: str, columns: list[_LookedAt], rows: list[_ReadRow], header: tuple[str, ...], *, first_hit: bool
) -> Table:
    units = tuple(c.fact.unit for c in columns)
    cells = Unit(Kind.CHOICE, choices=tuple(dict.fromkeys(str(r.row.cells[APPROVER]) for r in rows)))
    return Table(
        NAME, file, tuple(c.head for c in columns), units, {APPROVER: cells}, tuple(r.row for r in rows), first_hit,
        header, tuple(_seen(c, (r.row.keys[n] for r in rows)) for n, c in enumerate(columns)),
    )  # fmt: skip


def _rules(
    columns: list[_LookedAt],
    rows: list[_ReadRow],
    on: frozenset[On],
    common: Rule,
    draft: Draft,
    findings: Findings,
    *,
    first_hit: bool,
) -> Iterator[Rule]:
    """Return a rule for each whom rows want, which fires where one of these rows counts."""
    wanted: dict[Outcome, list[Condition]] = {}
    units, taken = [c.fact.unit for c in columns], {rule.id for rule in draft.rules}
    above: list[tuple[Box, tuple[Outcome, ...]]] = []
    for read in rows:
        whole = box_of(read.row.keys, units)
        boxes = left_of(whole, [box for box, outcomes in above if outcomes != read.outcomes])
        if first_hit:
            above.append((whole, read.outcomes))
        if boxes is None:
            what = "rows above this one leave it in too many parts"
            findings.add(Code.TOO_COMPLEX, what, read.row.span, "write fewer rows, or make them exclude each other")
            continue
        for outcome in read.outcomes if boxes else ():
            wanted.setdefault(outcome, []).extend(_holds(box, columns, read.places) for box in boxes)
    for (role, count), conditions in sorted(wanted.items()):
        effect = Effect(Verdict.ESCALATE, to=role, count=count) if count else Effect(Verdict.REFUSE)
        rule_id = f"{NAME}-{f'{count}-' if count > 1 else ''}{role}"
        if rule_id in taken:
            what = f"the approval matrix makes a rule `{rule_id}`, and there is one under `rules:`"
            findings.add(Code.NAME_TAKEN, what, common.span, "call the other one otherwise")
            continue
        condition = conditions[0] if len(conditions) == 1 else Any(tuple(conditions))
        yield replace(common, id=rule_id, on=on, condition=condition, effect=effect)


def _holds(box: Box, columns: Sequence[_LookedAt], places: Sequence[Span]) -> Condition:
    """Return the condition that the facts lie in a box; what no deal can state is not asked."""
    found: list[Condition] = []
    for side, column, place in zip(box, columns, places, strict=True):
        fact, unit = column.fact, column.fact.unit
        if isinstance(side, frozenset):
            if side != words_of(unit):
                found.append(_is(fact, side, place))
            continue
        (low, high), (least, most) = side, column.bounds
        if low is not None and low == high:
            found.append(_compare(fact, Op.EQ, low, place))
            continue
        if low is not None and (least is None or low > least):
            found.append(_compare(fact, *_shorter(Op.GE, low, Op.GT, low - 1, unit), place))
        if high is not None and (most is None or high < most):
            found.append(_compare(fact, *_shorter(Op.LE, high, Op.LT, high + 1, unit), place))
    return found[0] if len(found) == 1 else All(tuple(found))


def _shorter(op: Op, value: int, other: Op, past: int, unit: Unit) -> tuple[Op, int]:
    """Return the comparison that people write in fewer signs: above 10%, and not from 10.0001% on."""
    return (other, past) if len(format_value(past, unit)) < len(format_value(value, unit)) else (op, value)


def _compare(fact: FactSpec, op: Op, value: int, place: Span) -> Compare:
    unit = fact.unit
    text = f"{fact.name} {op} {format_value(value, unit)}"
    return Compare(op, Fact(fact.name, unit.scale), amount_of(value, unit), text, place, unit)


def _is(fact: FactSpec, words: frozenset[Value], place: Span) -> Is:
    unit = fact.unit
    values = tuple(word for word in ((0, 1) if unit.kind is Kind.YES_NO else unit.choices) if word in words)
    said = [format_value(value, unit) for value in values]
    text = f"= {said[0]}" if len(said) == 1 else f"in [{', '.join(said)}]"
    return Is(fact.name, values, f"{fact.name} {text}", place, unit)
