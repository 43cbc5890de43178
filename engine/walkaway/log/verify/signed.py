"""Checkpoints that were kept elsewhere: which of them a trusted key signed, and over what."""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Sequence

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

_MAX_NOTE = 1 << 20
"""Characters of a note at most."""


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
    """Return what a checkpoint signs, none where it proves nothing; and why not, or what with it proves nothing.

    One good signature is enough, and one by a key that was given that does not fit refuses the note; those of other
    keys do not count. As `log.notes.open_note` reads it too: see 166 in engine/DECISIONS.md.

    Raises:
        ValueError: Where one of *keys* is no verifier key.
    """
    text, gap, tail = witness.note.rpartition("\n\n")
    if not gap or not tail.strip():
        return None, "it bears no signature"
    lines = text.split("\n")
    root = _base64(lines[2]) if len(lines) > 2 else None
    is_size = len(lines) > 2 and re.fullmatch("0|[1-9][0-9]{0,18}", lines[1], re.ASCII)
    if root is None or len(root) != 32 or not lines[0] or not is_size or not _is_note(witness.note):
        return None, "it is no checkpoint"
    signatures = [_signature(line) for line in tail[:-1].split("\n")]
    if None in signatures or not tail.endswith("\n"):
        return None, "it has a line that is no signature"
    known, trusted = [_key(key) for key in keys], False
    for signature in signatures:
        for name, public in known:
            number = hashlib.sha256(name.encode() + b"\n" + public).digest()[:4]
            if signature is not None and (name, number) == (signature[0], signature[1][:4]):
                if not _verifies(public, signature[1][4:], text + "\n"):
                    return None, "its signature does not fit its text"
                trusted = True
    if not trusted:
        return None, "it bears no signature by a key that was given"
    return _with_leaves(witness, int(lines[1]), root)


def _with_leaves(witness: Witness, size: int, root: bytes) -> tuple[Signed, str]:
    """Take the hashes along that were kept with a checkpoint, where it was signed over them."""
    if witness.leaves is None:
        return Signed(witness.name, size, root, b""), ""
    leaves = witness.leaves[: 32 * size]
    fits = len(leaves) == 32 * size and root_of(leaves, size) == root
    lost = "" if fits else "the hashes in `leaves` beside it are not those that it was signed over"
    return Signed(witness.name, size, root, leaves if fits else b""), lost


def _key(text: str) -> tuple[str, bytes]:
    """Return the name and the bytes of a verifier key.

    Raises:
        ValueError: Where it is none.
    """
    name, said, encoded = text.strip().split("+", 2)
    public = _base64(encoded) or b""
    number = hashlib.sha256(name.encode() + b"\n" + public).digest()[:4]
    if public[:1] != b"\x01" or len(public) != 33 or number.hex() != said:
        raise ValueError(f"`{text.strip()}` is no verifier key")
    return name, public


def _signature(line: str) -> tuple[str, bytes] | None:
    """Return who signed, by name, and the number of the key with the signature behind it; none of another line."""
    parts = line.split(" ")
    data = _base64(parts[2]) if len(parts) == 3 and parts[0] == "\N{EM DASH}" else None
    if data is None or len(data) < 5 or not parts[1].isprintable() or not parts[1] or "+" in parts[1]:
        return None
    return parts[1], data


def _verifies(public: bytes, signature: bytes, text: str) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public[1:]).verify(signature, text.encode())
    except InvalidSignature:
        return False
    return True


def _is_note(text: str) -> bool:
    return len(text) <= _MAX_NOTE and not any(ord(c) < 32 and c != "\n" for c in text)


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
    """Decode standard base64 in its only spelling, or give none."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if base64.b64encode(data).decode() == text else None


def folder_of(files: Iterable[tuple[str, bytes]]) -> list[Witness]:
    """Return the checkpoints of a folder, where each `SIZE.checkpoint` may have leaf hashes in `leaves` beside it."""
    found = dict(files)
    leaves = found.get("leaves")
    return [
        Witness(name, data.decode("utf-8", "replace"), leaves)
        for name, data in sorted(found.items())
        if name.endswith(".checkpoint")
    ]
