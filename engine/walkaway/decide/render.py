"""Render: a decision in words, from its policy and its evidence; by one release to the same bytes.

Words of a rule are its policy's, those of a built-in one and of what is asked for are this release's.
"""

from collections.abc import Iterable, Mapping

import msgspec

from walkaway.deal.cover import Uncounted
from walkaway.deal.facts import Room
from walkaway.deal.valuation import PACKAGE, Bound
from walkaway.decide.decision import (
    Accepting,
    Cores,
    Decision,
    Digests,
    KnownParty,
    Obligation,
    PolicyRef,
    Reason,
    UsedRate,
)
from walkaway.decide.evaluation import Evaluation
from walkaway.decide.evidence import (
    Evidence,
    FiredRule,
    Judgement,
    Number,
    Uncounting,
    cores_of,
    exact_of,
    facts_around,
)
from walkaway.decide.explain import Explainer
from walkaway.decide.known import known_party, used_rates
from walkaway.decide.obligations import Adviser, advise
from walkaway.decide.told import Told, told_of, word_of
from walkaway.decide.verdict import Firing, Ruling, Standing
from walkaway.events import On, Verdict
from walkaway.language.instants import format_day
from walkaway.language.values import Exact, Unit, formatter
from walkaway.policy.model import Policy, Rule


class NotTold(Exception):
    """Evidence that says what its policy cannot have said: the message names it."""


