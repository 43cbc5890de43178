"""What an event changes of its deal's past: what is taken back, stated otherwise or voided is folded again.

Everything else of a deal is known from its position; here alone its past is looked at. What is folded again clears
nothing that was not let through the first time, so that no answer becomes milder by it.

Source:
    docs/calculus.md, more that can happen.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial

import msgspec

from walkaway.deal.admission import acceptable
from walkaway.deal.cover import has_expired, is_allowed, name_of
from walkaway.deal.facts import Deriver
from walkaway.deal.fold import still_left
from walkaway.deal.position import Pending, Position, Side
from walkaway.deal.stated import at
from walkaway.deal.taken_back import expired
from walkaway.deal.unfit import Unfit
from walkaway.decide.again import Fold, History, Twice, again, left
from walkaway.decide.authority import rests_on
from walkaway.decide.evaluation import Evaluation
from walkaway.decide.verdict import combine, kept_closed
from walkaway.events import (
    OUR_TERMS,
    US,
    Accept,
    AnyEvent,
    Approve,
    Offer,
    Open,
    Party,
    Reopen,
    Revoke,
    Signal,
    Tick,
    Update,
    Verdict,
    Void,
)
from walkaway.language.codes import Code
from walkaway.language.expr.tree import facts_of
from walkaway.language.values import Value, shorten
from walkaway.policy.model import Policy

LOOKING_BACK = frozenset({Revoke, Update, Void, Approve, Reopen})
"""The types of event that may change what their deal's earlier events come to."""


