"""Fold an event into all that is remembered of its deal.

Every count is kept up to date in constant time, and every worth is computed from the terms that are remembered. Knows
no rules: all it takes from an answer is whether terms of ours were let through, and that we walked.

Source:
    docs/calculus.md, said and cleared.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from walkaway.deal.cover import name_of, still_moving
from walkaway.deal.ledger import of_ours, their_net, weigh
from walkaway.deal.patterns import join
from walkaway.deal.position import Agreement, Move, Mover, Position, Side, approval_of, bits_of, fixed_digest
from walkaway.deal.unfit import Unfit
from walkaway.deal.valuation import Opened, OutOfRange, open_deal
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
    On,
    Open,
    Party,
    Reject,
    Signal,
    Terms,
    Update,
)
from walkaway.language.codes import Code
from walkaway.language.values import Value, format_value
from walkaway.policy.dated import is_in_force
from walkaway.policy.model import Policy


def opening(policy: Policy, event: Open) -> Position:
    """Return the position of a deal that opens, before anybody has said anything: `open.terms` are our first offer.

    Raises:
        Unfit: WA607, WA609, WA611.
    """
    day = policy.day_of(event.instant if event.moved_at is None else event.moved_at)
    if not is_in_force(policy, day):
        comes = "opens" if event.moved_at is None else "moves to it"
        raise Unfit(
            Code.NOT_IN_FORCE,
            f"policy `{policy.name}` is not in force on the day this deal {comes}",
            "see `effective:` in the policy",
            '"at"',
        )
    opened = _opened(policy, event.facts, event.limits, event.batna, day)
    found = _position(policy, event.deal, event.instant, event.facts, event.limits, event.batna, opened)
    return found if event.moved_at is None else msgspec.structs.replace(found, moved_at=event.moved_at)


def moved(event: AnyEvent, at: int | None) -> AnyEvent:
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


def _opened(
    policy: Policy, facts: Mapping[str, Value], limits: Mapping[str, Limits], batna: int | None, day: int
) -> Opened:
    try:
        opened = open_deal(policy, facts, limits, batna, day)
    except OutOfRange as problem:
        raise Unfit(Code.WORTH_OUT_OF_RANGE, str(problem), near='"facts"') from problem
    for name, deals, ours in opened.looser:
        unit = policy.issues[name].unit if name in policy.issues else policy.money
        values = (format_value(deals, unit), format_value(ours, unit))
        what = f"the walk value {values[0]} of `{name}` is looser than the policy's {values[1]}"
        raise Unfit(Code.LIMIT_LOOSENED, what, "a deal may bring a tighter one, never a looser one", '"limits"')
    return opened


def _position(
    policy: Policy,
    deal: str,
    instant: int,
    facts: Mapping[str, Value],
    limits: Mapping[str, Limits],
    batna: int | None,
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
        batna=batna,
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
        fixed=fixed_digest(deal, instant, opened.known, opened.missing, start),
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
            name = name_of(policy.people, event.approver)
            kept = tuple(a for a in position.approvals if (a.until is None or a.until >= now) and a.name != name)
            return replace(position, last=now, approvals=(*kept, approval_of(position, event, name)))
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
            rejected=False, said_at=now, settled=settled,
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
    moved, known = move.gain - move.loss, position.valuation is not None
    conceded = known and moved > 0
    taken = () if move.agrees else _taken(event, move)
    rejects = not (ours.rejected or move.heard is On.THEIR_ACCEPTANCE)
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
        offers=theirs.offers + 1,
        concessions=theirs.concessions + conceded,
        net=theirs.net + moved,
        last_give=moved if conceded else theirs.last_give,
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
        run=position.cleared,
        moved=position.moved or conceded or move.agrees or move.first,
        agreement=position.agreement if move.agrees else _replaced(position, move),
        agreed={**position.agreed, **{i: move.terms[i] for i in taken}} if taken else position.agreed,
        occurrences=occurrences,
        matches=matches,
        waiting=_waiting(position, event),
    )


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


def _taken(event: AnyEvent, move: Move) -> tuple[str, ...]:
    """Return the issues that an event accepts, all or some; none where it is an offer of something else."""
    if move.agrees:
        return tuple(move.terms)
    return event.issues if isinstance(event, Accept) else ()


def _first(policy: Policy, said: Terms, move: Move) -> Terms:
    """Return what a party first said, with the issues that it names for the first time, in the policy's order."""
    bits, stated, terms = policy.bits, move.stated, move.terms
    if all(i in said for i, bit in bits.items() if bit & stated):
        return said
    return {i: said[i] if i in said else terms[i] for i, bit in bits.items() if i in said or bit & stated}


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
    facts = {**position.facts, **event.facts}
    limits = {**position.limits}
    for name, new in event.limits.items():
        old = limits.get(name, Limits())
        limits[name] = Limits(
            *(
                n if n is not None else o
                for n, o in zip(msgspec.structs.astuple(new), msgspec.structs.astuple(old), strict=True)
            )
        )
    batna = position.batna if event.batna is None else event.batna
    day = policy.day_of(position.opened if position.moved_at is None else position.moved_at)
    opened = _opened(policy, facts, limits, batna, day)
    changed: dict[str, Any] = {"facts": facts, "limits": limits, "batna": batna}
    if position.valuation is None and opened.valuation is not None:
        fresh = _position(policy, position.deal, position.opened, facts, limits, batna, opened)
        for earlier in position.waiting:
            fresh = uncleared(policy, fresh, earlier)
        names = (
            "start", "ours", "theirs", "cleared", "run", "base", "uncleared", "movers", "agreement", "agreed",
            "occurrences", "matches",
        )  # fmt: skip
        changed |= {name: getattr(fresh, name) for name in names} | {"waiting": ()}
    found = msgspec.structs.replace(
        position,
        last=event.instant,
        known=opened.known,
        missing=opened.missing,
        valuation=opened.valuation,
        fixed=fixed_digest(
            position.deal, position.opened, opened.known, opened.missing, changed.get("start", position.start)
        ),
        **changed,
    )
    if policy.is_base_walk and found.valuation is not None and found.base:
        theirs = msgspec.structs.replace(found.theirs, net=their_net(policy, found))
        found = msgspec.structs.replace(found, theirs=theirs)
    return found


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
