"""Combine the rules that fired into one verdict. The most severe decides; order means nothing.

Also known as the combining algorithm: of all fired rules that may decide and are not lifted, the highest verdict.
"""

from collections.abc import Sequence

import msgspec

from walkaway.events import CLOSED, OPEN, Approve, Door, Ranked, Verdict
from walkaway.policy.model import Enforcement, Rule


class Standing(Ranked):
    """What became of a fired rule, from what counts most: it decides; an approval meets it, or a waiver lifts it; it
    only advises, or is on trial; it concludes a name."""

    DECIDES = "decides"
    APPROVED = "approved"
    WAIVED = "waived"
    ADVISES = "advises"
    SHADOW = "shadow"
    CONCLUDES = "concludes"


_DECIDES = Standing.DECIDES


class Firing(msgspec.Struct, frozen=True, gc=False):
    """A fired rule and what became of it; `by` names who approved or waived."""

    rule: Rule
    standing: Standing
    by: str = ""


class Ruling(msgspec.Struct, frozen=True, gc=False):
    """The verdict, its door, and every fired rule: the most severe first, then by id."""

    verdict: Verdict
    door: Door | None
    firings: tuple[Firing, ...]


def combine(fired: Sequence[Rule], covering: tuple[Approve, ...], roles: tuple[str, ...]) -> Ruling:
    """Return the ruling.

    Args:
        covering: The approvals that cover the terms judged.
        roles: In ascending authority.
    """
    if not fired:
        return _NOTHING_FIRED
    firings = [_standing(rule, covering, roles) for rule in fired]
    if len(firings) > 1:
        firings.sort(key=_rank)
    first = firings[0]
    verdict = first.rule.effect.verdict if first.standing is _DECIDES else None
    if verdict is not _WALK:
        return Ruling(verdict or _PROCEED, None, tuple(firings))
    closed = any(f.rule.effect.door is CLOSED for f in firings if f.standing is _DECIDES)
    return Ruling(verdict, CLOSED if closed else OPEN, tuple(firings))


_PROCEED, _WALK = Verdict.PROCEED, Verdict.WALK
_NOTHING_FIRED = Ruling(_PROCEED, None, ())


def _rank(firing: Firing) -> tuple[bool, int, str]:
    return firing.standing is not _DECIDES, -firing.rule.effect.severity, firing.rule.id


def _standing(rule: Rule, covering: tuple[Approve, ...], roles: tuple[str, ...]) -> Firing:
    if not rule.decides:
        return Firing(rule, _silent(rule))
    for approval in covering:
        if rule.effect.to and roles.index(approval.role) >= roles.index(rule.effect.to):
            return Firing(rule, Standing.APPROVED, approval.approver)
        if (
            rule.id in approval.override
            and rule.enforcement is Enforcement.OVERRIDABLE
            and roles.index(approval.role) >= roles.index(rule.by)
        ):
            return Firing(rule, Standing.WAIVED, approval.approver)
    return Firing(rule, _DECIDES)


def _silent(rule: Rule) -> Standing:
    """Say why a rule does not decide."""
    if rule.effect.verdict is None:
        return Standing.CONCLUDES
    return Standing.ADVISES if rule.enforcement is Enforcement.ADVISORY else Standing.SHADOW
