"""Whose approval an offer wants: in which order, why, and for which terms; and what was approved already.

An approval covers terms that are on every issue no worse for us than the approved ones; an issue it does not name it
covers at its start value. A role stands in for every lower one. Knows no terminal and decides nothing.
"""

from collections.abc import Mapping

import msgspec

from walkaway.deal.cover import covers, has_expired, in_force, is_by_mover, movers_of, worse_than
from walkaway.deal.position import Approval, Move, Position
from walkaway.decide.evaluation import Evaluation
from walkaway.decide.verdict import Firing, Standing
from walkaway.events import Terms
from walkaway.language.instants import instant_text
from walkaway.language.values import format_value
from walkaway.policy.model import Enforcement, Policy


class Needed(msgspec.Struct, frozen=True):
    """One approval that is wanted.

    Attributes:
        role: The lowest that may give it.
        why: Rule → its reason.
        cover: Issue → value: what the approval has to name; all else is covered at its start value.
        worse: Issue → the value approved before, where that no longer covers; empty where nothing was approved.
        before: Who approved that.
    """

    role: str
    why: Mapping[str, str]
    cover: Mapping[str, str]
    worse: Mapping[str, str] = {}
    before: str = ""


class Given(msgspec.Struct, frozen=True):
    """An approval on record.

    Attributes:
        rules: The rules it meets or lifts here; none where it counts for nothing.
        note: Why it counts for nothing, or the reason of a waiver.
        until: When it expires, RFC 3339; empty where it does not.
    """

    approver: str
    role: str
    rules: tuple[str, ...]
    note: str = ""
    until: str = ""


class Waivable(msgspec.Struct, frozen=True):
    """A rule that stands in the way and that somebody may lift, with a reason and an end."""

    rule: str
    role: str
    why: str


class Approvals(msgspec.Struct, frozen=True):
    """All about approvals of one offer: those needed, from the lowest role to the highest, and those on record.

    Attributes:
        left: The rules that hold the offer up even once all that is needed is approved.
    """

    needed: tuple[Needed, ...] = ()
    given: tuple[Given, ...] = ()
    waivable: tuple[Waivable, ...] = ()
    left: tuple[str, ...] = ()


def preview(policy: Policy, evaluation: Evaluation) -> Approvals:
    """Say which approvals an offer wants; of an event without terms, or before worths are known, there are none."""
    position, move, ruling = evaluation.before, evaluation.move, evaluation.ruling
    if position.valuation is None or move is None:
        return Approvals()
    deciding = [f for f in ruling.firings if f.standing is Standing.DECIDES]
    wanted = [f for f in deciding if f.rule.effect.to]
    roles = sorted({f.rule.effect.to for f in wanted}, key=policy.roles.index)
    return Approvals(
        tuple(_needed(policy, evaluation, move, role, wanted) for role in roles),
        tuple(_given(policy, evaluation, move, approval) for approval in position.approvals),
        tuple(
            Waivable(f.rule.id, f.rule.by, f.rule.why)
            for f in deciding
            if f.rule.enforcement is Enforcement.OVERRIDABLE
        ),
        tuple(f.rule.id for f in deciding if not f.rule.effect.to and f.rule.effect.severity),
    )


def _needed(policy: Policy, evaluation: Evaluation, move: Move, role: str, wanted: list[Firing]) -> Needed:
    position = evaluation.before
    movers = movers_of(policy.people, position, evaluation.event, move.by)
    earlier = [a for a in in_force(position, evaluation.event, movers) if _is_by(policy, a, role)]
    before = earlier[-1] if earlier else None
    return Needed(
        role,
        {f.rule.id: f.rule.why for f in wanted if f.rule.effect.to == role},
        _shown(policy, worse_than(position, position.start, move.terms)),
        _approved_before(policy, position, before, move) if before else {},
        before.approver if before else "",
    )


def _is_by(policy: Policy, approval: Approval, role: str) -> bool:
    return policy.roles.index(approval.role) >= policy.roles.index(role)


def _approved_before(policy: Policy, position: Position, before: Approval, move: Move) -> dict[str, str]:
    worse = worse_than(position, before.terms, move.terms)
    return _shown(policy, {i: before.terms.get(i, position.start[i]) for i in worse})


def _shown(policy: Policy, terms: Terms) -> dict[str, str]:
    return {i: format_value(v, policy.issues[i].unit) for i, v in terms.items()}


def _given(policy: Policy, evaluation: Evaluation, move: Move, approval: Approval) -> Given:
    """Say what one approval on record does for the offer."""
    position, event = evaluation.before, evaluation.event
    rules = tuple(f.rule.id for f in evaluation.ruling.firings if _counts(policy, f, approval))
    if has_expired(approval, event):
        note, rules = "it has expired", ()
    elif is_by_mover(approval, movers_of(policy.people, position, event, move.by)):
        note, rules = "nobody approves what they moved themselves, or what somebody unknown did", ()
    elif not covers(position, approval, move.terms):
        worse = _shown(policy, worse_than(position, approval.terms, move.terms))
        note, rules = f"it does not cover {', '.join(f'{i} {v}' for i, v in worse.items())}", ()
    else:
        note = approval.reason if approval.override else ""
    return Given(approval.approver, approval.role, rules, note, _written(approval.until))


def _written(instant: int | None) -> str:
    """Write an instant, given in microseconds since 1970, in UTC; nothing where there is none."""
    return "" if instant is None else instant_text(instant)


def _counts(policy: Policy, firing: Firing, approval: Approval) -> bool:
    """Return whether an approval that covers the terms meets or lifts a rule."""
    rule = firing.rule
    if firing.standing is Standing.WAIVED:
        return rule.id in approval.override and _is_by(policy, approval, rule.by)
    return firing.standing is Standing.APPROVED and _is_by(policy, approval, rule.effect.to)
