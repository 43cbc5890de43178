"""Releases and what policies mean under them: under another meaning the same events may get other verdicts."""

from importlib.metadata import version

RELEASE = version("walkaway")
CHANGED = ("0.2.0",)
"""The releases that changed what policies mean, ascending; the changelog marks what they changed with a star."""


def is_same_meaning(release: str, other: str = RELEASE) -> bool:
    """Return whether policies mean the same under two releases."""
    return _meaning(release) == _meaning(other)


def _meaning(release: str) -> int:
    """Return how many changes of meaning a release has seen."""
    return sum(_numbers(release) >= _numbers(changed) for changed in CHANGED)


def _numbers(release: str) -> tuple[int, ...]:
    """Return a release's numbers; what comes before a release, as in `0.2.0rc1`, already means what it will mean."""
    found = []
    for part in release.split("+")[0].split("."):
        digits = part[: len(part) - len(part.lstrip("0123456789"))]
        if not digits:
            break
        found.append(int(digits))
    return tuple(found)
