"""Counteroffers: what would pass instead, each tried again by the engine before it is shown.

First what gives less, then the nearest to the offer asked about, measured by what it is worth to us; what changes only
issues that somebody has named comes before what brings up others. None takes back our own word, as it was last let
through, and none is beyond a walk value. Where nothing else passes it is said to stand by that word; and, where a move
of theirs would help, which one.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import islice
from operator import attrgetter, le

import msgspec

from walkaway.advice.counteroffers.choices import Choice
from walkaway.advice.counteroffers.contingent import contingent
from walkaway.advice.counteroffers.probe import Probe, held_at
from walkaway.advice.counteroffers.search import PASSES, Family, FoundOffer, PackageSearch
from walkaway.advice.counteroffers.selecting import selected
from walkaway.advice.counteroffers.steps import step_of
from walkaway.advice.counteroffers.telling import telling
from walkaway.advice.counteroffers.varying import OfferRules, outcome_of
from walkaway.deal.facts import got, lacking
from walkaway.deal.ledger import of_ours
from walkaway.deal.position import Position, bits_of
from walkaway.deal.unfit import Unfit
from walkaway.decide.decision import Counteroffer, Decision
from walkaway.decide.engine import Engine
from walkaway.decide.evaluation import Evaluation
from walkaway.events import CLOSED, LESSER, OPENING, US, Accept, AnyEvent, Heard, Offer, On, Open, Party, Terms, Verdict
from walkaway.language.values import Value, format_value, formatter
from walkaway.policy.model import THRESHOLDS, Policy

__all__ = ["ADVISED", "ASKED", "MOST", "Seeker", "asked_about", "ours"]

MOST = 5
"""Counteroffers shown at most."""

ADVISED = frozenset({Verdict.TRADE, Verdict.HOLD, Verdict.ESCALATE, Verdict.REFUSE})
"""The verdicts for which counteroffers are sought."""

ASKED: frozenset[Heard] = frozenset(
    {On.OUR_OFFER, On.OUR_ACCEPTANCE, On.THEIR_OFFER, On.THEIR_ACCEPTANCE, LESSER, OPENING}
)
"""The events that put terms before us which we could offer instead, or others."""


class Seeker:
    """Finds the counteroffers to what one engine has evaluated; the engine confirms each of them."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.policy = engine, engine.policy

    @cached_property
    def rules(self) -> OfferRules:
        """Return the rules about our offers, prepared when counteroffers are first sought."""
        return OfferRules(self.policy, self.engine.program)

    @cached_property
    def blind(self) -> OfferRules:
        """Return the rules as if we had no limits."""
        return OfferRules(self.policy, self.engine.program, blind=True)

    @cached_property
    def silent(self) -> frozenset[str]:
        """Return the rules of which the other side must hear nothing, not even that they fired."""
        engine: Engine | None = self.engine
        found = frozenset[str]()
        while engine is not None:
            found, engine = found | {rule.id for rule in telling(engine.policy)}, engine.above
        return found

    def record(self, evaluation: Evaluation, before: str = "") -> Decision:
        """Return the decision on record of an evaluation, with counteroffers.

        Args:
            before: The digest of the deal before the event, where the caller has it.
        """
        decision = self.engine.record(evaluation, before)
        found = self.counteroffers(evaluation)
        return msgspec.structs.replace(decision, counteroffers=found) if found else decision

    def counteroffers(self, evaluation: Evaluation) -> tuple[Counteroffer, ...]:
        """Return the counteroffers to an event that was not simply let through."""
        asked = self.asked(evaluation) if evaluation.ruling.verdict in ADVISED else None
        return self.find(asked) if asked is not None else ()

    def asked(self, evaluation: Evaluation) -> Evaluation | None:
        """Return the terms asked about as an offer of ours, evaluated; none where no offer of ours can pass.

        An offer of theirs is asked about as if we offered the same, once theirs is on the table.
        """
        about = asked_about(evaluation)
        if about is None or not _can_pass(self.policy, *about):
            return None
        position, offer = about
        return evaluation if offer is evaluation.event else self.tried(position, offer)

    def tried(self, position: Position, offer: Offer) -> Evaluation | None:
        """Ask the engine itself about an offer, whoever makes it; none where its terms cannot be weighed."""
        try:
            return self.engine.foresee(position, offer)
        except Unfit:
            return None

    def find(self, asked: Evaluation) -> tuple[Counteroffer, ...]:
        """Return the counteroffers to an offer of ours, asked about in a deal in which one can pass."""
        probe = self.probe(asked)
        search = PackageSearch(probe, outcome_of(asked.ruling, self.policy.roles), MOST)
        sought = [(found, probe) for found in (*ranked(search.find()), *search.takes())]
        if self.policy.selector:
            sought += selected(self, asked, probe)
        kept = (self.kept(at, found, probe) for found, at in sorted(sought, key=lambda s: _by_order(s[0])))
        shown = list(islice((c for c in kept if c is not None), MOST))
        if any(c.verdict is Verdict.PROCEED for c in shown):
            return tuple(shown)
        is_ours = probe.offered == probe.cleared and not probe.offer.other
        stands = None if is_ours else self.kept(probe, search.stand(), probe)
        helped = contingent(self.tried, probe, asked)
        if stands is not None:
            shown.insert(0, stands)
        if helped is not None:
            shown.append(self.shown(helped.then, _IF_THEY_COME, self.written(helped.moved)))
        return tuple(shown)

    def sayable(self, asked: Evaluation) -> tuple[Mapping[str, str], ...]:
        """Return counteroffers that may be named to the other side: issue → value as people write it.

        They are chosen as if we had no limits and rules no numbers of ours, and those that do not pass are left out:
        which ones there are tells no more than making the offers would.
        """
        probe = self.probe(asked, blind=True)
        search = PackageSearch(probe, probe.outcome(probe.offered), MOST)
        offers = [self.offer(probe, found) for found in [*ranked(search.find()), *search.takes()][:MOST]]
        if probe.position.ours.stands and probe.offered != probe.cleared:
            offers.append(self.offer(probe, search.stand()))
        passing = [o for o in offers if (e := self.tried(probe.position, o)) and e.ruling.verdict is Verdict.PROCEED]
        return tuple(self.written(o.terms) for o in passing)

    def probe(self, asked: Evaluation, *, blind: bool = False) -> Probe:
        """Return the deal in which packages are tried, beginning with an offer of ours that is asked about."""
        position, offer, policy = asked.before, asked.event, self.policy
        assert isinstance(offer, Offer)
        said, theirs = position.ours, position.theirs
        named = {i: v for i, v in theirs.standing.items() if theirs.stated & policy.bits[i]}
        facts = asked.facts  # of those that no terms change
        if asked.at is not position or asked.on is not On.OUR_OFFER:
            terms = {**said.standing, **offer.terms}
            move = of_ours(policy, position, terms, said.other, bits_of(policy, offer.terms), On.OUR_OFFER, False)
            if offer.other:
                move = msgspec.structs.replace(move, other=asked.ours.other if asked.ours is not None else said.other)
            facts, _ = self.engine.plans[On.OUR_OFFER, True].deriver.derive(position, offer, move)
        return Probe(self.blind if blind else self.rules, position, offer, facts, named, blind=blind)

    def stepped(self, position: Position, issue: str, value: Value, *, up: bool) -> Value | None:
        """Return the next value of an issue: a step up or down, or the next word; none past the last word."""
        about = self.policy.issues[issue]
        if about.values and isinstance(value, int):
            beyond = [v for v in about.values if (v > value if up else v < value)]
            return (beyond[0] if up else beyond[-1]) if beyond else None
        if about.unit.is_numeric and isinstance(value, int):
            known = held_at(position, position.ours.standing)
            limits = [known[f"{t}.{issue}"] for t in THRESHOLDS]
            met = (value, position.ours.standing[issue], position.theirs.standing[issue])
            step = step_of(about, position.start[issue], limits, met)
            return (value // step + 1) * step if up else (-(-value // step) - 1) * step
        words: tuple[Value, ...] = about.unit.choices or (0, 1)
        place = words.index(value) + (1 if up else -1)
        return words[place] if 0 <= place < len(words) else None

    def kept(self, probe: Probe, found: FoundOffer, asked: Probe) -> Counteroffer | None:
        """Return an offer found as it is shown; none where the engine itself does not say what was promised.

        Args:
            probe: In which it was found; *asked* that of the offer asked about, which is told what it changes of.
        """
        tried = self.tried(probe.position, self.offer(probe, found))
        if tried is None:
            return None
        if found.goal is PASSES:
            return self.shown(tried, reason(found, asked, ())) if tried.ruling.verdict is Verdict.PROCEED else None
        answer = outcome_of(tried.ruling, self.policy.roles)
        if not found.goal.met(answer):
            return None
        return self.shown(tried, reason(found, asked, [self.policy.roles[r] for r in answer.roles]))

    def offer(self, probe: Probe, found: FoundOffer) -> Offer:
        """Return the offer of ours that a package is: it names what it changes of our word and what was asked about.

        One that changes nothing that can be named names all of our word.
        """
        package, changed, named = found.package, found.changed, probe.offer.terms
        terms = {
            issue.name: package[place].value
            for place, issue in enumerate(probe.issues)
            if package[place] is not probe.said[place] or place in changed or issue.name in named
        }
        other = probe.offer.other
        if found.kind is Family.STAND:
            position = probe.position
            gone = dict.fromkeys(n for n in position.ours.other if n not in position.cleared_other)
            other = {**gone, **position.cleared_other}
        if not terms and not other:
            terms = {issue.name: choice.value for issue, choice in zip(probe.issues, package, strict=True)}
        return msgspec.structs.replace(probe.offer, terms=terms, other=other)

    def shown(self, tried: Evaluation, why: str, when: Mapping[str, str] | None = None) -> Counteroffer:
        """Return a counteroffer as people read it.

        Args:
            tried: Its evaluation.
            when: What they must come to first.
        """
        said, valuation = tried.ours, tried.at.valuation
        assert isinstance(tried.event, Offer)
        assert said is not None, "it is an offer of ours"
        assert valuation is not None, "an offer that is confirmed has a worth"
        money = self.policy.money
        give, get = valuation.exact(said.loss), got(self.policy, tried.at, said)
        way = 1 if give > get else 0  # what is not paid for is not shown as if it were, nor the other way round
        return Counteroffer(
            get=formatter(money, -way)(get),
            give=formatter(money, way)(give),
            terms=dict(sorted({**self.written(tried.event.terms), **tried.event.other}.items())),
            verdict=tried.ruling.verdict,
            when=msgspec.UNSET if when is None else when,
            why=why,
        )

    def written(self, terms: Terms) -> dict[str, str]:
        """Write terms as people do, in the order of their names."""
        return {name: format_value(value, self.policy.issues[name].unit) for name, value in sorted(terms.items())}


def asked_about(evaluation: Evaluation) -> tuple[Position, Offer] | None:
    """Return the deal in which we would make a counteroffer, and the terms asked about as an offer of ours."""
    event, before, after, move = evaluation.event, evaluation.before, evaluation.after, evaluation.move
    if evaluation.on not in ASKED or move is None:
        return None
    if isinstance(event, Offer) and event.by is US and not event.packages:
        return before, event
    if move.by is US:
        named = event.terms if isinstance(event, Open) else _other_than(before.ours.standing, move.terms)
        return before, ours(event, named, event.actor, _undeclared(before.ours.other, move.other))
    return after, ours(
        event, _other_than(after.ours.standing, move.terms), "", _undeclared(after.ours.other, move.other)
    )


def _can_pass(policy: Policy, position: Position, event: AnyEvent) -> bool:
    """Return whether an offer of ours can pass: worths are known, nothing is missing, and we have not left for good."""
    known = position.valuation is not None and not lacking(policy, position, event)
    return known and position.left is not CLOSED


def _other_than(said: Terms, terms: Terms) -> Terms:
    return {name: value for name, value in terms.items() if value != said.get(name)}


def _undeclared(said: Mapping[str, str], terms: Mapping[str, str]) -> Mapping[str, str | None]:
    """Return what makes terms that nobody declared of others, as an offer names them."""
    gone: dict[str, str | None] = dict.fromkeys(name for name in said if name not in terms)
    return gone | {name: value for name, value in terms.items() if value != said.get(name)}


def ours(event: AnyEvent, terms: Terms, actor: str = "", other: Mapping[str, str | None] = {}) -> Offer:
    """Return an offer of ours at the moment of *event*, in the role in which that is said."""
    role = event.role if isinstance(event, Open | Offer | Accept) else ""
    return Offer(
        id=event.id, deal=event.deal, at=event.at, instant=event.instant, actor=actor, by=Party.US, terms=terms,
        other=other, role=role,
    )  # fmt: skip


def ranked(found: Iterable[FoundOffer]) -> list[FoundOffer]:
    """Return what to show, in order.

    The nearest of each kind comes among the first `MOST`. What asks as much or more on every issue as something
    nearer that reaches the same is left out.
    """
    useful: list[tuple[FoundOffer, list[int]]] = []
    first: dict[Family, FoundOffer] = {}
    nearest = sorted(found, key=_by_rank)
    kinds = len({f.kind for f in nearest})
    for each in nearest:
        if len(useful) >= MOST and len(first) == kinds:
            break
        worths = [c.worth for c in each.package]
        if not any(other.goal is each.goal and all(map(le, lower, worths)) for other, lower in useful):
            useful.append((each, worths))
            first.setdefault(each.kind, each)
    leading = [*first.values()]
    chosen = (leading + [f for f, _ in useful if first[f.kind] is not f])[: max(MOST, len(leading))]
    return sorted(chosen, key=_by_order)


_by_rank, _by_order = attrgetter("rank"), attrgetter("order")


def reason(found: FoundOffer, probe: Probe, roles: Sequence[str]) -> str:
    """Say what a counteroffer changes."""
    if found.kind is Family.STAND:
        return "Stand by our word: it was let through."
    changes = [_change(probe, found.package[place], probe.offered[place]) for place in found.changed]
    text = f"{_WHAT[found.kind]}: {', '.join(changes)}"
    return f"{text}; needs only {' and '.join(roles)}." if found.kind is Family.APPROVAL else f"{text}."


def _change(probe: Probe, now: Choice, before: Choice) -> str:
    issue = probe.issues[now.issue]
    return f"{issue.name} {format_value(now.value, issue.unit)} instead of {format_value(before.value, issue.unit)}"


_IF_THEY_COME = "Only a move of theirs helps: if they come to that, you may go to this."
_WHAT = {
    Family.LESS: "Give less",
    Family.ASK: "Ask for more",
    Family.LESS_AND_ASK: "Give less and ask for more",
    Family.SWAP: "Give something else",
    Family.APPROVAL: "Fewer approvals",
    Family.SELECT: "Change",
    Family.TAKE: "Take what they offer",
}
