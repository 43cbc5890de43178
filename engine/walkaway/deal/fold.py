# Over 400 lines: one function folds each kind of event; they are read side by side.
"""Fold an event into all that is remembered of its deal.

Every count is kept up to date in constant time, and every worth is computed from the terms that are remembered. Knows
no rules: all it takes from an answer is whether terms of ours were let through, and that we walked.

Source:
    docs/calculus.md, said and cleared.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from walkaway.deal.cover import is_allowed, name_of, still_moving
from walkaway.deal.ledger import are_no_worse, of_ours, their_net, weigh
from walkaway.deal.patterns import join
from walkaway.deal.position import (
    Agreement,
    Approval,
    Earlier,
    Move,
    Mover,
    Position,
    Side,
    Stated,
    approval_of,
    bits_of,
)
from walkaway.deal.stated import best, held, loosened, news_of, opened_with, refixed, with_alternatives
from walkaway.deal.taken_back import withdrawn
from walkaway.deal.unfit import Unfit
from walkaway.deal.valuation import Opened
from walkaway.events import (
    CLOSED,
    THEM,
    US,
    Accept,
    AnyEvent,
    Approve,
    Close,
    Door,
    Limits,
    Offer,
    On,
    Open,
    Party,
    Reject,
    Revoke,
    Signal,
    Terms,
    Update,
    Withdraw,
)
from walkaway.language.codes import Code
from walkaway.language.instants import format_day
from walkaway.language.values import Value, folded
from walkaway.policy.dated import is_in_force
from walkaway.policy.model import Policy


def opening(policy: Policy, event: Open, earlier: Earlier | None = None) -> Position:
    """Return the position of a deal that opens, before anybody has said anything: `open.terms` are our first offer.

    Args:
        earlier: The deal that it follows.

    Raises:
        Unfit: WA607, WA609, WA611.
    """
    day = policy.day_of(event.instant if event.moved_at is None else event.moved_at)
    if not is_in_force(policy, day):
        comes = "opens" if event.moved_at is None else "moves to it"
        raise Unfit(
            Code.NOT_IN_FORCE,
            f"policy `{policy.name}` is not in force on {format_day(day)} UTC, on which this deal {comes}",
            "see `effective:` in the policy; a day is a UTC day",
            '"at"',
        )
    alternatives = with_alternatives({}, event.alternatives, event.batna)
    opened = opened_with(policy, event.facts, event.limits, best(alternatives, event.instant), day)
    stated = dict.fromkeys(sorted(event.facts), Stated(event.instant, event.actor))
    found = _position(policy, event.deal, event.instant, event.facts, event.limits, opened)
    found = msgspec.structs.replace(
        found, alternatives=alternatives, stated=stated, party=folded(event.party), moved_at=event.moved_at
    )
    if earlier is not None:
        found = _following(policy, found, earlier)
    return refixed(found)


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
    """Return an event of a deal as a policy folds it to which an update moved the deal: with the limits of that day.

    Updates before that one may have moved it to other versions; here they no longer do.

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
    start = opened.start or {}
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
        ours=Side(standing=start),
        theirs=Side(standing=start),
        cleared=start,
        run=start,
        signals=dict.fromkeys(policy.signals, 0),
        occurrences={p.name: () for p in policy.patterns},
        matches={p.name: 0 for p in policy.patterns},
    )


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
            return _said(policy, position, event, move, proceeds)
        return _agreed(policy, position, event, move, proceeds) if move.agrees else position
    match event:
        case Reject(by=by):
            return _rejected(position, event, by)
        case Signal(kind=kind, confirmed=True):
            return replace(position, last=now, signals={**position.signals, kind: position.signals[kind] + 1})
        case Approve():
            return _approved(policy, position, event)
        case Revoke():
            return _revoked(policy, position, event)
        case Withdraw(by=by):
            return replace(withdrawn(policy, position, by), last=now, waiting=_waiting(position, event))
        case Update():
            return _updated(policy, position, event)
        case Close(outcome=outcome):
            return replace(position, last=now, outcome=outcome)
        case _:
            return replace(position, last=now)


