"""The command `walkaway` run in this process, with its exit, and pages whose sessions are run so."""

import io
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from tempfile import TemporaryFile
from threading import Thread
from typing import NamedTuple

import pytest

from walkaway_cli.main import _status, main

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


def ended(*arguments: str | bytes | Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run the command from its `main` to its exit, as its process would: what it reads and writes are descriptors.

    For tests that are not about the process itself, whose start costs more than most of what is asked of it.
    """
    words = [os.fsdecode(argument) for argument in arguments]
    with TemporaryFile() as out, TemporaryFile() as err, _piped(stdin) as given:
        with pytest.raises(SystemExit) as left, _descriptors(given, out.fileno(), err.fileno()):
            main(words)
        for file in (out, err):
            file.seek(0)
        assert isinstance(left.value.code, int)
        return subprocess.CompletedProcess(words, left.value.code, out.read(), err.read())


@contextmanager
def _piped(data: bytes) -> Iterator[int]:
    """Return the end of a pipe from which bytes can be read, however many they are."""
    reads, writes = os.pipe()

    def write() -> None:
        with open(writes, "wb") as pipe:  # noqa: PTH123 a descriptor
            try:
                pipe.write(data)
                pipe.flush()
            except BrokenPipeError:
                os.dup2(os.open(os.devnull, os.O_WRONLY), writes)

    writer = Thread(target=write)
    writer.start()
    try:
        yield reads
    finally:
        os.close(reads)
        writer.join()


@contextmanager
def _descriptors(*given: int) -> Iterator[None]:
    """Put descriptors in the place of stdin, stdout and stderr, with streams as a process begins with."""
    kept, before = (sys.stdin, sys.stdout, sys.stderr), [os.dup(n) for n in range(3)]
    for n, descriptor in enumerate(given):
        os.dup2(descriptor, n)
    streams = [open(n, mode, encoding="utf-8", closefd=False) for n, mode in enumerate("rww")]  # noqa: SIM115
    sys.stdin, sys.stdout, sys.stderr = streams
    try:
        yield
    finally:
        sys.stdin, sys.stdout, sys.stderr = kept
        for stream in streams:
            with closing(stream):
                pass
        for n, descriptor in enumerate(before):
            os.dup2(descriptor, n)
            os.close(descriptor)


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
