"""`walkaway token list`: the tokens that count."""

import time
from datetime import UTC, datetime
from pathlib import Path

import click

from walkaway_cli import exits
from walkaway_cli.options.tokens import tokens_option
from walkaway_cli.render.diagnostics import printable


@click.command("list")
@tokens_option
def command(tokens: Path) -> int:
    """List tokens that were not revoked: id, whose, roles, deals, and until when each counts.

    \b
    walkaway token list
    """
    from walkaway_edge.http.tokens import Tokens

    for noted in Tokens(tokens).listed():
        until = datetime.fromtimestamp(noted.until, UTC).date().isoformat()
        over = " (over)" if time.time() >= noted.until else ""
        deals = " ".join(noted.deals) or "all deals"
        click.echo(printable(f"{noted.id}  {noted.sub}  {' '.join(noted.roles)}  {deals}  until {until}{over}"))
    return exits.YES
