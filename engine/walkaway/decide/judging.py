"""Hear the rules on one event: what fires, what it comes to, and what accepting would. Nothing is folded here."""

from functools import cached_property, partial

import msgspec

from walkaway.deal.cover import covering, movers_of
from walkaway.deal.facts import Deriver, Room, lacking, may_close
from walkaway.deal.ledger import of_ours, signed, taking
from walkaway.deal.position import Move, Position
from walkaway.deal.unfit import Unfit
from walkaway.decide.authority import Covering, is_liftable
from walkaway.decide.core.program import CONCLUDED, Facts, Fired, Stage, concluded
from walkaway.decide.cross_check import CrossCheck
from walkaway.decide.decision import Cores
from walkaway.decide.evaluation import Evaluation
from walkaway.decide.plans import EventPlan, Plans
from walkaway.decide.verdict import Ruling, at_least, combine, kept_closed
from walkaway.events import THEM, US, AnyEvent, Close, Heard, On, Terms, Verdict, on_of
from walkaway.language.values import Exact
from walkaway.policy.model import Policy


class Hearing(msgspec.Struct):
    """What the rules that listen say, before anything is folded; named as in `Evaluation`."""

    at: Position
    event: AnyEvent
    plan: EventPlan
    ours: Move | None
    theirs: Move | None
    facts: Facts
    room: Room | None
    covering: Covering | None
    fired: Fired
    ruling: Ruling
    cores: Cores
    accepting: Evaluation | None = None
    counted: bool = False

    def evaluation(self, before: Position, after: Position, opens: bool) -> Evaluation:
        """Return the evaluation of the event."""
        plan, cores = self.plan, self.cores
        if self.accepting is not None and not self.accepting.cores.agree:
            cores = self.accepting.cores
        return Evaluation(
            before, self.event, plan.heard, self.theirs or self.ours, self.facts, self.room, self.covering, plan.rules,
            self.fired, self.ruling, cores, after, self.at, self.ours, self.accepting, opens, self.counted,
        )  # fmt: skip


