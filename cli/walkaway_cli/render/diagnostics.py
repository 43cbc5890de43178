"""Findings for people: place, code, message, the line with a caret, and what to type instead."""

import textwrap
from collections.abc import Iterable

import click

from walkaway import Diagnostic, Incident, Severity
from walkaway_cli.render.remarks import remark
from walkaway_cli.render.width import WIDTH

_JOINED = "\ufdd0"
"""Stands for a blank that no line is broken at; no text has it, since Unicode keeps it free for such uses."""
_WIDEST = 160
"""A line of input longer than this is cut around the caret."""


def finding_text(finding: Diagnostic) -> str:
    """Return one finding, in several lines, with colour codes that `click.echo` removes where there is no terminal."""
    colour = "red" if finding.severity is Severity.ERROR else "yellow"
    code = f"{finding.severity}[{finding.code}]"
    head = f"{printable(str(finding.span))}: {code}:".replace(" ", _JOINED)
    first, *more = _whole_words(f"{head} {finding.message}", "    ")
    lines = [first.replace(code, click.style(code, fg=colour, bold=True), 1), *more]
    if finding.span.text:
        text, column = _window(finding.span.text, finding.span.column)
        number = str(finding.span.line)
        caret = " " * (column - 1) + click.style("^" * min(finding.span.length, _WIDEST), fg=colour, bold=True)
        lines += [f"{number} | {text}", f"{' ' * len(number)} | {caret}"]
    explain = f"(`walkaway lint --explain {finding.code}`)"
    told = f"{finding.hint} {explain}" if finding.hint else f"see {explain[1:-1]}"
    return "\n".join([*lines, *_whole_words(f"  = help: {told}", "    ")])


def _whole_words(text: str, rest: str) -> list[str]:
    """Return a text in lines of at most 80 columns, *rest* before all but the first; nothing in backticks is broken."""
    pieces = text.split("`")
    kept = [p.replace(" ", _JOINED) if n % 2 and n < len(pieces) - 1 else p for n, p in enumerate(pieces)]
    text = "`".join(kept)
    lines = textwrap.wrap(text, WIDTH, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False)
    return [line.replace(_JOINED, " ") for line in lines]


def _window(text: str, column: int) -> tuple[str, int]:
    """Cut a long line so that *column* stays in sight; control characters become one visible character each."""
    start = max(0, column - _WIDEST // 2) if len(text) > _WIDEST else 0
    shown = text[start : start + _WIDEST].replace("\t", " ")
    return printable(shown), column - start


def printable(text: str) -> str:
    """Return *text* on one line; a character that cannot be printed becomes one that can."""
    return text if text.isprintable() else "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def show_findings(findings: Iterable[Diagnostic], *, err: bool = True) -> None:
    """Print findings, to stderr unless they are the answer."""
    for finding in findings:
        click.echo(finding_text(finding), err=err)


def show_incident(incident: Incident) -> None:
    """Say on stderr that the cores did not agree, or that one failed."""
    where = f"policy `{incident.policy}`, event `{incident.event}`"
    remark(f"incident: {where}: {incident.what}; rete is switched off")
