"""Whose approval an offer wants: in which order, why, and for which terms; and what was approved already.

An approval covers terms that are on every issue no worse for us than the approved ones; an issue it does not name it
covers at its start value. A role stands in for every lower one. Of an offer of theirs it is what accepting it wants.
Knows no terminal and decides nothing.
"""

from collections.abc import Iterable, Mapping

import msgspec

from walkaway.deal.cover import Names, covers, has_expired, in_force, is_by_mover, movers_of, uncovered
from walkaway.deal.position import Approval, Move
from walkaway.decide.authority import Standing, is_liftable, is_unchanged
from walkaway.decide.evaluation import Evaluation
from walkaway.decide.told import stale_by
from walkaway.decide.verdict import Firing
from walkaway.decide.wording import was_otherwise
from walkaway.events import Terms, Verdict
from walkaway.language.instants import instant_text
from walkaway.language.values import format_value
from walkaway.policy.model import Enforcement, Policy, Rule


class Needed(msgspec.Struct, frozen=True):
    """One approval that is wanted.

    Attributes:
        role: The lowest that may give it.
        why: Rule → its reason.
        cover: Issue → value: what the approval has to name; all else is covered at its start value.
        worse: Issue → the value approved before, where that no longer covers; empty where nothing was approved.
        before: Who approved that.
        count: How many different people must give it, and `have` who has.
    """

    role: str
    why: Mapping[str, str]
    cover: Mapping[str, str]
    worse: Mapping[str, str] = {}
    before: str = ""
    count: int = 1
    have: tuple[str, ...] = ()


class GivenApproval(msgspec.Struct, frozen=True):
    """An approval on record.

    Attributes:
        rules: The rules it meets or lifts here, by itself or with others; none where it counts for nothing.
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
        needed, waivable: Empty where a rule refuses that nobody may lift: an approval would not help.
        still_blocking: The rules that hold the offer up even once all that is needed is approved.
        movers: Whose approval does not count, since they said these terms or others that were not let through; as
            names are compared, in the order in which they did.
        unnamed: Whether somebody among them is not known, so that nobody's counts.
    """

    needed: tuple[Needed, ...] = ()
    given: tuple[GivenApproval, ...] = ()
    waivable: tuple[Waivable, ...] = ()
    still_blocking: tuple[str, ...] = ()
    movers: tuple[str, ...] = ()
    unnamed: bool = False


def preview(policy: Policy, evaluation: Evaluation) -> Approvals:
    """Say which approvals an offer wants; of an event without terms, or before worths are known, there are none."""
    found = evaluation.accepting or evaluation
    move = found.ours or found.move
    if found.at.valuation is None or move is None:
        return Approvals()
    return _ApprovalsOfOffer(policy, found, move, accepts=evaluation.accepting is not None).approvals()


