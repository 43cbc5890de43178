"""The way back for dead letters: a line that holds one stands for the line that it once was."""

from base64 import b64decode
from binascii import Error

import msgspec

from walkaway.deal.lines import Line


class _Reason(msgspec.Struct, frozen=True):
    code: str
    message: str


class _Letter(msgspec.Struct, frozen=True):
    file: str
    line: int
    reasons: tuple[_Reason, ...]
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
            return Line(letter.original.encode(), letter.file, letter.line)
        if letter.original_base64 is not None:
            return Line(b64decode(letter.original_base64, validate=True), letter.file, letter.line)
    except (msgspec.DecodeError, UnicodeError, Error, RecursionError):
        pass
    return line
