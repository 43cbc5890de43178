"""The Merkle tree of RFC 9162, 2.1: hashes, the right edge that grows, proofs and their verification.

A tree is never held whole: `Frontier` keeps its right edge while it grows and gives out every subtree of 2^8, 2^16 …
leaves that it completes; `Tree` reads these back and computes any root or proof from them. Knows no store.
"""

import hashlib
from collections.abc import Callable, Sequence

EMPTY = hashlib.sha256(b"").digest()
STEP = 8
"""Subtrees of 2^8, 2^16 … leaves are stored; the hashes between them are computed anew."""

_sha256 = hashlib.sha256


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf."""
    return _sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of two subtrees under one node."""
    return _sha256(b"\x01" + left + right).digest()


Node = tuple[int, int, bytes]
"""A complete subtree: its level (2^level leaves), its index among those of its level from the left, its hash."""


class Frontier:
    """The right edge of a growing tree.

    Attributes:
        size: How many leaves there are.
        peaks: The hashes of the largest complete subtrees, from the left; one for each bit of `size`.
    """

    def __init__(self, size: int = 0, peaks: Sequence[bytes] = ()) -> None:
        self.size = size
        self.peaks = list(peaks)

    def append(self, leaf: bytes) -> list[Node]:
        """Add a leaf's hash; give the subtrees that are to be stored, where it completes any."""
        size, peaks = self.size, self.peaks
        self.size = size + 1
        if not size & 1:
            peaks.append(leaf)
            return []
        completed: list[Node] = []
        level = 0
        while size & 1:
            leaf = _sha256(b"\x01" + peaks.pop() + leaf).digest()
            level += 1
            size >>= 1
            if not level % STEP:
                completed.append((level, size, leaf))
        peaks.append(leaf)
        return completed

    def root(self) -> bytes:
        """Return the root of the whole tree."""
        if not self.peaks:
            return EMPTY
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = node_hash(peak, root)
        return root


class Tree:
    """Roots and proofs of a stored tree.

    Args:
        leaves: Gives the leaf hashes from one index up to, not including, another.
        stored: Gives the hash of a stored subtree by level and index.
    """

    def __init__(
        self,
        leaves: Callable[[int, int], Sequence[bytes]],
        stored: Callable[[int, int], bytes],
    ) -> None:
        self.leaves, self.stored = leaves, stored
        self.tiles: dict[int, Sequence[bytes]] = {}

    def root(self, size: int) -> bytes:
        """Return the root of the first *size* leaves."""
        return self.range(0, size) if size else EMPTY

    def frontier(self, size: int) -> Frontier:
        """Return the right edge of the first *size* leaves, ready to grow."""
        peaks, start = [], 0
        for level in range(size.bit_length() - 1, -1, -1):
            if size >> level & 1:
                peaks.append(self.range(start, start + (1 << level)))
                start += 1 << level
        return Frontier(size, peaks)

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """Return the proof that leaf *index* is among the first *size*: from its sibling up (RFC 9162, 2.1.3.1)."""
        if not 0 <= index < size:
            raise ValueError(f"no leaf {index} among {size}")
        proof, start, end = [], 0, size
        while end - start > 1:
            middle = start + _split(end - start)
            if index < middle:
                proof.append(self.range(middle, end))
                end = middle
            else:
                proof.append(self.range(start, middle))
                start = middle
        return proof[::-1]

    def consistency(self, old: int, new: int) -> list[bytes]:
        """Return the proof that the first *old* leaves begin the tree of *new* (RFC 9162, 2.1.4.1)."""
        if not 0 < old <= new:
            raise ValueError(f"no proof from {old} to {new}")
        proof, start, end, whole = [], 0, new, True
        while end != old:
            middle = start + _split(end - start)
            if old <= middle:
                proof.append(self.range(middle, end))
                end = middle
            else:
                proof.append(self.range(start, middle))
                start, whole = middle, False
        if not whole:
            proof.append(self.range(start, end))
        return proof[::-1]

    def range(self, start: int, end: int) -> bytes:
        """Return the hash over the leaves from *start* up to *end*, a range that RFC 9162 makes a node of."""
        count = end - start
        if count & (count - 1):
            middle = start + _split(count)
            return node_hash(self.range(start, middle), self.range(middle, end))
        level = count.bit_length() - 1
        return self.node(level, start >> level)

    def node(self, level: int, index: int) -> bytes:
        """Return the hash of a complete subtree."""
        if level and not level % STEP:
            return self.stored(level, index)
        if level == 0:
            return self.tile(index >> STEP)[index & 255]
        return node_hash(self.node(level - 1, 2 * index), self.node(level - 1, 2 * index + 1))

    def tile(self, index: int) -> Sequence[bytes]:
        """Return the leaf hashes of one stored subtree, or of the last, incomplete one; the latest are kept."""
        if index not in self.tiles:
            if len(self.tiles) > 8:
                self.tiles.clear()
            self.tiles[index] = self.leaves(index << STEP, (index + 1) << STEP)
        return self.tiles[index]


def _split(count: int) -> int:
    """Return the largest power of two below *count*."""
    return 1 << (count - 1).bit_length() - 1


def root_from_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes | None:
    """Return the root that an inclusion proof leads to, none where its length is wrong (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size or len(leaf) != len(EMPTY):
        return None
    place, last, root = index, size - 1, leaf
    for part in proof:
        if last == 0:
            return None
        if place & 1 or place == last:
            root = node_hash(part, root)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            root = node_hash(root, part)
        place, last = place >> 1, last >> 1
    return root if last == 0 else None


def is_consistent(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Return whether *proof* shows that the tree of *new* leaves begins with that of *old* (RFC 9162, 2.1.4.2)."""
    if old == new and old > 0:
        return not proof and old_root == new_root
    if not 0 < old < new or not proof:
        return False
    parts = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    first = second = parts[0]
    for part in parts[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            first, second = node_hash(part, first), node_hash(part, second)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            second = node_hash(second, part)
        place, last = place >> 1, last >> 1
    return last == 0 and first == old_root and second == new_root
