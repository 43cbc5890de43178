"""A policy whose files change is read again between two batches, and taken only if it has no errors."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from walkaway import Policy, load
from walkaway.policy import FILE, disagreement
from walkaway_cli.render.diagnostics import show_findings

EVERY_S = 0.5


class NewVersions(Protocol):
    """Takes the policies that are to decide from now on, in the order of their paths."""

    def __call__(self, *policies: Policy) -> None:
        """Turn to them."""
        ...


class PolicyWatch:
    """Looks at the files of a policy, or of several versions of it.

    Args:
        paths: Where each of *policies* stands.
        say: Tells the user.
    """

    def __init__(
        self, paths: Sequence[Path], policies: Sequence[Policy], turn: NewVersions, say: Callable[[str], None]
    ) -> None:
        self.paths, self.policies, self.turn, self.say = paths, [*policies], turn, say
        self.looked = time.monotonic()
        self.refused: list[int] = []
        self.states = self.seen()

    def seen(self) -> list[list[tuple[int, int, int] | None]]:
        """Return what shows that a file was changed, for each file of each policy."""
        return [_states(path, policy) for path, policy in zip(self.paths, self.policies, strict=True)]

    def look(self) -> None:
        """Turn to the policies as they are now, where one changed and has no errors."""
        now = time.monotonic()
        if now - self.looked < EVERY_S:
            return
        self.looked = now
        before, self.states = self.states, self.seen()
        changed = [n for n, (old, new) in enumerate(zip(before, self.states, strict=True)) if old != new]
        if changed:
            self.take(sorted({*changed, *self.refused}))

    def take(self, numbers: Sequence[int]) -> None:
        """Take the policies that changed together, but for those with errors; none where they no longer go together."""
        policies = [*self.policies]
        for number in numbers:
            checked, before = load(self.paths[number]), self.policies[number]
            if checked.value is None:
                show_findings(checked.findings)
                self.say(f"policy `{before.name}` was changed and has errors: version {before.version} stays")
            else:
                policies[number] = checked.value
        pairs = enumerate(zip(self.policies, policies, strict=True))
        self.refused = [n for n, (before, after) in pairs if before.sha256 != after.sha256]
        if not self.refused:
            return
        if problem := disagreement(policies):
            for before in (self.policies[n] for n in self.refused):
                self.say(f"policy `{before.name}` was changed, but {problem}: version {before.version} stays")
            return
        taken, self.refused = [policies[n] for n in self.refused], []
        self.policies = policies
        self.turn(*policies)
        when = ", on days (UTC) when it is in force" if len(policies) > 1 else ""
        for policy in taken:
            self.say(f"policy `{policy.name}` version {policy.version} decides the deals that open from now on{when}")


def _states(path: Path, policy: Policy) -> list[tuple[int, int, int] | None]:
    file = path / FILE if path.is_dir() else path
    names = [n for n in policy.files if n != FILE]
    return [_state(f) for f in (file, *(file.parent / n for n in names))]


def _state(file: Path) -> tuple[int, int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
