"""Signatures of Standard Webhooks 1.0: HMAC-SHA-256 over id, second and body, by a secret that both sides know."""

import base64
import binascii
import hashlib
import hmac
import secrets
import stat
from collections.abc import Mapping
from pathlib import Path

from walkaway_edge.files.keeps import read_text
from walkaway_edge.problems import EdgeProblem

PREFIX = "whsec_"
_BYTES = range(24, 65)
"""How long a secret may be, as the specification says."""


def new_secret() -> str:
    """Return a secret of 32 random bytes, as it is written."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def read_secrets(path: Path) -> tuple[bytes, ...]:
    """Read the secrets of a file that nobody else can read: one a line, the newest first, two while one is replaced.

    Raises:
        EdgeProblem: Where one is none, or others can read the file.
    """
    lines = [line.strip() for line in read_text(path).splitlines() if line.strip()]
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise EdgeProblem(f"{path} can be read by others", f"make it private first: chmod 600 {path}")
    if not lines:
        raise EdgeProblem(f"{path} holds no secret", "`walkaway notify --new-secret` makes one")
    return tuple(_secret(line, f"{path}:{number}") for number, line in enumerate(lines, 1))


def _secret(text: str, where: str) -> bytes:
    try:
        found = base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except binascii.Error as problem:
        raise EdgeProblem(f"{where} is no secret: it is not base64") from problem
    if not text.startswith(PREFIX) or len(found) not in _BYTES:
        raise EdgeProblem(f"{where} is no secret: it is `{PREFIX}` and 24 to 64 bytes in base64")
    return found


def signed(keys: tuple[bytes, ...], message: str, second: int, body: bytes) -> Mapping[str, str]:
    """Return the headers of a message.

    Args:
        message: Its id, the same each time it is sent.
        second: When it is sent, in seconds since 1970.
    """
    content = b".".join([message.encode(), str(second).encode(), body])
    signatures = [base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode() for key in keys]
    return {
        "webhook-id": message,
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
        "webhook-timestamp": str(second),
    }
