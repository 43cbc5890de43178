"""A small file of JSON lines that only grows: every line is on disk before anybody is told of it. Knows no HTTP."""

import errno
import fcntl
import os
import threading
from pathlib import Path
from typing import Generic, TypeVar

import msgspec

from walkaway_edge.files.names import reason
from walkaway_edge.problems import EdgeProblem

T = TypeVar("T", bound=msgspec.Struct)


class Journal(Generic[T]):
    """What was noted in a file, oldest first; other threads and processes may note in it meanwhile.

    A file that is put in its place, or that is gone, counts from then on in place of it.

    Args:
        path: Made with the first line, for its user alone (0600).
        of: What a line holds.

    Raises:
        EdgeProblem: Where it cannot be read or written, or holds something else.
    """

    def __init__(self, path: Path, of: type[T]) -> None:
        self.path, self.read_line = path, msgspec.json.Decoder(of).decode
        self.lines: list[T] = []
        self.taken = 0
        self.handle: int | None = None
        self.which = 0, 0
        self.lock = threading.RLock()
        self.all()

    def all(self) -> list[T]:
        """Return every line; what others have added meanwhile is read now. A line that is being written is left out."""
        with self.lock:
            there = self._there()
            if self.handle is not None and there is not None and self._is_read(there):
                return self.lines
            handle = self._opened(make=False)
            if handle is None or (size := os.fstat(handle).st_size) == self.taken:
                return self.lines
            try:
                if size < self.taken:
                    self._forget()
                data = os.pread(handle, size - self.taken, self.taken)
                whole, newline, _ = data.rpartition(b"\n")
                new = [self.read_line(line) for line in whole.splitlines() if line.strip()]
            except (OSError, msgspec.DecodeError) as problem:
                why = reason(problem) if isinstance(problem, OSError) else "it holds a line of another kind"
                raise EdgeProblem(f"{self.path} cannot be read: {why}") from problem
            self.lines = [*self.lines, *new]
            self.taken += len(whole) + len(newline)
            return self.lines

    def note(self, line: T) -> None:
        """Add a line; it is on disk when this returns.

        Raises:
            EdgeProblem: Where it cannot be written; then nothing of it is there.
        """
        with self.lock:
            self._note(msgspec.json.encode(line) + b"\n")
            self.all()

    def _note(self, data: bytes) -> None:
        handle = self._opened(make=True)
        assert handle is not None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            try:
                before = os.fstat(handle).st_size
                if before and os.pread(handle, 1, before - 1) != b"\n":
                    before = self._mended(handle, before)
                if os.write(handle, data) < len(data):
                    os.ftruncate(handle, before)
                    raise OSError(errno.ENOSPC, "no space left")
                os.fsync(handle)
            finally:
                fcntl.flock(handle, fcntl.LOCK_UN)
        except OSError as problem:
            raise EdgeProblem(f"{self.path} cannot be written: {reason(problem)}") from problem

    def _opened(self, *, make: bool) -> int | None:
        """Return the file; none where there is none and none is made.

        Raises:
            EdgeProblem: Where it cannot be opened.
        """
        if self.handle is not None and not self._is_there():
            self.close()
            self._forget()
        if self.handle is None:
            flags = os.O_RDWR | os.O_APPEND | (os.O_CREAT if make else 0)
            try:
                self.handle = os.open(self.path, flags, 0o600)
                opened = os.fstat(self.handle)
                self.which = opened.st_dev, opened.st_ino
            except FileNotFoundError:
                if make:
                    raise EdgeProblem(f"{self.path} cannot be made: its folder is not there") from None
            except OSError as problem:
                raise EdgeProblem(f"{self.path} cannot be opened: {reason(problem)}") from problem
        return self.handle

    def _there(self) -> os.stat_result | None:
        """Return what its path names now; none where that is nothing."""
        try:
            return os.stat(self.path)  # noqa: PTH116 — at every call: half the time of `Path.stat`
        except OSError:
            return None

    def _is_read(self, there: os.stat_result) -> bool:
        """Return whether all that the path names was taken from the very file that is open."""
        return there.st_size == self.taken and (there.st_dev, there.st_ino) == self.which

    def _is_there(self) -> bool:
        """Return whether the file that is open is the one that its path names."""
        there = self._there()
        return there is not None and (there.st_dev, there.st_ino) == self.which

    def _forget(self) -> None:
        self.lines, self.taken = [], 0

    def _mended(self, handle: int, size: int) -> int:
        """Drop a line that somebody began to write and did not end, whom nobody was told of; return the size left."""
        whole = os.pread(handle, size, 0).rfind(b"\n") + 1
        os.ftruncate(handle, whole)
        return whole

    def close(self) -> None:
        """Let go of the file."""
        if self.handle is not None:
            os.close(self.handle)
            self.handle = None
