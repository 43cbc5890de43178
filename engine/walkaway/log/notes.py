"""Checkpoints: the size and root of the log as a signed note (C2SP signed-note, tlog-checkpoint), with Ed25519.

A key is text: the signing key `PRIVATE+KEY+<name>+<id>+<base64>`, the verifier key `<name>+<id>+<base64>`, where the
name is also the origin that checkpoints carry. Knows no store and no tree.
"""

import base64
import binascii
import hashlib
from collections.abc import Iterable, Sequence

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

_ED25519 = b"\x01"
_PRIVATE = "PRIVATE+KEY+"
_DASH = "\N{EM DASH} "
_MAX_NOTE = 1 << 20


class BadNote(Exception):
    """A note, a checkpoint or a key that cannot be trusted or read; the message says why."""


class VerifierKey(msgspec.Struct, frozen=True):
    """The public half: who signed, and how to check it."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        """Return the four bytes by which signatures name the key."""
        return hashlib.sha256(self.name.encode() + b"\n" + _ED25519 + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{_base64(_ED25519 + self.public)}"

    def verifies(self, signature: bytes, text: str) -> bool:
        """Return whether *signature* is this key's over *text*."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text.encode())
        except InvalidSignature:
            return False
        return True


class SigningKey(msgspec.Struct, frozen=True):
    """The private half, 32 bytes; it is kept in a file of its own, never in the store."""

    name: str
    seed: bytes

    @property
    def verifier(self) -> VerifierKey:
        """Return the public half."""
        public = self._private().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return VerifierKey(self.name, public)

    def text(self) -> str:
        """Return the key as it is written into its file."""
        return f"{_PRIVATE}{self.name}+{self.verifier.id.hex()}+{_base64(_ED25519 + self.seed)}"

    def sign(self, text: str) -> bytes:
        """Sign *text*."""
        return self._private().sign(text.encode())

    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)


def new_key(name: str) -> SigningKey:
    """Make a signing key.

    Raises:
        BadNote: Where *name* cannot be a key's.
    """
    if not _is_name(name):
        raise BadNote(f"`{name}` cannot name a key: it wants printable text without spaces and `+`")
    raw = Ed25519PrivateKey.generate().private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    return SigningKey(name, raw)


def read_signing_key(text: str) -> SigningKey:
    """Read a signing key.

    Raises:
        BadNote: Where *text* is none.
    """
    if not text.startswith(_PRIVATE):
        raise BadNote("this is no signing key: it does not begin with `PRIVATE+KEY+`")
    name, said, seed = _parts(text.strip().removeprefix(_PRIVATE))
    key = SigningKey(name, seed)
    if key.verifier.id != said:
        raise BadNote(f"the signing key of `{name}` is damaged: its id does not fit its bytes")
    return key


def read_verifier_key(text: str) -> VerifierKey:
    """Read a verifier key.

    Raises:
        BadNote: Where *text* is none.
    """
    if text.startswith(_PRIVATE):
        raise BadNote("this is a signing key; give the verifier key, and keep this one to yourself")
    name, said, public = _parts(text.strip())
    key = VerifierKey(name, public)
    if key.id != said:
        raise BadNote(f"the verifier key of `{name}` is damaged: its id does not fit its bytes")
    return key


def _parts(text: str) -> tuple[str, bytes, bytes]:
    """Take a key's text apart: name, id, 32 bytes."""
    name, _, rest = text.partition("+")
    said, _, encoded = rest.partition("+")
    data = _bytes(encoded)
    if not _is_name(name) or len(said) != 8 or data is None or len(data) != 33 or data[:1] != _ED25519:
        raise BadNote("this is no Ed25519 key of a signed note: `<name>+<id>+<base64>`")
    try:
        return name, bytes.fromhex(said), data[1:]
    except ValueError:
        raise BadNote(f"the key of `{name}` has no id in hexadecimal") from None


class Checkpoint(msgspec.Struct, frozen=True):
    """What a log's keeper signs: its origin, how many entries it has, and the root over them."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """Return the note's text."""
        return f"{self.origin}\n{self.size}\n{_base64(self.root)}\n"


def sign_note(text: str, keys: Iterable[SigningKey]) -> str:
    """Return the note of *text*, which ends with a line break, signed by each key."""
    lines = [f"{_DASH}{k.name} {_base64(k.verifier.id + k.sign(text))}\n" for k in keys]
    return f"{text}\n{''.join(lines)}"


def open_note(note: str, keys: Sequence[VerifierKey]) -> str:
    """Return the text of a note that at least one of *keys* signed; signatures by others do not count.

    Raises:
        BadNote: Where none did, or the signature of a known key is wrong.
    """
    if len(note) > _MAX_NOTE or any(ord(c) < 32 and c != "\n" for c in note):
        raise BadNote("this is no signed note")
    text, gap, tail = note.rpartition("\n\n")
    text += "\n"
    if not gap or not tail.endswith("\n"):
        raise BadNote("the note has no signature")
    trusted = False
    for line in tail[:-1].split("\n"):
        name, _, encoded = line.removeprefix(_DASH).partition(" ")
        data = _bytes(encoded)
        if not line.startswith(_DASH) or not _is_name(name) or data is None or len(data) < 5:
            raise BadNote("the note has a line that is no signature")
        for key in keys:
            if key.name == name and key.id == data[:4]:
                if not key.verifies(data[4:], text):
                    raise BadNote(f"the signature of `{name}` does not fit the note's text")
                trusted = True
    if not trusted:
        known = ", ".join(f"`{k.name}`" for k in keys)
        raise BadNote(f"the note bears no signature of {known}")
    return text


def read_checkpoint(note: str, keys: Sequence[VerifierKey]) -> Checkpoint:
    """Return the checkpoint of a note that one of *keys* signed.

    Raises:
        BadNote: Where it is none, or nobody known signed it.
    """
    return checkpoint_of(open_note(note, keys))


def checkpoint_of(text: str) -> Checkpoint:
    """Read a checkpoint's text.

    Raises:
        BadNote: Where it is none.
    """
    lines = text.split("\n")
    root = _bytes(lines[2]) if len(lines) > 3 else None
    if root is None or len(root) != 32 or not lines[0] or not _is_size(lines[1]):
        raise BadNote("the note is no checkpoint: origin, size and root on a line each")
    return Checkpoint(lines[0], int(lines[1]), root)


def _is_size(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 20 and (text == "0" or text[0] != "0")


def _is_name(name: str) -> bool:
    return bool(name) and name.isprintable() and not any(c.isspace() or c == "+" for c in name)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(text: str) -> bytes | None:
    """Decode standard base64 in its only spelling, or give none."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if _base64(data) == text else None
