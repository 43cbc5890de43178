"""The option `--dead-letters` of commands that read what ends, and what becomes of the dead letters there."""

from collections.abc import Sequence
from types import TracebackType

import click

from walkaway import DeadLetter
from walkaway.language import counted
from walkaway_cli import exits
from walkaway_cli.render.diagnostics import show_findings
from walkaway_cli.render.remarks import remark
from walkaway_edge.files.in_use import InUse
from walkaway_edge.open import sink_of, write_letters

SHOWN = 20
"""Where dead letters are kept, so many are shown as well."""

letters_option = click.option(
    "--dead-letters",
    metavar="SINK",
    help="Append what cannot be decided here, as JSON lines: a file, or the URL of a stream (docs/run.md).",
)


class Letters:
    """Shows dead letters on stderr and, where a sink is named, keeps them there.

    Attributes:
        count: How many there were.
    """

    def __init__(self, text: str | None, in_use: InUse) -> None:
        self.sink = None if text is None else sink_of(text, in_use)
        self.count = 0

    def __enter__(self) -> "Letters":
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self.sink is not None:
            self.sink.close()

    def keep(self, letters: Sequence[DeadLetter]) -> None:
        """Write dead letters where they are kept; when this returns, they are there for good."""
        if letters and self.sink is not None:
            write_letters(self.sink, letters)

    def show(self, letter: DeadLetter) -> None:
        """Say what is wrong with a line, all of them where they are kept nowhere; count it."""
        self.count += 1
        if self.sink is None or self.count <= SHOWN:
            show_findings(letter.findings)

    def summary(self) -> None:
        """Say where those are that were not shown."""
        if self.sink is not None and self.count > SHOWN:
            where = self.sink.name.removeprefix("file:")
            remark(f"{where} holds {counted(self.count - SHOWN, 'more dead letter')}")

    def status(self, *, is_yes: bool) -> int:
        """Return the exit of a command that has read its input to the end."""
        return exits.MISUNDERSTOOD if self.count else exits.YES if is_yes else exits.NO
