"""What `--from`, `--to` and `--dead-letters` name: `-`, a file, a folder, or a URL whose scheme says which broker."""

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from walkaway.language.values import shorten
from walkaway.run.ports import Sink, Source
from walkaway_edge.files.files import File, Folder, Stdin
from walkaway_edge.files.inputs import shown_name
from walkaway_edge.files.outputs import FileSink, Stdout

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


def source_of(text: str, follow: bool | None, warn: Callable[[str], None]) -> Source:
    """Open a source.

    Args:
        follow: Wait for more at the end; by default for brokers and stdin, not for files.

    Raises:
        UsageError: Where it cannot be opened.
    """
    if text == "-":
        return Stdin()
    broker = _broker(text, "Source")
    if broker is not None:
        source: Source = broker(text, follow=follow is not False, warn=warn)
        return source
    path = Path(text.removeprefix("file:"))
    return Folder(path, follow=bool(follow)) if path.is_dir() else File(path, follow=bool(follow), warn=warn)


def sink_of(text: str, *taken: str) -> Sink:
    """Open a sink.

    Args:
        taken: The names of what is read or written already; of a folder that is read, no file is written.

    Raises:
        UsageError: Where it cannot be opened, or is taken: what it holds would come back as events.
    """
    if text == "-":
        return Stdout()
    broker = _broker(text, "Sink")
    if broker is not None:
        sink: Sink = broker(text)
        if sink.name in taken:
            raise _taken(sink.name)
        return sink
    path = Path(text.removeprefix("file:"))
    whole = path.absolute()
    if {f"file:{shown_name(whole)}", f"folder:{shown_name(whole.parent)}"} & set(taken):
        raise _taken(shown_name(path))
    return FileSink(path)


def _taken(name: str) -> click.UsageError:
    return click.UsageError(f"{name} is in use already, or lies in the folder that is read; name another place")


def _broker(text: str, sort: str) -> Any:
    """Return the class that a URL's scheme names; none where it is no such URL."""
    scheme, sign, _ = text.partition("://")
    if not sign or scheme == "file":
        return None
    if scheme not in BROKERS:
        raise click.UsageError(f"{shorten(scheme)}:// is not known here; known are {', '.join(BROKERS)}")
    module, name = BROKERS[scheme]
    try:
        return getattr(importlib.import_module(f"walkaway_edge.brokers.{module}"), name + sort)
    except ImportError as problem:
        raise click.UsageError(f"{scheme}:// needs its client: pip install 'walkaway[{module}]'") from problem
