"""What `--from`, `--to` and `--dead-letters` name: `-`, a file, a folder, or a URL whose scheme says which broker."""

from collections.abc import Callable
from pathlib import Path

from walkaway.live.flow import Sink, Source
from walkaway_cli.live.files import File, Folder, Stdin
from walkaway_cli.live.outputs import FileSink, Stdout


def source_of(text: str, follow: bool | None, warn: Callable[[str], None]) -> Source:
    """Open a source.

    Args:
        follow: Wait for more at the end; by default for brokers and stdin, not for files.

    Raises:
        UsageError: Where it cannot be opened.
    """
    if text == "-":
        return Stdin()
    path = Path(text.removeprefix("file:"))
    return Folder(path, follow=bool(follow)) if path.is_dir() else File(path, follow=bool(follow), warn=warn)


def sink_of(text: str) -> Sink:
    """Open a sink.

    Raises:
        UsageError: Where it cannot be opened.
    """
    return Stdout() if text == "-" else FileSink(Path(text.removeprefix("file:")))
