"""Options that several commands have, and that mean the same in each."""

import click

from walkaway import Core

core_option = click.option(
    "--core",
    type=click.Choice([c.value for c in Core]),
    default=Core.BOTH.value,
    show_default=True,
    help="Which evaluators decide.",
)

format_option = click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How to answer."
)