class Past:
    """Looks back on the deals of one policy.

    Args:
        fold: Judges and folds one event of a deal's past, given the deal as it stands.
    """

    def __init__(self, policy: Policy, fold: Callable[[Position, Position | None, AnyEvent, bool], Evaluation]) -> None:
        self.policy, self.fold = policy, fold

    def folding(self, deal: Position) -> "Folding":
        """Begin to fold the events of a deal again, with what was known of the other side at each."""
        return Folding(self.policy, partial(self.fold, deal))

    def taking_replaced(self, position: Position, event: Accept, history: History | None) -> AnyEvent:
        """Return the acceptance of an offer that its maker has replaced as what it is: an offer of those terms.

        Raises:
            Unfit: WA606, where there was no such offer, or no such package or issue in it.
        """
        folding = self.folding(position)
        now: Position | None = None
        for past in left(known(history)(), position):
            now = folding(now, past, True).after
        return folding.taking(position, event)

    def looked_back(self, found: Evaluation, history: History | None) -> Evaluation:
        """Fold the deal again where the event takes back, or states otherwise, what its answers rested on."""
        event, before = found.event, found.before
        match event:
            case Revoke():
                gone = [a.id for a in before.approvals if a not in found.after.approvals]
                return self.cleared_again(found, known(history), gone, movers=True)
            case Update() if self.rested_on(before, event):
                return self.cleared_again(found, known(history), facts=found.after.facts)
            case Void(of=of):
                return self.voided(found, known(history), of)
            case Approve(of=of) if of:
                waits = next((p for p in before.pending if p.event == of), None)
                if waits is None or not is_allowed(self.policy, found.after, of, waits.actor, found.event.instant):
                    return found
                if waits.void:
                    return self.without(found, known(history), waits.void)
                return self.door_opened(found, waits) if waits.reopens else found
            case Reopen():
                return self.reopening(found)
            case _:
                return found

    def rested_on(self, position: Position, event: Update) -> bool:
        """Return whether a fact changes that a rule on our terms reads, after some were let through."""
        if position.valuation is None or not (position.ours.offers or position.agreement):
            return False
        changed = {f"deal.{n}" for n, v in event.facts.items() if position.known.get(f"deal.{n}") != v}
        return bool(changed) and any(
            not changed.isdisjoint(rests_on(self.policy, rule)) for rule in self.policy.rules if OUR_TERMS & rule.on
        )

    def cleared_again(
        self,
        found: Evaluation,
        history: History,
        revoked: Collection[str] = (),
        facts: Mapping[str, Value] | None = None,
        *,
        movers: bool = False,
    ) -> Evaluation:
        """Take over what is cleared, and whether what is agreed was let through; every count stays."""
        now: Position | None = None
        events = left(history(), found.before)
        for twice in again(partial(self.folding, found.before), events, revoked=revoked, facts=facts):
            now = twice.now.after if twice.now is not None else now
        after = found.after
        if now is None or now.valuation is None:
            return found
        agreement, fresh = after.agreement, now.agreement
        if agreement is not None:
            cleared = agreement.cleared and fresh is not None and fresh.cleared and fresh.terms == agreement.terms
            agreement = msgspec.structs.replace(agreement, cleared=cleared)
        after = msgspec.structs.replace(
            after, cleared=now.cleared, cleared_other=now.cleared_other, run=now.run, agreement=agreement,
            ours=msgspec.structs.replace(after.ours, net=now.ours.net), movers=now.movers if movers else after.movers,
        )  # fmt: skip
        return msgspec.structs.replace(found, after=after)

    def voided(self, found: Evaluation, history: History, of: str) -> Evaluation:
        """Fold a slip out at once where that buys nothing; else it stays until the highest role has approved.

        Raises:
            Unfit: WA606, of what cannot be voided.
        """
        events = [e for e in history() if e.id not in found.before.dropped]
        slip = next((e for e in events if e.id == of), None)
        named = [e for e in events if getattr(e, "of", "") == of]
        if slip is None or isinstance(slip, Open) or named:
            why = "names no event of this deal" if slip is None else "begins the deal" if not named else "is named by"
            what = f"event `{shorten(of)}` {why}{f' event `{shorten(named[0].id)}`' if named else ''}"
            raise Unfit(Code.NOTHING_TO_ACCEPT, what, "void what names it first" if named else "", '"of"')
        if is_allowed(self.policy, found.before, found.event.id, found.event.actor, found.event.instant):
            return self.without(found, history, of)
        ours = isinstance(slip, Offer | Accept) and slip.by is US
        if not ours and not isinstance(slip, Signal):
            past = left(history(), found.before)
            folds = tuple(again(partial(self.folding, found.before), past, (of,), freely=True))
            if _buys_nothing(self.policy, folds, of, found):
                return self.without(found, history, of)
        waits = Pending(found.event.id, name_of(self.policy.people, found.event.actor), void=of)
        after = msgspec.structs.replace(found.after, pending=(*found.after.pending, waits))
        return self.asking(found, after, "voiding")

    def without(self, found: Evaluation, history: History, of: str) -> Evaluation:
        """Go on as if an event had not happened; a void that is left out lets happen what it had left out."""
        slip = next((e for e in history() if e.id == of), None)
        dropped = tuple(d for d in found.after.dropped if not (isinstance(slip, Void) and d == slip.of))
        folding = self.folding(found.before)
        now: Position | None = None
        for event in left(history(), msgspec.structs.replace(found.before, dropped=dropped)):
            if event.id != of:
                now = folding(now, event, True).after
        assert now is not None, "the opening is never left out"
        now = at(expired(self.policy, now, found.event.instant), found.event.instant)
        after, kept = found.after, tuple(a for a in now.approvals if a.id not in dropped)
        if after.moved_at is not None:
            now = still_left(now, after)
        return msgspec.structs.replace(
            found,
            after=msgspec.structs.replace(
                now, last=after.last, dropped=(*dropped, of), others=after.others, others_at=after.others_at,
                reopened_at=after.reopened_at, probes=after.probes, asks=after.asks,
                round_asks=after.round_asks, unsent=after.unsent,
                pending=tuple(p for p in after.pending if p.void != of),
                approvals=after.approvals if isinstance(found.event, Approve) else kept,
            ),
        )  # fmt: skip

    def reopening(self, found: Evaluation) -> Evaluation:
        """Open a closed door where the highest role has approved, or let it wait for that."""
        policy, event = self.policy, found.event
        waits = Pending(event.id, name_of(policy.people, event.actor), reopens=True)
        if is_allowed(policy, found.before, event.id, event.actor, event.instant):
            return self.door_opened(found, waits)
        after = msgspec.structs.replace(found.after, pending=(*found.after.pending, waits))
        return self.asking(found, after, "reopening")

    def door_opened(self, found: Evaluation, waits: Pending) -> Evaluation:
        """Open the door of this deal; whoever keeps the party's record opens its other deals."""
        after = found.after
        others = msgspec.structs.replace(after.others, left_closed=False, reopened_at=found.event.instant)
        after = msgspec.structs.replace(
            after, left=None, left_at=None, moved=False, others=others, reopened_at=found.event.instant,
            pending=tuple(p for p in after.pending if p.event != waits.event),
        )  # fmt: skip
        return msgspec.structs.replace(found, after=after)

    def asking(self, found: Evaluation, after: Position, rule_id: str) -> Evaluation:
        """Let a built-in rule fire that asks the highest role."""
        rule = next(r for r in self.policy.rules if r.id == rule_id and r.built_in)
        ruling = combine([*(f.rule for f in found.ruling.firings), rule], found.covering, self.policy)
        return msgspec.structs.replace(found, ruling=kept_closed(ruling, found.at.left), after=after)


