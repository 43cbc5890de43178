"""Findings in the forms that programs read, and in text; all fed by the same list."""

from collections.abc import Callable, Sequence
from pathlib import PurePath
from urllib.parse import quote

import click
import msgspec

from walkaway import Diagnostic, Severity
from walkaway.language import counted
from walkaway_cli.render.diagnostics import show_findings


def text(findings: Sequence[Diagnostic], policies: int) -> None:
    """Print findings, which are what was asked for, and a line that counts them."""
    show_findings(findings, err=False)
    errors = sum(f.severity is Severity.ERROR for f in findings)
    notes = sum(f.severity is Severity.NOTE for f in findings)
    found = f"{counted(errors, 'error')}, {counted(len(findings) - errors - notes, 'warning')}"
    found += f", {counted(notes, 'note')}" if notes else ""
    click.echo(f"{counted(policies, 'policy')}: {found if findings else 'nothing to mend'}")


def as_json(findings: Sequence[Diagnostic], policies: int) -> None:
    """Print one JSON array of findings."""
    click.echo(msgspec.json.format(msgspec.json.encode([_plain(f) for f in findings]), indent=2))


def _plain(finding: Diagnostic) -> dict[str, object]:
    span = finding.span
    return {
        "code": finding.code.value,
        "column": span.column,
        "file": span.file,
        "hint": finding.hint,
        "length": span.length,
        "line": span.line,
        "message": finding.message,
        "name": finding.code.pattern,
        "severity": finding.severity.value,
    }


def sarif(findings: Sequence[Diagnostic], policies: int) -> None:
    """Print a SARIF 2.1.0 log with one run."""
    codes = sorted({f.code for f in findings})
    rules = [
        {
            "id": c.value,
            "name": c.pattern,
            "shortDescription": {"text": c.pattern.replace("-", " ")},
            "help": {"text": f"walkaway lint --explain {c.value}"},
        }
        for c in codes
    ]
    results = [
        {
            "ruleId": f.code.value,
            "ruleIndex": codes.index(f.code),
            "level": f.severity.value,
            "message": {"text": f"{f.message} ({f.hint})" if f.hint else f.message},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": _uri(f.span.file)},
                        "region": _region(f),
                    }
                }
            ],
        }
        for f in findings
    ]
    driver = {"name": "walkaway", "rules": rules}
    log = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}],
    }
    click.echo(msgspec.json.format(msgspec.json.encode(log), indent=2))


def _uri(file: str) -> str:
    """Return a file's name as a URI: relative where the name is."""
    path = PurePath(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())


def _region(finding: Diagnostic) -> dict[str, int]:
    span = finding.span
    return {"startLine": span.line, "startColumn": span.column, "endColumn": span.column + span.length}


def github(findings: Sequence[Diagnostic], policies: int) -> None:
    """Print workflow commands, which a pull request shows beside the line."""
    for f in findings:
        hint = f" ({f.hint})" if f.hint else ""
        columns = f"col={f.span.column},endColumn={f.span.column + f.span.length}"
        place = f"file={_escaped(f.span.file, ':,')},line={f.span.line},{columns}"
        kind = "notice" if f.severity is Severity.NOTE else f.severity
        click.echo(f"::{kind} {place},title={f.code}::{_escaped(f.message + hint)}")


def _escaped(value: str, more: str = "") -> str:
    return "".join(f"%{ord(c):02X}" if c in "%\r\n" + more else c for c in value)


FORMATS: dict[str, Callable[[Sequence[Diagnostic], int], None]] = {
    "text": text,
    "json": as_json,
    "sarif": sarif,
    "github": github,
}
