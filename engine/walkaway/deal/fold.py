"""Fold an event into all that is remembered of its deal.

Every count is kept up to date in constant time, and every worth is computed from the terms that are remembered. Knows
no rules: all it takes from an answer is whether terms of ours were let through, and that we walked.

Source:
    docs/calculus.md, said and cleared.
"""

from collections.abc import Mapping

import msgspec

from walkaway.deal.cover import is_allowed, name_of, party_of, revoked_by
from walkaway.deal.ledger import several, their_net, weigh
from walkaway.deal.owed import delivering, promised
from walkaway.deal.position import (
    Earlier,
    Move,
    Position,
    Side,
    Stated,
    approval_of,
)
from walkaway.deal.probes import gone_on, probed
from walkaway.deal.repricing import reweighed
from walkaway.deal.said import agreed, as_ours, counted, rejected, said, waiting
from walkaway.deal.stated import best, held, loosened, news_of, opened_with, refixed, with_alternatives
from walkaway.deal.taken_back import withdrawn
from walkaway.deal.unfit import Unfit
from walkaway.deal.valuation import Opened
from walkaway.events import (
    CLOSED,
    EVERY_DEAL,
    THEM,
    US,
    AgentProbe,
    AnyEvent,
    Approve,
    Close,
    Decline,
    Door,
    Kill,
    Limits,
    Offer,
    Open,
    Reject,
    Request,
    Resume,
    Revoke,
    Signal,
    Update,
    Withdraw,
)
from walkaway.language.codes import Code
from walkaway.language.empty import EMPTY
from walkaway.language.values import Value
from walkaway.policy.dated import is_in_force
from walkaway.policy.exchange import Quote
from walkaway.policy.model import Policy


def opening(policy: Policy, event: Open, earlier: Earlier | None = None, quote: Quote | None = None) -> Position:
    """Return the position of a deal that opens, before anybody has said anything: `open.terms` are our first offer.

    Args:
        earlier: The deal that it follows.
        quote: The rate that is pinned, where the deal is in another currency than the policy's and needs one.

    Raises:
        Unfit: WA504, WA607, WA609, WA611.
    """
    day = policy.day_of(event.instant if event.moved_at is None else event.moved_at)
    if not is_in_force(policy, day):
        comes = "opens" if event.moved_at is None else "moves to it"
        raise Unfit(
            Code.NOT_IN_FORCE,
            f"policy `{policy.name}` is not in force on {policy.day_text(day)}, on which this deal {comes}",
            "see `effective:` in the policy",
            '"at"',
        )
    alternatives = with_alternatives({}, event.alternatives, event.batna)
    opened = opened_with(policy, event.facts, event.limits, best(alternatives, event.instant), day, quote)
    stated = dict.fromkeys(sorted(event.facts), Stated(event.instant, event.actor))
    found = _position(policy, event.deal, event.instant, event.facts, event.limits, opened)
    found = msgspec.structs.replace(
        found, alternatives=alternatives or EMPTY, stated=stated, moved_at=event.moved_at,
        party=party_of(policy.people, event.party), currency=event.currency, pinned=quote, latest=quote,
        quotes=EMPTY if quote is None else {event.id: (event.instant, quote)},
    )  # fmt: skip
    if earlier is not None:
        found = _following(policy, found, earlier)
    return refixed(found)


def everywhere(policy: Policy, event: Kill | Resume) -> Position:
    """Return the position of what stands for every deal, before its first event: nothing is known of it."""
    opened = opened_with(policy, {}, {}, None, policy.day_of(event.instant))
    return refixed(_position(policy, EVERY_DEAL, event.instant, {}, {}, opened))


def _following(policy: Policy, position: Position, earlier: Earlier) -> Position:
    """Go on where the deal before was: its last terms are known; where it was not over, their word counts on."""
    last = earlier.terms
    found = msgspec.structs.replace(position, follows=earlier, earlier={i: last[i] for i in policy.issues if i in last})
    if earlier.theirs is None or position.valuation is None:
        return found
    base = {i: v for i, v in earlier.base.items() if i in policy.issues}
    found = msgspec.structs.replace(found, base=base, theirs=earlier.theirs)
    return msgspec.structs.replace(found, theirs=msgspec.structs.replace(found.theirs, net=their_net(policy, found)))


def still_left(position: Position, before: Position) -> Position:
    """Return a deal as another version of its policy folds it, left by the door by which it was left before."""
    above = position.above
    if above is not None:
        above = still_left(above, before.above or before)
    if before.left is not None and (position.left is None or before.left is CLOSED):
        position = msgspec.structs.replace(position, left=before.left, left_at=before.left_at, moved=before.moved)
    return msgspec.structs.replace(position, above=above)


def repinned(event: AnyEvent, at: int | None) -> AnyEvent:
    """Return *event* as the policy version to which an update moved its deal must fold it.

    A deal opens with the limits of the day of the move, and no earlier update moves it elsewhere.

    Args:
        at: The update's instant; none where no update moved the deal.
    """
    if at is None:
        return event
    match event:
        case Open():
            return msgspec.structs.replace(event, moved_at=at)
        case Update() if event.policy:
            return msgspec.structs.replace(event, policy="")
        case _:
            return event


def _position(
    policy: Policy,
    deal: str,
    instant: int,
    facts: Mapping[str, Value],
    limits: Mapping[str, Limits],
    opened: Opened,
) -> Position:
    start = opened.start or EMPTY
    nothing_said = Side(standing=start)
    return Position(
        deal=deal,
        opened=instant,
        last=instant,
        known=opened.known,
        facts=facts,
        limits=limits,
        start=start,
        missing=opened.missing,
        valuation=opened.valuation,
        ours=nothing_said,
        theirs=nothing_said,
        cleared=start,
        run=start,
        signals=policy.once(_no_signals),
        occurrences={p.name: EMPTY for p in policy.patterns} or EMPTY,
        joined={p.name: "" for p in policy.patterns} or EMPTY,
        matches={p.name: 0 for p in policy.patterns} or EMPTY,
    )


