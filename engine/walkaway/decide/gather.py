"""Gather: the evidence of an evaluation. Nothing is put into words here; what has to be known is prepared once."""

from collections.abc import Mapping

import msgspec

from walkaway.deal.facts import Room, got
from walkaway.deal.position import Position
from walkaway.deal.valuation import PACKAGE
from walkaway.decide.decision import Digests
from walkaway.decide.evaluation import Evaluation
from walkaway.decide.evidence import (
    Evidence,
    FiredRule,
    Judgement,
    Ledger,
    Number,
    Sums,
    Uncounting,
    facts_around,
    note_of,
    number_of,
)
from walkaway.decide.known import known_party, used_rates
from walkaway.decide.render import Renderer, effect_of
from walkaway.decide.told import Told, told_of, word_of
from walkaway.decide.verdict import Firing, Standing
from walkaway.events import On, Terms
from walkaway.language.values import LIMIT
from walkaway.policy.model import Policy, Rule


class _Needs(msgspec.Struct, frozen=True, gc=False):
    """What has to be known where a rule fires; it is kept, so that no other gets its identity.

    Attributes:
        fired: The rule as evidence names it, where nobody approved or waived it.
        facts: Those that its words rest on, the terms left out.
        beyond, short: Whether passed walk values, or missed want values, are counted.
        missing: Whether it asks to state what is missing.
    """

    rule: Rule
    fired: FiredRule
    facts: dict[str, None]
    beyond: bool
    short: bool
    missing: bool


class _Plan(msgspec.Struct, frozen=True, gc=False):
    """What has to be known of all rules that fired; named as in `_Needs`. These are kept for the same reason."""

    firings: tuple[Firing, ...]
    reasons: tuple[FiredRule, ...]
    facts: tuple[str, ...]
    beyond: bool
    short: bool
    missing: bool
    counts: bool


