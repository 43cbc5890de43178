"""Dead letters: lines that gave no decision, each with every reason and its bytes as they came."""

from base64 import b64encode

import msgspec

from walkaway.deal.admission import Unfit
from walkaway.deal.lines import Line
from walkaway.language.diagnostics import Diagnostic, Span


class DeadLetter(msgspec.Struct, frozen=True, tag=True):
    """A line that gave no decision, with every reason and its bytes as they came."""

    file: str
    line: int
    findings: tuple[Diagnostic, ...]
    original: bytes


def dead(line: Line, problem: Unfit) -> DeadLetter:
    """Return the dead letter of a line that does not fit its deal."""
    return DeadLetter(line.file, line.number, (finding(problem, line.data, line.file, line.number),), line.data)


def finding(problem: Unfit, line: bytes, file: str, number: int) -> Diagnostic:
    """Return the finding for an event that does not fit its deal."""
    text = line[:4000].decode("utf-8", "replace").rstrip("\r\n")
    column = max(text.find(problem.near), 0) if problem.near else 0
    length = len(problem.near) if problem.near and problem.near in text else 1
    return Diagnostic(problem.code, problem.message, Span(file, number, column + 1, length, text[:400]), problem.hint)


def dead_letter_line(letter: DeadLetter) -> bytes:
    """Return a dead letter as JSON: place, reasons, and the line without its break, in base64 where it is no text."""
    reasons = [
        {"code": f.code.value, "column": f.span.column, "hint": f.hint, "message": f.message} for f in letter.findings
    ]
    line = letter.original
    if line.endswith(b"\n"):
        line = line[:-1].removesuffix(b"\r")
    try:
        original = {"original": line.decode()}
    except UnicodeDecodeError:
        original = {"original_base64": b64encode(line).decode()}
    return msgspec.json.encode({"file": letter.file, "line": letter.line, **original, "reasons": reasons})
