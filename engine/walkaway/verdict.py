"""Combine the rules that fired into one verdict. The most severe decides; order means nothing.

Also known as the combining algorithm: of all fired rules that may decide and are not lifted, the highest verdict.
"""

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from walkaway.events import Approve, Door, Verdict
from walkaway.policy.model import Enforcement, Rule


class Standing(StrEnum):
    """What became of a fired rule: it decides, an approval meets it, a waiver lifts it, or it only advises."""

    DECIDES = "decides"
    APPROVED = "approved"
    WAIVED = "waived"
    ADVISES = "advises"
    SHADOW = "shadow"
    CONCLUDES = "concludes"


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
    """Give the ruling.

    Args:
        covering: The approvals that cover the terms judged.
        roles: In ascending authority.
    """
    if not fired:
        return _NOTHING_FIRED
    firings = [_standing(rule, covering, roles) for rule in fired]
    deciding = [f.rule.effect for f in firings if f.standing is Standing.DECIDES]
    verdict = max((e.verdict for e in deciding if e.verdict is not None), default=Verdict.PROCEED)
    closed = any(e.door is Door.CLOSED for e in deciding)
    door = None if verdict is not Verdict.WALK else Door.CLOSED if closed else Door.OPEN
    if len(firings) > 1:
        firings.sort(key=_rank)
    return Ruling(verdict, door, tuple(firings))


_NOTHING_FIRED = Ruling(Verdict.PROCEED, None, ())


def _rank(firing: Firing) -> tuple[bool, int, str]:
    return firing.standing is not Standing.DECIDES, -(firing.rule.effect.verdict or 0), firing.rule.id


def _standing(rule: Rule, covering: tuple[Approve, ...], roles: tuple[str, ...]) -> Firing:
    if rule.effect.verdict is None:
        return Firing(rule, Standing.CONCLUDES)
    if rule.enforcement is Enforcement.ADVISORY:
        return Firing(rule, Standing.ADVISES)
    if rule.enforcement is Enforcement.SHADOW:
        return Firing(rule, Standing.SHADOW)
    for approval in covering:
        if rule.effect.to and roles.index(approval.role) >= roles.index(rule.effect.to):
            return Firing(rule, Standing.APPROVED, approval.approver)
        if (
            rule.id in approval.override
            and rule.enforcement is Enforcement.OVERRIDABLE
            and roles.index(approval.role) >= roles.index(rule.by)
        ):
            return Firing(rule, Standing.WAIVED, approval.approver)
    return Firing(rule, Standing.DECIDES)
