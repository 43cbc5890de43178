"""`walkaway log`: what auditors and keepers of the log do with it."""

import click

from walkaway_cli.lazy import Commands

COMMANDS = {
    "verify": "Find whatever was changed, removed, inserted or cut.",
    "replay": "Decide everything again and compare the bytes.",
    "audit": "Find approvals and deals that went past their decisions.",
    "show": "Search decisions, or show one in full.",
    "count": "Count decisions by quarter, rule, role, person, or a fact of the deal.",
    "export": "Write decisions as CSV, JSON lines or Parquet.",
    "prove": "Write the proof that a decision is in the log.",
    "check-proof": "Check such a proof, with no store.",
    "consistency": "Write the proof that the log only grew between two checkpoints.",
    "check-consistency": "Check such a proof, with no store.",
    "checkpoint": "Sign the log's size and root, to be kept elsewhere.",
    "keygen": "Make a signing key for checkpoints.",
    "erase": "Erase personal texts, and record that.",
    "upgrade": "Copy a log that an earlier release wrote into a new store.",
}


class Log(Commands):
    """The commands on the log."""

    package = "walkaway_cli.commands.log"
    lines = COMMANDS


@click.group("log", cls=Log)
def command() -> None:
    """Verify, replay, prove, search, export and audit the log.

    \b
    walkaway log verify --checkpoint kept/ --key audit.pub
    walkaway log replay
    """
