"""Checkpoints that were kept elsewhere: which of them a trusted key signed, and over what."""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Sequence

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class Witness(msgspec.Struct, frozen=True):
    """A checkpoint kept elsewhere.

    Attributes:
        leaves: The hashes of the leaves it was signed over, 32 bytes each; none where they were not kept with it.
    """

    name: str
    note: str
    leaves: bytes | None = None


class Signed(msgspec.Struct, frozen=True):
    """A checkpoint that a trusted key signed.

    Attributes:
        leaves: The hashes of the leaves it was signed over, empty where they were not kept.
    """

    name: str
    size: int
    root: bytes
    leaves: bytes


def opened(witness: Witness, keys: Sequence[str]) -> tuple[Signed | None, str]:
    """Return what a checkpoint signs, none where it proves nothing; and why not, or what with it proves nothing."""
    text, gap, signatures = witness.note.rpartition("\n\n")
    if not gap or not signatures.strip():
        return None, "it bears no signature"
    lines = text.split("\n")
    if len(lines) < 3 or not re.fullmatch("0|[1-9][0-9]{0,18}", lines[1], re.ASCII):
        return None, "it is no checkpoint"
    problem = "it bears no signature by a key that was given"
    for key in keys:
        verdict = _is_signed(key, text + "\n", signatures)
        root = _base64(lines[2])
        if root is None or len(root) != 32:
            return None, "it is no checkpoint"
        if verdict is True:
            return _with_leaves(witness, int(lines[1]), root)
        if verdict is False:
            problem = "its signature does not fit its text"
    return None, problem


def _with_leaves(witness: Witness, size: int, root: bytes) -> tuple[Signed, str]:
    """Take the hashes along that were kept with a checkpoint, where it was signed over them."""
    if witness.leaves is None:
        return Signed(witness.name, size, root, b""), ""
    leaves = witness.leaves[: 32 * size]
    fits = len(leaves) == 32 * size and root_of(leaves, size) == root
    lost = "" if fits else "the hashes in `leaves` beside it are not those that it was signed over"
    return Signed(witness.name, size, root, leaves if fits else b""), lost


def _is_signed(key: str, text: str, signatures: str) -> bool | None:
    """Return whether the key's signature fits, or none where there is no signature of this key.

    Raises:
        ValueError: Where *key* is no verifier key.
    """
    name, said, encoded = key.strip().split("+", 2)
    public = _base64(encoded) or b""
    number = hashlib.sha256(name.encode() + b"\n" + public).digest()[:4]
    if public[:1] != b"\x01" or len(public) != 33 or number.hex() != said:
        raise ValueError(f"`{key.strip()}` is no verifier key")
    for line in signatures.splitlines():
        parts = line.split(" ")
        data = _base64(parts[2]) if len(parts) == 3 and parts[:2] == ["\N{EM DASH}", name] else None
        if data is not None and data[:4] == number:
            try:
                Ed25519PublicKey.from_public_bytes(public[1:]).verify(data[4:], text.encode())
            except InvalidSignature:
                return False
            return True
    return None


def root_of(leaves: bytes, size: int) -> bytes:
    """Return the root over the first leaf hashes of a list, by the definition (RFC 9162, 2.1.1)."""
    level = [leaves[i : i + 32] for i in range(0, 32 * size, 32)]
    while len(level) > 1:
        odd = level[-1:] if len(level) % 2 else []
        level = [node(a, b) for a, b in zip(level[::2], level[1::2], strict=False)] + odd
    return level[0] if level else hashlib.sha256(b"").digest()


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def _base64(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def folder_of(files: Iterable[tuple[str, bytes]]) -> list[Witness]:
    """Return the checkpoints of a folder, where each `SIZE.checkpoint` may have leaf hashes in `leaves` beside it."""
    found = dict(files)
    leaves = found.get("leaves")
    return [
        Witness(name, data.decode("utf-8", "replace"), leaves)
        for name, data in sorted(found.items())
        if name.endswith(".checkpoint")
    ]
