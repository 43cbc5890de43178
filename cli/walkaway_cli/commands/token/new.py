"""`walkaway token new`: make a token for somebody."""

import time
from pathlib import Path

import click

from walkaway_cli import exits
from walkaway_cli.options.tokens import tokens_option

_DAY_S = 86_400


@click.command("new")
@tokens_option
@click.option("--sub", required=True, metavar="NAME", help="Whose it is: who acts is recorded by this name.")
@click.option(
    "--role",
    "roles",
    required=True,
    multiple=True,
    metavar="ROLE",
    help="rep, approver:ROLE with a role of the policy, sales-ops, auditor: one or several; or one of feed, agent,"
    " customer, executor.",
)
@click.option(
    "--deals",
    multiple=True,
    metavar="PATTERN",
    help="The deals they see, as 'D-*'; all, if left out, but for agents and customers.",
)
@click.option("--for", "behalf", multiple=True, metavar="NAME", help="With feed: a person it may speak for.")
@click.option("--days", type=click.IntRange(1, 3660), default=90, show_default=True, help="So long it counts.")
def command(
    tokens: Path, sub: str, roles: tuple[str, ...], deals: tuple[str, ...], behalf: tuple[str, ...], days: int
) -> int:
    """Print a token, the only time that it is seen: only its hash is kept.

    \b
    walkaway token new --sub ana --role rep --deals 'D-*'
    walkaway token new --sub dana --role approver:director --days 30
    """
    from walkaway_edge.http.tokens import Noted, Tokens

    until = int(time.time()) + days * _DAY_S
    noted = Noted("", "", sub, roles, deals, behalf, until)
    click.echo(Tokens(tokens).new(noted))
    return exits.YES
