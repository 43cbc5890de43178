"""What a command says beside its answer, on stderr."""

import textwrap

import click

WIDTH = 80


def remark(text: str) -> None:
    """Say *text* on stderr, in lines of at most 80 columns; a word that is longer, as a path, is never cut."""
    click.echo(_fitted(text), err=True)


def show_error(problem: click.ClickException) -> None:
    """Say what was wrong with a command's line as click does, in lines of at most 80 columns."""
    head = "Error: "
    if isinstance(problem, click.exceptions.NoArgsIsHelpError):
        problem.show()
    elif isinstance(problem, click.UsageError):
        click.UsageError(_fitted(head + problem.format_message()).removeprefix(head), problem.ctx).show()
    else:
        remark(head + problem.format_message())


def _fitted(text: str) -> str:
    return "\n".join(
        line
        if len(line) <= WIDTH
        else textwrap.fill(line, WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
        for line in text.split("\n")
    )
