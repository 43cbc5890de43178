"""What a command says beside its answer, on stderr: in lines that fit a terminal, in one line each for a file."""

import shutil
import sys
import textwrap

import click

NARROWEST = 40


def remark(text: str) -> None:
    """Say *text* on stderr, in lines that fit; a word that is longer, as a path, is never cut."""
    click.echo(_fitted(text), err=True)


def show_error(problem: click.ClickException) -> None:
    """Say what was wrong with a command's line as click does, in lines that fit."""
    head = "Error: "
    if isinstance(problem, click.exceptions.NoArgsIsHelpError):
        problem.show()
    elif isinstance(problem, click.UsageError):
        click.UsageError(_fitted(head + problem.format_message()).removeprefix(head), problem.ctx).show()
    else:
        remark(head + problem.format_message())


def is_on_screen() -> bool:
    """Return whether a terminal shows what is said."""
    return sys.stderr.isatty()


def _fitted(text: str) -> str:
    if not is_on_screen():
        return text
    width = max(NARROWEST, shutil.get_terminal_size().columns)
    return "\n".join(
        line
        if len(line) <= width
        else textwrap.fill(line, width, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False)
        for line in text.split("\n")
    )
