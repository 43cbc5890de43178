"""`walkaway init`: write a first policy, a deal and a feature file, all of which pass."""

import re
import shlex
from importlib.resources import files
from pathlib import Path

import click

from walkaway_cli import exits

_FILES = ("policy.yaml", "deal.jsonl", "first.feature")


@click.command("init")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
def command(folder: Path) -> int:
    """Write a commented starter policy into DIR, with a deal and scenarios that hold.

    Nothing that is there already is overwritten.

    \b
    walkaway init my-policy
    """
    taken = [name for name in _FILES if (folder / name).exists()]
    if taken:
        raise click.UsageError(f"{folder} holds {', '.join(taken)} already; nothing was written. Name another folder.")
    here = shlex.quote(str(folder))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in _FILES:
            (folder / name).write_text(_starter(name, folder, here), encoding="utf-8", newline="\n")
    except OSError as problem:
        raise click.UsageError(f"{folder} cannot be written: {(problem.strerror or 'no').lower()}") from problem
    click.echo(f"{folder} holds a policy, a deal and scenarios. Next:\n")
    for line in next_commands(here):
        click.echo(f"  {line}")
    return exits.YES


def _starter(name: str, folder: Path, here: str) -> str:
    """Return a starter file, with the folder where it says FOLDER, and the policy named for it."""
    text = (files("walkaway_cli") / "starter" / name).read_text(encoding="utf-8").replace("FOLDER", here)
    return text.replace("policy: starter\n", f"policy: {_named_for(folder)}\n", 1)


def _named_for(folder: Path) -> str:
    """Return a name for the policy: that of the folder, in small letters, digits and hyphens."""
    return re.sub("[^a-z0-9]+", "-", folder.resolve().name.lower()).strip("-") or "starter"


def next_commands(here: str) -> tuple[str, ...]:
    """Return the commands to go on with; each answers yes, but for the deal: an offer went against its verdict."""
    deal = f"{here}/deal.jsonl"
    return (
        f"walkaway lint {here}",
        f"walkaway test {here}",
        f"walkaway check --policy {here} {deal}",
        f'walkaway check --policy {here} --deal {deal} --offer "discount=6%" --offer "term=48 months"',
    )
