"""The seed of a tree's own: another one for every change of what is hunted, and the same wherever that tree is."""

import hashlib
from pathlib import Path

ROOT = Path(__file__).parents[2]
HUNTED = ("engine/walkaway", "tests/hunt", "tests/helpers")
"""What a hunt rests on: what is hunted, and what hunts. A change of words alone keeps its seed."""


def of_tree(root: Path = ROOT) -> int:
    """Return the seed of a tree, 32 bits of the SHA-256 over every Python file's name and content."""
    found = hashlib.sha256()
    files = {f.relative_to(root).as_posix(): f for part in HUNTED for f in (root / part).rglob("*.py")}
    for name, file in sorted(files.items()):
        for said in (name.encode(), file.read_bytes()):
            found.update(len(said).to_bytes(8, "big") + said)
    return int.from_bytes(found.digest()[:4], "big")
