"""Days of a policy: whether it is in force on one, and how it decides deals as if they had opened on one."""

from collections.abc import Sequence

import msgspec

from walkaway.language.instants import format_day
from walkaway.policy.model import Policy


class NotInForce(Exception):
    """A policy is not in force on a day; the message says when it is."""


def is_in_force(policy: Policy, day: int) -> bool:
    """Return whether deals may open under a policy on a day (days since 1970)."""
    first, last = policy.effective
    return (first is None or first <= day) and (last is None or day <= last)


def as_of(policy: Policy, day: int) -> Policy:
    """Return the policy as it decides deals as if they had opened on *day*: with the dated limits of that day.

    Raises:
        NotInForce: Where it is not in force on that day.
    """
    if not is_in_force(policy, day):
        raise NotInForce(f"policy `{policy.name}` is not in force on {policy.day_text(day)}, only {_period(policy)}")
    return msgspec.structs.replace(policy, as_of=day)


def versions_as_of(versions: Sequence[Policy], day: int) -> list[Policy]:
    """Return the versions of a policy as they decide deals as if they had opened on *day*.

    Raises:
        NotInForce: Where none is in force on that day.
    """
    if not any(is_in_force(policy, day) for policy in versions):
        if len(versions) == 1:
            as_of(versions[0], day)
        given = ", ".join(f"version {p.version} {_period(p)}" for p in versions)
        raise NotInForce(f"policy `{versions[0].name}` is not in force on {versions[0].day_text(day)}, only {given}")
    return [msgspec.structs.replace(policy, as_of=day) for policy in versions]


def _period(policy: Policy) -> str:
    """Return in words the days on which a policy with a bound is in force."""
    first, last = policy.effective
    begins = "" if first is None else f"from {format_day(first)}"
    ends = "" if last is None else f"to {format_day(last)}"
    return " ".join(filter(None, (begins, ends)))
