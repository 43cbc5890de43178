"""Counteroffers: what would pass instead, cheapest first, each tried again by the engine before it is shown.

Cheap is what costs the other side least, measured by what it is worth to us: of all offers that pass, the one nearest
to the offer asked about. None is worth less to us than that offer, and none is beyond a walk value.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import islice
from operator import le

import msgspec

from walkaway.advice.counteroffers.choices import Choice
from walkaway.advice.counteroffers.probe import Probe
from walkaway.advice.counteroffers.search import Found, Kind, Search
from walkaway.advice.counteroffers.steps import step_of
from walkaway.advice.counteroffers.varying import REFUSED, OfferRules, Outcome, outcome_of, telling
from walkaway.deal.admission import Unfit
from walkaway.deal.position import Position
from walkaway.decide.decision import Counteroffer, Decision
from walkaway.decide.engine import Engine
from walkaway.decide.evaluation import Evaluation
from walkaway.events import CLOSED, US, AnyEvent, Offer, On, Party, Terms, Verdict
from walkaway.language.values import Value, format_value
from walkaway.policy.model import THRESHOLDS

__all__ = ["ADVISED", "ASKED", "MOST", "Seeker", "asked_about", "ours"]

MOST = 5
"""Counteroffers shown at most."""

ADVISED = frozenset({Verdict.TRADE, Verdict.HOLD, Verdict.ESCALATE, Verdict.REFUSE})
"""The verdicts for which counteroffers are sought."""

ASKED = frozenset({On.OUR_OFFER, On.OUR_ACCEPTANCE, On.THEIR_OFFER})
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
        return frozenset(rule.id for rule in telling(self.policy))

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
        if about is None or not _can_pass(about[0]):
            return None
        position, offer = about
        return evaluation if offer is evaluation.event else self.tried(position, offer)

    def tried(self, position: Position, offer: Offer) -> Evaluation | None:
        """Ask the engine itself about an offer of ours; none where its terms cannot be weighed."""
        try:
            return self.engine.evaluate(position, offer)
        except Unfit:
            return None

    def find(self, asked: Evaluation) -> tuple[Counteroffer, ...]:
        """Return the counteroffers to an offer of ours, asked about in a deal in which one can pass."""
        probe = self.probe(asked, _terms(asked))
        kept = (self.kept(probe, found) for found in ranked(Search(probe, MOST).find()))
        return tuple(islice((c for c in kept if c is not None), MOST))

    def sayable(self, asked: Evaluation) -> tuple[Mapping[str, str], ...]:
        """Return counteroffers that may be named to the other side: issue → value as people write it.

        They are chosen as if we had no limits, and those that do not pass are left out: which ones there are tells
        no more of a limit than making the offers would.
        """
        probe = self.probe(asked, _terms(asked), blind=True)
        offers = [self.offer(probe, found) for found in ranked(Search(probe, MOST).find())[:MOST]]
        return tuple(self.written(o.terms) for o in offers if self.answer(probe, o).verdict is Verdict.PROCEED)

    def probe(self, asked: Evaluation, terms: Terms, *, blind: bool = False) -> Probe:
        """Return the deal in which packages are tried, beginning with *terms* over our standing ones."""
        theirs = asked.before.theirs
        named = {i: v for i, v in theirs.standing.items() if theirs.stated & self.policy.bits[i]}
        return Probe(self.blind if blind else self.rules, asked, terms, named, blind=blind)

    def stepped(self, position: Position, issue: str, value: Value, *, up: bool) -> Value | None:
        """Return the next value of an issue: a step up or down, or the next word; none past the last word."""
        about = self.policy.issues[issue]
        if about.unit.is_numeric and isinstance(value, int):
            limits = [position.known[f"{t}.{issue}"] for t in THRESHOLDS]
            met = (value, position.ours.standing[issue], position.theirs.standing[issue])
            step = step_of(about, position.start[issue], limits, met)
            return (value // step + 1) * step if up else (-(-value // step) - 1) * step
        words: tuple[Value, ...] = about.unit.choices or (0, 1)
        place = words.index(value) + (1 if up else -1)
        return words[place] if 0 <= place < len(words) else None

    def kept(self, probe: Probe, found: Found) -> Counteroffer | None:
        """Return an offer found as it is shown; none where the engine itself does not say what was promised."""
        offer = self.offer(probe, found)
        answer = self.answer(probe, offer)
        if not found.goal.met(answer):
            return None
        return self.shown(probe, offer, answer, reason(found, probe, [self.policy.roles[r] for r in answer.roles]))

    def offer(self, probe: Probe, found: Found) -> Offer:
        """Return the offer of ours that a package is: it names what changes, and what the offer asked about names."""
        terms = {
            issue.name: choice.value
            for issue, choice, standing in zip(probe.issues, found.package, probe.standing, strict=True)
            if choice is not standing or choice.issue in found.changed or issue.name in probe.offer.terms
        }
        return msgspec.structs.replace(probe.offer, terms=terms)

    def answer(self, probe: Probe, offer: Offer) -> Outcome:
        """Ask the engine itself; terms that it cannot weigh are refused."""
        found = self.tried(probe.position, offer)
        return REFUSED if found is None else outcome_of(found.ruling, self.policy.roles)

    def shown(self, probe: Probe, offer: Offer, answer: Outcome, why: str) -> Counteroffer:
        """Return a counteroffer as people read it."""
        named = [(place, offer.terms.get(issue.name)) for place, issue in enumerate(probe.issues)]
        choices = [probe.choice(place, value) for place, value in named if value is not None]
        money, rounded = self.policy.money, probe.valuation.rounded
        return Counteroffer(
            get=format_value(rounded(sum([c.gain for c in choices]) + probe.ahead), money),
            give=format_value(rounded(sum([c.loss for c in choices])), money),
            terms=self.written(offer.terms),
            verdict=answer.verdict,
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
    if isinstance(event, Offer) and event.by is US:
        return before, event
    if move.by is US:
        return before, ours(event, _other_than(before.ours.standing, move.terms), event.actor)
    return after, ours(event, _other_than(after.ours.standing, move.terms))


def _can_pass(position: Position) -> bool:
    """Return whether an offer of ours can pass: worths are known, nothing is missing, and we have not left for good."""
    return position.valuation is not None and not position.missing and position.left is not CLOSED


def _terms(asked: Evaluation) -> Terms:
    assert isinstance(asked.event, Offer)
    return asked.event.terms


def _other_than(standing: Terms, terms: Terms) -> Terms:
    return {name: value for name, value in terms.items() if value != standing.get(name)}


def ours(event: AnyEvent, terms: Terms, actor: str = "") -> Offer:
    """Return an offer of ours at the moment of *event*."""
    return Offer(
        id=event.id, deal=event.deal, at=event.at, instant=event.instant, actor=actor, by=Party.US, terms=terms
    )


def ranked(found: Iterable[Found]) -> list[Found]:
    """Return what to show, in order: the cheapest first, those that pass before those that need an approval.

    The cheapest of each kind comes among the first `MOST`. What asks as much or more on every issue as something
    cheaper that reaches the same is left out.
    """
    useful: list[tuple[Found, list[int]]] = []
    for each in sorted(found, key=lambda f: f.rank):
        worths = [c.worth for c in each.package]
        if not any(other.goal is each.goal and all(map(le, lower, worths)) for other, lower in useful):
            useful.append((each, worths))
    first = {f.kind: f for f, _ in reversed(useful)}
    leading = [*first.values()]
    chosen = (leading + [f for f, _ in useful if first[f.kind] is not f])[: max(MOST, len(leading))]
    return sorted(chosen, key=lambda f: (f.kind is Kind.APPROVAL, f.rank))


def reason(found: Found, probe: Probe, roles: Sequence[str]) -> str:
    """Say what a counteroffer changes."""
    changes = [_change(probe, found.package[place], probe.offered[place]) for place in found.changed]
    text = f"{_WHAT[found.kind]}: {', '.join(changes)}"
    return f"{text}; needs only {' and '.join(roles)}." if found.kind is Kind.APPROVAL else f"{text}."


def _change(probe: Probe, now: Choice, before: Choice) -> str:
    issue = probe.issues[now.issue]
    return f"{issue.name} {format_value(now.value, issue.unit)} instead of {format_value(before.value, issue.unit)}"


_WHAT = {
    Kind.LESS: "Give less",
    Kind.ASK: "Ask for more",
    Kind.LESS_AND_ASK: "Give less and ask for more",
    Kind.SWAP: "Give something else",
    Kind.APPROVAL: "Fewer approvals",
}
