"""`walkaway log upgrade`: copy a log into a new store of this release's form."""

from pathlib import Path

import click

from walkaway import log
from walkaway.language import counted
from walkaway.log import NotUpgraded, store_files, upgrade
from walkaway_cli import exits
from walkaway_cli.options.stores import NOT_HELD, held_options, kept, opened, store_option
from walkaway_cli.progress import progress
from walkaway_cli.render.remarks import remark
from walkaway_edge.files.in_use import InUse


@click.command("upgrade")
@store_option
@click.option("--to", required=True, metavar="URL", help="The new store: an SQLite file, or postgresql://….")
@held_options
def command(url: str, to: str, places: tuple[Path, ...], keys: tuple[str, ...]) -> int:
    """Copy a log that an earlier release wrote into a new store, which this release goes on with.

    Every entry stays the bytes it is, so that checkpoints and proofs hold as before. The log is verified, and so is
    the copy before it is kept; the old store is left as it is, personal texts included: erase there or delete it.

    \b
    walkaway log upgrade --store log.db --to log-0.2.db --checkpoint /media/usb/kept/ --key audit.pub
    """
    against = kept(places, keys)
    in_use = InUse()
    in_use.keeps(store_files(url))
    for file in store_files(to)[:1]:
        in_use.writes(file)
    with opened(url) as old, old.reading():
        if not against.witnesses:
            remark(NOT_HELD)
        is_new = all(not file.exists() for file in store_files(to))
        try:
            with opened(to, writable=True) as new, progress("copying", log.size(old)) as tell:
                found = upgrade(old, new, against.witnesses, against.keys, tell)
        except NotUpgraded as problem:
            if is_new:
                for file in store_files(to):
                    file.unlink(missing_ok=True)
            remark(f"not copied: {problem}")
            return exits.NO
    click.echo(f"{counted(found.size, 'entry')} copied, root {found.root.hex()}: all as it was recorded")
    for size in found.held:
        click.echo(f"the checkpoint over {counted(size, 'entry')} holds")
    return exits.YES
