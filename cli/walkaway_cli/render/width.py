"""How wide lines are."""

import shutil
import sys

WIDTH = 80
WIDEST = 120
"""Longer lines are harder to read, however wide the terminal."""


def columns_left() -> int:
    """Return how many columns the terminal has, no more than are easy to read; `WIDTH` where there is none."""
    return min(shutil.get_terminal_size((WIDTH, 24)).columns, WIDEST) if sys.stdout.isatty() else WIDTH