class Judge:
    """Asks the rules of one policy, its own layer alone."""

    def __init__(self, policy: Policy, plans: Plans, cores: CrossCheck) -> None:
        self.policy, self.plans, self.cores = policy, plans, cores

    def hear(
        self,
        position: Position,
        event: AnyEvent,
        on: Heard,
        ours: Move | None = None,
        theirs: Move | None = None,
        *,
        by_nobody: bool = False,
        counted: bool = False,
    ) -> Hearing:
        """Run the rules that listen.

        Args:
            position: The deal that is judged in.
            ours, theirs: As for `Deriver.derive`.
            by_nobody: Whether it is only asked about, so that no approver is whoever says these terms.
            counted: Whether these terms were said before, so that patterns know them.
        """
        plan = self.plans[on, not lacking(self.policy, position, event)]
        move, covering, cover = ours or theirs, None, None
        if move is not None and position.approvals:
            cover = partial(self.covering, position, event, move, by_nobody)
            covering = cover() if plan.deriver.approving else None
        approvals = () if covering is None else covering.approvals
        facts, room = plan.deriver.derive(position, event, ours, theirs, approvals, counted=counted)
        fired, cores = self.cores.run(plan, facts, event, cover)
        if fired and cover is not None and covering is None:
            covering = cover()
        if plan.concludes and fired:
            facts = _with_conclusions(facts, plan.stage, fired)
        ruling = kept_closed(plan.ruling(fired, covering), position.left)
        return Hearing(
            position, event, plan, ours, theirs, facts, room, covering, fired, ruling, cores, counted=counted
        )

    def far_ahead(self, position: Position, event: AnyEvent) -> Hearing:
        """Judge an event as far ahead of its deal, with nothing taken as known of it."""
        plan = self.plans[on_of(event), False]
        facts, _ = plan.deriver.derive(position, event)
        fired, cores = self.cores.run(plan, facts, event, None)
        ruling = combine([plan.rules[i] for i in fired], None, self.policy)
        found = Hearing(position, event, plan, None, None, facts, None, None, fired, ruling, cores)
        return self.with_rule(found, "far-ahead")

    def with_rule(self, found: Hearing, rule_id: str) -> Hearing:
        """Let a built-in rule fire that no fact tells of."""
        rule = next(r for r in self.policy.rules if r.id == rule_id and r.built_in)
        rules = [*(f.rule for f in found.ruling.firings), rule]
        found.ruling = kept_closed(combine(rules, found.covering, self.policy), found.at.left)
        return found

    def with_taking(self, found: Hearing, position: Position, event: AnyEvent, package: Terms | None = None) -> Hearing:
        """Hold an answer against what accepting these terms now would be: no milder than a trade, if that is no yes.

        Nobody accepts terms whose worth to us cannot be held.

        Args:
            package: The terms, where they are one of several packages.

        Source:
            docs/calculus.md, law 4.
        """
        try:
            ours = taking(self.policy, position, package)
        except Unfit:
            return self.with_rule(found, "unweighed")
        accepting = self.hear(position, event, On.OUR_ACCEPTANCE, ours, by_nobody=True)
        found.accepting = accepting.evaluation(position, position, False)
        answer = accepting.ruling.verdict
        if answer is not _PROCEED:
            asks = all(is_liftable(self.policy, f.rule) for f in accepting.ruling.deciding)
            found.ruling = at_least(found.ruling, answer if answer is Verdict.ESCALATE and asks else Verdict.TRADE)
        return found

    def closing(self, position: Position, event: Close, found: Hearing) -> Hearing:
        """Hold a won deal against what was agreed: let through when it was, or judged now as it was made."""
        agreement = position.agreement
        if event.outcome != "won" or agreement is None:
            return found
        terms = signed(position, event)
        if terms is not None and terms != (agreement.terms, agreement.other):
            return found
        if not may_close(position, agreement, terms is not None) or (agreement.cleared and not agreement.ended):
            return found
        on = On.OUR_ACCEPTANCE if agreement.by is US else On.THEIR_ACCEPTANCE
        every = (1 << len(self.policy.issues)) - 1
        said = of_ours(self.policy, position, agreement.terms, agreement.other, every, on, True)
        theirs = None
        if agreement.by is THEM:
            said = msgspec.structs.replace(said, by=THEM)
            theirs = msgspec.structs.replace(said, gain=0, loss=0, gains=0, losses=0)
        acceptance = msgspec.structs.replace(event, actor=agreement.actor)
        again = self.hear(position, acceptance, on, said, theirs, counted=True)
        found.accepting = again.evaluation(position, position, False)
        answer = again.ruling
        if answer.verdict is not _PROCEED:
            found.ruling = at_least(found.ruling, answer.verdict, answer.door)
        return found

    def covering(self, position: Position, event: AnyEvent, move: Move, by_nobody: bool) -> Covering | None:
        """Return the approvals that cover terms, given by none of those who moved them."""
        movers = position.moved_by if by_nobody else movers_of(self.policy.people, position, event, move.by)
        found = covering(position, event, move.terms, movers)
        return Covering(found, position.known, move.other) if found else None

    def all_facts(self, evaluation: Evaluation) -> Facts:
        """Return every fact of the catalog as an event found it, conclusions included; none where one is unknown."""
        position, move, ours = evaluation.at, evaluation.move, evaluation.ours
        theirs = move if move is not None and move.by is THEM else None
        covering = evaluation.covering
        if covering is None and (said := ours or theirs) is not None and position.approvals:
            covering = self.covering(position, evaluation.event, said, by_nobody=False)
        approvals = () if covering is None else covering.approvals
        facts, _ = self.everything.derive(
            position, evaluation.event, ours, theirs, approvals, counted=evaluation.counted
        )
        return _with_conclusions(
            facts,
            self.plans[evaluation.on, not lacking(self.policy, position, evaluation.event)].stage,
            evaluation.fired,
        )

    @cached_property
    def everything(self) -> Deriver:
        """Return what derives every fact of the catalog, prepared when it is first asked."""
        return Deriver(self.policy, self.policy.catalog)


def _with_conclusions(facts: dict[str, Exact | None], stage: Stage, fired: Fired) -> dict[str, Exact | None]:
    """Add the conclusions that the fired rules draw."""
    return {**facts, **{CONCLUDED + name: 1 for name in concluded(stage, fired)}}


_PROCEED = Verdict.PROCEED
