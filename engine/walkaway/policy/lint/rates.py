"""Look at whether a policy of several currencies has amounts that a rate must convert, and says where rates are."""

from collections.abc import Iterator

from walkaway.language.codes import Code
from walkaway.language.diagnostics import Diagnostic
from walkaway.policy.currencies import needs_rate
from walkaway.policy.lint.own import note
from walkaway.policy.model import Policy


def without_rates(policy: Policy) -> Iterator[Diagnostic]:
    """Find amounts that have to be converted, and no rates for it."""
    exchange = policy.exchange
    if exchange is not None and not exchange.file and needs_rate(policy):
        what = "`currencies` lacks `rates`, and the policy has amounts that a deal in another currency converts"
        hint = "add `rates:` with `file`, `per` and `max_age`, or make them shares of what deals state"
        yield Diagnostic(Code.MISSING_KEY, what, exchange.span, hint)


def never_needed(policy: Policy) -> Iterator[Diagnostic]:
    """Say that a policy never needs a rate: all it has is shares of what deals state."""
    exchange = policy.exchange
    if exchange is not None and exchange.file and not needs_rate(policy):
        hint = "`rates` and `drift` may be removed"
        yield note(Code.NEVER_NEEDS_A_RATE, "this policy never needs a rate", exchange.span, hint)
