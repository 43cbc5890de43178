"""`walkaway log verify`: the second reader."""

from pathlib import Path

import click

from walkaway.log import store as db
from walkaway.log.verify import Witness, folder_of, verify
from walkaway_cli import exits
from walkaway_cli.options.stores import opened, store_option
from walkaway_cli.progress import progress
from walkaway_edge.files.keeps import read_text, verifier_key
from walkaway_edge.files.names import reason

_MOST = 20


@click.command("verify")
@store_option
@click.option(
    "--checkpoint",
    "-c",
    "places",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE_OR_DIR",
    help="A checkpoint kept elsewhere, or a folder of them; may be repeated.",
)
@click.option("--key", "-k", "keys", multiple=True, metavar="K", help="A verifier key, or its file; may be repeated.")
def command(url: str, places: tuple[Path, ...], keys: tuple[str, ...]) -> int:
    """Read the whole log and find what was changed, removed, inserted, swapped or cut.

    Without a checkpoint the log can only be compared with itself: a cut tail, or a log that was rewritten as a
    whole, shows only against one. Exits 0 where all is as it was signed.

    \b
    walkaway log verify --checkpoint /media/usb/kept/ --key audit.pub
    """
    if bool(places) != bool(keys):
        raise click.UsageError("--checkpoint and --key go together: a checkpoint counts by its signature")
    witnesses = [w for place in places for w in _witnesses(place)]
    if places and not witnesses:
        raise click.UsageError("there is no checkpoint at the place given")
    with opened(url) as store, store.reading(), progress("verifying", db.size(store)) as tell:
        found = verify(store, witnesses, [str(verifier_key(k)) for k in keys], tell)
    for damage in found.damages[:_MOST]:
        click.echo(str(damage))
    if len(found.damages) > _MOST:
        click.echo(f"and {len(found.damages) - _MOST:,} more")
    for doubt in found.doubts:
        click.echo(doubt)
    if found.damages or found.doubts:
        return exits.NO
    click.echo(f"{found.size:,} entries, root {found.root.hex()}: all as it was recorded")
    for size in found.held:
        click.echo(f"the checkpoint over {size:,} entries holds")
    if not witnesses:
        click.echo("no checkpoint was given: a cut tail or a log rewritten as a whole would not show", err=True)
    return exits.YES


def _witnesses(place: Path) -> list[Witness]:
    if not place.is_dir():
        return [Witness(str(place), read_text(place))]
    try:
        files = [(str(f) if f.suffix else f.name, f.read_bytes()) for f in sorted(place.iterdir()) if f.is_file()]
    except OSError as problem:
        raise click.UsageError(f"{place} cannot be read: {reason(problem)}") from problem
    return folder_of(files)
