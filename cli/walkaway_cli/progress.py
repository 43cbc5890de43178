"""How far a long command is: one line on a terminal, nothing elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_AFTER_S = 1.0
_EVERY_S = 0.2


@contextmanager
def progress(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """Return what is to be told how many of *total* are done; it shows them once a second has passed."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    begun = time.monotonic()
    shown = begun + _AFTER_S - _EVERY_S

    def tell(done: int) -> None:
        nonlocal shown
        now = time.monotonic()
        if now - shown >= _EVERY_S:
            shown = now
            sys.stderr.write(f"\r\033[K{what} {done:,} of {total:,}")
            sys.stderr.flush()

    try:
        yield tell
    finally:
        if shown > begun + _AFTER_S - _EVERY_S:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()
