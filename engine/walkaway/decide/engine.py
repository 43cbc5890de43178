# Over 400 lines: the whole corridor in one place, each face of it with its words.
"""The corridor: one event through the rooms, in order: heard, judged, folded, written."""

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from walkaway.deal.admission import check
from walkaway.deal.cover import party_of
from walkaway.deal.fold import everywhere, fold, opening
from walkaway.deal.ledger import several, weigh
from walkaway.deal.position import Earlier, Move, PartyRecord, Position
from walkaway.deal.repricing import priced
from walkaway.deal.said import as_ours, counted
from walkaway.deal.stated import at
from walkaway.deal.taken_back import expired
from walkaway.decide.again import History
from walkaway.decide.compiler import Program, compile_policy
from walkaway.decide.core.program import Facts
from walkaway.decide.core.rete import CoreFailed as CoreFailed
from walkaway.decide.cross_check import CrossCheck, Report, loaders_of
from walkaway.decide.cross_check import Incident as Incident
from walkaway.decide.decision import Decision, Reason
from walkaway.decide.evaluation import Evaluation
from walkaway.decide.judging import Judge
from walkaway.decide.layers import seen_by, together
from walkaway.decide.past import LOOKING_BACK, Past
from walkaway.decide.plans import Core as Core
from walkaway.decide.plans import Loader, Plans
from walkaway.decide.render import Renderer
from walkaway.decide.told import told_of
from walkaway.events import (
    NOW,
    OPEN,
    US,
    Accept,
    AnyEvent,
    Close,
    Kill,
    Offer,
    On,
    Open,
    Resume,
    Signal,
    Update,
    Verdict,
    is_theirs,
    on_of,
)
from walkaway.policy.currencies import needs_rate, reads_drift
from walkaway.policy.exchange import Quote, RateRows, Rates, brought, quoted
from walkaway.policy.model import Policy

if TYPE_CHECKING:
    from walkaway.decide.evidence import Evidence
    from walkaway.decide.gather import Gatherer
    from walkaway.decide.generated import Generated


