"""What a log can prove from its own store, by checkpoints that somebody signed: entries, growth, tiles of hashes."""

from walkaway.log import store as db
from walkaway.log.notes import BadNote, Checkpoint, checkpoint_of
from walkaway.log.proofs import consistency_proof, inclusion_proof
from walkaway.log.store import Store

TILE = 8
"""A tile has the hashes of up to 2^8 subtrees, each over 2^8 of the level below (C2SP tlog-tiles)."""


class LogProofs:
    """Reads a log for whoever trusts nobody. A note is a signed checkpoint; who signed it is asked by whoever reads it.

    Args:
        store: The log.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    @staticmethod
    def size(note: str) -> int:
        """Return over how many entries a checkpoint is.

        Raises:
            ValueError: Where the note is none.
        """
        return _checkpoint(note).size

    def holds(self, note: str) -> bool:
        """Return whether the log begins with what a checkpoint was signed over.

        Raises:
            ValueError: Where the note is none.
            StoreProblem: Where the log cannot be read.
        """
        of = _checkpoint(note)
        return of.size <= db.size(self._store) and db.tree(self._store).root(of.size) == of.root

    def entry(self, n: int) -> tuple[str, bytes] | None:
        """Return a decision's deal, and its entry byte by byte as it is stored: the leaf; none where there is none.

        Raises:
            StoreProblem: Where the log cannot be read.
        """
        found = db.entry(self._store, n)
        return None if found is None or found.deal is None else (found.deal, found.leaf)

    def inclusion(self, n: int, note: str) -> str:
        """Return the proof that an entry is in the log, as a C2SP tlog-proof with the entry itself.

        Raises:
            BadProof: Where the checkpoint does not reach it, or is not of this log.
            StoreProblem: Where the log cannot be read.
            ValueError: Where there is no such entry, or the note is no checkpoint.
        """
        found = self.entry(n)
        if found is None:
            raise ValueError(f"there is no decision {n}")
        return inclusion_proof(db.tree(self._store), n, found[1], _checkpoint(note), note)

    def consistency(self, old: str, new: str) -> str:
        """Return the proof that the log of one checkpoint begins with that of an older one.

        Raises:
            BadProof: Where it does not, or the checkpoints are not of this log.
            StoreProblem: Where the log cannot be read.
            ValueError: Where a note is no checkpoint.
        """
        return consistency_proof(db.tree(self._store), _checkpoint(old), _checkpoint(new), old, new)

    def tile(self, level: int, place: int, width: int, note: str) -> bytes | None:
        """Return a tile of hashes, 32 bytes each, from the left; none where a checkpoint does not reach so far.

        Args:
            level: 0 for the hashes of leaves; a hash of level 1 is over 256 of them.
            place: The tile's number at its level, from 0.
            width: How many hashes it has.

        Raises:
            StoreProblem: Where the log cannot be read.
            ValueError: Where the note is no checkpoint.
        """
        first = place << TILE
        if (_checkpoint(note).size >> level * TILE) - first < width:
            return None
        tree = db.tree(self._store)
        return b"".join(tree.node(level * TILE, first + n) for n in range(width))

    def touch(self) -> None:
        """Hold the writer's place for a moment.

        Raises:
            StoreProblem: Where nothing can be written.
        """
        with self._store.writing():
            pass


def _checkpoint(note: str) -> Checkpoint:
    try:
        return checkpoint_of(note.rpartition("\n\n")[0] + "\n")
    except BadNote as problem:
        raise ValueError(str(problem)) from problem
