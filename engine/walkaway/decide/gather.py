"""Gather: the evidence of an evaluation. Nothing is put into words here; what has to be known is prepared once."""

from collections.abc import Mapping

import msgspec

from walkaway.deal.facts import Room, got
from walkaway.deal.position import Position
from walkaway.deal.valuation import PACKAGE
from walkaway.decide.decision import Cores, Digests
from walkaway.decide.evaluation import Evaluation
from walkaway.decide.evidence import (
    Evidence,
    FiredRule,
    Judgement,
    Ledger,
    Number,
    Ran,
    Sums,
    facts_around,
    number_of,
    ran_of,
)
from walkaway.decide.known import known_party
from walkaway.decide.render import Renderer, effect_of
from walkaway.decide.told import Told, told_of, word_of
from walkaway.decide.verdict import Firing, Standing
from walkaway.events import On, Terms
from walkaway.policy.model import Policy


class _Plan(msgspec.Struct, frozen=True):
    """What has to be known of some rules that fired; these are kept, so that no others get their identity.

    Attributes:
        facts: Those that words rest on, the terms left out.
        beyond, short: Whether passed walk values, or missed want values, are counted.
        missing: Whether a rule asks to state what is missing.
    """

    firings: tuple[Firing, ...]
    reasons: tuple[FiredRule, ...]
    facts: tuple[str, ...]
    beyond: bool
    short: bool
    missing: bool


class Gatherer:
    """Gathers the evidence of one policy's evaluations.

    Args:
        renderer: Knows what the words rest on.
    """

    def __init__(self, renderer: Renderer) -> None:
        self.renderer, self.policy = renderer, renderer.policy
        self.above = None if renderer.above is None else Gatherer(renderer.above)
        self.plans: dict[tuple[On, int], _Plan] = {}
        self.terms = frozenset(f"offer.{name}" for name in self.policy.issues)
        self.rooms = [(fact, name) for fact, name, _ in renderer.room_formats]
        self.ran: dict[int, Ran] = {}
        self.met: list[Cores] = []

    def evidence(self, evaluation: Evaluation, before: str) -> Evidence:
        """Return the evidence of an evaluation.

        Args:
            before: The digest of the deal before the event.
        """
        told, event, room, cores = told_of(self.policy, evaluation), evaluation.event, evaluation.room, evaluation.cores
        plan, ledger, terms = self.plan(told), ledger_of(self.policy, evaluation), told.terms
        distances = {} if room is None else room.distances
        rooms = {n: number_of(distances[f]) for f, n in self.rooms if f in distances} if distances else _NONE
        around = facts_around(rooms, ledger)
        facts = self.differing(plan, told, around)
        around.update(facts)
        accepting = told.accepting
        return Evidence(
            above=self.of_above(told, around),
            accepting=None if accepting is None else self.within(accepting, around, terms),
            at=event.at,
            beyond=_passed(plan, told.room),
            cores=self.ran.get(id(cores)) or self.kept(cores),
            deal=event.deal,
            door=told.ruling.door,
            event=event.id,
            facts=facts,
            ledger=ledger,
            missing=told.missing if plan.missing else (),
            on=word_of(evaluation.on),
            party=known_party(self.policy, evaluation.at.others),
            policy=self.policy.sha256,
            position=Digests(evaluation.after.digest(), before),
            reasons=_with_stale(plan.reasons, told),
            room=rooms,
            short=_missed(plan, told.room),
            terms=_written(terms),
            verdict=told.ruling.verdict,
        )

    def of_above(self, told: Told, facts: Mapping[str, Number | None]) -> Judgement | None:
        """Return what rules said that fired above alone."""
        if told.above is None or self.above is None:
            return None
        found = self.above.within(told.above, facts, told.terms)
        return msgspec.structs.replace(found, on="", verdict=None)

    def within(self, told: Told, outer: Mapping[str, Number | None], terms: Terms | None) -> Judgement:
        """Return what further rules said of an event, beside what the evidence around it has already.

        Args:
            outer: The facts there; `terms` those there.
        """
        plan = self.plan(told)
        facts = self.differing(plan, told, outer)
        return Judgement(
            above=self.of_above(told, {**outer, **facts}),
            beyond=_passed(plan, told.room),
            facts=facts,
            missing=told.missing if plan.missing else (),
            on="" if told.on is On.OUR_ACCEPTANCE else told.on.value,
            reasons=_with_stale(plan.reasons, told),
            short=_missed(plan, told.room),
            terms=None if told.terms == terms else _written(told.terms) or {},
            verdict=told.ruling.verdict,
        )

    def differing(self, plan: _Plan, told: Told, outer: Mapping[str, Number | None]) -> dict[str, Number | None]:
        """Return the facts that words rest on, as evidence writes them, where others stand around it, or none."""
        known, found = told.facts, {}
        for fact in plan.facts if not self.is_worth_told(plan, told) else (*plan.facts, "offer.worth"):
            value = known.get(fact)
            number = None if value is None else number_of(value)
            if outer.get(fact) != number:
                found[fact] = number
        return found

    def is_worth_told(self, plan: _Plan, told: Told) -> bool:
        """Return whether the package as a whole is among the limits that are counted."""
        room = told.room
        if room is None or not (plan.beyond or plan.short):
            return False
        return any(b.issue == PACKAGE for b in (*room.beyond, *room.short))

    def kept(self, cores: Cores) -> Ran:
        """Return which evaluators ran; where they agreed that is the same again and again."""
        found = ran_of(cores)
        if cores.agree and len(self.ran) < _CORES:
            self.ran[id(cores)] = found
            self.met.append(cores)
        return found

    def plan(self, told: Told) -> _Plan:
        """Return what has to be known of the rules that fired."""
        firings = told.ruling.firings
        found = self.plans.get((told.on, id(firings)))
        if found is None:
            found = self.prepared(told.on, firings)
            if len(self.plans) >= _PLANS:
                self.plans.clear()
            self.plans[told.on, id(firings)] = found
        return found

    def prepared(self, on: On, firings: tuple[Firing, ...]) -> _Plan:
        """Find out what has to be known of rules that fired."""
        renderer, adviser = self.renderer, self.renderer.adviser(on)
        reasons = []
        read = renderer.read_by(on, firings)
        for rule, standing, by in ((f.rule, f.standing, f.by) for f in firings):
            layer, place = renderer.place(rule)
            reasons.append(
                FiredRule(by=by, effect=effect_of(rule), layer=layer, place=place, rule=rule.id, standing=standing)
            )
        asks = any(f.standing is _DECIDES and adviser.asked_by(f.rule).prepares for f in firings)
        beyond, short = ("room.beyond_walk" in read), ("room.short_of_want" in read)
        return _Plan(firings, tuple(reasons), tuple(sorted(read - self.terms)), beyond, short, asks)


