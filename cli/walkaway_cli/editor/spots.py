"""Places of a workspace that name one thing."""

from pathlib import Path

import msgspec

from walkaway_cli.editor.files import Files


class Spot(msgspec.Struct, frozen=True, order=True):
    """A stretch of one line of a file; line and columns from 0."""

    path: Path
    line: int
    start: int
    end: int


class CannotRename(Exception):
    """There is nothing to rename at the place, or its new name cannot be one. The message says why."""


def related(files: Files, owner: Path) -> set[Path]:
    """Return the policy files that share a layer with one of them: above it, below it, and it itself.

    One that extends none rests on no other, and is not read.
    """
    own = {p for p in files.read(owner).rests_on if p.suffix in (".yaml", ".yml")}
    found = set(own)
    for path in files.all(".yaml", ".yml"):
        if path not in found and "extends" in files.text(path) and files.is_policy(path):
            found |= {path} if own & files.read(path).rests_on else set()
    return found
