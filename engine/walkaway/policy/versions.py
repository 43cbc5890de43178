"""Versions: which of several versions of one policy a deal opens under, or is moved to by an update.

Knows policies, and nothing of deals.
"""

from collections.abc import Sequence

from walkaway.policy.dated import is_in_force
from walkaway.policy.model import Policy


def newest(versions: Sequence[Policy]) -> Policy:
    """Return the version with the highest number."""
    return max(versions, key=lambda p: p.version)


def in_force(versions: Sequence[Policy], instant: int | None) -> Policy:
    """Return the newest version that is in force on the day of an instant; the newest of all where none is."""
    found = versions if instant is None else [p for p in versions if is_in_force(p, p.day_of(instant))]
    return newest(found or versions)


def named(versions: Sequence[Policy], text: str, instant: int | None) -> Policy | None:
    """Return the version that an update names: as `NAME@VERSION`, or as `NAME` the one in force on its day.

    Returns:
        None where none of *versions* is meant.
    """
    by_name = next((p for p in versions if text == p.name), None)
    return in_force(versions, instant) if by_name is not None else next((p for p in versions if text == p.called), None)


def disagreement(versions: Sequence[Policy]) -> str:
    """Say why policies are not the versions of one policy; nothing where they are."""
    first, *others = versions
    for other in others:
        if other.name != first.name:
            return f"policies `{first.name}` and `{other.name}` are not versions of one policy"
    numbers = [p.version for p in versions]
    twice = next((n for n in numbers if numbers.count(n) > 1), None)
    return "" if twice is None else f"policy `{first.name}` is given twice in version {twice}"
