"""Sources that are files: one that ends, one that grows and is rotated, a folder of them, and stdin."""

import os
import re
import select
import sys
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import click

from walkaway.run.ports import Batch, Places
from walkaway_edge.files.inputs import reason, shown_name
from walkaway_edge.files.lines import PIECE, Cut, CutBatch, Listed, Place, cut, place_of

CHUNK = 256 * 1024
_POLL_S = 0.02
_MARK = 64
_ROTATED = re.compile(r"[.-]\d[\d._T-]*")
"""What a rotated file has behind its name: a number or a date."""


class Reading:
    """One open file, read from places in it."""

    def __init__(self, path: Path) -> None:
        self.path, self.name = path, shown_name(path)
        self.handle = os.open(path, os.O_RDONLY)
        self.at, self.buffer = 0, b""
        self.tried = -1
        self.mark = b""

    def read(self, start: Place, most: int, *, is_whole: bool) -> list[bytes]:
        """Give up to *most* lines from a place on; none where no whole line is there."""
        begin = start.offset - self.at
        if not 0 <= begin <= len(self.buffer):
            self.at, self.buffer, begin = start.offset, b"", 0
        view = self.buffer[begin:]
        if b"\n" not in view:
            while len(view) < PIECE:
                more = os.pread(self.handle, CHUNK, start.offset + len(view))
                view += more
                if not more or b"\n" in more:
                    break
            self.at, self.buffer = start.offset, view
        if not is_whole and b"\n" not in view and len(view) == self.tried:
            return []
        is_all = start.offset + len(view) >= os.fstat(self.handle).st_size
        lines = cut(view, most, is_whole=is_whole and is_all)
        self.tried = -1 if lines else len(view)
        self.mark = (lines[-1] if lines else self.mark)[-_MARK:]
        return lines

    def is_same(self, place: Place) -> bool:
        """Return whether the file still has, before a place, the end of the line that was read there."""
        size = os.fstat(self.handle).st_size
        found = os.pread(self.handle, len(self.mark), max(place.offset - len(self.mark), 0))
        return size >= place.offset and found == self.mark

    def forget(self) -> None:
        """Read anew what was read ahead."""
        self.at, self.buffer = 0, b""

    def holds(self, place: Place) -> bool:
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


class File:
    """A file of JSON lines: up to its end, or, followed, for as long as it grows, through rotation and truncation.

    A followed file begins with the oldest file that it was rotated to: deals may have opened there.

    Args:
        warn: Is told what may have been lost.
    """

    is_lasting = True

    def __init__(self, path: Path, *, follow: bool, warn: Callable[[str], None]) -> None:
        self.path, self.follow, self.warn = path, follow, warn
        self.name = f"file:{shown_name(path.absolute())}"
        self.reading: Reading | None = None
        self.place = self.given = Place()
        if not follow:
            self.open(path).close()

    def open(self, path: Path) -> Reading:
        """Open a file.

        Raises:
            UsageError: Where it cannot be read.
        """
        try:
            reading = Reading(path)
            if path.is_dir():
                raise IsADirectoryError(21, "Is a directory")
        except OSError as problem:
            raise click.UsageError(f"{shown_name(path)} cannot be read: {reason(problem)}") from problem
        return reading

    def read(self, after: Places, most: int, wait_s: float) -> Batch:
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
                    return Listed(is_last=True)
                raw = raw or self.turned(reading)
                if raw:
                    batch = CutBatch("", Cut(reading.name, self.place, raw))
                    self.place, self.given = batch.cut.place(len(raw)), batch.noted(len(raw))
                    return batch
                if self.reading is not reading:
                    continue
            if time.monotonic() >= end:
                return Listed()
            time.sleep(_POLL_S)

    def found(self, place: Place) -> Reading | None:
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
                reading = Reading(path)
            except OSError:
                continue
            if reading.holds(place):
                self.reading, self.place = reading, place
                return reading
            reading.close()
        if not self.path.exists():
            return None
        self.warn(f"{shown_name(self.path)} is not the file that was read before: it is read from its beginning")
        self.reading, self.place = self.open(self.path), Place()
        return self.reading

    def rotated(self) -> list[Path]:
        """Return the files that this one was rotated to, the oldest first."""
        if not self.follow:
            return []
        found = []
        for path in self.path.parent.glob(f"{_escaped(self.path.name)}*"):
            if _ROTATED.fullmatch(path.name[len(self.path.name) :]) and path.is_file():
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
        self.reading, self.place = later, Place()

    def take_up(self, reading: Reading) -> Reading:
        """Go on where a file was cut short: in its copy, if there is one, else at its beginning."""
        for path in reversed(self.rotated()):
            copy = Reading(path)
            if self.place.offset and copy.holds(self.place):
                reading.close()
                self.reading = copy
                return copy
            copy.close()
        reading.forget()
        reading.mark = b""
        self.place = Place()
        return reading

    def close(self) -> None:
        """Let go of the file."""
        if self.reading is not None:
            self.reading.close()
            self.reading = None