class Engine:
    """A policy ready to decide. Not to be shared between threads.

    Attributes:
        own: The engine of the policy in its own currency, where this one is for deals in another.

    Args:
        core: `both` computes every decision twice; where `rete` cannot be had, `plain` runs alone and decisions say so.
        report: Is told of every incident, once.
        loaders: The cores; tests put others in their place.

    Raises:
        rete.CoreFailed: Where `rete` is asked for alone and cannot be had.
    """

    def __init__(
        self,
        policy: Policy,
        core: Core = Core.BOTH,
        report: Report = lambda _: None,
        loaders: Mapping[Core, Loader] | None = None,
    ) -> None:
        self.policy = policy
        self.program: Program = compile_policy(policy)
        self.above = None if policy.above is None else Engine(policy.above, core, report, loaders)
        self.plans = Plans(self.program, loaders_of(loaders or {}))
        self.cores = CrossCheck(policy, core, report, brought=loaders or {})
        self.has_own_cores = not loaders
        self.judge = Judge(policy, self.plans, self.cores)
        self.renderer = Renderer(policy)
        self.past = Past(policy, self.folded_again)
        self.others: dict[str, Engine] = {}
        self.own = self

    def like(self, policy: Policy) -> "Engine":
        """Return an engine for the policy as it stands in another currency, with the same cores; made once."""
        found = self.others.get(policy.key)
        if found is None:
            found = self.others[policy.key] = Engine(policy, self.cores.core, self.cores.report)
            found.own = self.own
        return found

    def evaluate(
        self,
        position: Position | None,
        event: AnyEvent,
        history: History | None = None,
        *,
        party: PartyRecord | None = None,
        earlier: Earlier | None = None,
        rates: Rates | None = None,
    ) -> Evaluation:
        """Judge one event in its deal, and keep nothing of it.

        Args:
            position: The deal before the event; none before it opened.
            history: Gives the deal's events so far; what is taken back or stated otherwise is folded again from them.
            party: What is known of the other side from its other deals.
            earlier: The deal that this one follows, where the event opens it; it counts if it was with the same party.
            rates: Where a rate is looked up; in the policy's own file, if left out.

        Raises:
            Unfit: Where the event cannot have happened in this deal.
        """
        policy = self.policy
        quote = quote_at(policy, event, policy.rates if rates is None else rates) if policy.home else None
        return self.whole(position, event, history, party, earlier, quote)

    def whole(
        self,
        position: Position | None,
        event: AnyEvent,
        history: History | None,
        party: PartyRecord | None,
        earlier: Earlier | None,
        quote: Quote | None,
    ) -> Evaluation:
        """Judge one event by this layer, and by those above; named as for `evaluate`.

        Args:
            quote: The rate that is published by then, where something looks at it.
        """
        found = self.alone(position, event, history, party, earlier, quote)
        if self.above is None:
            return found
        policy = self.above.policy
        upper = self.above.whole(
            None if position is None else position.above,
            seen_by(policy, event),
            None if history is None else lambda: [seen_by(policy, past) for past in history()],
            party,
            None if earlier is None else earlier.above,
            quote,
        )
        return together(found, upper)

    def alone(
        self,
        position: Position | None,
        event: AnyEvent,
        history: History | None,
        party: PartyRecord | None,
        earlier: Earlier | None,
        quote: Quote | None = None,
    ) -> Evaluation:
        """Judge one event by this layer and those above together, as one policy; named as for `whole`."""
        policy = self.policy
        if position is None:
            check(policy, None, event)
            if isinstance(event, Kill | Resume):
                return self.folded(everywhere(policy, event), event, True, opens=True)
            assert isinstance(event, Open)
            if earlier is not None and (earlier.party, earlier.currency) != (
                party_of(policy.people, event.party), event.currency,
            ):  # fmt: skip
                earlier = None
            begun = knowing(opening(policy, event, earlier, quote), event, party)
            return self.folded(begun, event, True, opens=True)
        before = position = priced(knowing(position, event, party), event, quote)
        if event.instant > position.last:
            if not event.sure and event.instant > position.last + policy.ahead:
                return self.held_back(position, event)
            position = lapsed(policy, position, event.instant)
        check(policy, position, event)
        if isinstance(event, Accept) and event.of not in ("", position.side(event.by.other).said_by):
            event = self.past.taking_replaced(position, event, history)
        found = self.folded(position, event, True)
        if position is not before:
            found = msgspec.structs.replace(found, before=before)
        return found if type(event) not in LOOKING_BACK else self.past.looked_back(found, history)

    def foresee(self, position: Position, offer: Offer) -> Evaluation:
        """Judge an offer of ours that is only thought of: as `evaluate`, but that the deal after it is not folded.

        Where it goes through one layer alone, `after` is the deal before it.

        Raises:
            Unfit: Where it cannot be made in this deal.
        """
        policy, ahead = self.policy, offer.instant > position.last
        too_far = ahead and not offer.sure and offer.instant > position.last + policy.ahead
        if self.above is not None or offer.by is not US or offer.packages or too_far:
            return self.evaluate(position, offer)
        now = lapsed(policy, position, offer.instant) if ahead else position
        check(policy, now, offer)
        move = weigh(policy, now, offer)
        assert move is not None, "an offer puts terms on the table"
        return self.judge.hear(now, offer, move.heard, ours=move).evaluation(position, position, False)

    def held_back(self, position: Position, event: AnyEvent) -> Evaluation:
        """Hold an event far ahead of its deal, by which nothing else is judged, and fold nothing of it."""
        check(self.policy, position, event)
        return self.judge.far_ahead(position, event).evaluation(position, position, False)

    def folded_again(self, deal: Position, position: Position | None, event: AnyEvent, may_clear: bool) -> Evaluation:
        """Judge and fold an event of the past of a deal, with what was known then; look no further back."""
        party = deal.others_then(event)
        if position is None:
            assert isinstance(event, Open)
            begun = knowing(opening(self.policy, event, deal.follows, deal.quote_then(event)), event, party)
            return self.folded(begun, event, may_clear, opens=True)
        position = priced(knowing(position, event, party), event, deal.quote_then(event))
        if event.instant > position.last + self.policy.ahead and not event.sure:
            return self.held_back(position, event)
        return self.folded(lapsed(self.policy, position, event.instant), event, may_clear)

    def folded(self, position: Position, event: AnyEvent, may_clear: bool, *, opens: bool = False) -> Evaluation:
        """Judge an event, and fold it.

        Args:
            may_clear: Whether terms that are let through are cleared by it.
        """
        policy = self.policy
        if isinstance(event, Offer) and event.packages:
            return self.several(position, event, may_clear)
        move = weigh(policy, position, event)
        if move is None:
            return self.heard(position, event, opens)
        if move.by is US:
            found = self.judge.hear(position, event, move.heard, ours=move)
            proceeds = may_clear and found.ruling.verdict is _PROCEED
            return found.evaluation(position, fold(policy, position, event, move, proceeds=proceeds), opens)
        return self.theirs(position, event, move, may_clear)

    def several(self, position: Position, event: Offer, may_clear: bool) -> Evaluation:
        """Judge an offer of several packages: each by itself, and the most severe answer is that of all."""
        policy = self.policy
        moves, whole = several(policy, position, event)
        heard = whole.heard
        if event.by is US:
            found = max(
                (self.judge.hear(position, event, heard, ours=move) for move in moves),
                key=lambda judged: judged.ruling.verdict.rank,
            )
            proceeds = may_clear and found.ruling.verdict is _PROCEED
            return found.evaluation(position, fold(policy, position, event, whole, proceeds=proceeds), False)
        after = counted(policy, position, event, whole)
        answers = [
            self.judge.with_taking(self.judge.hear(position, event, heard, theirs=move), after, event, move.terms)
            for move in moves
            if position.valuation is not None
        ] or [self.judge.hear(position, event, heard, theirs=whole)]
        found = max(answers, key=lambda judged: judged.ruling.verdict.rank)
        return found.evaluation(position, fold(policy, after, event, whole, left=found.ruling.door), False)

    def heard(self, position: Position, event: AnyEvent, opens: bool) -> Evaluation:
        """Judge an event without terms."""
        found = self.judge.hear(position, event, on_of(event))
        door = found.ruling.door if isinstance(event, Signal) or is_theirs(event) else None
        if isinstance(event, Close):
            found = self.judge.closing(position, event, found)
            if event.outcome == "walked":
                door = found.ruling.door or OPEN
        after = position if opens and isinstance(event, Open) else fold(self.policy, position, event, None, left=door)
        return found.evaluation(position, after, opens)

    def theirs(self, position: Position, event: AnyEvent, move: Move, may_clear: bool) -> Evaluation:
        """Judge an offer or an acceptance of theirs: what takes our word by what it makes of our terms."""
        policy = self.policy
        after = counted(policy, position, event, move)
        if move.heard is On.THEIR_ACCEPTANCE:
            ours = as_ours(policy, after, move)
            found = self.judge.hear(after, event, move.heard, ours, move, counted=True)
        else:
            ours = None
            found = self.judge.hear(position, event, move.heard, theirs=move)
        if not move.agrees and position.valuation is not None:
            found = self.judge.with_taking(found, after, event)
        proceeds = may_clear and found.ruling.verdict is _PROCEED
        after = fold(policy, after, event, ours or move, proceeds=proceeds, left=found.ruling.door)
        return found.evaluation(position, after, False)

    def record(self, evaluation: Evaluation, before: str = "") -> Decision:
        """Return the decision on record of an evaluation, without counteroffers.

        Args:
            before: The digest of the deal before the event, where the caller has it.
        """
        return self.renderer.record(evaluation, before or before_of(evaluation))

    def evidence(self, evaluation: Evaluation, before: str = "") -> "Evidence":
        """Return what proves the decision on an evaluation; `renderer.render` gives the same decision for it.

        Args:
            before: As for `record`.
        """
        return self.gatherer.evidence(evaluation, before or before_of(evaluation))

    def reasons(self, evaluation: Evaluation) -> tuple[Reason, ...]:
        """Return a reason for each fired rule, those of its own layer before those that fired above it alone."""
        return self.renderer.reasons(told_of(self.policy, evaluation))

    def decide(
        self,
        position: Position | None,
        event: AnyEvent,
        before: str = "",
        history: History | None = None,
        *,
        party: PartyRecord | None = None,
        earlier: Earlier | None = None,
        rates: Rates | None = None,
    ) -> tuple[Decision, Position]:
        """Decide one event and give the position after it: the record of its evaluation.

        Args:
            position, before, history, party, earlier, rates: As for `evaluate` and `record`.

        Raises:
            Unfit: Where the event cannot have happened in this deal.
        """
        evaluation = self.evaluate(position, event, history, party=party, earlier=earlier, rates=rates)
        before = before or ("" if position is None else position.digest())
        return self.record(evaluation, before), evaluation.after

    def told(
        self, position: Position | None, event: AnyEvent, before: str = "", *, party: PartyRecord | None = None
    ) -> Decision:
        """Return the decision on one event, and keep nothing of it; what `decide` gives, sooner where many are asked.

        Args:
            position, before, party: As for `evaluate` and `record`.

        Raises:
            Unfit: Where the event cannot have happened in this deal.
        """
        generated = self.generated
        found = generated.answer(position, event, before, party) if generated.applies else None
        if found is not None:
            return self.renderer.render(found[0])
        return self.record(self.evaluate(position, event, party=party), before)

    def answer(
        self,
        position: Position | None,
        event: AnyEvent,
        before: str = "",
        history: History | None = None,
        *,
        party: PartyRecord | None = None,
        earlier: Earlier | None = None,
        rates: Rates | None = None,
    ) -> "tuple[Evidence, Position]":
        """Return the evidence of one event, and the position after it; what `evaluate` and `evidence` give, sooner.

        Args:
            position, before, history, party, earlier: As for `evaluate` and `evidence`.

        Raises:
            Unfit: Where the event cannot have happened in this deal.
        """
        generated = self.generated
        found = generated.answer(position, event, before, party) if generated.applies else None
        if found is not None:
            return found
        evaluation = self.evaluate(position, event, history, party=party, earlier=earlier, rates=rates)
        return self.evidence(evaluation, before), evaluation.after

    def answered(self, position: Position, event: AnyEvent, before: str) -> "tuple[Evidence, Position] | None":
        """Return as `answer` in a deal whose party has no other; none where the rooms are to be asked.

        Args:
            before: The digest of the deal.

        Raises:
            Unfit: Where the event cannot have happened in this deal.
        """
        return self.generated.answer(position, event, before, None) if self.generated.applies else None

    @cached_property
    def generated(self) -> "Generated":
        """Return the functions for each kind of event, each written when it is first needed."""
        from walkaway.decide.generated import Generated  # whoever asks one question does without

        return Generated(self.policy, self.plans, self.cores, self.gatherer, applies=self.has_own_cores)

    @cached_property
    def gatherer(self) -> "Gatherer":
        """Return what gathers evidence, prepared when it is first asked."""
        from walkaway.decide.gather import Gatherer  # whoever asks about one offer goes without

        return Gatherer(self.renderer)

    def all_facts(self, evaluation: Evaluation) -> Facts:
        """Return every fact of the catalog as an event found it, conclusions included; none where one is unknown."""
        return self.judge.all_facts(evaluation)


