"""A small file of JSON lines that only grows: every line is on disk before anybody is told of it. Knows no HTTP."""

import fcntl
import os
from pathlib import Path
from typing import Generic, TypeVar

import msgspec

from walkaway_edge.files.names import reason
from walkaway_edge.problems import EdgeProblem

T = TypeVar("T", bound=msgspec.Struct)


class Journal(Generic[T]):
    """What was noted in a file, oldest first; other processes may note in it meanwhile.

    Args:
        path: Made where there is none, for its user alone (0600).
        of: What a line holds.

    Raises:
        EdgeProblem: Where it cannot be read or written, or holds something else.
    """

    def __init__(self, path: Path, of: type[T]) -> None:
        self.path, self.read_line = path, msgspec.json.Decoder(of).decode
        self.lines: list[T] = []
        self.taken = 0
        try:
            self.handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        except OSError as problem:
            raise EdgeProblem(f"{path} cannot be opened: {reason(problem)}") from problem
        self.all()

    def all(self) -> list[T]:
        """Return every line; what others have added meanwhile is read now. A line that is being written is left out."""
        if os.fstat(self.handle).st_size == self.taken:
            return self.lines
        try:
            data = os.pread(self.handle, os.fstat(self.handle).st_size - self.taken, self.taken)
            whole, newline, _ = data.rpartition(b"\n")
            self.lines += [self.read_line(line) for line in whole.splitlines() if line.strip()]
        except (OSError, msgspec.DecodeError) as problem:
            why = reason(problem) if isinstance(problem, OSError) else "it holds a line of another kind"
            raise EdgeProblem(f"{self.path} cannot be read: {why}") from problem
        self.taken += len(whole) + len(newline)
        return self.lines

    def note(self, line: T) -> None:
        """Add a line; it is on disk when this returns.

        Raises:
            EdgeProblem: Where it cannot be written; then nothing of it is there.
        """
        data = msgspec.json.encode(line) + b"\n"
        try:
            fcntl.flock(self.handle, fcntl.LOCK_EX)
            try:
                before = os.fstat(self.handle).st_size
                if before and os.pread(self.handle, 1, before - 1) != b"\n":
                    before = self._mend(before)
                if os.write(self.handle, data) < len(data):
                    os.ftruncate(self.handle, before)
                    raise OSError(28, "no space left")
                os.fsync(self.handle)
            finally:
                fcntl.flock(self.handle, fcntl.LOCK_UN)
        except OSError as problem:
            raise EdgeProblem(f"{self.path} cannot be written: {reason(problem)}") from problem
        self.all()

    def _mend(self, size: int) -> int:
        """Drop a line that somebody began to write and did not end; nobody was told of it."""
        whole = os.pread(self.handle, size, 0).rfind(b"\n") + 1
        os.ftruncate(self.handle, whole)
        return whole

    def close(self) -> None:
        """Let go of the file."""
        os.close(self.handle)
