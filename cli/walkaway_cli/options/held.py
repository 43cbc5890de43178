"""The options that name what an answer from a log is to be held against; they load nothing of a log."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

_Command = TypeVar("_Command", bound=Callable[..., object])


def held_options(command: _Command) -> _Command:
    """Add the options that name what an answer is to be held against: `places` and `keys`."""
    for option in (
        click.option("--key", "-k", "keys", multiple=True, metavar="K", help="A verifier key, or its file."),
        click.option(
            "--checkpoint",
            "-c",
            "places",
            multiple=True,
            type=click.Path(path_type=Path),
            metavar="FILE_OR_DIR",
            help="Verify the log against this checkpoint first, or a folder of them.",
        ),
    ):
        command = option(command)
    return command
