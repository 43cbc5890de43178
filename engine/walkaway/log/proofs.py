"""Proofs for people who have no store: that a decision is in the log, and that the log only grew.

An inclusion proof is a C2SP `tlog-proof` whose extra data is the entry itself; a consistency proof holds both of its
checkpoints. Both are text, and are checked with nothing but the verifier key.
"""

import base64
import binascii
from collections.abc import Sequence

import msgspec

from walkaway.language.spelling import counted
from walkaway.log.merkle import Tree, is_consistent, leaf_hash, root_from_inclusion
from walkaway.log.notes import BadNote, Checkpoint, VerifierKey, read_checkpoint

INCLUSION = "c2sp.org/tlog-proof@v1"
CONSISTENCY = "walkaway/consistency@v1"


class BadProof(Exception):
    """A proof that proves nothing; the message says why."""


class Included(msgspec.Struct, frozen=True):
    """What an inclusion proof has shown: these bytes are entry *index* of the log that the checkpoint is of."""

    index: int
    entry: bytes
    checkpoint: Checkpoint


def inclusion_proof(tree: Tree, index: int, entry: bytes, checkpoint: Checkpoint, note: str) -> str:
    """Write the proof that *entry* is in the log.

    Args:
        note: The signed note of *checkpoint*.

    Raises:
        BadProof: Where the checkpoint does not reach the entry, or is not of this log.
    """
    if index >= checkpoint.size:
        raise BadProof(f"entry {index} came after the checkpoint, which is over {counted(checkpoint.size, 'entry')}")
    _same(tree, checkpoint)
    hashes = "".join(f"{_text(part)}\n" for part in tree.inclusion(index, checkpoint.size))
    return f"{INCLUSION}\nextra {_text(entry)}\nindex {index}\n{hashes}\n{note}"


def check_inclusion(proof: str, keys: Sequence[VerifierKey]) -> Included:
    """Check an inclusion proof and give what it shows.

    Raises:
        BadProof: Where it shows nothing.
    """
    head, gap, note = proof.partition("\n\n")
    lines = head.split("\n")
    if not gap or lines[0] != INCLUSION or len(lines) < 3 or not lines[1].startswith("extra "):
        raise BadProof(f"this is no proof of a decision: it does not begin with `{INCLUSION}` and the decision itself")
    entry = _data(lines[1].removeprefix("extra "))
    index = _number(lines[2], "index ")
    hashes = [_hash(line) for line in lines[3:]]
    checkpoint = _signed(note, keys)
    if root_from_inclusion(leaf_hash(entry), index, checkpoint.size, hashes) != checkpoint.root:
        raise BadProof(f"the hashes do not lead from this decision, as entry {index}, to the signed root")
    return Included(index, entry, checkpoint)


def consistency_proof(tree: Tree, old: Checkpoint, new: Checkpoint, old_note: str, new_note: str) -> str:
    """Write the proof that the log of *new* begins with that of *old*.

    Raises:
        BadProof: Where it does not, or the checkpoints are not of this log.
    """
    if not 0 < old.size <= new.size:
        raise BadProof(
            f"there is no proof from {old.size:,} to {counted(new.size, 'entry')}: give the older checkpoint first"
        )
    _same(tree, old)
    _same(tree, new)
    hashes = "".join(f"{_text(part)}\n" for part in tree.consistency(old.size, new.size))
    return f"{CONSISTENCY}\n{hashes}\n{old_note}\n{new_note}"


def check_consistency(proof: str, keys: Sequence[VerifierKey]) -> tuple[Checkpoint, Checkpoint]:
    """Check a consistency proof and give its checkpoints, the older first.

    Raises:
        BadProof: Where it shows nothing.
    """
    parts = proof.split("\n\n")
    lines = parts[0].split("\n")
    if len(parts) != 5 or lines[0] != CONSISTENCY:
        raise BadProof(f"this is no proof of consistency: it does not begin with `{CONSISTENCY}`")
    old, new = _signed(f"{parts[1]}\n\n{parts[2]}\n", keys), _signed(f"{parts[3]}\n\n{parts[4]}", keys)
    if old.origin != new.origin:
        raise BadProof("the two checkpoints are of different logs")
    if not is_consistent(old.size, new.size, old.root, new.root, [_hash(line) for line in lines[1:]]):
        raise BadProof(f"the hashes do not lead from the log of {counted(old.size, 'entry')} to that of {new.size:,}")
    return old, new


def _same(tree: Tree, checkpoint: Checkpoint) -> None:
    if tree.root(checkpoint.size) != checkpoint.root:
        raise BadProof(f"the checkpoint over {counted(checkpoint.size, 'entry')} is not of this log")


def _signed(note: str, keys: Sequence[VerifierKey]) -> Checkpoint:
    try:
        return read_checkpoint(note, keys)
    except BadNote as problem:
        raise BadProof(str(problem)) from problem


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _data(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise BadProof("a line of the proof is not base64") from None


def _hash(text: str) -> bytes:
    data = _data(text)
    if len(data) != 32:
        raise BadProof("a line of the proof is no hash")
    return data


def _number(line: str, before: str) -> int:
    digits = line.removeprefix(before)
    if not line.startswith(before) or not digits.isascii() or not digits.isdigit() or len(digits) > 18:
        raise BadProof(f"the proof lacks the line `{before}` with a number")
    return int(digits)
