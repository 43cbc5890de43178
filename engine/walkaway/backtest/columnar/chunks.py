"""Cut the past into chunks that hold whole deals, by temporary files where it is long, so that memory is bounded.

A line's deal is what `deal.lines.head_of` reads of it; of lines in their usual spelling an expression reads the same.
"""

import io
import struct
import tempfile
from collections.abc import Iterable, Iterator
from heapq import merge
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import numpy as np
import polars as pl

from walkaway.deal.lines import Line, head_of

MOST = 192 << 20
"""So many bytes of lines are decided together at most, where their deals allow it."""
_FILES = 128
_USUAL = r'^\{(?:"[^"\\]*": ?(?:"[^"\\]*"|-?[0-9.]+|true|false|null), ?)*?"deal": ?"([^"\\]*)"'
"""A line whose deal stands at its top, before anything nested."""
_ODD = ("\\", '"specversion"', '"follows"', "\r")
_HEADER = struct.Struct("<qq")
_BROKEN = "\x00"
"""Stands for a line that is not UTF-8: no event either."""


class PastChunk(msgspec.Struct):
    """Lines of whole deals, in their order.

    Attributes:
        lines: A series of texts; null where a line is not UTF-8.
        place: Of each its place among all lines of the past.
        followed: The deals that a deal of any chunk follows; none where the chunk is the whole past.
    """

    lines: Any
    place: Any
    followed: frozenset[str] = frozenset()


def series(blocks: Iterable[bytes]) -> Any:
    """Return lines as a series of texts; a line that is not UTF-8 is null there.

    Args:
        blocks: Whole lines, as many together as come.
    """
    found = []
    for block in blocks:
        try:
            found.append(pl.scan_lines(io.BytesIO(block)).collect()["line"])
        except pl.exceptions.ComputeError:  # it is not UTF-8
            found.append(pl.Series("line", [_text(line) for line in block.splitlines()], dtype=pl.String))
    return pl.concat(found) if found else pl.Series("line", [], dtype=pl.String)


def _text(line: bytes) -> str | None:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return None


def chunks(blocks: Iterable[bytes], most: int = MOST) -> Iterator[PastChunk]:
    """Return the past in chunks, one where it is short.

    Args:
        most: So many bytes a chunk holds, more only where files of a long past are larger.
    """
    held, size = list[bytes](), 0
    rest = iter(blocks)
    for block in rest:
        held.append(block)
        size += len(block)
        if size > most:
            break
    else:
        lines = series(held)
        yield PastChunk(lines, np.arange(len(lines)))
        return
    with tempfile.TemporaryDirectory(prefix="walkaway-") as folder:
        laid = LinesByDeal(Path(folder))
        laid.lay(held)
        held, size = [], 0
        for block in rest:
            held.append(block)
            size += len(block)
            if size > most // 4:
                laid.lay(held)
                held, size = [], 0
        laid.lay(held)
        yield from laid.chunks(most)


class LinesByDeal:
    """Lines laid out in files by their deals."""

    def __init__(self, folder: Path) -> None:
        self.files = [(folder / f"{n}").open("w+b") for n in range(_FILES)]
        self.sizes = [0] * _FILES
        self.count = 0
        self.followed = set[str]()

    def lay(self, blocks: list[bytes]) -> None:
        """Lay out more lines."""
        lines = series(blocks)
        if not len(lines):
            return
        share = (self.deals(lines).hash(0) % _FILES).to_numpy()
        order = np.argsort(share, kind="stable")
        lines = lines.fill_null(_BROKEN).gather(order)
        places = (order + self.count).astype(np.int64)
        ends = np.searchsorted(share[order], np.arange(_FILES + 1))
        for n, file in enumerate(self.files):
            first, last = int(ends[n]), int(ends[n + 1])
            if first < last:
                text = lines[first:last].str.join("\n").item().encode()
                file.write(_HEADER.pack(last - first, len(text)))
                file.write(places[first:last].tobytes())
                file.write(text)
                self.sizes[n] += len(text)
        self.count += len(lines)

    def deals(self, lines: Any) -> Any:
        """Return the deal of each line; empty where it names none."""
        named = lines.str.extract(_USUAL)
        odd = (named.is_null() | lines.str.contains_any(_ODD) | (lines.str.count_matches('"deal"') != 1)).fill_null(
            True
        )
        places = odd.arg_true()
        if not len(places):
            return named
        heads = [head_of((text or "").encode()) for text in lines.gather(places).to_list()]
        self.followed |= {head.follows for head in heads} - {""}
        return named.scatter(places, pl.Series([head.deal for head in heads], dtype=pl.String))

    def chunks(self, most: int) -> Iterator[PastChunk]:
        """Return all that was laid out; each file is emptied as it is read."""
        held, size = list[BinaryIO](), 0
        for file, own in zip(self.files, self.sizes, strict=True):
            if held and size + own > most:
                yield self.together(held)
                held, size = [], 0
            held.append(file)
            size += own
        yield self.together(held)

    def together(self, files: list[BinaryIO]) -> PastChunk:
        places, lines = [np.zeros(0, np.int64)], [series(())]
        for file in files:
            file.seek(0)
            while header := file.read(_HEADER.size):
                count, size = _HEADER.unpack(header)
                places.append(np.frombuffer(file.read(8 * count), np.int64))
                text = file.read(size)
                lines.append(pl.Series("line", text.decode().split("\n"), dtype=pl.String))
            file.close()
        place = np.concatenate(places)
        order = np.argsort(place)
        return PastChunk(pl.concat(lines).gather(order), place[order], frozenset(self.followed))


class LeftLines:
    """Lines that are left to the engine, until all chunks were judged: it decides them in the order in which they came.

    They are few, as a rule; where they are many they lie in temporary files.
    """

    def __init__(self) -> None:
        self.parts: list[PastChunk] = []
        self.files: list[BinaryIO] = []
        self.reasons: dict[str, str] = {}

    def add(self, chunk: PastChunk, where: Any) -> None:
        """Lay aside some lines of a chunk."""
        lines = chunk.lines.filter(pl.Series(where))
        if not len(lines):
            return
        self.parts.append(PastChunk(lines, chunk.place[where]))
        if sum(int(part.lines.estimated_size()) for part in self.parts) > MOST // 4:
            for part in self.parts:
                file = tempfile.TemporaryFile(prefix="walkaway-")  # noqa: SIM115 - it ends with this object
                for place, text in zip(part.place.tolist(), part.lines, strict=True):
                    data = (_BROKEN if text is None else text).encode()
                    file.write(b"%d %s\n" % (place, data))
                self.files.append(file)
            self.parts = []

    @property
    def holds(self) -> bool:
        """Return whether there are any."""
        return bool(self.parts or self.files)

    def lines(self) -> Iterator[Line]:
        """Return the lines in their order; blank ones are none."""
        held = (zip(part.place.tolist(), part.lines, strict=True) for part in self.parts)
        rows: list[Iterator[tuple[int, bytes]]] = [((n, _bytes(text)) for n, text in rows) for rows in held]
        for place, data in merge(*rows, *map(_read, self.files), key=lambda row: row[0]):
            line = Line(data, "events", place + 1)
            if not line.is_blank:
                yield line


def _bytes(text: str | None) -> bytes:
    return (_BROKEN if text is None else text).encode("utf-8", "surrogatepass")


def _read(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    file.seek(0)
    for row in file:
        place, _, data = row.rstrip(b"\n").partition(b" ")
        yield int(place), data
