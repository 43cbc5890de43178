"""The command `walkaway` run in this process, with its exit, and pages whose sessions are run so."""

import io
import re
import shlex
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

from walkaway_cli.main import _status

_SHOWN = re.compile(r"```console\n(.*?)```", re.DOTALL)


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
    blocks = _SHOWN.findall(page.read_text(encoding="utf-8"))
    steps = [step.partition("\n") for block in blocks for step in re.split(r"(?m)^\$ ", block)[1:]]
    return [(shlex.split(line)[1:], shown) for line, _, shown in steps]


def misprinted(page: Path) -> list[str]:
    """Run a page's commands, one after the other, and return what is shown and not printed; `…` stands for anything."""
    wrong = []
    for words, shown in sessions(page):
        done = run(*words)
        rest = done.stdout + done.stderr
        for part in (part.strip("\n") for part in re.split(r"(?m)^…$", shown)):
            if part in rest:
                rest = rest[rest.index(part) + len(part) :]
            else:
                wrong.append(f"{shlex.join(words)}\n{part}\n--- printed:\n{done.stdout}{done.stderr}")
                break
    return wrong
