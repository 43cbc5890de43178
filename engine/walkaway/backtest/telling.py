"""Add up what events decided one by one come to. The meaning of every figure that a backtest tells stands here."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import timedelta
from fractions import Fraction

import msgspec

from walkaway.backtest.sums import (
    SHOWN,
    AnswerFlip,
    BacktestSums,
    ChangedEvent,
    Outcomes,
    PastAnswer,
    SideSums,
    is_move,
    order_of,
    quarter_of,
    severer,
)
from walkaway.deal.facts import got
from walkaway.decide.authority import is_liftable
from walkaway.decide.evaluation import Evaluation
from walkaway.decide.verdict import Firing, Standing
from walkaway.events import CLOSED, Close, On, Verdict
from walkaway.language.instants import EPOCH
from walkaway.policy.model import Policy


class EventAnswer(msgspec.Struct, frozen=True):
    """What one side says of an event: its answer, and which rules fired and decide.

    Attributes:
        alone: The rule without which the answer would be milder; empty where there is none.
        asked: Every role whose approval is asked for.
    """

    answer: PastAnswer
    fired: frozenset[str] = frozenset()
    decides: frozenset[str] = frozenset()
    alone: str = ""
    asked: frozenset[str] = frozenset()


def told_of(policy: Policy, found: Evaluation) -> EventAnswer:
    """Return what an evaluation says."""
    ruling = found.ruling
    deciding = [f for f in ruling.firings if f.standing is Standing.DECIDES]
    most = ruling.verdict
    top = [f for f in deciding if _verdict(f) == most]
    least = least_of(policy, found)
    names = {f.rule.id for f in top}
    asked = frozenset(f.rule.effect.to for f in top if most is Verdict.ESCALATE)
    if not top and found.accepting is not None and most is not Verdict.PROCEED:
        inner = [f for f in found.accepting.ruling.firings if f.standing is Standing.DECIDES]
        severest = max((_verdict(f).rank for f in inner), default=-1)
        top = [f for f in inner if _verdict(f).rank == severest]
    first = min(top, key=lambda f: order_of(f.rule), default=None)
    rule = "" if first is None or most is Verdict.PROCEED else first.rule.id
    role = "" if first is None or most is not Verdict.ESCALATE else first.rule.effect.to
    alone = rule if len(names) == 1 and most is not Verdict.PROCEED and least < most.rank else ""
    answer = PastAnswer(most, ruling.door is CLOSED, rule, role)
    decides = frozenset(names) if most is not Verdict.PROCEED else frozenset()
    return EventAnswer(
        answer, frozenset(f.rule.id for f in ruling.firings), decides, alone, (asked or frozenset({role})) - {""}
    )


def least_of(policy: Policy, found: Evaluation) -> int:
    """Return how severe an answer is at least, whatever its own rules say: by what accepting would be."""
    inner = found.accepting
    if inner is None:
        return 0
    verdict = inner.ruling.verdict
    if verdict is Verdict.PROCEED or isinstance(found.event, Close):
        return verdict.rank
    asks = all(is_liftable(policy, f.rule) for f in inner.ruling.deciding)
    return verdict.rank if verdict is Verdict.ESCALATE and asks else Verdict.TRADE.rank


def _verdict(firing: Firing) -> Verdict:
    return firing.rule.effect.verdict or Verdict.PROCEED


class DealAt(msgspec.Struct):
    """One deal while its events are added up.

    Attributes:
        fired: The rules that fired in it, by side; `roles` whose approval was asked for.
    """

    segment: str
    fired: tuple[set[str], set[str]] = msgspec.field(default_factory=lambda: (set(), set()))
    roles: tuple[set[str], set[str]] = msgspec.field(default_factory=lambda: (set(), set()))
    changed: bool = False
    last: Evaluation | None = None


class PastTeller:
    """Adds up events that were decided one by one.

    Args:
        policy: The new side's, whose amounts are told.
        segment: The deal fact by which deals are told apart.
    """

    def __init__(self, policy: Policy, segment: str, shown: int = SHOWN) -> None:
        self.policy, self.segment, self.shown = policy, segment, shown
        self.sums = BacktestSums()
        self.deals: dict[str, DealAt] = {}
        self.events: Counter[str] = Counter()

    def event(self, new: Evaluation, old: Evaluation | PastAnswer | None = None, of: Policy | None = None) -> None:
        """Add an event that every side has decided.

        Args:
            old: What the other side found, or what is on record; none where there is but one side.
            of: The other side's policy.
        """
        sums, event = self.sums, new.event
        told = told_of(self.policy, new)
        before = None
        if isinstance(old, Evaluation):
            before = told_of(of or self.policy, old)
        elif old is not None:
            asked = frozenset((old.role, *old.others)) - {""}
            before = EventAnswer(old, decides=frozenset({old.rule} - {""}), asked=asked)
        deal = self.deals.get(event.deal)
        if deal is None:
            named = new.before.facts.get(self.segment, "")
            if self.segment in self.policy.deal and named == "":
                named = self.policy.deal[self.segment].default or ""
            deal = self.deals[event.deal] = DealAt(str(named))
        words = (new.on,) if isinstance(new.on, On) else new.on
        moves = is_move(words)
        sums.events += 1
        self.events[event.deal] += 1
        if moves:
            sums.moves.update({word_of(words): 1})
        add(sums.new, told, moves)
        deal.last = new
        deal.fired[0].update(told.fired)
        deal.roles[0].update(told.asked)
        if before is None:
            return
        add(sums.old, before, moves)
        deal.fired[1].update(before.fired or before.decides)
        deal.roles[1].update(before.asked)
        was, now = before.answer.verdict is Verdict.ESCALATE, told.answer.verdict is Verdict.ESCALATE
        sums.added += now and not was
        sums.saved += was and not now
        if before.answer.severity != told.answer.severity:
            side = (of or self.policy, old) if isinstance(old, Evaluation) else None
            self.changed(new, before.answer, told.answer, deal, words, side)

    def unread(self) -> None:
        """Add a line that some side could not read, or that did not fit its deal."""
        self.sums.unread += 1

    def changed(
        self,
        new: Evaluation,
        old: PastAnswer,
        now: PastAnswer,
        deal: DealAt,
        words: Iterable[str],
        was: tuple[Policy, Evaluation] | None,
    ) -> None:
        """Add a flip, with what the terms give and get on the side that lets them through."""
        event = new.event
        side = severer(old, now)
        flip = AnswerFlip(
            old.word, now.word, side.rule, side.role, word_of(words), new.ours is not None, deal.segment,
            quarter_at(event.instant),
        )  # fmt: skip
        on_old = was is not None and old.verdict is Verdict.PROCEED
        give, get = amounts_of(*was) if was is not None and on_old else amounts_of(self.policy, new)
        self.sums.flip(flip).add(1, give, get)
        if len(self.sums.changed) < self.shown:
            self.sums.changed.append(ChangedEvent(event.deal, event.id, event.at, old.word, now.word, side.rule))
        deal.changed = True

    def finished(self) -> BacktestSums:
        """Return the sums, with what is told of whole deals."""
        sums = self.sums
        for deal in self.deals.values():
            assert deal.last is not None, "a deal has events"
            outcome = outcome_of(deal.last)
            sums.deals += 1
            sums.changed_deals += deal.changed
            sums.outcomes.add(outcome)
            for side, fired, roles in zip((sums.new, sums.old), deal.fired, deal.roles, strict=True):
                side.roles.update(dict.fromkeys(roles, 1))
                for rule in fired:
                    side.rule(rule).outcomes.add(outcome)
        self.deals = {}
        return sums


def add(side: SideSums, told: EventAnswer, moves: bool) -> None:
    """Add an answer to what one side has answered."""
    side.verdicts.update({told.answer.word: 1})
    side.needs += told.answer.verdict is Verdict.ESCALATE
    for rule in told.fired or told.decides:
        sums = side.rule(rule)
        sums.fires += 1
        sums.on_moves += moves
        sums.decides += rule in told.decides
        sums.alone += rule == told.alone
    names = sorted(told.fired)
    side.together.update({(a, b): 1 for place, a in enumerate(names) for b in names[place + 1 :]})


def word_of(words: Iterable[str]) -> str:
    """Return how an event is heard, as one word."""
    return " and ".join(words)


def amounts_of(policy: Policy, found: Evaluation) -> tuple[Fraction, Fraction]:
    """Return what terms of ours give and get, in minor units; nothing where there are none."""
    ours, valuation = found.ours, found.at.valuation
    if ours is None or valuation is None or ours.worth is None:
        return Fraction(0), Fraction(0)
    return Fraction(valuation.exact(ours.loss)), Fraction(got(policy, found.at, ours))


def outcome_of(found: Evaluation) -> Outcomes:
    """Return what a deal came to, by its last event: agreed where an agreement stands and it was not lost or left."""
    position = found.after
    agreement, valuation = position.agreement, position.valuation
    stands = agreement is not None and not agreement.ended
    if not (position.outcome == "won" or (stands and not position.outcome)):
        return Outcomes(deals=1)
    if agreement is None or valuation is None or valuation.base <= 0:
        return Outcomes(deals=1, agreed=1)
    worth = valuation.base + valuation.difference(position.start, agreement.terms)
    share = worth / valuation.base
    return Outcomes(1, 1, 1, share, share * share)


def quarter_at(instant: int) -> str:
    """Return the quarter of an instant, by UTC."""
    day = EPOCH + timedelta(microseconds=instant)
    return quarter_of(day.year, day.month)


def counted(teller: PastTeller, reason_of: Callable[[str], str]) -> BacktestSums:
    """Return a teller's sums, with the reason why each of its deals was decided one by one."""
    deals = {deal: (reason_of(deal), teller.events[deal]) for deal in teller.deals}
    sums = teller.finished()
    for reason, events in deals.values():
        sums.exact[reason] += 1
        sums.exact_events[reason] += events
    return sums
