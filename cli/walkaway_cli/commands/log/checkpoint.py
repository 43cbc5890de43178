"""`walkaway log checkpoint`: sign the log's size and root, to be kept where the log's keeper cannot reach."""

import os
from pathlib import Path

import click

from walkaway import log
from walkaway.language import counted
from walkaway.log import BadNote, Checkpoint, SigningKey, Store, read_checkpoint, sign_note
from walkaway_cli import exits
from walkaway_cli.options.stores import check_whole, keep_apart, opened, store_option
from walkaway_cli.render.remarks import remark
from walkaway_edge.files.keeps import read_text, signing_key, write_private
from walkaway_edge.files.names import reason

LEAVES = "leaves"


@click.command("checkpoint")
@store_option
@click.option("--key", "-k", required=True, type=click.Path(path_type=Path), help="The signing key's file.")
@click.option(
    "--to",
    required=True,
    type=click.Path(path_type=Path),
    metavar="FILE_OR_DIR",
    help="A file, or a folder, which also keeps every entry's hash and so lets `verify` name what was changed.",
)
def command(url: str, key: Path, to: Path) -> int:
    """Sign how many entries the log has and the root over them, as a C2SP signed note.

    What was signed before, at the same place, must still begin the log; otherwise nothing is signed.

    \b
    walkaway log checkpoint --key audit --to /media/usb/kept/
    """
    signer = signing_key(key)
    folder = to if to.is_dir() else None
    keep_apart(url, to)
    with opened(url) as store, store.reading():
        size = log.size(store)
        tree = log.tree(store)
        checkpoint = Checkpoint(signer.name, size, tree.root(size))
        problem = _contradiction(store, signer, sorted(folder.glob("*.checkpoint")) if folder else [to])
        if problem is not None:
            remark(f"not signed: {problem}")
            return exits.NO
        check_whole(store)
        if folder is not None:
            _keep_leaves(store, folder / LEAVES, size)
    note = sign_note(checkpoint.text, [signer])
    target = folder / f"{size:012d}.checkpoint" if folder else to
    write_private(target, note.encode())
    click.echo(f"{target}: {counted(size, 'entry')}")
    return exits.YES


def _contradiction(store: Store, signer: SigningKey, files: list[Path]) -> str | None:
    """Say which earlier checkpoint the log does not go on from, if any."""
    tree, size = log.tree(store), log.size(store)
    for file in files:
        if not file.exists():
            continue
        try:
            old = read_checkpoint(read_text(file), [signer.verifier])
        except BadNote as problem:
            return f"{file}: {problem}"
        if old.size > size:
            return f"the log has {counted(size, 'entry')}, fewer than the {old.size:,} that {file} was signed over"
        if tree.root(old.size) != old.root:
            return f"the log does not begin with what {file} was signed over ({counted(old.size, 'entry')})"
    return None


def _keep_leaves(store: Store, path: Path, size: int) -> None:
    """Append the hashes of the entries that are not kept yet."""
    try:
        handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
        with os.fdopen(handle, "r+b") as file:
            kept = file.seek(0, os.SEEK_END) // 32
            file.truncate(kept * 32)
            file.seek(kept * 32)
            for leaf in log.leaf_hashes(store, kept, size):
                file.write(leaf)
            file.flush()
            os.fsync(file.fileno())
    except OSError as problem:
        raise click.UsageError(f"{path} cannot be written: {reason(problem)}") from problem
