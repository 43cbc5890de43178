"""`walkaway log prove`: write the proof that a decision is in the log."""

from pathlib import Path

import click

from walkaway import log
from walkaway.log import BadNote, BadProof, Checkpoint, checkpoint_of, inclusion_proof, sign_note
from walkaway_cli import exits
from walkaway_cli.options.stores import check_whole, entry_named, keep_apart, opened, store_option
from walkaway_cli.render.remarks import remark
from walkaway_edge.files.keeps import read_text, signing_key, write_private


@click.command("prove")
@store_option
@click.option("--key", "-k", type=click.Path(path_type=Path), help="Sign a checkpoint of the log as it is now.")
@click.option("--checkpoint", "-c", type=click.Path(path_type=Path), help="Use this checkpoint, signed before.")
@click.option("--to", type=click.Path(path_type=Path), metavar="FILE", help="Write it here instead of printing it.")
@click.argument("decision")
def command(url: str, key: Path | None, checkpoint: Path | None, to: Path | None, decision: str) -> int:
    """Write the proof that DECISION (an entry's number, or DEAL/EVENT) is in the log: a C2SP tlog-proof.

    It holds the entry itself, personal texts sealed, and is checked by `walkaway log check-proof` with no store.

    \b
    walkaway log prove D-1042/e07 --key audit --to e07.tlog-proof
    """
    if (key is None) == (checkpoint is None):
        raise click.UsageError("give --key to sign a checkpoint now, or --checkpoint with one signed before")
    keep_apart(url, to)
    with opened(url) as store, store.reading():
        entry = entry_named(store, decision)
        tree = log.tree(store)
        if key is not None:
            signer, size = signing_key(key), log.size(store)
            check_whole(store)
            signed = Checkpoint(signer.name, size, tree.root(size))
            note = sign_note(signed.text, [signer])
            remark("signed as the log is now: it was not held against an earlier checkpoint")
        else:
            assert checkpoint is not None
            note = read_text(checkpoint)
            signed = read_note(checkpoint, note)
        try:
            proof = inclusion_proof(tree, entry.n, entry.leaf, signed, note)
        except BadProof as problem:
            remark(f"no proof: {problem}")
            return exits.NO
    print_or_write(to, proof)
    return exits.YES


def read_note(path: Path, note: str) -> Checkpoint:
    """Return what a note signs, without asking who signed it.

    Raises:
        UsageError: Where it is no checkpoint.
    """
    try:
        return checkpoint_of(note.rpartition("\n\n")[0] + "\n")
    except BadNote as problem:
        raise click.UsageError(f"{path}: {problem}") from problem


def print_or_write(to: Path | None, text: str) -> None:
    """Print *text* as it is; where a file is named, write it there instead."""
    if to is None:
        click.echo(text, nl=False)
    else:
        write_private(to, text.encode())
