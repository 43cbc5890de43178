"""Policies that were read lately: the same bytes, with the same files beside them, are the same policy."""

from collections.abc import Callable
from functools import lru_cache

import msgspec

from walkaway.language.diagnostics import Checked
from walkaway.policy.model import Policy
from walkaway.policy.parse.layers import LoadFile

KEPT = 32
"""So many policies stay, of those that were read last."""


class Lately(msgspec.Struct, frozen=True):
    """What reading a policy came to.

    Attributes:
        asked: Every file beside it that was asked for, in that order, with what was given.
    """

    asked: tuple[tuple[str, bytes | None], ...]
    checked: Checked[Policy]

    def stands(self, beside: LoadFile) -> bool:
        """Return whether the same files lie beside it now, so that reading it again would come to the same."""
        return all(given(beside, name) == data for name, data in self.asked)


@lru_cache(KEPT)
def last_readings(data: bytes, file: str) -> list[Lately]:
    """Return the last reading of a policy's bytes, where there was one."""
    return []


def given(beside: LoadFile, name: str) -> bytes | None:
    """Return what lies beside a policy; none where it cannot be read."""
    try:
        return beside(name)
    except (OSError, ValueError):
        return None


def at_hand(data: bytes, file: str, beside: LoadFile, anew: Callable[[LoadFile], Checked[Policy]]) -> Checked[Policy]:
    """Return what reading a policy comes to: what it came to before, or *anew*.

    Published rates are no part of a policy, and change: one that names a file of them is read each time.

    Args:
        anew: Reads it, and all that it is made of through the function that it is given.
    """
    last = last_readings(data, file)
    for before in last:
        if before.stands(beside):
            return before.checked
    asked: list[tuple[str, bytes | None]] = []

    def remembered(name: str) -> bytes | None:
        asked.append((name, given(beside, name)))
        return asked[-1][1]

    checked = anew(remembered)
    if checked.value is None or checked.value.rates is None:
        last[:] = [Lately(tuple(asked), checked)]
    return checked