class Folding:
    """Folds a deal's events again, all in their order. An acceptance takes what it took, or nothing where that is gone.

    Attributes:
        offers: The offers folded so far, by their event's id: whose, and what that side had said by then.
    """

    def __init__(self, policy: Policy, fold: Fold) -> None:
        self.policy, self.fold = policy, fold
        self.offers: dict[str, tuple[Party, Side]] = {}

    def __call__(self, position: Position | None, event: AnyEvent, may_clear: bool) -> Evaluation:
        """Judge and fold the next event."""
        if position is not None and isinstance(event, Accept):
            try:
                event = self.taking(expired(self.policy, position, event.instant), event)
            except Unfit:
                event = Tick(id=event.id, deal=event.deal, at=event.at, instant=event.instant, actor=event.actor)
        found = self.fold(position, event, may_clear)
        for party in Party:
            if (side := found.after.side(party)).said_by == event.id:
                self.offers[event.id] = party, side
        return found

    def taking(self, position: Position, event: Accept) -> AnyEvent:
        """Return an acceptance as what it is: of an offer that its maker has replaced, an offer of those terms.

        Raises:
            Unfit: WA606, where there was no such offer, or no such package or issue in it.
        """
        standing = position.side(event.by.other)
        if event.of in ("", standing.said_by):
            acceptable(standing, event)
            return event
        by, side = self.offers.get(event.of, (event.by, standing))
        if by is event.by:
            what = f"event `{shorten(event.of)}` is no offer of the other side"
            raise Unfit(Code.NOTHING_TO_ACCEPT, what, near='"of"')
        acceptable(side, event)
        terms = side.chosen(event.package)
        return Offer(
            id=event.id, deal=event.deal, at=event.at, instant=event.instant, actor=event.actor, by=event.by,
            role=event.role, terms={i: terms[i] for i in event.issues or terms},
            other={} if event.issues else side.other,
        )  # fmt: skip


def known(history: History | None) -> History:
    """Return a deal's history; nothing is answered without it that rests on it."""
    assert history is not None, "what is taken back or stated otherwise is folded again from the deal's events"
    return history


_LEDGER = ("theirs.net", "ours.net", "balance")


def left_alone(policy: Policy) -> tuple[frozenset[str], frozenset[str]]:
    """Return the facts that a void at once must leave as they are: those that rules read which may decide, or conclude;
    and what of the deal's own statements these rest on.
    """
    rules = [rule for rule in policy.rules if rule.decides or rule.effect.concludes]
    read = {fact for rule in rules for fact in facts_of(rule.condition)} - set(_LEDGER)
    return frozenset(read), frozenset(fact for rule in rules for fact in rests_on(policy, rule))


def _buys_nothing(policy: Policy, folds: Sequence[Twice], of: str, found: Evaluation) -> bool:
    """Return whether a deal without a slip is no better for us: no answer milder, no limit or figure moved.

    Answers are compared with those of the deal folded alike; all else with the deal as it stands, which has what a fold
    of what is left loses: an approval that was replaced by one revoked since, and what that one's terms have counted.

    Args:
        found: The void. What is known of the other side is known with the slip and without it.
    """
    at, others = found.event.instant, found.before.others
    first = next(twice for twice in folds if twice.was.event.id == of)
    later = folds[folds.index(first) + 1 :]
    if first.was.ruling.verdict is Verdict.WALK:
        return False
    if any(t.now is not None and t.now.ruling.verdict < t.was.ruling.verdict for t in later):
        return False
    was = found.before
    now = next((t.now.after for t in reversed(folds) if t.now is not None), None)
    assert now is not None, "the opening is never left out"
    was, now = (msgspec.structs.replace(expired(policy, p, at), others=others) for p in (was, now))
    given, kept = ({a.id for a in p.approvals if not has_expired(a, at)} for p in (was, now))
    if now.theirs.net > was.theirs.net or not kept <= given:
        return False
    if now.agreement is not None and (was.agreement is None or now.agreement.terms != was.agreement.terms):
        return False
    read, rested = left_alone(policy)
    if any(now.known.get(fact) != was.known.get(fact) for fact in rested):
        return False
    deriver = Deriver(policy, read)
    tick = Tick(id="", deal=was.deal, at="", instant=at)
    one, other = (deriver.derive(position, tick)[0] for position in (was, now))
    return all(one.get(fact) == other.get(fact) for fact in read)
