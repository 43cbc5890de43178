"""The command `walkaway` run in this process, with its exit, and pages whose sessions are run so."""

import io
import re
import shlex
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

from walkaway_cli.main import _status

_BLOCK = re.compile(r"^```(\w+) ?(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Done(NamedTuple):
    """What a command said, and its exit."""

    exit_code: int
    stdout: str
    stderr: str


def run(*words: str, given: str = "") -> Done:
    """Run the command as a program runs it, errors turned into exits, in this process."""
    streams = [io.TextIOWrapper(io.BytesIO(text.encode()), "utf-8", errors="replace") for text in (given, "", "")]
    before = sys.stdin
    sys.stdin, out, err = streams
    try:
        with redirect_stdout(out), redirect_stderr(err):
            status = _status(words, None)
    finally:
        sys.stdin = before
    for stream in (out, err):
        stream.flush()
    said = [stream.buffer.getvalue().decode() for stream in (out, err)]
    return Done(status, *said)


def sessions(page: Path) -> list[tuple[list[str], str]]:
    """Return the commands of a page's console blocks, without `walkaway`, each with what is shown below it."""
    blocks = [text for sort, _, text in blocks_of(page) if sort == "console"]
    return [(shlex.split(line)[1:], shown) for block in blocks for line, shown in _steps(block)]


def blocks_of(page: Path) -> list[tuple[str, str, str]]:
    """Return a page's blocks in order: of what sort each is, the name of the file that it stands for, its text."""
    return _BLOCK.findall(page.read_text(encoding="utf-8"))


def _steps(block: str) -> list[tuple[str, str]]:
    """Return each line that is typed in a console block, with what is shown below it."""
    parts = (step.partition("\n") for step in re.split(r"(?m)^\$ ", block)[1:])
    return [(line, shown) for line, _, shown in parts]


def misprinted(page: Path) -> list[str]:
    """Write a page's files, run its commands, in order, and return what is shown and not printed.

    `…` stands for anything. What a command prints `> FILE` is written there.
    """
    wrong = []
    for sort, name, text in blocks_of(page):
        if name:
            Path(name).parent.mkdir(exist_ok=True)
            Path(name).write_text(text, encoding="utf-8")
        for line, shown in _steps(text) if sort == "console" else ():
            typed, _, to = line.partition(" > ")
            done = run(*shlex.split(typed)[1:])
            if to:
                Path(to).parent.mkdir(exist_ok=True)
                Path(to).write_text(done.stdout, encoding="utf-8")
            rest = done.stderr if to else done.stdout + done.stderr
            for part in (part.strip("\n") for part in re.split(r"(?m)^…$", shown)):
                if part in rest:
                    rest = rest[rest.index(part) + len(part) :]
                else:
                    wrong.append(f"{typed}\n{part}\n--- printed:\n{done.stdout}{done.stderr}")
                    break
    return wrong
