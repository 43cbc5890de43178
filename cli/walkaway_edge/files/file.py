"""A file of JSON lines: one that ends, or one that grows and is rotated."""

import os
import re
import time
from collections.abc import Callable
from pathlib import Path

from walkaway.run.ports import Batch, Offsets
from walkaway_edge.files.in_use import InUse, is_rotated_from
from walkaway_edge.files.lines import Cut, CutBatch, Offset, PlacedLines, place_of
from walkaway_edge.files.names import reason, shown_name
from walkaway_edge.files.reading import Reading
from walkaway_edge.problems import EdgeProblem

POLL_S = 0.02
"""So often a file that is followed is looked at again."""


class File:
    """A file of JSON lines: up to its end, or, followed, for as long as it grows, through rotation and truncation.

    A followed file begins with the oldest file that it was rotated to: deals may have opened there.

    Args:
        warn: Is told what may have been lost.
        in_use: What the same command reads and writes: none of what it writes is read.

    Raises:
        EdgeProblem: Where it cannot be read.
    """

    def __init__(self, path: Path, *, follow: bool, warn: Callable[[str], None], in_use: InUse | None = None) -> None:
        self.path, self.follow, self.warn = path, follow, warn
        self.in_use = in_use or InUse()
        self.in_use.reads(path, is_followed=follow)
        self.name = f"file:{shown_name(path.absolute())}"
        self.reading: Reading | None = None
        self.place = self.given = Offset()
        if not follow:
            self.open(path).close()

    def open(self, path: Path) -> Reading:
        """Open a file.

        Raises:
            EdgeProblem: Where it cannot be read.
        """
        try:
            if path.is_dir():
                raise IsADirectoryError(21, "Is a directory")
            reading = Reading(path, self.in_use)
        except (OSError, ValueError) as problem:
            raise EdgeProblem(f"{shown_name(path)} cannot be read: {reason(problem)}") from problem
        return reading

    def read(self, after: Offsets, most: int, wait_s: float) -> Batch:
        """Return the lines after a place."""
        place = place_of(after.get(""))
        end = time.monotonic() + wait_s
        while True:
            reading = self.found(place)
            if reading is not None:
                if self.follow and not reading.is_same(self.place):
                    reading = self.take_up(reading)
                raw = reading.read(self.place, most, is_whole=not self.follow)
                if not raw and not self.follow:
                    return PlacedLines(is_last=True)
                raw = raw or self.turned(reading)
                if raw:
                    batch = CutBatch("", Cut(reading.name, self.place, raw))
                    self.place, self.given = batch.cut.place(len(raw)), batch.noted(len(raw))
                    return batch
                if self.reading is not reading:
                    continue
            if time.monotonic() >= end:
                return PlacedLines()
            time.sleep(POLL_S)

    def found(self, place: Offset) -> Reading | None:
        """Return the file in which a place is, ready to be read from there; none where there is no file yet."""
        if self.reading is not None and place == self.given:
            return self.reading
        self.given = place
        if self.reading is not None:
            self.reading.close()
            self.reading = None
        newest_first = [self.path, *reversed(self.rotated())]
        for path in newest_first if place.offset else reversed(newest_first):
            try:
                reading = Reading(path, self.in_use)
            except OSError:
                continue
            if reading.holds(place):
                self.reading, self.place = reading, place
                return reading
            reading.close()
        if not self.path.exists():
            return None
        self.warn(f"{shown_name(self.path)} is not the file that was read before: it is read from its beginning")
        self.reading, self.place = self.open(self.path), Offset()
        return self.reading

    def rotated(self) -> list[Path]:
        """Return the files that this one was rotated to, the oldest first."""
        if not self.follow:
            return []
        found = []
        for path in self.path.parent.glob(f"{_escaped(self.path.name)}*"):
            if is_rotated_from(path, self.path.name) and path.is_file():
                found.append((path.stat().st_mtime_ns, path))
        return [path for _, path in sorted(found)]

    def turned(self, reading: Reading) -> list[bytes]:
        """At the end of a file: go on in the one that came after it, if it was rotated or cut short.

        Returns:
            The file's last line, where it has no break and nothing comes behind it any more.
        """
        here = os.fstat(reading.handle)
        try:
            there = self.path.stat()
        except OSError:
            return []  # between two files
        if (here.st_dev, here.st_ino) == (there.st_dev, there.st_ino):
            return []
        later = self.after(here)
        if later is None:
            return []
        reading.forget()
        rest = reading.read(self.place, 1, is_whole=True)
        if rest:
            return rest
        self.turn(later)
        return []

    def after(self, here: os.stat_result) -> Path | None:
        """Return the file that came after an older one, once something stands in it."""
        order = [*self.rotated(), self.path]
        for n, path in enumerate(order[:-1]):
            if path.exists() and path.stat().st_ino == here.st_ino:
                order = order[n + 1 :]
                break
        else:
            order = [self.path]
        return next((p for p in order if p.exists() and p.stat().st_size), None)

    def turn(self, path: Path) -> None:
        """Go on at the beginning of another file."""
        later = self.open(path)
        if self.reading is not None:
            self.reading.close()
        self.reading, self.place = later, Offset()

    def take_up(self, reading: Reading) -> Reading:
        """Go on where a file was cut short: in its copy, if there is one, else at its beginning."""
        for path in reversed(self.rotated()):
            copy = Reading(path, self.in_use)
            if self.place.offset and copy.holds(self.place):
                reading.close()
                self.reading = copy
                return copy
            copy.close()
        reading.forget()
        reading.mark = b""
        self.place = Offset()
        return reading

    def close(self) -> None:
        """Let go of the file."""
        if self.reading is not None:
            self.reading.close()
            self.reading = None


def _escaped(name: str) -> str:
    """Write a name so that `glob` takes it as it is."""
    return re.sub(r"([*?[])", r"[\1]", name)