class _ApprovalsOfOffer:
    """Looks at the approvals of the terms that one evaluation is about.

    Args:
        accepts: Whether it is only asked about, so that nobody says these terms yet.
    """

    def __init__(self, policy: Policy, found: Evaluation, move: Move, *, accepts: bool) -> None:
        self.policy, self.found, self.move, self.position = policy, found, move, found.at
        people = self.position.moved_by
        self.movers: Names = people if accepts else movers_of(policy.people, self.position, found.event, move.by)

    def approvals(self) -> Approvals:
        """Return all about them."""
        policy, ruling = self.policy, self.found.ruling
        deciding = [f.rule for f in ruling.deciding if f.rule.effect.severity]
        helps = all(r.effect.severity <= Verdict.ESCALATE.rank or is_liftable(policy, r) for r in deciding)
        wanted = [rule for rule in deciding if rule.effect.to]
        roles = sorted({rule.effect.to for rule in wanted}, key=policy.roles.index)
        waivable = [r for r in deciding if r.enforcement is Enforcement.OVERRIDABLE]
        return Approvals(
            tuple(self.needed(role, wanted) for role in roles) if helps else (),
            tuple(self.given(approval, deciding) for approval in self.position.approvals if not approval.of),
            tuple(Waivable(r.id, r.by, r.why) for r in waivable) if helps else (),
            tuple(rule.id for rule in deciding if not rule.effect.to),
            self.named_movers() if wanted else (),
            "" in self.movers and bool(wanted),
        )

    def named_movers(self) -> tuple[str, ...]:
        """Return the movers who are known, in the order in which they moved, who asks now last."""
        earlier = dict.fromkeys(mover.name for mover in self.position.movers)
        return tuple(name for name in (*earlier, *(self.movers - earlier.keys())) if name)

    def needed(self, role: str, wanted: Iterable[Rule]) -> Needed:
        """Return the approval that is wanted of a role."""
        position, rules = self.position, [r for r in wanted if r.effect.to == role]
        by_role = [a for a in in_force(position, self.found.event, self.movers) if self.is_by(a, role)]
        before = by_role[-1] if by_role else None
        worse = uncovered(position, before.terms, self.move.terms) if before is not None else {}
        counting = [a.approver for a in by_role if all(self.lifts(a, rule) for rule in rules)]
        return Needed(
            role,
            {rule.id: rule.why for rule in rules},
            self.shown(uncovered(position, position.start, self.move.terms)),
            self.shown({i: before.terms.get(i, position.start[i]) for i in worse}) if before is not None else {},
            before.approver if before is not None and worse else "",
            max(rule.effect.count for rule in rules),
            tuple(dict.fromkeys(counting)),
        )

    def given(self, approval: Approval, deciding: Iterable[Rule]) -> GivenApproval:
        """Say what one approval on record does for the offer."""
        position, found = self.position, self.found
        rules: tuple[str, ...] = ()
        note = approval.reason if approval.override else ""
        if has_expired(approval, found.event.instant):
            note = "it has expired"
        elif is_by_mover(approval, self.movers):
            note = "nobody approves what they moved themselves, or what somebody unknown did"
        elif not covers(position, approval, self.move.terms):
            worse = self.shown(uncovered(position, approval.terms, self.move.terms))
            note = f"it does not cover {', '.join(f'{i} {v}' for i, v in worse.items())}"
        elif stale := self.stale(approval, deciding):
            note = f"approved when {stale}"
        else:
            fired = found.ruling.firings
            rules = tuple(f.rule.id for f in fired if self.counts(f, approval))
        return GivenApproval(approval.approver, approval.role, rules, note, _written(approval.until))

    def stale(self, approval: Approval, deciding: Iterable[Rule]) -> str:
        """Say what has changed since an approval that would lift a deciding rule otherwise, if anything has."""
        found: dict[str, None] = {}
        for rule in deciding:
            if (
                self.may_lift(approval, rule)
                and (stale := stale_by(self.policy, rule, approval, self.position.known)) is not None
            ):
                found |= dict.fromkeys(was_otherwise(self.policy, stale))
        return " and ".join(found)

    def counts(self, firing: Firing, approval: Approval) -> bool:
        """Return whether an approval that covers the terms meets or lifts a rule, or is one of several that will."""
        is_lifted = firing.standing in (Standing.APPROVED, Standing.WAIVED)
        several = firing.standing is Standing.DECIDES and firing.rule.effect.count > 1
        return (is_lifted or several) and self.lifts(approval, firing.rule)

    def lifts(self, approval: Approval, rule: Rule) -> bool:
        """Return whether an approval lifts a rule here, as one of as many as that takes."""
        if not covers(self.position, approval, self.move.terms):
            return False
        return self.may_lift(approval, rule) and is_unchanged(self.policy, rule, approval, self.position.known)

    def may_lift(self, approval: Approval, rule: Rule) -> bool:
        """Return whether an approver may lift a rule and said so."""
        named = rule.id in approval.override or rule.id in approval.rules
        if rule.effect.to:
            return self.is_by(approval, rule.effect.to) and (named or not approval.rules)
        if rule.enforcement is Enforcement.OVERRIDABLE:
            return named and self.is_by(approval, rule.by)
        return rule.built_in and rule.id == "short-of-want"

    def is_by(self, approval: Approval, role: str) -> bool:
        """Return whether an approver has a role, or a higher one."""
        return self.policy.ranks[approval.role] >= self.policy.ranks[role]

    def shown(self, terms: Terms) -> dict[str, str]:
        """Write terms as people do."""
        return {i: format_value(v, self.policy.issues[i].unit) for i, v in terms.items()}


def _written(instant: int | None) -> str:
    """Write an instant, given in microseconds since 1970, in UTC; nothing where there is none."""
    return "" if instant is None else instant_text(instant)
