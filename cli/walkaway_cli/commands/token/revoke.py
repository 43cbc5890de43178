"""`walkaway token revoke`: let a token count no more."""

from pathlib import Path

import click

from walkaway_cli import exits
from walkaway_cli.options.tokens import tokens_option


@click.command("revoke")
@tokens_option
@click.argument("token_id", metavar="ID")
def command(tokens: Path, token_id: str) -> int:
    """Let the token with this id count no more; `walkaway token list` shows ids. A running server knows at once.

    \b
    walkaway token revoke 1f0c9a2b
    """
    from walkaway_edge.http.tokens import Tokens

    Tokens(tokens).revoke(token_id)
    return exits.YES