def _waiting(position: Position, event: AnyEvent) -> tuple[AnyEvent, ...]:
    return (*position.waiting, event) if position.valuation is None else ()


def _said(policy: Policy, position: Position, event: AnyEvent, move: Move, clears: bool) -> Position:
    """Enter an offer or an acceptance of ours: as said, and as cleared only where it was let through."""
    now, ours, theirs = event.instant, position.ours, position.theirs
    clears = clears and position.valuation is not None
    taken = _taken(event, move)
    settled = ours.settled | (move.stated if taken else 0)
    first = _first(policy, ours.first, move)
    occurrences, matches = _joined(policy, position, move)
    changed: dict[str, Any] = {
        "last": now,
        "agreement": _agreement(position, event, move, clears),
        "agreed": {**position.agreed, **{i: move.terms[i] for i in taken}} if taken else position.agreed,
        "occurrences": occurrences,
        "matches": matches,
        "waiting": _waiting(position, event),
    }
    if not clears:
        mover = Mover(name_of(policy.people, event.actor), move.terms, move.other)
        said = msgspec.structs.replace(
            ours, standing=move.terms, other=move.other, worth=move.worth or 0, first=first, stands=True,
            rejected=False, said_at=now, said_by=event.id, until=until_of(event, move), final=is_final(event),
            packages=move.packages, settled=settled,
        )  # fmt: skip
        movers = position.movers if mover in position.movers else (*position.movers, mover)
        return msgspec.structs.replace(position, ours=said, uncleared=position.uncleared + 1, movers=movers, **changed)
    given = move.loss - move.gain
    conceded = given > 0
    rejects = not (theirs.rejected or move.agrees)
    said = Side(
        standing=move.terms,
        other=move.other,
        worth=move.worth or 0,
        first=first,
        stated=ours.stated | move.stated,
        stands=True,
        rejected=False,
        said_at=now,
        said_by=event.id,
        until=until_of(event, move),
        final=is_final(event),
        packages=move.packages,
        offers=ours.offers + 1,
        concessions=ours.concessions + conceded,
        net=move.worth or 0,
        last_give=given if conceded else ours.last_give,
        in_a_row=ours.in_a_row if move.agrees else ours.in_a_row + 1,
        unreturned=ours.unreturned + conceded,
        flat=0 if conceded or move.first else ours.flat + 1,
        retracted=ours.retracted + move.back,
        rejections=ours.rejections + rejects,
        settled=settled,
        conceded_at=now if conceded else ours.conceded_at,
    )
    if theirs.in_a_row or rejects or (conceded and theirs.unreturned):
        unreturned, rejected = 0 if conceded else theirs.unreturned, rejects or theirs.rejected
        theirs = msgspec.structs.replace(theirs, in_a_row=0, rejected=rejected, unreturned=unreturned)
    movers = still_moving(position, position.movers, move) if position.movers else ()
    return msgspec.structs.replace(
        position, ours=said, theirs=theirs, cleared=move.terms, cleared_other=move.other, movers=movers, **changed
    )


