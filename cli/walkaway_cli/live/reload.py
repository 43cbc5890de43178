"""A policy whose files change is read again between two batches, and taken only if it has no errors."""

import time
from collections.abc import Callable
from pathlib import Path

from walkaway import Policy
from walkaway.policy import FILE
from walkaway_cli.policies import read_policy
from walkaway_cli.render.diagnostics import show_findings

EVERY_S = 0.5


class Watch:
    """Looks at a policy's files.

    Args:
        turn: Takes a policy that is to decide from now on.
        say: Tells the user.
    """

    def __init__(self, path: Path, policy: Policy, turn: Callable[[Policy], None], say: Callable[[str], None]) -> None:
        self.path, self.policy, self.turn, self.say = path, policy, turn, say
        self.looked = time.monotonic()
        self.state = self.seen()

    def seen(self) -> list[tuple[int, int, int] | None]:
        """Give what shows that a file was changed, for each file of the policy."""
        file = self.path / FILE if self.path.is_dir() else self.path
        names = [n for n in self.policy.files if n != FILE]
        return [_state(f) for f in (file, *(file.parent / n for n in names))]

    def look(self) -> None:
        """Turn to the policy as it is now, if it changed and has no errors."""
        now = time.monotonic()
        if now - self.looked < EVERY_S:
            return
        self.looked = now
        state = self.seen()
        if state == self.state:
            return
        self.state = state
        checked = read_policy(self.path)
        if checked.value is None:
            show_findings(checked.findings)
            self.say(f"policy `{self.policy.name}` was changed and has errors: version {self.policy.version} stays")
            return
        if checked.value.sha256 == self.policy.sha256:
            return
        self.policy = checked.value
        self.state = self.seen()
        self.turn(checked.value)
        self.say(f"policy `{self.policy.name}` version {self.policy.version} decides the deals that open from now on")


def _state(file: Path) -> tuple[int, int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
