"""`walkaway permit`: what an agent may have said, signed for one use."""

import click

from walkaway_cli.lazy import Commands

COMMANDS = {
    "keygen": "Make the key by which `walkaway serve` signs permits.",
    "verify": "Say whether a permit counts, without a server.",
}


class PermitCommands(Commands):
    """The commands on permits."""

    package = "walkaway_cli.commands.permit"
    lines = COMMANDS


@click.group("permit", cls=PermitCommands)
def command() -> None:
    """Make the key of permits, and verify permits. docs/agents.md says what they are.

    \b
    walkaway permit keygen
    walkaway serve --policy rules/saas-discounting --permit-key permit.key
    """
