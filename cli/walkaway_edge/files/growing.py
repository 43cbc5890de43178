"""A file of events that grows by one line at a time, by whoever writes events: locked, on disk, whole or not at all."""

import fcntl
import os
import stat
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from walkaway.deal.lines import MAX_HELD
from walkaway.language.codes import Code
from walkaway.language.diagnostics import Diagnostic, InvalidInput, Span
from walkaway_edge.files.keeps import sync_folder
from walkaway_edge.files.lines import is_object
from walkaway_edge.files.names import reason, shown_name
from walkaway_edge.problems import EdgeProblem

PATIENCE_S = 10.0
_WAIT_S = 0.02
_CHUNK = 1 << 20


class Mark(msgspec.Struct, frozen=True):
    """What a file held: its size, the CRC-32 of it, how many lines, and whether the last lacks its break."""

    size: int = 0
    crc: int = 0
    lines: int = 0
    is_open: bool = False


class FileGrown(Exception):
    """The file is not what it was."""


@contextmanager
def looked_at(path: Path) -> Iterator[Mark]:
    """Keep a file as it is while its events are read; one that is not there holds nothing.

    Raises:
        EdgeProblem: Where it cannot be read, or is no plain file.
        InvalidInput: Where its last line was not written to its end.
    """
    handle = _opened(path, os.O_RDONLY)
    if handle is None:
        yield Mark()
        return
    try:
        _lock(handle, fcntl.LOCK_SH, path)
        yield _marked(handle, path)
    finally:
        os.close(handle)


def append(path: Path, line: bytes, mark: Mark) -> int:
    """Append a line to a file that is as it was marked; when this returns, it is on disk. Give its number.

    A file that is made here is private to its user.

    Raises:
        Grown: Where it is not as it was marked; nothing was written.
        EdgeProblem: Where it cannot be written; nothing is left of the line then.
        InvalidInput: As for `looked_at`.
    """
    is_new = not path.exists()
    handle = _opened(path, os.O_RDWR | os.O_APPEND | os.O_CREAT)
    assert handle is not None
    try:
        _lock(handle, fcntl.LOCK_EX, path)
        if _marked(handle, path) != mark:
            raise FileGrown
        try:
            view = memoryview((b"\n" if mark.is_open else b"") + line + b"\n")
            while view:
                view = view[os.write(handle, view) :]
            os.fsync(handle)
        except OSError as problem:
            os.ftruncate(handle, mark.size)
            raise EdgeProblem(f"{shown_name(path)} cannot be written: {reason(problem)}") from problem
        if is_new:
            sync_folder(path.parent)
    finally:
        os.close(handle)
    return mark.lines + 1


def _opened(path: Path, how: int) -> int | None:
    """Open a plain file; give none where it is not there and is not made."""
    try:
        handle = os.open(path, how | os.O_NONBLOCK, 0o600)  # a named pipe would be waited for
    except FileNotFoundError as problem:
        if not how & os.O_CREAT:
            return None
        raise EdgeProblem(f"{shown_name(path)} cannot be written: there is no such folder") from problem
    except (OSError, ValueError) as problem:
        raise EdgeProblem(f"{shown_name(path)} cannot be opened: {reason(problem)}") from problem
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        what = "an event is decided by those before it, and only a file gives them back"
        raise EdgeProblem(f"{shown_name(path)} is no file: {what}", "name a file")
    return handle


def _lock(handle: int, how: int, path: Path) -> None:
    end = time.monotonic() + PATIENCE_S
    while True:
        try:
            fcntl.flock(handle, how | fcntl.LOCK_NB)
        except OSError as problem:
            if time.monotonic() >= end:
                raise EdgeProblem(f"{shown_name(path)} is being written by somebody else", "try again") from problem
            time.sleep(_WAIT_S)
        else:
            return


def _marked(handle: int, path: Path) -> Mark:
    """Return what a file holds.

    Raises:
        InvalidInput: Where its last line was not written to its end.
    """
    size = crc = lines = 0
    end = -1
    while data := os.pread(handle, _CHUNK, size):
        lines += data.count(b"\n")
        end = size + found if (found := data.rfind(b"\n")) >= 0 else end
        size, crc = size + len(data), zlib.crc32(data, crc)
    is_open = end + 1 < size
    if is_open:
        last = os.pread(handle, min(size - end - 1, MAX_HELD), end + 1)
        if not is_object(last.removeprefix(b"\xef\xbb\xbf")):
            text = last[:4000].decode("utf-8", "replace")
            span = Span(shown_name(path), lines + 1, len(text) + 1, 1, text[:400])
            what, hint = "the last line was not written to its end", "finish it, or remove it; then write again"
            raise InvalidInput([Diagnostic(Code.NOT_JSON, what, span, hint)])
        lines += 1
    return Mark(size, crc, lines, is_open)
