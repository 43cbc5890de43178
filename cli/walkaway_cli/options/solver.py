"""The room `analysis`, for the commands that need a solver: they say what to install where there is none."""

import importlib
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

import click

from walkaway_edge.files.names import reason, shown_name


def analysis(room: str) -> ModuleType:
    """Return a module of `walkaway.proof`.

    Raises:
        UsageError: Where the solver is not installed.
    """
    try:
        return importlib.import_module(f"walkaway.proof.{room}")
    except ModuleNotFoundError as problem:
        if problem.name is None or not problem.name.startswith("z3"):
            raise
        raise click.UsageError(
            "this needs the solver z3, which is not installed: pip install 'walkaway[prove]'"
        ) from problem


def write_deal(file: Path, lines: Iterable[bytes]) -> str:
    """Write a deal's events, the folder too where it is not there, and give the file's name.

    Raises:
        UsageError: Where it cannot be written.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"".join(line + b"\n" for line in lines))
    except OSError as problem:
        raise click.UsageError(f"{shown_name(file)} cannot be written: {reason(problem)}") from problem
    return shown_name(file)
