"""Bytes cut into lines, however long a line is, and batches of lines of which the places are known."""

import zlib
from collections.abc import Sequence

import msgspec

from walkaway.deal.decode import MAX_LINE
from walkaway.deal.lines import MAX_HELD, Line
from walkaway.run.ports import Offsets

_BOM = b"\xef\xbb\xbf"
_is_object = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


class Offset(msgspec.Struct, frozen=True):
    """A place in a file.

    Attributes:
        offset: How many bytes are before it, and `crc` their CRC-32: so a file is known again under another name.
        line: How many whole lines are before it.
        piece: How many pieces of the line at hand, where it is too long to be held at once.
    """

    offset: int = 0
    line: int = 0
    crc: int = 0
    piece: int = 0


_read_place = msgspec.json.Decoder(Offset).decode


def place_of(noted: bytes | None) -> Offset:
    """Return a place that was noted; the beginning where none was, or where it cannot be read."""
    if not noted:
        return Offset()
    try:
        return _read_place(noted)
    except msgspec.DecodeError:
        return Offset()


class Cut(msgspec.Struct, frozen=True):
    """Lines cut from bytes.

    Attributes:
        raw: The lines as they stood.
    """

    file: str
    start: Offset
    raw: Sequence[bytes]

    def lines(self) -> list[Line]:
        """Return the lines with their places; the mark that some programs write before the first one is left out."""
        found = []
        number, piece = self.start.line + 1, self.start.piece
        for data in self.raw:
            whole = data.endswith(b"\n")
            is_cut = piece > 0 or (not whole and len(data) >= MAX_HELD)
            text = data[3:] if number == 1 and data.startswith(_BOM) and not piece else data
            piece = piece + 1 if is_cut else 0
            found.append(Line(text, self.file, number, piece))
            if whole or not is_cut:
                number, piece = number + 1, 0
        return found

    def place(self, count: int) -> Offset:
        """Return the place after the first *count* lines."""
        offset, line, crc, piece = self.start.offset, self.start.line, self.start.crc, self.start.piece
        for data in self.raw[:count]:
            offset += len(data)
            if data.endswith(b"\n") or (not piece and len(data) < MAX_HELD):
                line, piece = line + 1, 0
            else:
                piece += 1
        if count:
            crc = zlib.crc32(b"".join(self.raw[:count]), crc)
        return Offset(offset, line, crc, piece)


def cut(view: bytes, most: int, *, is_whole: bool) -> list[bytes]:
    """Cut bytes into up to *most* lines.

    Args:
        is_whole: Whether nothing comes behind these bytes; otherwise a line without its break stays, unless it is a
            whole object already, or so long that it is given in pieces.
    """
    parts = view.split(b"\n", most)
    rest = parts.pop()
    lines = [part + b"\n" for part in parts]
    if len(lines) == most or not rest:
        return [piece for line in lines for piece in _pieces(line)]
    found = [piece for line in lines for piece in _pieces(line)]
    pieces = _pieces(rest)
    if is_whole or is_object(rest):
        return [*found, *pieces]
    return [*found, *(p for p in pieces if len(p) == MAX_HELD)]


def _pieces(line: bytes) -> list[bytes]:
    if len(line) <= MAX_HELD:
        return [line]
    return [line[i : i + MAX_HELD] for i in range(0, len(line), MAX_HELD)]


def is_object(data: bytes) -> bool:
    """Return whether a line without its break is a whole JSON object, as long as an event may be: no part of one is."""
    if len(data) > MAX_LINE or not data[-64:].rstrip().endswith(b"}"):
        return False
    try:
        _is_object(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


class CutBatch:
    """Lines of one part of a source."""

    def __init__(self, part: str, found: Cut, *, is_last: bool = False) -> None:
        self.part, self.cut, self.is_last = part, found, is_last
        self.lines: Sequence[Line] = found.lines()

    def places(self, count: int) -> Offsets:
        """Return the place after the first *count* lines."""
        return {self.part: msgspec.json.encode(self.noted(count))}

    def noted(self, count: int) -> Offset:
        """Return where to go on from after a restart: before a last line that was perhaps not written to its end."""
        last = self.cut.raw[count - 1] if count else b"\n"
        return self.cut.place(count if last.endswith(b"\n") or len(last) >= MAX_HELD or is_object(last) else count - 1)


class PlacedLines:
    """Lines that each have a place of their own, in one part of a source or in several."""

    def __init__(
        self, lines: Sequence[Line] = (), ends: Sequence[tuple[str, bytes]] = (), *, is_last: bool = False
    ) -> None:
        self.lines, self.ends, self.is_last = lines, ends, is_last

    def places(self, count: int) -> Offsets:
        """Return the places after the first *count* lines."""
        return dict(self.ends[:count])
