"""How wide lines are."""

import sys

WIDTH = 80
WIDEST = 120
"""Longer lines are harder to read, however wide the terminal."""


def columns_left() -> int:
    """Return how many columns the terminal has, no more than are easy to read; `WIDTH` where there is none."""
    if not sys.stdout.isatty():
        return WIDTH
    import shutil  # no short answer to a program waits for it

    return min(shutil.get_terminal_size((WIDTH, 24)).columns, WIDEST)
