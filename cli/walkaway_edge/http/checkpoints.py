"""The checkpoints that whoever keeps a log has signed: files of one folder. Knows no HTTP."""

from collections.abc import Callable
from pathlib import Path

import msgspec

from walkaway_edge.files.keeps import read_text
from walkaway_edge.problems import EdgeProblem

_FILE = "*.checkpoint"


class SignedCheckpoint(msgspec.Struct, frozen=True):
    """A checkpoint: its note, over how many entries it is, and when its file was written, in seconds since 1970."""

    size: int
    note: str
    at: float


class CheckpointFolder:
    """The checkpoints of a folder, each read once.

    Args:
        folder: Into which `walkaway log checkpoint` writes.
        size_of: Says over how many entries a note is, with a ValueError where it is no checkpoint.

    Raises:
        EdgeProblem: Where it is none.
    """

    def __init__(self, folder: Path, size_of: Callable[[str], int]) -> None:
        if not folder.is_dir():
            raise EdgeProblem(f"--checkpoints {folder}: there is no such folder", "make it, and sign into it")
        self.folder, self.size_of = folder, size_of
        self.read: dict[tuple[str, float], SignedCheckpoint] = {}

    def all(self) -> list[SignedCheckpoint]:
        """Return every checkpoint, the one over the fewest entries first.

        Raises:
            EdgeProblem: Where the folder cannot be read, or holds something else under such a name.
        """
        try:
            files = [(path, path.stat().st_mtime) for path in self.folder.glob(_FILE)]
        except OSError as error:
            raise EdgeProblem(f"{self.folder} cannot be read") from error
        self.read = {(path.name, at): self._found(path, at) for path, at in files}
        return sorted(self.read.values(), key=lambda each: each.size)

    def _found(self, path: Path, at: float) -> SignedCheckpoint:
        if (known := self.read.get((path.name, at))) is not None:
            return known
        note = read_text(path)
        try:
            return SignedCheckpoint(self.size_of(note), note, at)
        except ValueError as error:
            raise EdgeProblem(f"{path}: {error}") from error