class Renderer:
    """Tells the decisions of one policy in words."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.explainer = Explainer(policy)
        self.advisers: dict[On, Adviser] = {}
        self.above = None if policy.above is None else Renderer(policy.above)
        self.reference = PolicyRef(policy.name, policy.sha256, policy.version)
        self.as_of = msgspec.UNSET if policy.as_of is None else format_day(policy.as_of)
        self.labels = dict(sorted(policy.labels_in().items())) or msgspec.UNSET
        self.room_formats = [
            (f"room.{n}", n, formatter(policy.catalog[f"room.{n}"].unit, -1)) for n in sorted((*policy.issues, PACKAGE))
        ]
        self.reads: dict[tuple[On, bool, int], frozenset[str]] = {}
        self.rules: dict[tuple[str, str], list[Rule]] = {}
        for rule in policy.rules:
            self.rules.setdefault((rule.id, effect_of(rule)), []).append(rule)

    def adviser(self, on: On) -> Adviser:
        """Return what advises on one kind of event, prepared when it is first asked."""
        found = self.advisers.get(on)
        if found is None:
            found = self.advisers[on] = Adviser(self.policy, on)
        return found

    # From an evaluation

    def record(self, evaluation: Evaluation, before: str) -> Decision:
        """Return the decision on an evaluation, without counteroffers.

        Args:
            before: The digest of the deal before the event.
        """
        event, room = evaluation.event, evaluation.room
        return self.decision(
            told_of(self.policy, evaluation),
            at=event.at,
            cores=evaluation.cores,
            deal=event.deal,
            event=event.id,
            on=word_of(evaluation.on),
            party=known_party(self.policy, evaluation.at.others),
            position=Digests(evaluation.after.digest(), before),
            rates=used_rates(evaluation.after.pinned, evaluation.at.latest) if evaluation.after.currency else (),
            room={} if room is None else self.shown(room.distances),
        )

    def decision(
        self,
        told: Told,
        *,
        at: str,
        cores: Cores,
        deal: str,
        event: str,
        on: str,
        party: KnownParty | msgspec.UnsetType,
        position: Digests,
        rates: tuple[UsedRate, ...],
        room: Mapping[str, str],
    ) -> Decision:
        """Return what is told as a decision; named as its fields."""
        ruling, accepting = told.ruling, told.accepting
        return Decision(
            accepting=_UNSET if accepting is None else Accepting(self.reasons(accepting), accepting.ruling.verdict),
            advice=advise(ruling, told.on),
            as_of=self.as_of,
            at=at,
            cores=cores,
            counteroffers=(),
            currency=self.policy.currency if self.policy.home else _UNSET,
            deal=deal,
            door=ruling.door,
            event=event,
            labels=self.labels,
            obligations=self.obligations(told),
            on=on,
            party=party,
            policy=self.reference,
            position=position,
            rates=rates or _UNSET,
            reasons=self.reasons(told),
            room=room,
            verdict=ruling.verdict,
        )

    def obligations(self, told: Told, *, whole: bool = True) -> tuple[Obligation, ...]:
        """Return what has to happen before the verdict changes: by its own rules, and by those that stand in the way of
        accepting it; whom to ask, and for which terms.

        Args:
            whole: Whether these are all the rules that fired, in no other layer more.
        """
        found: tuple[Obligation, ...] = ()
        if told.ruling.firings:
            adviser = self.adviser(told.on)
            stale, why = told.stale, told.uncounted
            found = adviser.obligations(
                told.ruling, told.facts, told.room, told.missing, stale, why, whole=whole and told.above is None
            )
        if told.above is not None and self.above is not None:
            more = self.above.obligations(told.above, whole=False)
            found = (*found, *(o for o in more if o not in found))
        accepting = told.accepting
        if accepting is None or accepting.ruling.verdict is _PROCEED:
            return found
        said = {(o.kind, o.what) for o in found} | {(o.kind, o.rule) for o in found}
        more = self.obligations(accepting)
        return (*found, *(o for o in more if said.isdisjoint({(o.kind, o.what), (o.kind, o.rule)})))

    def reasons(self, told: Told) -> tuple[Reason, ...]:
        """Return a reason for each fired rule, those of its own layer before those that fired above it alone."""
        found = self.explainer.explain(told.ruling, told.facts, told.room) if told.ruling.firings else ()
        if told.above is None or self.above is None:
            return found
        return (*found, *self.above.reasons(told.above))

    def shown(self, distances: Mapping[str, Exact]) -> dict[str, str]:
        """Return the distances to walk values as people write them, by issue in order."""
        return {name: write(distances[fact]) for fact, name, write in self.room_formats if fact in distances}

    # From evidence

    def render(self, evidence: Evidence) -> Decision:
        """Return the decision that evidence proves, in words.

        Raises:
            NotTold: Where this is not its policy, or evidence says what that cannot have said.
        """
        if evidence.currency != (self.policy.currency if self.policy.home else ""):
            raise NotTold(f"its deal is in {evidence.currency or f'the currency of policy {self.policy.name}'}")
        if evidence.policy != self.policy.sha256:
            raise NotTold(f"it was decided under policy {evidence.policy[:12]}, and not {self.policy.sha256[:12]}")
        try:
            return self.decision(
                self.told(evidence),
                at=evidence.at,
                cores=cores_of(evidence.ran, evidence.cores),
                deal=evidence.deal,
                event=evidence.event,
                on=evidence.on,
                party=evidence.party,
                position=evidence.position,
                rates=evidence.rates,
                room=self.shown({f"room.{n}": exact_of(v, self.unit(f"room.{n}")) for n, v in evidence.room.items()}),
            )
        except (ArithmeticError, LookupError, StopIteration, TypeError, ValueError) as problem:
            raise NotTold(f"this release cannot tell it: {problem}") from problem

    def told(self, evidence: Evidence) -> Told:
        """Return what is told of evidence."""
        on = On(evidence.on)
        if on is On.OPEN and evidence.terms is not None:
            on = On.OUR_OFFER  # an opening with terms is heard as an offer, too
        ruling = Ruling(evidence.verdict, evidence.door, self.firings(evidence.reasons))
        rooms = {f"room.{name}": number for name, number in evidence.room.items()}
        facts = {**rooms, **facts_around(evidence.ledger), **evidence.facts}
        accepting = evidence.accepting
        found = self.of(evidence, on, ruling, facts, evidence.terms, evidence.uncounted)
        if accepting is not None:
            own = Ruling(accepting.verdict or _PROCEED, None, self.firings(accepting.reasons))
            on = On(accepting.on) if accepting.on else On.OUR_ACCEPTANCE
            told = self.within(accepting, on, own, facts, evidence.terms, evidence.uncounted)
            found = msgspec.structs.replace(found, accepting=told)
        return found

    def within(
        self,
        judged: Judgement,
        on: On,
        ruling: Ruling,
        facts: Mapping[str, Number | None],
        terms: Mapping[str, Number] | None,
        uncounted: Uncounting | None,
    ) -> Told:
        """Return what is told of what stands in other evidence: facts and terms there hold where it has no others."""
        terms, uncounted = (
            terms if judged.terms is None else judged.terms,
            uncounted if judged.uncounted is None else judged.uncounted,
        )
        return self.of(judged, on, ruling, {**facts, **judged.facts}, terms, uncounted)

    def of(
        self,
        judged: Evidence | Judgement,
        on: On,
        ruling: Ruling,
        facts: Mapping[str, Number | None],
        terms: Mapping[str, Number] | None,
        uncounted: Uncounting | None,
    ) -> Told:
        """Return what is told of evidence, with all the facts and terms that hold in it."""
        known: dict[str, Exact | None] = dict.fromkeys(self.read_by(on, ruling.firings))
        if PACKAGE in judged.beyond or PACKAGE in judged.short:
            known["offer.worth"] = None
        for fact, number in facts.items():
            if fact in known:
                known[fact] = None if number is None else exact_of(number, self.unit(fact))
        if terms is not None:
            known.update((f"offer.{n}", exact_of(v, self.policy.issues[n].unit)) for n, v in terms.items())
        bounds = self.bounds(judged.beyond), self.bounds(judged.short)
        for threshold, limits in zip(("walk", "want"), bounds, strict=True):
            for bound in limits:
                known[f"{threshold}.{bound.issue}"] = bound.at
        above = None
        if judged.above is not None and self.above is not None:
            upper, own = self.above, judged.above
            firings = upper.firings(own.reasons)
            above = upper.within(own, on, Ruling(ruling.verdict, ruling.door, firings), facts, terms, uncounted)
        stale = {id(f.rule): r.stale for f, r in zip(ruling.firings, judged.reasons, strict=True) if r.stale}
        u, room = uncounted, Room({}, *bounds)
        why = None if u is None else Uncounted(u.unknown, u.said, u.before, u.movers)
        return Told(on, ruling, known, None, room, judged.missing, stale, why, None, above)

    def firings(self, reasons: tuple[FiredRule, ...]) -> tuple[Firing, ...]:
        """Return the rules that fired."""
        return tuple(Firing(self.rule(fired), fired.standing, fired.by) for fired in reasons)

    def rule(self, fired: FiredRule) -> Rule:
        """Return the rule that evidence names.

        Raises:
            NotTold: Where there is none.
        """
        layer: Renderer | None = self
        for _ in range(fired.layer):
            layer = None if layer is None else layer.above
        found = [] if layer is None else layer.rules.get((fired.rule, fired.effect), [])
        if not 0 <= fired.place < len(found):
            raise NotTold(
                f"its policy, as this release reads it, has no rule `{fired.rule}` that gives `{fired.effect}`"
            )
        return found[fired.place]

    def place(self, rule: Rule) -> tuple[int, int]:
        """Return how many layers above a rule stands, and which of those of its id and effect it is."""
        layer, count = self, 0
        while True:
            for place, known in enumerate(layer.rules.get((rule.id, effect_of(rule)), ())):
                if known is rule:
                    return count, place
            assert layer.above is not None, "a rule that fires is one of the policy or of a layer above"
            layer, count = layer.above, count + 1

    def read_by(self, on: On, firings: Iterable[Firing]) -> set[str]:
        """Return the facts that the words on rules that fired rest on, beside terms and limits counted."""
        found: set[str] = set()
        for firing in firings:
            rule, decides = firing.rule, firing.standing is _DECIDES
            read = self.reads.get((on, decides, id(rule)))
            if read is None:
                read = self.explainer.read_by(rule)
                read = self.reads[on, decides, id(rule)] = read | self.adviser(on).read_by(rule) if decides else read
            found |= read
        return found

    def bounds(self, counted: Mapping[str, Number]) -> tuple[Bound, ...]:
        """Return limits that were counted, in the policy's order, the package behind its issues."""
        issues, found = self.policy.issues, []
        for issue in (*issues, PACKAGE):
            if issue in counted:
                better, unit = (
                    (1, self.policy.money) if issue == PACKAGE else (issues[issue].better, issues[issue].unit)
                )
                found.append(Bound(f"room.{issue}", issue, better, exact_of(counted[issue], unit)))
        return tuple(found)

    def unit(self, fact: str) -> Unit:
        """Return a fact's unit; a table's cell has no entry of its own, but its lookup knows it."""
        entry = self.policy.catalog.get(fact)
        if entry is not None:
            return entry.unit
        lookup = next(found for found in self.policy.lookups if found.name == fact)
        return self.policy.tables[lookup.table].columns[lookup.column]


def render(policy: Policy, evidence: Evidence) -> Decision:
    """Return the decision that evidence proves, in the words of its policy and of this release.

    Raises:
        NotTold: As `Renderer.render`, which is asked where there are many.
    """
    return Renderer(policy).render(evidence)


def effect_of(rule: Rule) -> str:
    """Return what a rule does, as evidence and reasons say it."""
    verdict = rule.effect.verdict
    return verdict.value if verdict is not None else f"concludes {rule.effect.concludes}"


_PROCEED, _UNSET = Verdict.PROCEED, msgspec.UNSET
_DECIDES = Standing.DECIDES
