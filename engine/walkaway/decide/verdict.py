"""Combine the rules that fired into one verdict. The most severe decides; order means nothing.

Also known as the combining algorithm: of all fired rules that may decide and are not lifted, the highest verdict.
"""

from collections.abc import Sequence

import msgspec

from walkaway.decide.authority import Covering, lifted
from walkaway.decide.authority import Standing as Standing
from walkaway.events import CLOSED, OPEN, Door, Verdict
from walkaway.policy.model import Concern, Enforcement, Policy, Rule

_DECIDES = Standing.DECIDES


class Firing(msgspec.Struct, frozen=True, gc=False):
    """A fired rule and what became of it; `by` names who approved or waived."""

    rule: Rule
    standing: Standing
    by: str = ""


class Ruling(msgspec.Struct, frozen=True, gc=False):
    """The verdict, its door, and every fired rule: the most severe first, then by concern, then by id."""

    verdict: Verdict
    door: Door | None
    firings: tuple[Firing, ...]

    @property
    def deciding(self) -> tuple[Firing, ...]:
        """Return the fired rules that decide."""
        return tuple(f for f in self.firings if f.standing is _DECIDES)


def combine(fired: Sequence[Rule], covering: Covering | None, policy: Policy) -> Ruling:
    """Return the ruling.

    Args:
        covering: The approvals that cover the terms judged; none where none does.
    """
    if not fired:
        return _NOTHING_FIRED
    firings = [_standing(rule, covering, policy) for rule in fired]
    if len(firings) > 1:
        firings.sort(key=order_of)
    first = firings[0]
    verdict = first.rule.effect.verdict if first.standing is _DECIDES else None
    if verdict is not _WALK:
        return Ruling(verdict or _PROCEED, None, tuple(firings))
    closed = any(f.rule.effect.door is CLOSED for f in firings if f.standing is _DECIDES)
    return Ruling(verdict, CLOSED if closed else OPEN, tuple(firings))


def at_least(ruling: Ruling, verdict: Verdict, door: Door | None = None) -> Ruling:
    """Return a ruling that is no milder than a verdict; of two walks the one whose door is closed."""
    if ruling.verdict > verdict or (ruling.verdict is verdict and (door is None or ruling.door is CLOSED)):
        return ruling
    return Ruling(verdict, door, ruling.firings)


def kept_closed(ruling: Ruling, left: Door | None) -> Ruling:
    """Keep a door closed that an earlier walk closed, whatever else makes us walk now."""
    if ruling.door is OPEN and left is CLOSED:
        return Ruling(ruling.verdict, CLOSED, ruling.firings)
    return ruling


_PROCEED, _WALK = Verdict.PROCEED, Verdict.WALK
_NOTHING_FIRED = Ruling(_PROCEED, None, ())


def order_of(firing: Firing) -> tuple[bool, int, int, str]:
    """Return by what fired rules are ordered: those that decide, the most severe, by concern, then by id.

    What has no concern comes behind what has one.
    """
    verdict, concern = firing.rule.effect.verdict, firing.rule.concern
    severity = 0 if verdict is None else -verdict.rank
    told = len(Concern) if concern is None else concern.rank
    return firing.standing is not _DECIDES, severity, told, firing.rule.id


def _standing(rule: Rule, covering: Covering | None, policy: Policy) -> Firing:
    if not rule.decides:
        return Firing(rule, _silent(rule))
    lift = lifted(policy, rule, covering) if covering is not None else None
    return Firing(rule, _DECIDES) if lift is None else Firing(rule, lift.standing, lift.by)


def _silent(rule: Rule) -> Standing:
    """Say why a rule does not decide."""
    if rule.effect.verdict is None:
        return Standing.CONCLUDES
    return Standing.ADVISES if rule.enforcement is Enforcement.ADVISORY else Standing.SHADOW
