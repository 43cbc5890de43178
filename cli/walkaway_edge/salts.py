"""Randomness: salts for sealed texts, and names that nobody guesses; the engine has none of its own."""

import os
import threading

from walkaway.log.seal import SALT_BYTES

_AT_ONCE = 1024


class _Drawn(threading.local):
    """What a thread has drawn and not given out yet: whoever asks the system lets other threads in meanwhile."""

    left = b""


_drawn = _Drawn()


def random_bytes(count: int) -> bytes:
    """Return random bytes of the system, no byte twice, to no other thread or process."""
    left = _drawn.left
    if len(left) < count:
        left = os.urandom(max(count, _AT_ONCE))
    _drawn.left = left[count:]
    return left[:count]


def salt() -> bytes:
    """Return 16 random bytes."""
    return random_bytes(SALT_BYTES)


def _forget() -> None:
    _drawn.left = b""


os.register_at_fork(after_in_child=_forget)
