"""What commands name as places of events, verdicts and dead letters: `-`, a file, a folder, or a broker's URL."""

import importlib
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from walkaway.deal.letters import DeadLetter, dead_letter_line, to_decide
from walkaway.deal.lines import Line
from walkaway.language.values import shorten
from walkaway.run.ports import Message, Sink, Source
from walkaway_edge.files.file import File
from walkaway_edge.files.folder import Folder
from walkaway_edge.files.in_use import InUse
from walkaway_edge.files.names import reason, shown_name
from walkaway_edge.files.outputs import FileSink, Stdout
from walkaway_edge.files.pipe import Pipe
from walkaway_edge.problems import EdgeProblem

BROKERS = {
    "redis": ("redis", "Redis"),
    "rediss": ("redis", "Redis"),
    "nats": ("nats", "Nats"),
    "tls": ("nats", "Nats"),
    "kafka": ("kafka", "Kafka"),
    "postgresql": ("postgres", "Postgres"),
    "postgres": ("postgres", "Postgres"),
}
"""Scheme → the module here, which is also the extra that it needs, and how its classes begin."""

AT_ONCE = 256
"""So many lines are read together at most, unless somebody asks for more."""
_WAIT_S = 3600.0
_BLOCK = 8 * 1024 * 1024

Warn = Callable[[str], None]


def source_of(text: str, follow: bool | None, warn: Warn, in_use: InUse | None = None) -> Source:
    """Open a source.

    Args:
        follow: Wait for more at the end; by default for brokers and pipes, not for files.
        warn: Is told what may have been lost, or is left out.
        in_use: Learns what is read here; what is known there as written is not read.

    Raises:
        EdgeProblem: Where it cannot be opened.
    """
    in_use = in_use or InUse()
    broker = _broker(text, "Source")
    if broker is not None:
        source: Source = broker(text, follow=follow is not False, warn=warn)
        in_use.takes_name(source.name)
        return source
    path = Path(text if text == "-" else text.removeprefix("file:"))
    if text != "-" and path.is_dir():
        return Folder(path, follow=bool(follow), warn=warn, in_use=in_use)
    return file_source(path, bool(follow), warn, in_use)


def file_source(path: Path, follow: bool, warn: Warn, in_use: InUse | None = None) -> File | Pipe:
    """Open a file, or what is piped: stdin for `-`, or a named pipe.

    Raises:
        EdgeProblem: Where it cannot be read.
    """
    if str(path) == "-" or _is_pipe(path):
        return Pipe(path, in_use)
    return File(path, follow=follow, warn=warn, in_use=in_use)


def read_events(path: Path, most: int = AT_ONCE, in_use: InUse | None = None) -> Iterator[list[Line]]:
    """Return the lines of a file that are to be decided, or of stdin for `-`, in batches up to its end.

    A batch is never empty; of a pipe it holds what is there, so that nobody waits for an answer. Dead letters are given
    as the lines that they hold.

    Raises:
        EdgeProblem: Where it cannot be read.
    """
    with closing(file_source(path, False, lambda _: None, in_use)) as source:
        places: dict[str, bytes] = {}
        while not (batch := source.read(places, most, _WAIT_S)).is_last or batch.lines:
            places.update(batch.places(len(batch.lines)))
            lines = to_decide(batch.lines)
            if lines:
                yield lines


def event_blocks(path: Path) -> Iterator[bytes]:
    """Return the lines of a file, or of stdin for `-`, many whole ones together; nothing of them is looked at.

    Raises:
        EdgeProblem: Where it cannot be read.
    """
    if str(path) == "-" or _is_pipe(path):
        for lines in read_events(path):
            yield b"".join(line.data if line.data.endswith(b"\n") else line.data + b"\n" for line in lines)
        return
    try:
        file = path.open("rb")
    except OSError as problem:
        raise EdgeProblem(f"{shown_name(path)} cannot be read: {reason(problem)}") from problem
    with file:
        rest: list[bytes] = []
        while block := file.read(_BLOCK):
            whole, sign, tail = block.rpartition(b"\n")
            if sign:
                yield b"".join((*rest, whole, sign))
                rest = []
            rest.append(tail)
        yield b"".join(rest)


def sink_of(text: str, in_use: InUse | None = None) -> Sink:
    """Open a sink.

    Args:
        in_use: What is read and written already; learns what is written here.

    Raises:
        EdgeProblem: Where it cannot be opened, or is in use: what it holds would come back as events.
    """
    in_use = in_use or InUse()
    if text == "-":
        in_use.takes_name("-")
        in_use.writes_handle(1, "stdout")
        return Stdout()
    broker = _broker(text, "Sink")
    if broker is not None:
        sink: Sink = broker(text)
        try:
            in_use.takes_name(sink.name)
        except EdgeProblem:
            sink.close()
            raise
        return sink
    path = Path(text.removeprefix("file:"))
    in_use.writes(path)
    file = FileSink(path)
    in_use.writes_handle(file.handle, file.name)
    return file


def write_letters(sink: Sink, letters: Iterable[DeadLetter]) -> None:
    """Write dead letters, each as a line of JSON; when this returns, the sink will not lose them."""
    sink.write([Message(dead_letter_line(letter)) for letter in letters])


def _is_pipe(path: Path) -> bool:
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


def _broker(text: str, sort: str) -> Any:
    """Return the class that a URL's scheme names; none where it is no such URL."""
    scheme, sign, _ = text.partition("://")
    if not sign or scheme == "file":
        return None
    if scheme not in BROKERS:
        raise EdgeProblem(f"{shorten(scheme)}:// is not known here; known are {', '.join(BROKERS)}")
    module, name = BROKERS[scheme]
    try:
        return getattr(importlib.import_module(f"walkaway_edge.brokers.{module}"), name + sort)
    except ImportError as problem:
        raise EdgeProblem(f"{scheme}:// needs its client: pip install 'walkaway[{module}]'") from problem
