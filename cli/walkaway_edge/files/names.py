"""Names of files as people read them, and why a file cannot be used."""

import os
from pathlib import Path


def shown_name(file: Path) -> str:
    """Return a file's name as text; bytes that are no UTF-8 are replaced."""
    return os.fsencode(file).decode("utf-8", "replace")


def reason(problem: Exception) -> str:
    """Say in a few words why a file cannot be used."""
    return (getattr(problem, "strerror", None) or "no such file").lower()
