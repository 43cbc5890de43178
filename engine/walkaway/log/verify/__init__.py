"""Verify: the second reader. It shares only the format with the writer, none of its code.

From the rows of a store and the checkpoints kept elsewhere it tells what is not as it was, the first bad entry first.
Imports no other module of this room: what the format is stands in `docs/log.md`, and is written down here once more.
"""

from collections.abc import Callable, Sequence

import msgspec

from walkaway.language.spelling import counted
from walkaway.log.verify.forms import DatabaseReader as DatabaseReader
from walkaway.log.verify.reading import THE_STORE as THE_STORE
from walkaway.log.verify.reading import Damage as Damage
from walkaway.log.verify.reading import Fits, LogPass
from walkaway.log.verify.signed import Signed, opened
from walkaway.log.verify.signed import Witness as Witness
from walkaway.log.verify.signed import folder_of as folder_of


class Verified(msgspec.Struct, frozen=True):
    """What a verification found.

    Attributes:
        damages: Of the store as a whole, then by entry; empty where all is as it was.
        doubts: Checkpoints that prove nothing: unsigned, signed by another key, cut, or no checkpoints at all.
        held: The sizes of the checkpoints that hold, ascending.
        notes: What of the store was not verified, since neither entries nor checkpoints tell it.
    """

    size: int
    root: bytes
    damages: tuple[Damage, ...]
    doubts: tuple[str, ...]
    held: tuple[int, ...]
    notes: tuple[str, ...] = ()

    @property
    def findings(self) -> tuple[str, ...]:
        """Return all that is not as it should be, as sentences."""
        return (*map(str, self.damages), *self.doubts)


def verify(
    reader: DatabaseReader,
    witnesses: Sequence[Witness] = (),
    keys: Sequence[str] = (),
    tell: Callable[[int], None] = lambda _: None,
    fits: Fits = lambda *_: None,
) -> Verified:
    """Read the whole log and compare it with itself and with what was signed.

    Args:
        keys: Verifier keys, as text, whose signatures count.
        tell: Called now and then with the number of entries read.
        fits: Tells whether a position that was laid aside is the one a decision names; positions are an engine's own,
            and so the one thing of a store that this reader cannot read itself.
    """
    doubts: list[str] = []
    signed: list[Signed] = []
    for witness in witnesses:
        found, problem = opened(witness, keys)
        if problem:
            doubts.append(f"{witness.name}: {problem}")
        if found is not None:
            signed.append(found)
    kept = max((len(w.leaves) // 32 for w in witnesses if w.leaves is not None), default=0)
    if signed and kept > max(s.size for s in signed):
        were = "hash of 1 entry was" if kept == 1 else f"hashes of {counted(kept, 'entry')} were"
        doubts.append(f"the {were} kept, and no checkpoint is over as many")
    reading = LogPass(reader, signed, tell, fits)
    reading.read()
    reading.compare()
    return Verified(
        reading.size,
        reading.root(),
        tuple(sorted(dict.fromkeys(reading.damages), key=lambda d: d.entry)),
        tuple(doubts),
        tuple(sorted(reading.held)),
        tuple(reading.notes),
    )
