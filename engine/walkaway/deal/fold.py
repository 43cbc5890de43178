"""Fold an event into all that is remembered of its deal.

Every figure is kept up to date in constant time. Knows no rules: the only thing it takes from an answer is that we
walked.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from walkaway.deal.admission import Unfit
from walkaway.deal.ledger import weigh
from walkaway.deal.patterns import join
from walkaway.deal.position import Move, Position, Side, bits_of, fixed_digest
from walkaway.deal.valuation import Opened, OutOfRange, open_deal
from walkaway.events import (
    CLOSED,
    US,
    Accept,
    AnyEvent,
    Approve,
    Close,
    Door,
    Limits,
    Open,
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
    """Return the position of a deal that opens.

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
    found = _position(policy, event.deal, event.instant, event.facts, event.limits, event.batna, event.terms, opened)
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
    opening_terms: Terms,
    opened: Opened,
) -> Position:
    standing = {**(opened.start or {}), **opening_terms}
    worth = 0
    if opened.valuation is not None and opened.start is not None:
        worth = opened.valuation.difference(opened.start, opening_terms)
    return Position(
        deal=deal,
        opened=instant,
        last=instant,
        known=opened.known,
        facts=facts,
        limits=limits,
        batna=batna,
        opening=opening_terms,
        start=standing,
        missing=opened.missing,
        valuation=opened.valuation,
        ours=Side(standing=standing, worth=worth, stated=bits_of(policy, opening_terms)),
        theirs=Side(standing=standing, worth=worth),
        signals=dict.fromkeys(policy.signals, 0),
        occurrences={p.name: () for p in policy.patterns},
        matches={p.name: 0 for p in policy.patterns},
        fixed=fixed_digest(deal, instant, opened.known, opened.missing, standing),
    )


def fold(policy: Policy, position: Position, event: AnyEvent, move: Move | None, left: Door | None) -> Position:
    """Return the position after *event*.

    Args:
        move: What `weigh` said of the event.
        left: The door, where the answer was to walk.
    """
    after = _folded(policy, position, event, move)
    if left is not None and position.left is not CLOSED:
        stays = position.left is not None and not after.moved
        after = msgspec.structs.replace(
            after, left=left, moved=False, left_at=position.left_at if stays else event.instant
        )
    return after


def _folded(policy: Policy, position: Position, event: AnyEvent, move: Move | None) -> Position:
    replace = msgspec.structs.replace
    now = event.instant
    if move is not None:
        return _moved(policy, position, event, move)
    match event:
        case Reject(by=by):
            ours, theirs = position.ours, position.theirs
            if by is US:
                ours, theirs = replace(ours, rejections=ours.rejections + 1), replace(theirs, in_a_row=0)
            else:
                ours, theirs = replace(ours, in_a_row=0), replace(theirs, rejections=theirs.rejections + 1)
            return replace(position, last=now, ours=ours, theirs=theirs, waiting=_waiting(position, event))
        case Signal(kind=kind, confirmed=True):
            return replace(position, last=now, signals={**position.signals, kind: position.signals[kind] + 1})
        case Approve():
            kept = tuple(a for a in position.approvals if a.until is None or a.until >= now)
            return replace(position, last=now, approvals=(*kept, event))
        case Update():
            return _updated(policy, position, event)
        case Close(outcome=outcome):
            return replace(position, last=now, outcome=outcome)
        case _:
            return replace(position, last=now)


def _waiting(position: Position, event: AnyEvent) -> tuple[AnyEvent, ...]:
    return (*position.waiting, event) if position.valuation is None else ()


def _moved(policy: Policy, position: Position, event: AnyEvent, move: Move) -> Position:
    """Enter an offer or an acceptance into both halves of the ledger."""
    now, ours_moved = event.instant, move.by is US
    maker, other = (position.ours, position.theirs) if ours_moved else (position.theirs, position.ours)
    if ours_moved:
        given, net = move.loss, move.gain - move.loss
        conceded, back = move.loss > 0, 0 if move.first else move.back
    else:
        net = 0 if move.first else move.gain - move.loss
        given, conceded, back = max(0, net), net > 0, 0 if move.first else move.losses
    maker = Side(
        standing=move.terms,
        worth=move.worth or 0,
        offers=maker.offers + 1,
        concessions=maker.concessions + conceded,
        net=maker.net + net,
        last_give=given,
        in_a_row=maker.in_a_row + 1,
        unreturned=maker.unreturned + conceded,
        flat=0 if conceded or move.first else maker.flat + 1,
        retracted=maker.retracted + back,
        rejections=maker.rejections,
        stated=maker.stated | move.stated,
        settled=maker.settled | move.stated if isinstance(event, Accept) else maker.settled,
        offered_at=now,
        conceded_at=now if conceded else maker.conceded_at,
    )
    if other.in_a_row or (conceded and other.unreturned):
        other = msgspec.structs.replace(other, in_a_row=0, unreturned=0 if conceded else other.unreturned)
    agreed = position.agreed
    if isinstance(event, Accept):
        agreed = {**agreed, **{i: move.terms[i] for i in event.issues or move.terms}}
    occurrences, matches = position.occurrences, position.matches
    if policy.patterns:
        occurrences, matches = join(policy, position, event, move)
    return msgspec.structs.replace(
        position,
        last=now,
        ours=maker if ours_moved else other,
        theirs=other if ours_moved else maker,
        moved=position.moved or (not ours_moved and (conceded or move.first)),
        agreed=agreed,
        occurrences=occurrences,
        matches=matches,
        waiting=_waiting(position, event),
    )


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
        fresh = _position(policy, position.deal, position.opened, facts, limits, batna, position.opening, opened)
        for earlier in position.waiting:
            fresh = _folded(policy, fresh, earlier, weigh(policy, fresh, earlier))
        changed |= {
            "start": fresh.start,
            "ours": fresh.ours,
            "theirs": fresh.theirs,
            "agreed": fresh.agreed,
            "occurrences": fresh.occurrences,
            "matches": fresh.matches,
            "waiting": (),
        }
    return msgspec.structs.replace(
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
