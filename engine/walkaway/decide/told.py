"""What is told of one answer: the rules that fired and what their words rest on, as an evaluation has it."""

from collections.abc import Mapping

import msgspec

from walkaway.deal.cover import Uncounted, uncounted
from walkaway.deal.facts import Room, lacking
from walkaway.deal.position import Approval
from walkaway.decide.authority import Covering, changes
from walkaway.decide.core.program import Facts
from walkaway.decide.evaluation import Evaluation
from walkaway.decide.evidence import Stale, number_of
from walkaway.decide.layers import parted
from walkaway.decide.verdict import Ruling
from walkaway.events import OPENING, Heard, On, Terms
from walkaway.language.values import Exact
from walkaway.policy.model import Policy, Rule


class Told(msgspec.Struct, frozen=True, gc=False):
    """One answer as far as words rest on it.

    Attributes:
        on: What the event is heard as.
        ruling: The verdict, and the rules that fired in the layer's own right.
        terms: Those judged; none for an event without.
        room: Of the terms on the table.
        missing: What the deal lacks, in words.
        stale: Of a rule, by identity: the approvals that lift it no longer.
        uncounted: Why other approvals do not count; none where that is of no interest.
        accepting: What accepting would be.
        above: The rules that fired above alone.
    """

    on: On
    ruling: Ruling
    facts: Facts
    terms: Terms | None
    room: Room | None
    missing: tuple[str, ...]
    stale: Mapping[int, tuple[Stale, ...]]
    uncounted: Uncounted | None = None
    accepting: "Told | None" = None
    above: "Told | None" = None


def told_of(policy: Policy, evaluation: Evaluation) -> Told:
    """Return what is told of an evaluation."""
    ruling, upper = parted(evaluation)
    heard, accepting, above, covering = evaluation.on, evaluation.accepting, None, evaluation.covering
    move = evaluation.ours or evaluation.move
    if upper is not None and upper.firings and policy.above is not None and evaluation.above is not None:
        above = told_of(policy.above, msgspec.structs.replace(evaluation.above, ruling=upper, accepting=None))
    return Told(
        heard if isinstance(heard, On) else On.OUR_OFFER,
        ruling,
        evaluation.facts,
        None if move is None else move.terms,
        evaluation.room,
        lacking(policy, evaluation.at, evaluation.event),
        _NOTHING if covering is None else stale_of(policy, ruling, covering),
        uncounted(policy, evaluation.at, evaluation.event, move) if policy.roles and ruling.firings else None,
        None if accepting is None else told_of(policy, accepting),
        above,
    )


def stale_of(policy: Policy, ruling: Ruling, covering: Covering) -> Mapping[int, tuple[Stale, ...]]:
    """Return the approvals of these terms that rest on what was otherwise then, by the rule that asks for one."""
    ranks, found = policy.ranks, {}
    for firing in ruling.deciding:
        rule = firing.rule
        if not rule.effect.to:
            continue
        old = [
            stale
            for approval in covering.approvals
            if ranks[approval.role] >= ranks[rule.effect.to]
            if (stale := stale_by(policy, rule, approval, covering.known)) is not None
        ]
        if old:
            found[id(rule)] = tuple(old)
    return found


def stale_by(policy: Policy, rule: Rule, approval: Approval, known: Mapping[str, Exact | None]) -> Stale | None:
    """Return an approval as one that lifts a rule no longer; none where all that the rule reads is what it was then."""
    if approval.then is known or not (was := changes(policy, rule, approval, known)):
        return None
    return Stale(approval.approver, {fact: _number(approval.then.get(fact)) for fact in was})


def word_of(heard: Heard) -> str:
    """Return what an event is heard as, in the word of decisions."""
    return (On.OPEN if heard == OPENING else heard if isinstance(heard, On) else On.OUR_OFFER).value


def _number(value: Exact | None) -> int | str | None:
    return None if value is None else number_of(value)


_NOTHING: Mapping[int, tuple[Stale, ...]] = {}
