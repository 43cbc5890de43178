"""Releases: what policies mean under them, and how they word what evidence proves.

Under another meaning the same events may get other verdicts. Under another wording the same evidence is told in other
sentences; which one speaks is said then.
"""

from collections.abc import Sequence
from importlib.metadata import version

RELEASE = version("walkaway")
CHANGED = ("0.2.0",)
"""The releases that changed what policies mean, ascending; the changelog marks what they changed with a star."""

WORDED = ("0.2.0",)
"""The releases that changed how decisions are worded, ascending: sentences on what is asked for, built-in rules."""


def is_same_meaning(release: str, other: str = RELEASE) -> bool:
    """Return whether policies mean the same under two releases."""
    return _seen(CHANGED, release) == _seen(CHANGED, other)


def is_same_wording(release: str, other: str = RELEASE) -> bool:
    """Return whether two releases tell the same evidence in the same words."""
    return _seen(WORDED, release) == _seen(WORDED, other)


def _seen(changes: Sequence[str], release: str) -> int:
    """Return how many changes a release has seen."""
    return sum(_numbers(release) >= _numbers(changed) for changed in changes)


def _numbers(release: str) -> tuple[int, ...]:
    """Return a release's numbers; what comes before a release, as in `0.2.0rc1`, already means what it will mean."""
    found = []
    for part in release.split("+")[0].split("."):
        digits = part[: len(part) - len(part.lstrip("0123456789"))]
        if not digits:
            break
        found.append(int(digits))
    return tuple(found)
