"""Sinks that are files: one that can tell what it holds, and stdout, which cannot."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from walkaway.deal.lines import MAX_HELD
from walkaway.run.ports import Message
from walkaway_edge.files.lines import is_object
from walkaway_edge.files.names import reason, shown_name
from walkaway_edge.problems import EdgeProblem

_BEGIN = b'{"'
"""What every line that leaves begins with."""


class FileSink:
    """A file at whose end lines are written, private to its user where it is made here.

    A device or a named pipe is written as well, and cannot tell what it holds.
    """

    def __init__(self, path: Path) -> None:
        self.name = f"file:{shown_name(path.absolute())}"
        try:
            self.is_file = path.is_file() or not path.exists()
            how = os.O_RDWR | os.O_CREAT | os.O_APPEND if self.is_file else os.O_WRONLY
            self.handle = os.open(path, how, 0o600)
        except (OSError, ValueError) as problem:
            raise EdgeProblem(f"{shown_name(path)} cannot be written: {reason(problem)}") from problem
        if self.is_file:
            self.refuse_others(path)
            self.cut_back()

    def refuse_others(self, path: Path) -> None:
        """Leave a file alone that holds something other than lines like ours, such as a store or a policy.

        Raises:
            EdgeProblem: Where it does: the end of it might be cut off, and what is appended would spoil it.
        """
        if not _BEGIN.startswith(os.pread(self.handle, len(_BEGIN), 0)):
            os.close(self.handle)
            what = "it holds something other than JSON lines"
            raise EdgeProblem(f"{shown_name(path)} cannot be written: {what}", "name another file")

    def cut_back(self) -> None:
        """Cut off a last line that was not written to its end; one that lacks its break alone gets it."""
        size = at = os.fstat(self.handle).st_size
        while at:
            start = max(at - 65536, 0)
            found = os.pread(self.handle, at - start, start).rfind(b"\n")
            at = start + found + 1
            if found >= 0:
                break
        if at != size and size - at <= MAX_HELD and is_object(os.pread(self.handle, size - at, at)):
            os.write(self.handle, b"\n")
        elif at != size:
            os.ftruncate(self.handle, at)

    def end(self) -> bytes:
        """Return its size."""
        return b"%d" % os.fstat(self.handle).st_size if self.is_file else b""

    def after(self, end: bytes) -> Sequence[bytes]:
        """Return the lines behind a place."""
        at, size = int(end), os.fstat(self.handle).st_size
        data = b""
        while at + len(data) < size:
            data += os.pread(self.handle, size - at - len(data), at + len(data))
        return data.split(b"\n")[:-1]

    def write(self, messages: Sequence[Message]) -> None:
        """Write lines; they are on disk when this returns."""
        view = memoryview(b"".join(part for m in messages for part in (m.data, b"\n")))
        while view:
            view = view[os.write(self.handle, view) :]
        if self.is_file:
            os.fsync(self.handle)

    def close(self) -> None:
        """Let go of the file."""
        os.close(self.handle)


class Stdout:
    """Lines on stdout, each batch at once. What a reader took of it nobody knows."""

    name = "-"

    def end(self) -> bytes:
        """Return nothing: it cannot tell."""
        return b""

    def after(self, end: bytes) -> Sequence[bytes]:
        """Return nothing: it cannot tell."""
        return ()

    def write(self, messages: Sequence[Message]) -> None:
        """Write lines and let them out."""
        sys.stdout.buffer.write(b"".join(m.data + b"\n" for m in messages))
        sys.stdout.buffer.flush()

    def close(self) -> None:
        """Leave stdout as it is."""
