"""`walkaway log keygen`: make a signing key for checkpoints."""

from pathlib import Path

import click

from walkaway.log import BadNote, new_key
from walkaway_cli import exits
from walkaway_edge.files.keeps import write_private


@click.command("keygen")
@click.argument("name")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def command(name: str, file: Path) -> int:
    """Make a key called NAME, best an address like example.com/deals: it is the origin that checkpoints carry.

    FILE gets the signing key, private to you; keep it away from the store. FILE.pub gets the verifier key, which
    auditors need.

    \b
    walkaway log keygen example.com/deals audit
    """
    try:
        key = new_key(name)
    except BadNote as problem:
        raise click.UsageError(str(problem)) from problem
    public = file.with_name(f"{file.name}.pub")
    if public.exists():
        raise click.UsageError(f"{public} is there already; it is not replaced")
    write_private(file, f"{key.text()}\n".encode(), anew=True)
    write_private(public, f"{key.verifier}\n".encode(), anew=True)
    click.echo(str(key.verifier))
    return exits.YES
