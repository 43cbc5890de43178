"""`walkaway token`: who may ask a server of `walkaway serve`."""

import click

from walkaway_cli.lazy import Commands

COMMANDS = {
    "new": "Make a token for somebody, and show it once.",
    "list": "List the tokens that count, without showing them.",
    "revoke": "Let a token count no more.",
}


class TokenCommands(Commands):
    """The commands on tokens."""

    package = "walkaway_cli.commands.token"
    lines = COMMANDS


@click.group("token", cls=TokenCommands)
def command() -> None:
    """Make, list and revoke the tokens of `walkaway serve`; a running server knows of it at once.

    \b
    walkaway token new --sub ana --role rep --deals 'D-*'
    walkaway token list
    """
