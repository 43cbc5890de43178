"""A folder of files of JSON lines."""

import os
import time
from collections.abc import Callable
from pathlib import Path

from walkaway.run.ports import Batch, Offsets
from walkaway_edge.files.file import POLL_S
from walkaway_edge.files.in_use import InUse, identity
from walkaway_edge.files.lines import Cut, CutBatch, Offset, PlacedLines, place_of
from walkaway_edge.files.names import shown_name
from walkaway_edge.files.reading import Reading
from walkaway_edge.problems import EdgeProblem


class Folder:
    """A folder of files of JSON lines, by name; each goes on from its own place. Hidden ones are left out.

    Args:
        warn: Is told of a file that is left out since the same command writes it.
        in_use: What the same command reads and writes.
    """

    def __init__(
        self, path: Path, *, follow: bool, warn: Callable[[str], None] = lambda _: None, in_use: InUse | None = None
    ) -> None:
        self.path, self.follow, self.warn = path, follow, warn
        self.in_use = in_use or InUse()
        self.in_use.reads(path)
        self.refused: set[str] = set()
        self.name = f"folder:{shown_name(path.absolute())}"
        self.done: dict[str, tuple[int, int]] = {}
        self.reading: Reading | None = None
        self.known: dict[str, tuple[Offset, Offset]] = {}

    def read(self, after: Offsets, most: int, wait_s: float) -> Batch:
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
                return PlacedLines(is_last=True)
            if time.monotonic() >= end:
                return PlacedLines()
            time.sleep(POLL_S)

    def files(self) -> list[tuple[str, tuple[int, int]]]:
        """Return the files in order, each with its size and when it changed."""
        found, outputs = [], self.in_use.outputs()
        with os.scandir(self.path) as entries:
            for entry in entries:
                if not entry.name.startswith(".") and entry.is_file():
                    about = entry.stat()
                    if identity(about) in outputs:
                        self.refuse(entry.name)
                        continue
                    found.append((entry.name, (about.st_size, about.st_mtime_ns)))
        return sorted(found)

    def refuse(self, name: str) -> None:
        """Say once that a file is left out: what is written there would come back for ever."""
        if name not in self.refused:
            self.refused.add(name)
            self.warn(f"{shown_name(self.path / name)} is a file that is written here: it is not read")

    def file(self, name: str, place: Offset, most: int) -> Batch | None:
        """Return the lines of one file after a place; none where there are none."""
        path = self.path / name
        if self.reading is None or self.reading.path != path:
            self.close()
            try:
                self.reading = Reading(path, self.in_use)
            except (OSError, EdgeProblem):
                return None
        if name in self.known and self.known[name][0] == place:
            place = self.known[name][1]
        else:
            place = place if self.reading.holds(place) else Offset()
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
