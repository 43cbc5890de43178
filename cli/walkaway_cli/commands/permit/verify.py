"""`walkaway permit verify`: say whether a permit counts."""

import time
from pathlib import Path

import click
import msgspec

from walkaway_cli import exits


@click.command("verify")
@click.argument("token")
@click.option(
    "--key",
    "keys",
    type=click.Path(path_type=Path),
    multiple=True,
    required=True,
    metavar="FILE",
    help="A public key that may have signed it; may be repeated.",
)
@click.option(
    "--terms",
    "file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="What is to be sent, a JSON object: it must be the very terms that are permitted.",
)
@click.option("--aud", default="", metavar="NAME", help="For whom it has to be.")
def command(token: str, keys: tuple[Path, ...], file: Path | None, aud: str) -> int:
    """Say whether a permit counts now: its signature, its time, and its terms.

    TOKEN is the permit as the agent got it. It exits 1 where it does not count. Whether it was used the server knows.

    \b
    walkaway permit verify --key permit.key.pub --terms offer.json "$PERMIT"
    """
    from walkaway_edge.permits.keys import read_public
    from walkaway_edge.permits.tokens import NoPermit, verified

    terms = None if file is None else _terms(file)
    try:
        found = verified(token, [read_public(key) for key in keys], int(time.time()), aud, terms)
    except NoPermit as why:
        click.echo(f"it does not count: {why}")
        return exits.NO
    said = ", ".join(f"{issue} {value}" for issue, value in found.terms.items())
    click.echo(f"{found.sub} may {found.act} in deal {found.deal}: {said}")
    return exits.YES


def _terms(file: Path) -> dict[str, str]:
    try:
        return msgspec.json.decode(file.read_bytes(), type=dict[str, str])
    except OSError as problem:
        raise click.ClickException(f"{file} cannot be read: {(problem.strerror or 'unknown').lower()}") from problem
    except msgspec.DecodeError as problem:
        raise click.ClickException(f'{file} is no JSON object of texts, as {{"discount": "12%"}}') from problem
