"""Salts for sealed texts: the engine has no randomness of its own."""

import os

from walkaway.log.seal import SALT_BYTES


def salt() -> bytes:
    """Return 16 random bytes."""
    return os.urandom(SALT_BYTES)
