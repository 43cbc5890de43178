"""Checks over a whole policy: each a function that returns its findings, all listed in `LINTS`."""

from collections.abc import Callable, Iterator

from walkaway.language.diagnostics import Diagnostic
from walkaway.policy.lint.conditions import complexity, never, repeated
from walkaway.policy.lint.guards import guards
from walkaway.policy.lint.hidden import hidden
from walkaway.policy.lint.names import cycles, unused
from walkaway.policy.lint.wording import LIMIT_GROUPS, said
from walkaway.policy.model import Policy

__all__ = ["LIMIT_GROUPS", "LINTS", "lint"]

LINTS: tuple[Callable[[Policy], Iterator[Diagnostic]], ...] = (
    guards,
    cycles,
    said,
    complexity,
    never,
    hidden,
    repeated,
    unused,
)
"""Every check; the order is that of reading, and means nothing for what is found."""


def lint(policy: Policy) -> Iterator[Diagnostic]:
    """Return what every check finds."""
    return (finding for check in LINTS for finding in check(policy))
