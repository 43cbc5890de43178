"""One open file, read line by line from any place in it, in memory that no line can make grow."""

import os
import zlib
from pathlib import Path

from walkaway.deal.lines import MAX_HELD
from walkaway_edge.files.in_use import InUse, identity
from walkaway_edge.files.lines import Offset, cut
from walkaway_edge.files.names import shown_name
from walkaway_edge.problems import EdgeProblem

CHUNK = 256 * 1024
_MARK = 64


class Reading:
    """One open file, read from places in it.

    Raises:
        EdgeProblem: Where it is a file that is written: what stands in it would come back for ever.
    """

    def __init__(self, path: Path, in_use: InUse) -> None:
        self.path, self.name = path, shown_name(path)
        self.handle = os.open(path, os.O_RDONLY)
        if identity(os.fstat(self.handle)) in in_use.outputs():
            os.close(self.handle)
            raise EdgeProblem(f"{self.name} is a file that is written here", "it is not read; name another place")
        self.at, self.buffer = 0, b""
        self.tried = -1
        self.mark = b""

    def read(self, start: Offset, most: int, *, is_whole: bool) -> list[bytes]:
        """Return up to *most* lines from a place on; none where no whole line is there."""
        begin = start.offset - self.at
        if not 0 <= begin <= len(self.buffer):
            self.at, self.buffer, begin = start.offset, b"", 0
        view = self.buffer[begin:]
        if b"\n" not in view:
            view = self.filled(start.offset, view)
            self.at, self.buffer = start.offset, view
        if not is_whole and b"\n" not in view and len(view) == self.tried:
            return []
        is_all = start.offset + len(view) >= os.fstat(self.handle).st_size
        lines = cut(view, most, is_whole=is_whole and is_all)
        self.tried = -1 if lines else len(view)
        self.mark = (lines[-1] if lines else self.mark)[-_MARK:]
        return lines

    def filled(self, offset: int, view: bytes) -> bytes:
        """Return what stands from an offset on, to behind the next break or as much as is held at once."""
        parts, size = [view], len(view)
        while size < MAX_HELD:
            more = os.pread(self.handle, min(CHUNK, MAX_HELD - size), offset + size)
            parts.append(more)
            size += len(more)
            if not more or b"\n" in more:
                break
        return b"".join(parts)

    def is_same(self, place: Offset) -> bool:
        """Return whether the file still has, before a place, the end of the line that was read there."""
        size = os.fstat(self.handle).st_size
        found = os.pread(self.handle, len(self.mark), max(place.offset - len(self.mark), 0))
        return size >= place.offset and found == self.mark

    def forget(self) -> None:
        """Read anew what was read ahead."""
        self.at, self.buffer = 0, b""

    def holds(self, place: Offset) -> bool:
        """Return whether what stands before a place is what stood there when the place was noted."""
        size, crc, at = os.fstat(self.handle).st_size, 0, 0
        if size < place.offset:
            return False
        while at < place.offset:
            data = os.pread(self.handle, min(1 << 20, place.offset - at), at)
            if not data:
                return False
            crc, at = zlib.crc32(data, crc), at + len(data)
        return crc == place.crc

    def close(self) -> None:
        """Let go of the file."""
        os.close(self.handle)
