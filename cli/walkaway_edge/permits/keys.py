"""The keys of permits, Ed25519; never the log's. The private half is a file for its user alone."""

import base64
import hashlib
import os
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from walkaway_edge.files.names import reason
from walkaway_edge.problems import EdgeProblem


def make(path: Path) -> Path:
    """Make a key: the private half at *path*, 0600, the public one beside it; return the public one's path.

    Raises:
        EdgeProblem: Where one is there already, or cannot be written.
    """
    private = Ed25519PrivateKey.generate()
    public = path.with_name(f"{path.name}.pub")
    secret = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    shown = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for place, data, mode in ((path, secret, 0o600), (public, shown, 0o644)):
        try:
            handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        except FileExistsError:
            raise EdgeProblem(f"{place} is there already", "name another file with --out") from None
        except OSError as problem:
            raise EdgeProblem(f"{place} cannot be written: {reason(problem)}") from problem
        with os.fdopen(handle, "wb") as file:
            file.write(data)
    return public


def read_private(path: Path) -> Ed25519PrivateKey:
    """Return a private key.

    Raises:
        EdgeProblem: Where there is none.
    """
    try:
        found = load_pem_private_key(_data(path), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        found = None
    if not isinstance(found, Ed25519PrivateKey):
        raise EdgeProblem(f"{path} holds no private key of Ed25519", "`walkaway permit keygen` makes one")
    return found


def read_public(path: Path) -> Ed25519PublicKey:
    """Return a public key.

    Raises:
        EdgeProblem: Where there is none.
    """
    try:
        found = load_pem_public_key(_data(path))
    except (ValueError, TypeError, UnsupportedAlgorithm):
        found = None
    if not isinstance(found, Ed25519PublicKey):
        raise EdgeProblem(f"{path} holds no public key of Ed25519", "name the `.pub` that `permit keygen` made")
    return found


def kid_of(key: Ed25519PublicKey) -> str:
    """Return what a key is called: the beginning of the SHA-256 of its bytes, in hexadecimal."""
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()[:16]


def jwk_of(key: Ed25519PublicKey) -> dict[str, str]:
    """Return a public key as a JSON Web Key (RFC 8037)."""
    x = base64.urlsafe_b64encode(key.public_bytes_raw()).rstrip(b"=").decode()
    return {"kty": "OKP", "crv": "Ed25519", "x": x, "kid": kid_of(key), "alg": "EdDSA", "use": "sig"}


def _data(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        raise EdgeProblem(f"{path} cannot be read: {reason(problem)}") from problem