def counted(policy: Policy, position: Position, event: AnyEvent, move: Move) -> Position:
    """Return the position once an offer or an acceptance of theirs has been counted as their move.

    What it agrees to, and what that makes of our terms, is folded once it is judged.
    """
    now, ours, theirs = event.instant, position.ours, position.theirs
    repinned, known = move.gain - move.loss, position.valuation is not None
    conceded = known and repinned > 0
    taken = () if move.agrees else _taken(event, move)
    rejects = not (ours.rejected or move.heard is On.THEIR_ACCEPTANCE or _would_take(position, move))
    base = position.base
    first = theirs.first
    if move.names:
        base, first = _first(policy, base, move), _first(policy, first, move)
    flat = theirs.flat if move.names else theirs.flat + 1
    theirs = Side(
        standing=move.terms,
        other=move.other,
        worth=move.worth or 0,
        first=first,
        stated=theirs.stated | move.stated,
        stands=True,
        rejected=False,
        said_at=now,
        said_by=event.id,
        until=until_of(event, move),
        final=is_final(event),
        packages=move.packages,
        offers=theirs.offers + 1,
        concessions=theirs.concessions + conceded,
        net=theirs.net + repinned,
        last_give=repinned if conceded else theirs.last_give,
        in_a_row=theirs.in_a_row if move.agrees else theirs.in_a_row + 1,
        unreturned=theirs.unreturned + conceded,
        flat=0 if conceded else flat,
        retracted=theirs.retracted + move.losses,
        rejections=theirs.rejections + rejects,
        settled=theirs.settled | (move.stated if taken else 0),
        conceded_at=now if conceded else theirs.conceded_at,
    )
    if ours.in_a_row or rejects or (conceded and ours.unreturned):
        unreturned, rejected = 0 if conceded else ours.unreturned, rejects or ours.rejected
        ours = msgspec.structs.replace(ours, in_a_row=0, rejected=rejected, unreturned=unreturned)
    occurrences, matches = _joined(policy, position, move)
    return msgspec.structs.replace(
        position,
        last=now,
        ours=ours,
        theirs=theirs,
        base=base,
        before=position.theirs.standing,
        before_stated=position.theirs.stated,
        run=position.cleared,
        moved=position.moved or conceded or move.agrees or move.first,
        agreement=position.agreement if move.agrees else _replaced(position, move),
        agreed={**position.agreed, **{i: move.terms[i] for i in taken}} if taken else position.agreed,
        occurrences=occurrences,
        matches=matches,
        waiting=_waiting(position, event),
    )


def _would_take(position: Position, move: Move) -> bool:
    """Return whether terms of theirs take what we said, though it stands no longer."""
    ours, valuation = position.ours, position.valuation
    return not ours.stands and valuation is not None and are_no_worse(valuation, move.terms, ours.standing)


def _agreed(policy: Policy, position: Position, event: AnyEvent, move: Move, clears: bool) -> Position:
    """Enter what their acceptance makes of our terms: agreed, and cleared where it was let through."""
    agreement = Agreement(move.terms, move.other, THEM, "", clears, event.id)
    theirs = msgspec.structs.replace(position.theirs, settled=position.theirs.settled | move.stated)
    if not clears or position.valuation is None:
        return msgspec.structs.replace(position, theirs=theirs, agreement=agreement, agreed=move.terms)
    ours, given = position.ours, move.loss - move.gain
    if given > 0:
        theirs = msgspec.structs.replace(theirs, unreturned=0)
        ours = msgspec.structs.replace(
            ours, concessions=ours.concessions + 1, unreturned=ours.unreturned + 1, last_give=given,
            conceded_at=event.instant,
        )  # fmt: skip
    ours = msgspec.structs.replace(ours, net=move.worth or 0, stated=ours.stated | bits_of(policy, ours.first))
    movers = still_moving(position, position.movers, move) if position.movers else ()
    return msgspec.structs.replace(
        position, ours=ours, theirs=theirs, cleared=move.terms, cleared_other=move.other, run=move.terms,
        movers=movers, agreement=agreement, agreed=move.terms,
    )  # fmt: skip


def _rejected(position: Position, event: Reject, by: Party) -> Position:
    """Count a rejection, at most one of each offer; what was said stays said, and what was agreed is no longer."""
    mine, other = position.side(by), position.side(by.other)
    mine = msgspec.structs.replace(mine, rejections=mine.rejections + (not other.rejected))
    other = msgspec.structs.replace(other, in_a_row=0, rejected=True)
    agreement = position.agreement
    if agreement is not None and not agreement.ended:
        agreement = msgspec.structs.replace(agreement, ended="rejected", ended_by=by)
    return msgspec.structs.replace(
        position,
        last=event.instant,
        ours=mine if by is US else other,
        theirs=other if by is US else mine,
        run=position.run if by is US else position.cleared,
        agreement=agreement,
        waiting=_waiting(position, event),
    )


