"""Dead letters: lines that gave no decision, written so that nothing of them is lost, and the way back for them."""

from base64 import b64decode, b64encode
from binascii import Error
from collections.abc import Iterable

import msgspec

from walkaway.deal.admission import Unfit
from walkaway.deal.decode import MAX_LINE
from walkaway.deal.lines import Line
from walkaway.language.diagnostics import Diagnostic, Span


class DeadLetter(msgspec.Struct, frozen=True, tag=True):
    """A line that gave no decision, with every reason and its bytes as they came.

    Attributes:
        piece: Which piece of it, from 1, where the line was too long to be held at once; 0 for a whole line.
    """

    file: str
    line: int
    findings: tuple[Diagnostic, ...]
    original: bytes
    piece: int = 0


def dead(line: Line, problem: Unfit) -> DeadLetter:
    """Return the dead letter of a line that does not fit its deal."""
    why = finding(problem, line.data, line.file, line.number)
    return DeadLetter(line.file, line.number, (why,), line.data, line.piece)


def finding(problem: Unfit, line: bytes, file: str, number: int) -> Diagnostic:
    """Return the finding for an event that does not fit its deal."""
    text = line[:4000].decode("utf-8", "replace").rstrip("\r\n")
    column = max(text.find(problem.near), 0) if problem.near else 0
    length = len(problem.near) if problem.near and problem.near in text else 1
    return Diagnostic(problem.code, problem.message, Span(file, number, column + 1, length, text[:400]), problem.hint)


def dead_letter_line(letter: DeadLetter) -> bytes:
    """Return a dead letter as JSON: place, reasons, and the line without its break, in base64 where it is no text.

    A piece of a longer line says which it is: the pieces in their order are the line.
    """
    reasons = [
        {"code": f.code.value, "column": f.span.column, "hint": f.hint, "message": f.message} for f in letter.findings
    ]
    line = letter.original
    if line.endswith(b"\n"):
        line = line[:-1].removesuffix(b"\r")
    piece = {"piece": letter.piece} if letter.piece else {}
    return msgspec.json.encode({"file": letter.file, "line": letter.line, **piece, **_kept(line), "reasons": reasons})


_ESCAPED = bytes(range(32))
"""What JSON writes with six characters each."""


def _kept(line: bytes) -> dict[str, str]:
    """Return a line as text, and as base64 where it is none, or so long that what JSON makes of it is much longer."""
    if len(line) > MAX_LINE and len(line.translate(None, _ESCAPED)) < len(line) * 15 // 16:
        return {"original_base64": b64encode(line).decode()}
    try:
        return {"original": line.decode()}
    except UnicodeDecodeError:
        return {"original_base64": b64encode(line).decode()}


class _LetterReason(msgspec.Struct, frozen=True):
    code: str
    message: str


class _Letter(msgspec.Struct, frozen=True):
    file: str
    line: int
    reasons: tuple[_LetterReason, ...]
    piece: int = 0
    original: str | None = None
    original_base64: str | None = None


_read = msgspec.json.Decoder(_Letter).decode
_MARK = b'"reasons"'


def unfolded(line: Line) -> Line:
    """Return the line that a dead letter holds, with the place where it first stood; another line as it is."""
    if _MARK not in line.data or line.piece:
        return line
    try:
        letter = _read(line.data)
        if letter.original is not None:
            return Line(letter.original.encode(), letter.file, letter.line, letter.piece)
        if letter.original_base64 is not None:
            return Line(b64decode(letter.original_base64, validate=True), letter.file, letter.line, letter.piece)
    except (msgspec.DecodeError, UnicodeError, Error, RecursionError):
        pass
    return line


def to_decide(lines: Iterable[Line]) -> list[Line]:
    """Return the lines that are to be decided: blank ones are not, and dead letters are as what they were."""
    return [unfolded(line) for line in lines if not line.is_blank]
