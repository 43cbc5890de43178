"""Listings for people, with rich: 80 columns wide and plain where there is no terminal."""

import os
from collections.abc import Sequence

import click
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from walkaway_cli.render.width import WIDEST, WIDTH


def show(parts: Sequence[RenderableType]) -> None:
    """Print parts to stdout; without a terminal no line ends in spaces."""
    console = Console(highlight=False, emoji=False, markup=False, no_color=True if wants_no_colour() else None)
    if console.is_terminal:
        console.width = min(console.width, WIDEST)
        console.print(Group(*parts))
        return
    console.width = WIDTH
    with console.capture() as captured:
        console.print(Group(*parts))
    click.echo("\n".join(line.rstrip() for line in captured.get().splitlines()))


def wants_no_colour() -> bool:
    """Return whether the user's environment asks for plain text."""
    return bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"


def title(text: str, note: str = "") -> RenderableType:
    """Return the heading of a group."""
    return Text.assemble((text, "bold"), (f": {note}" if note else "", "dim"))


def columns(rows: Sequence[Sequence[str]], widths: Sequence[int]) -> RenderableType:
    """Return rows with a blank line behind them; *widths* are those of all columns but the last."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False, expand=True)
    for width in widths:
        table.add_column(width=width, overflow="fold")
    table.add_column(ratio=1, overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    return Padding(table, (0, 0, 1, 2))
