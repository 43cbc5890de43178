"""`walkaway log consistency`: write the proof that the log only grew between two checkpoints."""

from pathlib import Path

import click

from walkaway import log
from walkaway.language import counted
from walkaway.log import BadProof, consistency_proof
from walkaway_cli import exits
from walkaway_cli.commands.log.prove import print_or_write, read_note
from walkaway_cli.options.stores import keep_apart, opened, store_option
from walkaway_cli.render.remarks import remark
from walkaway_edge.files.keeps import read_text


@click.command("consistency")
@store_option
@click.option("--to", type=click.Path(path_type=Path), metavar="FILE", help="Write it here instead of printing it.")
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
def command(url: str, to: Path | None, old: Path, new: Path) -> int:
    """Write the proof that the log of the checkpoint NEW begins with that of the checkpoint OLD.

    \b
    walkaway log consistency kept/000000000100.checkpoint kept/000000000200.checkpoint --to growth.proof
    """
    notes = read_text(old), read_text(new)
    older, newer = read_note(old, notes[0]), read_note(new, notes[1])
    keep_apart(url, to)
    with opened(url) as store, store.reading():
        size = log.size(store)
        if max(older.size, newer.size) > size:
            remark(f"no proof: the log has {counted(size, 'entry')}, fewer than were signed")
            return exits.NO
        try:
            proof = consistency_proof(log.tree(store), older, newer, *notes)
        except BadProof as problem:
            remark(f"no proof: {problem}")
            return exits.NO
    print_or_write(to, proof)
    return exits.YES
