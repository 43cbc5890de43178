"""Offers of ours from a spreadsheet: a CSV with a row for each, asked about one by one, or every mistake in it told."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import click
import msgspec

from walkaway import Briefing, DeadLetter, Diagnostic, InvalidInput, Policy, Stream
from walkaway.language import Code, Enough, Findings, by_place, nearest, shorten
from walkaway.policy import CsvLine, read_lines
from walkaway_cli.asking.deals import Askable, OfStream
from walkaway_edge.files.names import reason, shown_name

MAX_OFFERS = 100_000
DEAL, AT, ACTOR, CURRENCY = "deal", "at", "actor", "currency"
"""The columns that are no terms; all but the first may be missing. A currency is that of a deal which a row opens."""
_FACT = "deal."
_EXAMPLE = "`deal`, and the issues that are offered, as in `deal,discount,term`"


class AskedRow(msgspec.Struct, frozen=True):
    """A row that was asked about.

    Attributes:
        terms: Issue → value, as the row has them.
    """

    line: CsvLine
    deal: str
    terms: Mapping[str, str]
    briefing: Briefing


class Sheet(msgspec.Struct, frozen=True):
    """A CSV of offers, each asked about."""

    header: tuple[str, ...]
    rows: tuple[AskedRow, ...]


class OpenedByRows:
    """Askable that are opened by the rows that ask about them, with the facts that stand in these.

    Args:
        at: When, where a row does not say.
    """

    def __init__(self, stream: Stream, at: str) -> None:
        self.deals, self.stream, self.at = OfStream(stream, "the file"), stream, at
        self.opened: dict[str, tuple[int, Mapping[str, str]]] = {}

    def open(
        self, deal: str, facts: Mapping[str, str], at: str | None, currency: str, number: int
    ) -> tuple[Diagnostic, ...]:
        """Open a row's deal; another row of the same deal has to have the same facts, and the same currency."""
        said = {**facts, AT: at or self.at, **({CURRENCY: currency} if currency else {})}
        before = self.opened.setdefault(deal, (number, said))
        if before[1] != said:
            name = next(n for n in (*said, *before[1]) if said.get(n) != before[1].get(n))
            raise _Other(name, before[0])
        if before[0] != number:
            return ()
        event = {"id": "open", DEAL: deal, AT: said[AT], "type": "open", "facts": dict(facts)}
        event |= {CURRENCY: currency} if currency else {}
        answer = next(self.stream.line(msgspec.json.encode(event), "the file", number))
        return answer.findings if isinstance(answer, DeadLetter) else ()


class _Other(Exception):
    """A deal is asked about twice, and the rows differ in what it opens with."""

    def __init__(self, name: str, line: int) -> None:
        super().__init__(f"line {line} opens the same deal with another `{name}`")
        self.name = name