def until_of(event: AnyEvent, move: Move) -> int | None:
    """Return the last instant at which a word binds; what was accepted binds without an end."""
    return event.until if isinstance(event, Offer) and not move.agrees else None


def is_final(event: AnyEvent) -> bool:
    """Return whether an offer is said to be the last."""
    return isinstance(event, Offer) and event.final


def _taken(event: AnyEvent, move: Move) -> tuple[str, ...]:
    """Return the issues that an event accepts, all or some; none where it is an offer of something else."""
    if move.agrees:
        return tuple(move.terms)
    return event.issues if isinstance(event, Accept) else ()


def _first(policy: Policy, said: Terms, move: Move) -> Terms:
    """Return what a party first said, with the issues that it names for the first time, in the policy's order."""
    bits, stated, terms = policy.bits, move.stated, move.terms
    if len(said) == len(bits):
        return said
    new = [i for i, bit in bits.items() if bit & stated and i not in said and i in terms]
    return {i: said[i] if i in said else terms[i] for i in bits if i in said or i in new} if new else said


def _agreement(position: Position, event: AnyEvent, move: Move, clears: bool) -> Agreement | None:
    """Return what is agreed after an offer or an acceptance of ours."""
    if move.agrees:
        return Agreement(move.terms, move.other, US, event.actor, clears, event.id)
    return _replaced(position, move)


def _replaced(position: Position, move: Move) -> Agreement | None:
    """Return the agreement, ended where an offer names other terms."""
    old = position.agreement
    if old is None or old.ended or (old.terms == move.terms and old.other == move.other):
        return old
    return msgspec.structs.replace(old, ended="replaced", ended_by=move.by)


def _joined(policy: Policy, position: Position, move: Move) -> tuple[Mapping[str, Any], Mapping[str, int]]:
    return join(policy, position, move) if policy.patterns else (position.occurrences, position.matches)


def _updated(policy: Policy, position: Position, event: Update) -> Position:
    """Take in what became known; offers that were waiting for worths are folded again."""
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
            "agreement", "agreed", "occurrences", "matches",
        )  # fmt: skip
        changed |= {name: getattr(fresh, name) for name in names} | {"waiting": ()}
    found = msgspec.structs.replace(position, last=event.instant, **changed)
    if policy.is_base_walk and found.valuation is not None and found.base:
        theirs = msgspec.structs.replace(found.theirs, net=their_net(policy, found))
        found = msgspec.structs.replace(found, theirs=theirs)
    return refixed(found)


def _approved(policy: Policy, position: Position, event: Approve) -> Position:
    """Keep an approval: it takes the place of what the same person approved before, and lets go what waited for it."""
    name = name_of(policy.people, event.approver)
    kept = tuple(
        a
        for a in position.approvals
        if (a.until is None or a.until >= event.instant) and (a.name, a.of) != (name, event.of)
    )
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


def revoked_by(policy: Policy, position: Position, event: Revoke) -> tuple[Approval, ...]:
    """Return the approvals that a revocation takes back."""
    name = name_of(policy.people, event.approver)
    return tuple(
        a
        for a in position.approvals
        if a.name == name and (a.id == event.of if event.of else a.terms == event.terms and not a.of)
    )


def uncleared(policy: Policy, position: Position, event: AnyEvent) -> Position:
    """Fold an event of a time when nothing could be let through."""
    move = weigh(policy, position, event)
    if move is not None and move.by is THEM:
        position = counted(policy, position, event, move)
        move = as_ours(policy, position, move) if move.agrees else move
    return fold(policy, position, event, move, proceeds=False)


def as_ours(policy: Policy, position: Position, move: Move) -> Move:
    """Return what an offer or an acceptance of theirs makes of our terms: for us to say them now.

    Args:
        position: Once their move has been counted.
    """
    ours = of_ours(policy, position, move.terms, move.other, move.stated, move.heard, move.agrees)
    return msgspec.structs.replace(ours, by=THEM)
