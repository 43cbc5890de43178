"""What a scenario may fail of: an answer that is not the expected one, or words that cannot be understood."""

from pathlib import Path


class Missed(Exception):
    """The answer is not what the scenario expects. The message says how."""


class Misunderstood(Exception):
    """The scenario says what cannot be understood, so nothing is known of the policy. The message says what."""


class Undecided(Misunderstood):
    """An event gave no decision, and the scenario did not expect that. The message says why."""


def from_here(path: Path) -> Path:
    """Return a path as seen from the working folder, if it lies in it."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
