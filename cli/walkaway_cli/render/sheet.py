"""Offers from a spreadsheet with what is said of each: CSV with verdict columns, JSON lines, or a line each."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import click

from walkaway import Briefing, encode
from walkaway.policy import CsvLine
from walkaway_cli.render.decision import labels_in, terms_text, verdict_text, wrapped
from walkaway_cli.render.rows import VERDICT, row, verdict_cells


class _CsvRow(Protocol):
    @property
    def line(self) -> CsvLine: ...

    @property
    def deal(self) -> str: ...

    @property
    def terms(self) -> Mapping[str, str]: ...

    @property
    def briefing(self) -> Briefing: ...


def show_rows(header: Sequence[str], rows: Sequence[_CsvRow], form: str, *, advice: bool) -> None:
    """Print rows in the form that was asked for; the cells of the file stay as they were."""
    if form == "csv":
        click.echo(row([*header, *VERDICT, *(("instead",) if advice else ())]))
    for each in rows:
        if form == "csv":
            cells = [*each.line.cells, *[""] * (len(header) - len(each.line.cells))]
            click.echo(row([*cells, *verdict_cells(each.briefing, advice=advice)]))
        elif form == "json":
            click.echo(encode(each.briefing.decision))
        else:
            for line in _lines(each):
                click.echo(line)


def _lines(each: _CsvRow) -> list[str]:
    decision = each.briefing.decision
    lines = [f"{verdict_text(decision.verdict)}  {each.deal} · {terms_text(each.terms, (), labels_in(decision))}"]
    if decision.reasons:
        rules = ", ".join(r.rule for r in decision.reasons if r.standing == "decides")
        lines += wrapped(rules, "  ", "  ") if rules else []
    if decision.counteroffers:
        lines += wrapped(
            f"instead: {terms_text(decision.counteroffers[0].terms, (), labels_in(decision))}", "  ", "    "
        )
    return lines
