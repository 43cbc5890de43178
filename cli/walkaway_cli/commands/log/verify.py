"""`walkaway log verify`: the second reader."""

from pathlib import Path

import click

from walkaway.language import counted
from walkaway.log import size_of, verified
from walkaway_cli import exits
from walkaway_cli.options.stores import held_options, kept, opened, store_option
from walkaway_cli.progress import progress
from walkaway_cli.render.remarks import remark

_MOST = 20


@click.command("verify")
@store_option
@held_options
def command(url: str, places: tuple[Path, ...], keys: tuple[str, ...]) -> int:
    """Read the whole log and find what was changed, removed, inserted, swapped or cut.

    What the store is built of, every entry, and all that lies beside them: subtrees, policies, sealed texts, where
    deals stand. Without a checkpoint the log can only be compared with itself: a cut tail, or a log that was rewritten
    as a whole, shows only against one. Exits 0 where all is as it was signed.

    \b
    walkaway log verify --checkpoint /media/usb/kept/ --key audit.pub
    """
    against = kept(places, keys)
    with opened(url, sound=False) as store, store.reading(), progress("verifying", size_of(store)) as tell:
        found = verified(store, against.witnesses, against.keys, tell)
    for damage in found.damages[:_MOST]:
        click.echo(str(damage))
    if len(found.damages) > _MOST:
        click.echo(f"and {len(found.damages) - _MOST:,} more")
    for doubt in found.doubts:
        click.echo(doubt)
    if found.findings:
        return exits.NO
    click.echo(f"{counted(found.size, 'entry')}, root {found.root.hex()}: all as it was recorded")
    for size in found.held:
        click.echo(f"the checkpoint over {counted(size, 'entry')} holds")
    for note in found.notes:
        click.echo(note)
    if not against.witnesses:
        remark("no checkpoint was given: a cut tail or a log rewritten as a whole would not show")
    elif max(found.held) < found.size:
        later = f"{counted(found.size - max(found.held), 'entry')} came after the last checkpoint"
        remark(f"{later}: a cut or rewritten tail would not show")
    return exits.YES
