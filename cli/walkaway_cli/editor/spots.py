"""Places of a workspace that name one thing."""

from pathlib import Path

import msgspec

from walkaway import language
from walkaway.policy import above_of
from walkaway_cli.editor.files import Files


class Spot(msgspec.Struct, frozen=True, order=True):
    """A stretch of one line of a file; line and columns from 0."""

    path: Path
    line: int
    start: int
    end: int


class OwnName(msgspec.Struct, frozen=True):
    """A name of the author's own: the key that declares it, the name, and the policy in which it was met."""

    key: str
    name: str
    owner: Path


class CannotRename(Exception):
    """There is nothing to rename at the place, or its new name cannot be one. The message says why."""


def related(files: Files, owner: Path) -> set[Path]:
    """Return the policy files that share a layer with one of them: above it, below it, and it itself.

    Of the others is read what they extend alone.
    """
    own = {p for p in files.read(owner).rests_on if p.suffix in (".yaml", ".yml")}
    found, above = set(own), dict[Path, set[Path]]()
    for path in files.all(".yaml", ".yml"):
        if path not in found and "extends" in files.text(path) and files.is_policy(path):
            found |= {path} if own & _layers(files, path, above) else set()
    return found


def _layers(files: Files, path: Path, known: dict[Path, set[Path]]) -> set[Path]:
    """Return the files that a policy extends, and all that these extend.

    Args:
        known: What is known of some already; it is added to.
    """
    if path not in known:
        known[path] = set()  # of one that extends itself nothing more comes
        text = files.text(path)
        names = above_of(text.encode("utf-8", "replace")) if "extends" in text else ()
        direct = {(path.parent / name).resolve() for name in names if name}
        known[path] = direct.union(*(_layers(files, each, known) for each in direct))
    return known[path]


def scalars_in(node: language.Node | None) -> list[language.Scalar]:
    """Return the single values of a list."""
    return [i for i in node.items if isinstance(i, language.Scalar)] if isinstance(node, language.Sequence) else []


def spot_of(path: Path, scalar: language.Scalar) -> Spot:
    """Return where a value stands, without its quotes."""
    start = scalar.start[1] + scalar.quoted
    return Spot(path, scalar.start[0], start, start + len(scalar.value))