class Gatherer:
    """Gathers the evidence of one policy's evaluations.

    Args:
        renderer: Knows what the words rest on.
    """

    def __init__(self, renderer: Renderer) -> None:
        self.renderer, self.policy = renderer, renderer.policy
        self.above = None if renderer.above is None else Gatherer(renderer.above)
        self.needs: dict[tuple[On, Standing, int], _Needs] = {}
        self.plans: dict[tuple[On, int], _Plan] = {}
        self.terms = frozenset(f"offer.{name}" for name in self.policy.issues)
        self.rooms = [(fact, name) for fact, name, _ in renderer.room_formats]

    def evidence(self, evaluation: Evaluation, before: str) -> Evidence:
        """Return the evidence of an evaluation.

        Args:
            before: The digest of the deal before the event.
        """
        told, event, room, cores = told_of(self.policy, evaluation), evaluation.event, evaluation.room, evaluation.cores
        plan, ledger, terms = self.plan(told), ledger_of(self.policy, evaluation), told.terms
        rooms, around = _NONE, facts_around(ledger)
        if room is not None and room.distances:
            distances = room.distances
            rooms = {n: number_of(distances[f]) for f, n in self.rooms if f in distances}
            around.update((fact, rooms[name]) for fact, name in self.rooms if name in rooms)
        facts = self.differing(plan, told, around)
        around.update(facts)
        accepting, why = told.accepting, self.uncounted(told)
        return Evidence(
            above=self.of_above(told, around, why),
            accepting=None if accepting is None else self.within(accepting, around, terms, why),
            at=event.at,
            beyond=_passed(plan, told.room),
            cores=note_of(cores),
            currency=evaluation.after.currency,
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
            ran=cores.ran,
            rates=used_rates(evaluation.after.pinned, evaluation.at.latest) if evaluation.after.currency else (),
            reasons=_with_stale(plan.reasons, told),
            room=rooms,
            short=_missed(plan, told.room),
            terms=_written(terms),
            uncounted=why,
            verdict=told.ruling.verdict,
        )

    def of_above(
        self, told: Told, facts: Mapping[str, Number | None], uncounted: Uncounting | None
    ) -> Judgement | None:
        """Return what rules said that fired above alone; named as for `within`."""
        if told.above is None or self.above is None:
            return None
        found = self.above.within(told.above, facts, told.terms, uncounted)
        return msgspec.structs.replace(found, on="", verdict=None)

    def within(
        self, told: Told, outer: Mapping[str, Number | None], terms: Terms | None, uncounted: Uncounting | None
    ) -> Judgement:
        """Return what further rules said of an event, beside what the evidence around it has already.

        Args:
            outer: The facts there; `terms` and `uncounted` those there.
        """
        why = self.uncounted(told)
        plan = self.plan(told)
        facts = self.differing(plan, told, outer)
        return Judgement(
            above=self.of_above(told, {**outer, **facts}, why),
            beyond=_passed(plan, told.room),
            facts=facts,
            missing=told.missing if plan.missing else (),
            on="" if told.on is On.OUR_ACCEPTANCE else told.on.value,
            reasons=_with_stale(plan.reasons, told),
            short=_missed(plan, told.room),
            terms=None if told.terms == terms else _written(told.terms) or {},
            uncounted=None if why == uncounted else why or Uncounting(),
            verdict=told.ruling.verdict,
        )

    def differing(self, plan: _Plan, told: Told, outer: Mapping[str, Number | None]) -> dict[str, Number | None]:
        """Return the facts that words rest on, as evidence writes them, where others stand around it, or none."""
        known, found = told.facts, {}
        for fact in (*plan.facts, "offer.worth") if plan.counts and _is_package_counted(told.room) else plan.facts:
            value = known.get(fact)
            if value.__class__ is not int or not -LIMIT < value < LIMIT:
                value = None if value is None else number_of(value)
            if outer.get(fact) != value:
                found[fact] = value
        return found

    def uncounted(self, told: Told) -> Uncounting | None:
        """Return why approvals do not count, where something is said of it."""
        why = told.uncounted
        if why is None or not (why.unknown or why.before or why.movers):
            return None
        deciding = [firing.rule for firing in told.ruling.deciding]
        if why.unknown and deciding:
            return Uncounting(said=why.said, unknown=True)
        asks = any(rule.effect.to for rule in deciding)
        if why.before and (asks or self.renderer.adviser(told.on).enough(deciding) is not None):
            return Uncounting(before=True)
        return Uncounting(movers=why.movers) if asks and why.movers and not why.before else None

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
        """Put together what has to be known of rules that fired."""
        reasons, facts = [], dict[str, None]()
        beyond = short = missing = False
        for firing in firings:
            rule, standing = firing.rule, firing.standing
            needs = self.needs.get((on, standing, id(rule))) or self.met_first(on, standing, rule)
            fired = needs.fired
            reasons.append(msgspec.structs.replace(fired, by=firing.by) if firing.by else fired)
            facts.update(needs.facts)
            beyond, short = beyond or needs.beyond, short or needs.short
            missing = missing or needs.missing
        return _Plan(firings, tuple(reasons), tuple(sorted(facts)), beyond, short, missing, beyond or short)

    def met_first(self, on: On, standing: Standing, rule: Rule) -> _Needs:
        """Find out what has to be known where a rule fires."""
        renderer = self.renderer
        read = renderer.read_by(on, [Firing(rule, standing)])
        layer, place = renderer.place(rule)
        fired = FiredRule(effect=effect_of(rule), layer=layer, place=place, rule=rule.id, standing=standing)
        missing = standing is _DECIDES and renderer.adviser(on).asked_by(rule).prepares
        found = self.needs[on, standing, id(rule)] = _Needs(
            rule,
            fired,
            dict.fromkeys(sorted(read - self.terms)),
            "room.beyond_walk" in read,
            "room.short_of_want" in read,
            missing,
        )
        return found


def ledger_of(policy: Policy, evaluation: Evaluation) -> Ledger:
    """Return the ledger before and after an event, and what our terms give and get."""
    ours, at = evaluation.ours, evaluation.at
    get = give = None
    if ours is not None and at.valuation is not None and ours.worth is not None:
        give, get = number_of(at.valuation.exact(ours.loss)), number_of(got(policy, at, ours))
    was, now = evaluation.before, evaluation.after
    before = _sums(was)
    after = before if _is_same(was, now) else _sums(now)
    return Ledger(after=None if after == before else after, before=before, get=get, give=give)


def _is_same(was: Position, now: Position) -> bool:
    """Return whether the ledger is the same, without reckoning it in money."""
    return was.valuation is now.valuation and was.ours.net == now.ours.net and was.theirs.net == now.theirs.net


def _sums(position: Position) -> Sums:
    valuation = position.valuation
    if valuation is None:
        return Sums()
    return Sums(number_of(valuation.exact(position.ours.net)), number_of(valuation.exact(position.theirs.net)))


def _is_package_counted(room: Room | None) -> bool:
    """Return whether the package as a whole is among the limits that are counted."""
    return room is not None and any(b.issue == PACKAGE for b in (*room.beyond, *room.short))


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
    if terms is None:
        return None
    return {
        issue: value if value.__class__ is str or -LIMIT < value < LIMIT else number_of(value)  # type: ignore[operator]
        for issue, value in terms.items()
    }


_NONE: Mapping[str, Number] = {}
_PLANS = 4_096
_DECIDES = Standing.DECIDES