def _no_signals(policy: Policy) -> Mapping[str, int]:
    """Return how often each signal was sent in a deal that opens; all deals of a policy begin with the same."""
    return dict.fromkeys(policy.signals, 0)


def fold(
    policy: Policy,
    position: Position,
    event: AnyEvent,
    move: Move | None,
    *,
    proceeds: bool = True,
    left: Door | None = None,
) -> Position:
    """Return the position after *event*.

    Args:
        position: The deal before it; for an offer or an acceptance of theirs, once it has been counted (`counted`).
        move: What `weigh` said of the event; of their acceptance, what it makes of our terms.
        proceeds: Whether the answer was to proceed.
        left: The door, where a walk was decided that is to be remembered.
    """
    after = _folded(policy, position, event, move, proceeds)
    if position.probes:
        after = gone_on(after, event)
    if left is not None and position.left is not CLOSED:
        stays = position.left is not None and not after.moved
        after = msgspec.structs.replace(
            after, left=left, moved=False, left_at=position.left_at if stays else event.instant
        )
    return after


def _folded(policy: Policy, position: Position, event: AnyEvent, move: Move | None, proceeds: bool) -> Position:
    replace = msgspec.structs.replace
    now = event.instant
    if move is not None:
        if move.by is US:
            return said(policy, position, event, move, proceeds)
        return agreed(policy, position, event, move, proceeds) if move.agrees else position
    match event:
        case Reject(by=by):
            return rejected(position, event, by)
        case Signal(kind=kind, confirmed=True):
            return replace(position, last=now, signals={**position.signals, kind: position.signals[kind] + 1})
        case AgentProbe():
            return probed(position, event)
        case Request() | Decline():
            return replace(position, last=now, probes=position.probes + 1)
        case Kill() | Resume():
            return replace(position, last=now, halted=isinstance(event, Kill))
        case Approve():
            return _approved(policy, position, event)
        case Revoke():
            return _revoked(policy, position, event)
        case Withdraw(by=by):
            return replace(withdrawn(policy, position, by), last=now, waiting=waiting(position, event))
        case Update():
            return _updated(policy, position, event)
        case Close(outcome=outcome):
            owed = promised(policy, position, event) or EMPTY
            return replace(position, last=now, outcome=outcome, closed_at=now, owed=owed)
        case _:
            return replace(position, last=now)


def _updated(policy: Policy, position: Position, event: Update) -> Position:
    """Take in what became known; offers that were waiting for worths are folded again."""
    if event.delivered:
        position = msgspec.structs.replace(position, **delivering(position, event))
    if position.outcome:
        return msgspec.structs.replace(position, last=event.instant)
    news = news_of(policy, position, event)
    changed = held(
        policy, position, event, news, allowed=is_allowed(policy, position, event.id, event.actor, event.instant)
    )
    if position.valuation is None and news.opened.valuation is not None:
        fresh = _position(policy, position.deal, position.opened, news.facts, news.limits, news.opened)
        for earlier in position.waiting:
            fresh = uncleared(policy, fresh, earlier)
        names = (
            "start", "ours", "theirs", "cleared", "run", "base", "before", "before_stated", "uncleared", "movers",
            "agreement", "agreed", "occurrences", "joined", "matches",
        )  # fmt: skip
        changed |= {name: getattr(fresh, name) for name in names} | {"waiting": ()}
    found = msgspec.structs.replace(position, last=event.instant, **changed)
    if found.pinned != position.pinned and position.valuation is not None:
        found = reweighed(policy, position.valuation, found)
    if policy.is_base_walk and found.valuation is not None and found.base:
        theirs = msgspec.structs.replace(found.theirs, net=their_net(policy, found))
        found = msgspec.structs.replace(found, theirs=theirs)
    return refixed(found)


def _approved(policy: Policy, position: Position, event: Approve) -> Position:
    """Keep an approval: it takes the place of what the same person approved before, and lets go what waited for it."""
    name, of, now = name_of(policy.people, event.approver), event.of, event.instant
    kept = position.approvals
    if position.has_lapsing or name in position.approved_by:
        kept = tuple(a for a in kept if (a.until is None or now <= a.until) and (a.name != name or a.of != of))
    approvals = (*kept, approval_of(position, event, name))
    found = msgspec.structs.replace(position, last=event.instant, approvals=approvals)
    for waits in position.pending:
        if (
            waits.event == event.of
            and waits.limits
            and is_allowed(policy, found, waits.event, waits.actor, event.instant)
        ):
            found = loosened(policy, found, waits, event.instant)
    return found


def _revoked(policy: Policy, position: Position, event: Revoke) -> Position:
    gone = revoked_by(policy, position, event)
    return msgspec.structs.replace(
        position,
        last=event.instant,
        approvals=tuple(a for a in position.approvals if a not in gone),
        dropped=(*position.dropped, *(a.id for a in gone)),
    )


def uncleared(policy: Policy, position: Position, event: AnyEvent) -> Position:
    """Fold an event of a time when nothing could be let through."""
    move: Move | None
    if isinstance(event, Offer) and event.packages:
        _, move = several(policy, position, event)
    else:
        move = weigh(policy, position, event)
    if move is not None and move.by is THEM:
        position = counted(policy, position, event, move)
        move = as_ours(policy, position, move) if move.agrees else move
    return fold(policy, position, event, move, proceeds=False)
