"""The option that names the file of the tokens of `walkaway serve`."""

from pathlib import Path

import click

tokens_option = click.option(
    "--tokens",
    type=click.Path(path_type=Path),
    default="walkaway.tokens",
    show_default=True,
    metavar="FILE",
    help="Where tokens are kept, as hashes.",
)