def _escaped(name: str) -> str:
    """Write a name so that `glob` takes it as it is."""
    return re.sub(r"([*?[])", r"[\1]", name)


class Folder:
    """A folder of files of JSON lines, by name; each goes on from its own place. Hidden ones are left out."""

    is_lasting = True

    def __init__(self, path: Path, *, follow: bool) -> None:
        self.path, self.follow = path, follow
        self.name = f"folder:{shown_name(path.absolute())}"
        self.done: dict[str, tuple[int, int]] = {}
        self.reading: Reading | None = None
        self.known: dict[str, tuple[Place, Place]] = {}

    def read(self, after: Places, most: int, wait_s: float) -> Batch:
        """Return the lines after the places, from the first file that has some."""
        end = time.monotonic() + wait_s
        if self.reading is not None and self.reading.path.name in after:
            batch = self.file(self.reading.path.name, place_of(after[self.reading.path.name]), most)
            if batch is not None:
                return batch
        while True:
            for name, state in self.files():
                if self.done.get(name) == state:
                    continue
                batch = self.file(name, place_of(after.get(name)), most)
                if batch is not None:
                    return batch
                self.done[name] = state
            if not self.follow:
                return Listed(is_last=True)
            if time.monotonic() >= end:
                return Listed()
            time.sleep(_POLL_S)

    def files(self) -> list[tuple[str, tuple[int, int]]]:
        """Return the files in order, each with its size and when it changed."""
        found = []
        with os.scandir(self.path) as entries:
            for entry in entries:
                if not entry.name.startswith(".") and entry.is_file():
                    about = entry.stat()
                    found.append((entry.name, (about.st_size, about.st_mtime_ns)))
        return sorted(found)

    def file(self, name: str, place: Place, most: int) -> Batch | None:
        """Return the lines of one file after a place; none where there are none."""
        path = self.path / name
        if self.reading is None or self.reading.path != path:
            self.close()
            try:
                self.reading = Reading(path)
            except OSError:
                return None
        if name in self.known and self.known[name][0] == place:
            place = self.known[name][1]
        else:
            place = place if self.reading.holds(place) else Place()
            self.reading.forget()
        raw = self.reading.read(place, most, is_whole=not self.follow)
        if not raw:
            return None
        batch = CutBatch(name, Cut(self.reading.name, place, raw))
        self.known = {name: (batch.noted(len(raw)), batch.cut.place(len(raw)))}
        return batch

    def close(self) -> None:
        """Let go of the file at hand."""
        if self.reading is not None:
            self.reading.close()
            self.reading = None


class Stdin:
    """What is piped in. It cannot be read again: whoever sends it sends again what was not answered."""

    name = "-"
    is_lasting = False

    def __init__(self) -> None:
        self.rest = b""
        self.has_ended = False
        self.place = Place()

    def read(self, after: Places, most: int, wait_s: float) -> Batch:
        """Return the lines that are there, once there is one."""
        end = time.monotonic() + wait_s
        while True:
            raw = cut(self.rest, most, is_whole=self.has_ended)
            if raw:
                found = Cut("-", self.place, raw)
                self.place = found.place(len(raw))
                self.rest = self.rest[sum(map(len, raw)) :]
                return Listed(found.lines())
            if self.has_ended:
                return Listed(is_last=True)
            handle = sys.stdin.fileno()
            if not select.select([handle], [], [], max(end - time.monotonic(), 0))[0]:
                return Listed()
            data = os.read(handle, CHUNK)
            self.has_ended = not data
            self.rest += data

    def close(self) -> None:
        """Leave stdin as it is."""
