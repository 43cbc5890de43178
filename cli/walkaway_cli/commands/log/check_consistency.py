"""`walkaway log check-consistency`: check with no store that the log only grew."""

from pathlib import Path

import click

from walkaway.language import counted
from walkaway.log import BadProof, check_consistency
from walkaway_cli import exits
from walkaway_cli.render.remarks import remark
from walkaway_edge.files.keeps import read_text, verifier_key


@click.command("check-consistency")
@click.option("--key", "-k", "keys", multiple=True, required=True, metavar="K", help="A verifier key, or its file.")
@click.argument("file", type=click.Path(path_type=Path))
def command(keys: tuple[str, ...], file: Path) -> int:
    """Check the proof in FILE, which holds both checkpoints, with nothing but the verifier key.

    \b
    walkaway log check-consistency growth.proof --key audit.pub
    """
    text = read_text(file)
    try:
        old, new = check_consistency(text, [verifier_key(k) for k in keys])
    except BadProof as problem:
        remark(f"{file}: {problem}")
        return exits.NO
    click.echo(f"the log `{new.origin}` of {counted(new.size, 'entry')} begins with that of {old.size:,}")
    return exits.YES
