"""The room `analysis`, for the commands that need a solver: they say what to install where there is none."""

import importlib
from types import ModuleType

import click


def analysis(room: str) -> ModuleType:
    """Give a module of `walkaway.analysis`.

    Raises:
        UsageError: Where the solver is not installed.
    """
    try:
        return importlib.import_module(f"walkaway.analysis.{room}")
    except ModuleNotFoundError as problem:
        if problem.name is None or not problem.name.startswith("z3"):
            raise
        raise click.UsageError(
            "this needs the solver z3, which is not installed: pip install 'walkaway[prove]'"
        ) from problem
