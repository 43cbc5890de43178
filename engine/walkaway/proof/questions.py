"""Questions about policies: what is wrong with one, what is proved of it, where two of them differ."""

import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from walkaway.language.diagnostics import Diagnostic
from walkaway.policy import PolicyLike, linted, policy_of

if TYPE_CHECKING:
    from walkaway.proof.diff import Comparison
    from walkaway.proof.prove import Proof


def _seconds() -> float:
    """Return seconds that pass; the engine itself has no clock."""
    return datetime.now(UTC).timestamp()


def prove(
    policy: PolicyLike, *, seconds: float = 300.0, only: Sequence[str] = (), clock: Callable[[], float] = _seconds
) -> "tuple[Proof, ...]":
    """Prove a policy's properties over all offers and positions, or refute them with a deal. Needs the extra `prove`.

    Returns:
        The outcomes, in the order of the laws and the policy's own claims.

    Args:
        seconds: How long may be spent in all; it is shared out over what is asked.
        only: The names of those asked for; all, where empty.
        clock: Gives seconds that pass.

    Raises:
        InvalidInput: Where the policy has errors.
        ModuleNotFoundError: Where the solver is not installed.
    """
    from walkaway.proof.formulas.properties import properties
    from walkaway.proof.prove import prove as proofs

    asked = policy_of(policy)
    names = [one.name for one in properties(asked)]
    return tuple(sorted(proofs(asked, clock, seconds, only), key=lambda proof: names.index(proof.name)))


def diff(
    old: PolicyLike, new: PolicyLike, *, seconds: float = 60.0, clock: Callable[[], float] = _seconds
) -> "Comparison":
    """Return where the verdict changes from one policy to another, each place with a deal that shows it.

    Args:
        seconds, clock: How long may be spent in all, and what gives seconds that pass.

    Raises:
        InvalidInput, ModuleNotFoundError: As for `prove`.
    """
    from walkaway.proof.diff import compare

    return compare(policy_of(old), policy_of(new), clock, seconds)


def lint(path: str | os.PathLike[str]) -> tuple[Diagnostic, ...]:
    """Return every finding about the policy at a path, errors and warnings, sorted by place; none where it is fine."""
    return linted(path).findings
