"""`walkaway permit keygen`: make the key of permits."""

from pathlib import Path

import click

from walkaway_cli import exits


@click.command("keygen")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default="permit.key",
    show_default=True,
    metavar="FILE",
    help="Where the private half is put, for you alone; the public one stands beside it, with `.pub`.",
)
def command(out: Path) -> int:
    """Make a key of Ed25519, for permits alone: never the one by which the log is signed.

    \b
    walkaway permit keygen
    walkaway permit keygen --out next.key
    """
    from walkaway_edge.permits.keys import kid_of, make, read_public

    public = make(out)
    click.echo(f"{out} signs permits; {public} verifies them, key {kid_of(read_public(public))}")
    return exits.YES
