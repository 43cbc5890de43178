"""`walkaway log check-proof`: check a proof with no store."""

from pathlib import Path

import click

from walkaway.language import counted
from walkaway.log import BadProof, check_inclusion
from walkaway_cli import exits
from walkaway_cli.render.remarks import remark
from walkaway_edge.files.keeps import read_text, verifier_key


@click.command("check-proof")
@click.option("--key", "-k", "keys", multiple=True, required=True, metavar="K", help="A verifier key, or its file.")
@click.argument("file", type=click.Path(path_type=Path))
def command(keys: tuple[str, ...], file: Path) -> int:
    """Check the proof in FILE with nothing but the verifier key, and print the entry it proves.

    \b
    walkaway log check-proof e07.tlog-proof --key audit.pub
    """
    text = read_text(file)
    try:
        found = check_inclusion(text, [verifier_key(k) for k in keys])
    except BadProof as problem:
        remark(f"{file}: {problem}")
        return exits.NO
    log = f"`{found.checkpoint.origin}` when it had {counted(found.checkpoint.size, 'entry')}"
    remark(f"entry {found.index} of the log {log}:")
    click.echo(found.entry)
    return exits.YES
