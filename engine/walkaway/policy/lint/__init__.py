"""Checks over a whole policy: each a function that returns its findings, all listed in `LINTS`."""

from collections.abc import Callable, Iterator

from walkaway.language.diagnostics import Diagnostic
from walkaway.policy.lint.approvals import crossing
from walkaway.policy.lint.calculus import hearing, last_said, repetition
from walkaway.policy.lint.conditions import complexity, never, repeated
from walkaway.policy.lint.guards import guards
from walkaway.policy.lint.hidden import hidden
from walkaway.policy.lint.names import cycles, unused
from walkaway.policy.lint.rates import never_needed, without_rates
from walkaway.policy.lint.wording import LIMIT_GROUPS, called, said
from walkaway.policy.lint.worths import endless, idle_walk, sold_again
from walkaway.policy.model import Policy

__all__ = ["ADVICE", "LIMIT_GROUPS", "LINTS", "advised", "lint"]

LINTS: tuple[Callable[[Policy], Iterator[Diagnostic]], ...] = (
    guards,
    cycles,
    said,
    called,
    complexity,
    never,
    hidden,
    repeated,
    unused,
    without_rates,
)
"""Every check; the order is that of reading, and means nothing for what is found."""

ADVICE: tuple[Callable[[Policy], Iterator[Diagnostic]], ...] = (
    hearing, last_said, repetition, endless, sold_again, idle_walk, never_needed, crossing,
)  # fmt: skip
"""What only linting looks for: rules and worths that hold, and mean something else than their author thinks."""


def advised(policy: Policy) -> Iterator[Diagnostic]:
    """Return what linting finds beside what reading does."""
    return (finding for check in ADVICE for finding in check(policy))


def lint(policy: Policy) -> Iterator[Diagnostic]:
    """Return what every check finds."""
    return (finding for check in LINTS for finding in check(policy))
