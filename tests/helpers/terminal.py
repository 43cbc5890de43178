"""A pseudo-terminal of 80 columns in which a test types, and reads what a person would see."""

import codecs
import contextlib
import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from types import TracebackType

from tests.helpers.processes import PATIENCE_S

ESCAPES = re.compile("\x1b\\[[0-9;?]*[A-Za-z]")
_AS_FROM_A_SHELL = """
import fcntl, os, signal, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
for number in (signal.SIGINT, signal.SIGQUIT):  # whoever started the tests in the background had them ignored
    signal.signal(number, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])
"""


class Terminal:
    """The command `walkaway` in a terminal of its own; whatever happens, it ends with the block.

    Attributes:
        seen: What has been read and not yet been waited for, escapes and all.
    """

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
        self.ours, theirs = pty.openpty()
        self.seen = ""
        self.decoder = codecs.getincrementaldecoder("utf-8")()
        command = [sys.executable, "-m", "walkaway_cli", *arguments]
        self.process = subprocess.Popen(
            [sys.executable, "-c", _AS_FROM_A_SHELL, *command],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={**os.environ, "TERM": "xterm", "COLUMNS": "80", **environment},
            start_new_session=True,
        )
        os.close(theirs)

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.ours)

    def type(self, text: str | bytes) -> None:
        """Press keys."""
        os.write(self.ours, text.encode() if isinstance(text, str) else text)

    def until(self, text: str) -> str:
        """Wait for *text*, and give everything up to its end as it came."""
        end = time.monotonic() + PATIENCE_S
        while text not in self.seen:
            assert time.monotonic() < end, f"{text!r} is not in {self.seen!r}"
            if select.select([self.ours], [], [], 1)[0]:
                self.seen += self.read()
        found, text, self.seen = self.seen.partition(text)
        return found + text

    def end(self, key: str = "") -> tuple[str, int]:
        """Wait for the command to end; give what else it printed, and its exit.

        Args:
            key: What somebody presses who waits for that, each second.
        """
        end = time.monotonic() + PATIENCE_S
        while True:
            assert time.monotonic() < end, f"the command has not ended: {self.seen!r}"
            if not select.select([self.ours], [], [], 1)[0]:
                self.type(key)
            elif more := self.read():
                self.seen += more
            else:
                break
        return self.seen, self.process.wait(PATIENCE_S)

    def read(self) -> str:
        """Return what has come, whole characters; nothing at the end."""
        with contextlib.suppress(OSError):  # Linux says so where the other side is closed
            while data := os.read(self.ours, 65_536):
                if text := self.decoder.decode(data):
                    return text
        return ""
