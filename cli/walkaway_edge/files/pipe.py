"""What is piped in: stdin, a named pipe, whatever cannot be read from a place in it."""

import contextlib
import fcntl
import os
import select
import stat
import sys
import termios
import time
from array import array
from pathlib import Path

from walkaway.deal.decode import MAX_LINE
from walkaway.deal.lines import MAX_HELD
from walkaway.run.ports import Batch, Offsets
from walkaway_edge.files.in_use import InUse
from walkaway_edge.files.lines import Cut, PlacedLines, cut
from walkaway_edge.files.lines import Offset as At
from walkaway_edge.files.names import reason, shown_name
from walkaway_edge.files.reading import CHUNK
from walkaway_edge.problems import EdgeProblem


class Pipe:
    """Lines as they come, answered as soon as they are there; whoever sends them sends again what was not answered.

    Args:
        path: `-` for stdin.

    Raises:
        EdgeProblem: Where it cannot be read.
    """

    def __init__(self, path: Path, in_use: InUse | None = None) -> None:
        self.shown = shown_name(path)
        self.is_stdin = self.shown == "-"
        self.name = "-" if self.is_stdin else f"file:{shown_name(path.absolute())}"
        try:
            self.handle = 0 if self.is_stdin else os.open(path, os.O_RDONLY)
        except (OSError, ValueError) as problem:
            raise EdgeProblem(f"{self.shown} cannot be read: {reason(problem)}") from problem
        if in_use is not None:
            in_use.reads_handle(self.handle)
        self.rest, self.looked = bytearray(), 0
        self.left = sys.maxsize
        self.has_ended = False
        self.place = At()

    def read(self, after: Offsets, most: int, wait_s: float) -> Batch:
        """Return the lines that are there, once there is one."""
        end = time.monotonic() + wait_s
        while True:
            raw = self.lines(most)
            if raw:
                found = Cut(self.shown, self.place, raw)
                self.place = found.place(len(raw))
                return PlacedLines(found.lines())
            if self.has_ended:
                return PlacedLines(is_last=True)
            if not self.left or not select.select([self.handle], [], [], max(end - time.monotonic(), 0))[0]:
                return PlacedLines()
            data = os.read(self.handle, min(CHUNK, self.left))
            self.left -= len(data)
            self.has_ended = not data
            self.rest += data

    def lines(self, most: int) -> list[bytes]:
        """Return up to *most* lines of what is there; none while the first of them may still go on."""
        if not self.has_ended and len(self.rest) < MAX_HELD and self.rest.find(b"\n", self.looked) < 0:
            self.looked = len(self.rest)
            if len(self.rest) > MAX_LINE:
                return []
        raw = cut(bytes(self.rest), most, is_whole=self.has_ended)
        if raw:
            del self.rest[: sum(map(len, raw))]
            self.looked = 0
        return raw

    def drain(self) -> None:
        """Take in no more than was sent by now, since nobody would send it again; a file on stdin keeps what it has."""
        there = array("i", [0])
        if not stat.S_ISREG(os.fstat(self.handle).st_mode):
            with contextlib.suppress(OSError):  # of what cannot tell, nothing more is taken in
                fcntl.ioctl(self.handle, termios.FIONREAD, there)
        self.left = there[0]

    def close(self) -> None:
        """Let go of it; stdin stays as it is."""
        if not self.is_stdin:
            os.close(self.handle)