def before_of(evaluation: Evaluation) -> str:
    """Return the digest of the deal before an event; empty where the event opens it."""
    return "" if evaluation.opens else evaluation.before.digest()


def knowing(position: Position, event: AnyEvent, party: PartyRecord | None) -> Position:
    """Return a deal at an event with what is known then of the other side; none where nothing new is.

    A door of its own is open again where it was opened for the party later than it was closed.
    """
    if party is None or party == position.others:
        return position
    position = msgspec.structs.replace(
        position, others=party, others_at={**position.others_at, event.id: (event.instant, party)}
    )
    if position.left_at is not None and party.reopened_at is not None and position.left_at < party.reopened_at:
        return msgspec.structs.replace(position, left=None, left_at=None, moved=False)
    return position


def quote_at(policy: Policy, event: AnyEvent, rates: Rates | None) -> Quote | None:
    """Return the rate of a deal's currency that is published by an event, where something looks at it then.

    Args:
        policy: As it stands in the deal's currency.
    """
    exchange, brings = policy.exchange, event.fx if isinstance(event, Open | Update) else None
    if exchange is None or not exchange.file or not needs_rate(policy):
        return None
    if brings is None and not isinstance(event, Open) and not reads_drift(policy):
        return None
    found = quoted(exchange, RateRows() if rates is None else rates, policy.home, policy.currency, event.instant)
    return found if brings is None or brings == NOW else brought(exchange, brings, found)


def lapsed(policy: Policy, position: Position, now: int) -> Position:
    """Return a position without the offers that bind no longer, and the alternatives that are no longer there."""
    if position.outcome:
        return position  # nothing binds any more, and nothing else is weighed
    if position.ours.until is not None or position.theirs.until is not None:
        position = expired(policy, position, now)
    return at(position, now) if position.alternatives else position


_PROCEED = Verdict.PROCEED
