"""Files of events as commands read them: opened with care, line by line, however long a line is."""

import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import click

LONGEST = 16 * 1024 * 1024
"""Of a line longer than this only so much is read at once; it is far beyond what an event may have."""


def open_events(file: Path) -> IO[bytes]:
    """Open a file of events, or stdin for `-`.

    Raises:
        UsageError: Where it cannot be read.
    """
    if str(file) == "-":
        return sys.stdin.buffer
    try:
        return file.open("rb")
    except OSError as problem:
        raise click.UsageError(f"{shown_name(file)} cannot be read: {reason(problem)}") from problem


def event_lines(events: IO[bytes]) -> Iterator[bytes]:
    """Return the lines; one beyond `LONGEST` is cut there, and the rest of it is passed over."""
    is_rest = False
    for part in iter(lambda: events.readline(LONGEST), b""):
        if not is_rest:
            yield part
        is_rest = len(part) == LONGEST and not part.endswith(b"\n")


def is_live(events: IO[bytes]) -> bool:
    """Return whether more may come while we wait, as from a pipe, so that every answer must go out at once."""
    return not stat.S_ISREG(os.fstat(events.fileno()).st_mode)


def shown_name(file: Path) -> str:
    """Return a file's name as text; bytes that are no UTF-8 are replaced."""
    return os.fsencode(file).decode("utf-8", "replace")


def reason(problem: OSError) -> str:
    """Say in a few words why a file cannot be used."""
    return (problem.strerror or "no such file").lower()