class _Reader:
    """Reads the rows of one file.

    Args:
        deals: Those that are asked about; or what opens them.
        extra: Columns that are passed on.
    """

    def __init__(
        self, lines: Sequence[CsvLine], deals: Askable | OpenedByRows, at: str | None, actor: str, extra: Sequence[str]
    ) -> None:
        self.header, self.lines = lines[0], lines[1:]
        self.opening = deals if isinstance(deals, OpenedByRows) else None
        self.deals = deals.deals if isinstance(deals, OpenedByRows) else deals
        self.at, self.actor, self.extra = at, actor, extra
        self.findings = Findings()
        self.columns = {name: i for i, name in enumerate(self.header.cells)}
        self.known = frozenset(self.deals.names())

    def add(self, code: Code, message: str, line: CsvLine, name: str | None, hint: str = "") -> None:
        """Add a finding at a row's cell, or at the row where it has none of that name."""
        place = self.columns.get(name or "", len(line.cells))
        span = line.at(place) if place < len(line.cells) else line.span
        self.findings.add(code, message, span, hint)

    def policies(self) -> list[Policy]:
        """Return the policies of the deals that are named."""
        place = self.columns[DEAL]
        if self.opening is not None:
            return [version.policy for version in self.opening.stream.versions.values()]
        named = {line.cells[place] for line in self.lines if place < len(line.cells)} & self.known
        return list({(p := self.deals.policy(deal)).key: p for deal in sorted(named)}.values())

    def check_header(self) -> None:
        """Find columns that are none: what is misspelt would otherwise not be offered."""
        cells = self.header.cells
        if DEAL not in self.columns:
            hint = f"name the columns {_EXAMPLE}"
            self.add(Code.TABLE_SHAPE, "no column is called `deal`", self.header, None, hint)
            return
        policies = self.policies()
        issues = {name for policy in policies for name in policy.issues}
        facts = {name for policy in policies for name in policy.deal} if self.opening is not None else set()
        fixed = {DEAL, AT, ACTOR, *self.extra, *((CURRENCY,) if self.opening is not None else ())}
        for i, name in enumerate(cells):
            if not name:
                self.findings.add(Code.TABLE_SHAPE, f"nothing names column {i + 1}", self.header.at(i), "name it")
            elif name in cells[:i]:
                what = f"`{shorten(name)}` names two columns"
                self.findings.add(Code.TABLE_SHAPE, what, self.header.at(i), "name each column once")
            elif policies and name not in fixed | issues and name.removeprefix(_FACT) not in facts:
                what = f"column `{shorten(name)}` is no issue{' or deal fact' if self.opening else ''} of the policy"
                near = nearest(name, {*fixed, *issues, *facts})
                hint = (
                    f"{near + ' ' if near.endswith('?') else ''}A column that is no term is passed on: --extra {name}"
                )
                self.findings.add(Code.UNKNOWN_ISSUE, what, self.header.at(i), hint)
        if not self.lines:
            self.add(Code.TABLE_SHAPE, "there are no offers below the header", self.header, None, "add a row for each")

    def rows(self, *, advice: bool) -> Iterator[AskedRow]:
        """Ask about each row; what is wrong with it becomes findings."""
        for line in self.lines:
            if len(line.cells) > len(self.header.cells):
                what = f"the row has {len(line.cells)} cells, and the header {len(self.header.cells)}"
                self.findings.add(Code.TABLE_SHAPE, what, line.span, "put quotes around a value with a comma in it")
                continue
            found = self.row(line, advice=advice)
            if found is not None:
                yield found

    def row(self, line: CsvLine, *, advice: bool) -> AskedRow | None:
        """Ask about a row."""
        said = {n: line.cells[i] for n, i in self.columns.items() if i < len(line.cells) and line.cells[i]}
        deal, at, actor = said.get(DEAL, ""), said.get(AT, self.at), said.get(ACTOR, self.actor)
        if not deal:
            self.add(Code.TABLE_CELL, "the row names no deal", line, DEAL, "write the deal's id")
            return None
        if self.opening is None and deal not in self.known:
            what = f"{self.deals.name} holds no deal `{shorten(deal)}`"
            self.add(Code.NOT_OPENED, what, line, DEAL, nearest(deal, self.known))
            return None
        named = {n: v for n, v in said.items() if n not in (DEAL, AT, ACTOR) and n not in self.extra}
        issues = self.deals.policy(deal).issues
        terms = {n: v for n, v in named.items() if n in issues or self.opening is None}
        if not terms:
            self.add(Code.TABLE_CELL, "the row offers nothing", line, None, "write a value for one issue at least")
            return None
        before = len(self.findings)
        try:
            if self.opening is not None:
                facts = {n.removeprefix(_FACT): v for n, v in named.items() if n not in terms and n != CURRENCY}
                self.told(self.opening.open(deal, facts, at, named.get(CURRENCY, ""), line.number), line)
                at = at or self.opening.at
            return AskedRow(line, deal, terms, self.deals.brief(deal, terms, actor, at, advice=advice))
        except _Other as problem:
            self.add(Code.OPENED_TWICE, str(problem), line, problem.name, "give each offer's deal an id of its own")
        except InvalidInput as problem:
            found = [f for f in problem.findings if f.code is not Code.NOT_OPENED or len(self.findings) == before]
            self.told(found, line)
        return None

    def told(self, findings: Sequence[Diagnostic], line: CsvLine) -> None:
        """Move findings from the event that was made of a row to its cells."""
        for finding in findings:
            start = finding.span.column - 1
            place = finding.span.text[start : start + finding.span.length]
            names = (n for n in self.columns if msgspec.json.encode(n.removeprefix(_FACT)).decode() == place)
            self.add(finding.code, finding.message, line, next(names, None), finding.hint)


def read_sheet(
    file: Path, deals: Askable | OpenedByRows, at: str | None, actor: str, extra: Sequence[str], *, advice: bool
) -> Sheet:
    """Read a CSV of offers, and ask about each.

    Args:
        at, actor: Of rows that do not say.
        extra: Columns that are passed on.
        advice: Seek counteroffers.

    Raises:
        InvalidInput: With all that is wrong with it, cell by cell.
        click.UsageError: Where it cannot be read.
    """
    name = shown_name(file)
    try:
        data = file.read_bytes()
    except (OSError, ValueError) as problem:
        raise click.UsageError(f"{name} cannot be read: {reason(problem)}") from problem
    findings = Findings()
    lines = read_lines(data, name, findings, MAX_OFFERS, "file")
    if lines is None:
        raise InvalidInput(findings)
    reader = _Reader(lines, deals, at, actor, extra)
    rows: list[AskedRow] = []
    with suppress(Enough):
        reader.check_header()
        if not reader.findings:
            rows += reader.rows(advice=advice)
    if reader.findings:
        raise InvalidInput(by_place(reader.findings))
    return Sheet(lines[0].cells, tuple(rows))
