"""`walkaway init`: write a first policy, a deal and a feature file, or take over a pack; all of it passes."""

import re
import shlex
from importlib.resources import files
from pathlib import Path

import click

from walkaway.language import CURRENCIES, nearest
from walkaway_cli import exits
from walkaway_cli.packs import PACKS, WRITTEN_IN, Pack, files_of, pack_called

_FILES = ("policy.yaml", "deal.jsonl", "first.feature")
_LISTED = "\n".join(f"    {pack.name:<18}{pack.side:<8}{pack.title}" for pack in PACKS)


@click.command(
    "init",
    help=f"""Write a commented starter policy into DIR, with a deal and scenarios that hold; or a pack, `--from`.

    Nothing that is there already is overwritten.

    \b
    walkaway init my-policy
    walkaway init renewals --from renewals --currency EUR

    \b
    The packs:
{_LISTED}
    """,
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--from", "name", metavar="PACK", help="Take over a policy that ships, with its tables and scenarios.")
@click.option("--currency", metavar="CODE", help=f"The pack's amounts are in this currency; {WRITTEN_IN}, if left out.")
@click.option("--side", type=click.Choice(("seller", "buyer")), help="Which side of the table the pack is on.")
def command(folder: Path, name: str | None, currency: str | None, side: str | None) -> int:
    """Write the files, and say how to go on."""
    here = shlex.quote(str(folder))
    if name is None:
        if currency or side:
            raise click.UsageError("--currency and --side say how a pack is taken over: name one with --from")
        _write(folder, {file: _starter(file, folder, here) for file in _FILES})
        click.echo(f"{folder} holds a policy, a deal and scenarios. Next:\n")
        _go_on(next_commands(here))
        return exits.YES
    pack = _on_side(_pack(name), side)
    written = files_of(pack, _currency(currency), _named_for(folder), here)
    _write(folder, written)
    if pack.name != name:
        click.echo(f"The {pack.side}'s side of {name} is the pack {pack.name}.")
    click.echo(f"{folder} holds {pack.name}, {len(written)} files. Next:\n")
    _go_on(commands_of_a_pack(here, written))
    return exits.YES


def _pack(name: str) -> Pack:
    """Return the pack of that name, or say which there are."""
    found = pack_called(name)
    if found is None:
        hint = nearest(name, (pack.name for pack in PACKS))
        raise click.UsageError(f"there is no pack `{name}`; {hint}")
    return found


def _on_side(pack: Pack, side: str | None) -> Pack:
    """Return the pack of a side."""
    if side in (None, pack.side):
        return pack
    return _pack(pack.other)


def _currency(code: str | None) -> str:
    """Return a currency's code as it is written."""
    if code is None:
        return WRITTEN_IN
    if code.upper() not in CURRENCIES:
        hint = nearest(code.upper(), CURRENCIES) or "write its ISO 4217 code"
        raise click.UsageError(f"`{code}` is no currency; {hint}")
    return code.upper()


def _write(folder: Path, texts: dict[str, str]) -> None:
    """Write files into a folder, all of them or none."""
    taken = [name for name in texts if (folder / name).exists()]
    if taken:
        raise click.UsageError(f"{folder} holds {', '.join(taken)} already; nothing was written. Name another folder.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
    except OSError as problem:
        raise click.UsageError(f"{folder} cannot be written: {(problem.strerror or 'no').lower()}") from problem


def _go_on(commands: tuple[str, ...]) -> None:
    for line in commands:
        click.echo(f"  {line}")


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


def commands_of_a_pack(here: str, written: dict[str, str]) -> tuple[str, ...]:
    """Return the commands to go on with after a pack was taken over."""
    deal = (f"walkaway check --policy {here} {here}/deal.jsonl",) if "deal.jsonl" in written else ()
    return f"walkaway lint {here}", f"walkaway test --coverage {here}", *deal, f"walkaway prove {here}"