def ledger_of(policy: Policy, evaluation: Evaluation) -> Ledger:
    """Return the ledger before and after an event, and what our terms give and get."""
    ours, at = evaluation.ours, evaluation.at
    get = give = None
    if ours is not None and at.valuation is not None and ours.worth is not None:
        give, get = number_of(at.valuation.exact(ours.loss)), number_of(got(policy, at, ours))
    before, after = _sums(evaluation.before), _sums(evaluation.after)
    return Ledger(after=None if after == before else after, before=before, get=get, give=give)


def _sums(position: Position) -> Sums:
    valuation = position.valuation
    if valuation is None:
        return Sums()
    return Sums(number_of(valuation.exact(position.ours.net)), number_of(valuation.exact(position.theirs.net)))


def _with_stale(reasons: tuple[FiredRule, ...], told: Told) -> tuple[FiredRule, ...]:
    """Return the rules that fired with the approvals that lift them no longer."""
    if not told.stale:
        return reasons
    return tuple(
        msgspec.structs.replace(reason, stale=told.stale.get(id(firing.rule), ()))
        for reason, firing in zip(reasons, told.ruling.firings, strict=True)
    )


def _passed(plan: _Plan, room: Room | None) -> Mapping[str, Number]:
    return {b.issue: number_of(b.at) for b in room.beyond} if plan.beyond and room is not None else _NONE


def _missed(plan: _Plan, room: Room | None) -> Mapping[str, Number]:
    return {b.issue: number_of(b.at) for b in room.short} if plan.short and room is not None else _NONE


def _written(terms: Terms | None) -> Mapping[str, Number] | None:
    """Return terms as evidence writes them."""
    return None if terms is None else {issue: number_of(value) for issue, value in terms.items()}


_NONE: Mapping[str, Number] = {}
_PLANS, _CORES = 4_096, 64
_DECIDES = Standing.DECIDES
