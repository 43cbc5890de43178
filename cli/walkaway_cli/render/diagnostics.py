"""Findings for people: place, code, message, the line with a caret, and what to type instead."""

from collections.abc import Iterable

import click

from walkaway import Diagnostic, Incident, Severity

_WIDEST = 160
"""A line of input longer than this is cut around the caret."""


def finding_text(finding: Diagnostic) -> str:
    """Return one finding, in several lines, with colour codes that `click.echo` removes where there is no terminal."""
    colour = "red" if finding.severity is Severity.ERROR else "yellow"
    head = click.style(f"{finding.severity}[{finding.code}]", fg=colour, bold=True)
    lines = [f"{printable(str(finding.span))}: {head}: {finding.message}"]
    if finding.span.text:
        text, column = _window(finding.span.text, finding.span.column)
        number = str(finding.span.line)
        caret = " " * (column - 1) + click.style("^" * min(finding.span.length, _WIDEST), fg=colour, bold=True)
        lines += [f"{number} | {text}", f"{' ' * len(number)} | {caret}"]
    explain = f"(`walkaway lint --explain {finding.code}`)"
    lines.append(
        f"  = help: {finding.hint} {explain}"
        if finding.hint
        else f"  = help: see `walkaway lint --explain {finding.code}`"
    )
    return "\n".join(lines)


def _window(text: str, column: int) -> tuple[str, int]:
    """Cut a long line so that *column* stays in sight; control characters become one visible character each."""
    start = max(0, column - _WIDEST // 2) if len(text) > _WIDEST else 0
    shown = text[start : start + _WIDEST].replace("\t", " ")
    return printable(shown), column - start


def printable(text: str) -> str:
    """Return *text* on one line; a character that cannot be printed becomes one that can."""
    return text if text.isprintable() else "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def show_findings(findings: Iterable[Diagnostic]) -> None:
    """Print findings to stderr."""
    for finding in findings:
        click.echo(finding_text(finding), err=True)


def show_incident(incident: Incident) -> None:
    """Say on stderr that the cores did not agree, or that one failed."""
    where = f"policy `{incident.policy}`, event `{incident.event}`"
    click.echo(f"incident: {where}: {incident.what}; rete is switched off", err=True)


def counted(number: int, noun: str) -> str:
    """Return `1 event`, `3,842 events`."""
    return f"{number:,} {noun}{'s' * (number != 1)}"
