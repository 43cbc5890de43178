"""Enter what is said in a deal: as said, and, of ours, as cleared only where it was let through.

Source:
    docs/calculus.md, said and cleared.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec

from walkaway.deal.cover import moving, name_of, still_moving
from walkaway.deal.ledger import are_no_worse, of_ours
from walkaway.deal.patterns import join
from walkaway.deal.position import Agreement, Move, Mover, Position, Side, bits_of
from walkaway.events import THEM, US, Accept, AnyEvent, Offer, On, Party, Reject, Terms
from walkaway.language.values import Value
from walkaway.policy.model import Policy


def said(policy: Policy, position: Position, event: AnyEvent, move: Move, clears: bool) -> Position:
    """Enter an offer or an acceptance of ours: as said, and as cleared only where it was let through."""
    ours, theirs = position.ours, position.theirs
    clears = clears and position.valuation is not None
    taken = _taken(event, move)
    first = first_said(policy, ours.first, move.stated, move.terms)
    word = _word(ours, event, move, first, _settling(policy, move, taken))
    joined = _joined(policy, position, move)
    changed: dict[str, Any] = {
        "last": event.instant,
        "agreement": _agreement(position, event, move, clears),
        "agreed": _with_agreed(position, move, taken),
        **joined,
        "waiting": waiting(position, event),
    }
    if not clears:
        mover = Mover(name_of(policy.people, event.actor), move.terms, move.other)
        return msgspec.structs.replace(
            position, ours=word, uncleared=position.uncleared + 1, movers=moving(position, mover), **changed
        )
    given = move.loss - move.gain
    conceded = given > 0
    rejects = not (theirs.rejected or move.agrees)
    flat = 0 if move.first else ours.flat + 1
    word = _counting(word, event, move, given, conceded, rejects, net=move.worth or 0, flat=flat, back=move.back)
    movers = still_moving(position, position.movers, move) if position.movers else ()
    return msgspec.structs.replace(
        position, ours=word, theirs=answered(theirs, conceded, rejects), cleared=move.terms, cleared_other=move.other,
        movers=movers, **changed,
    )  # fmt: skip


def counted(policy: Policy, position: Position, event: AnyEvent, move: Move) -> Position:
    """Return the position once an offer or an acceptance of theirs has been counted as their move.

    What it agrees to, and what that makes of our terms, is folded once it is judged.
    """
    ours, theirs, base, first = position.ours, position.theirs, position.base, position.theirs.first
    given = move.gain - move.loss
    conceded = position.valuation is not None and given > 0
    taken = () if move.agrees else _taken(event, move)
    rejects = not (ours.rejected or move.heard is On.THEIR_ACCEPTANCE or _would_take(position, move))
    if move.stated & ~theirs.stated:
        base, first = (first_said(policy, before, move.stated, move.terms) for before in (base, first))
    word = _word(theirs, event, move, first, _settling(policy, move, taken))
    flat = theirs.flat if move.names else theirs.flat + 1
    net = theirs.net + given
    word = _counting(word, event, move, given, conceded, rejects, net=net, flat=flat, back=move.losses)
    joined = _joined(policy, position, move)
    return msgspec.structs.replace(
        position,
        last=event.instant,
        ours=answered(ours, conceded, rejects),
        theirs=word,
        base=base,
        before=position.theirs.standing,
        before_stated=position.theirs.stated,
        run=position.run if _takes_uncleared(position, move) else position.cleared,
        moved=position.moved or conceded or move.agrees or move.first,
        agreement=position.agreement if move.agrees else replaced(position.agreement, move.terms, move.other, move.by),
        agreed=_with_agreed(position, move, taken),
        **joined,
        waiting=waiting(position, event),
    )


def _word(side: Side, event: AnyEvent, move: Move, first: Terms, settles: int) -> Side:
    """Return a side with these terms as its word, as yet without counting them.

    Args:
        settles: The issues that it accepts by them, one bit each.
    """
    return msgspec.structs.replace(
        side, standing=move.terms, other=move.other, worth=move.worth or 0, first=first, stands=True, rejected=False,
        said_at=event.instant, said_by=event.id, until=_until(event, move), final=_is_final(event),
        packages=move.packages, settled=side.settled | settles,
    )  # fmt: skip


def _settling(policy: Policy, move: Move, taken: Collection[str]) -> int:
    """Return the issues that a word settles, one bit each: those that it names, where it accepts any."""
    return move.stated & policy.own_bits if taken else 0


def _counting(
    word: Side,
    event: AnyEvent,
    move: Move,
    given: int,
    conceded: bool,
    rejects: bool,
    *,
    net: int,
    flat: int,
    back: int,
) -> Side:
    """Return a side with its word counted.

    Args:
        given: What it gives by it, to the other side; less than nothing where it takes back more.
        rejects: Whether it rejects what the other side said.
        flat: Its words in a row without a concession, if this is none.
        back: How many issues it takes back.
    """
    return msgspec.structs.replace(
        word, stated=word.stated | move.stated, offers=word.offers + 1, concessions=word.concessions + conceded,
        last_give=given if conceded else word.last_give, in_a_row=word.in_a_row if move.agrees else word.in_a_row + 1,
        net=net,
        unreturned=word.unreturned + conceded, flat=0 if conceded else flat, retracted=word.retracted + back,
        rejections=word.rejections + rejects, conceded_at=event.instant if conceded else word.conceded_at,
    )  # fmt: skip


def answered(side: Side, conceded: bool, rejects: bool) -> Side:
    """Return the side that hears a word: its own row ends, and what it conceded is returned by a concession."""
    if not (side.in_a_row or rejects or (conceded and side.unreturned)):
        return side
    unreturned = 0 if conceded else side.unreturned
    return msgspec.structs.replace(side, in_a_row=0, rejected=rejects or side.rejected, unreturned=unreturned)


def _with_agreed(position: Position, move: Move, taken: Sequence[str]) -> Terms:
    """Return what is agreed of each issue, with those that a word accepts."""
    return {**position.agreed, **{i: move.terms[i] for i in taken}} if taken else position.agreed


def _would_take(position: Position, move: Move) -> bool:
    """Return whether terms of theirs take what we said, though it stands no longer."""
    ours, valuation = position.ours, position.valuation
    return not ours.stands and valuation is not None and are_no_worse(valuation, move.terms, ours.standing)


def _takes_uncleared(position: Position, move: Move) -> bool:
    """Return whether terms of theirs take a word of ours that was not let through: with it no run begins anew.

    Of several packages it is the one that they take, whichever of them is worth least to us.
    """
    ours = position.ours
    return move.heard is On.THEIR_ACCEPTANCE and (move.terms if ours.packages else ours.standing) != position.cleared


def agreed(policy: Policy, position: Position, event: AnyEvent, move: Move, clears: bool) -> Position:
    """Enter what their acceptance makes of our terms: agreed, and cleared where it was let through."""
    agreement = Agreement(move.terms, move.other, THEM, "", clears, event.id)
    theirs = msgspec.structs.replace(
        position.theirs, settled=position.theirs.settled | _settling(policy, move, move.terms)
    )
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


def rejected(position: Position, event: Reject, by: Party) -> Position:
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
        waiting=waiting(position, event),
    )


def as_ours(policy: Policy, position: Position, move: Move) -> Move:
    """Return what an offer or an acceptance of theirs makes of our terms: for us to say them now.

    Args:
        position: Once their move has been counted.
    """
    ours = of_ours(policy, position, move.terms, move.other, move.stated, move.heard, move.agrees)
    return msgspec.structs.replace(ours, by=THEM)


def waiting(position: Position, event: AnyEvent) -> tuple[AnyEvent, ...]:
    """Return the events that are folded again once worths are known."""
    return (*position.waiting, event) if position.valuation is None else ()


def _until(event: AnyEvent, move: Move) -> int | None:
    """Return the last instant at which a word binds; what was accepted binds without an end."""
    return event.until if isinstance(event, Offer) and not move.agrees else None


def _is_final(event: AnyEvent) -> bool:
    """Return whether an offer is said to be the last."""
    return isinstance(event, Offer) and event.final


def _taken(event: AnyEvent, move: Move) -> tuple[str, ...]:
    """Return the issues that an event accepts, all or some; none where it is an offer of something else."""
    if move.agrees:
        return tuple(move.terms)
    return event.issues if isinstance(event, Accept) else ()


def first_said(policy: Policy, said: Terms, stated: int, terms: Terms) -> Terms:
    """Return what a party first said, with the issues that it names for the first time, in the policy's order.

    Args:
        stated: The issues that it names, one bit each; *terms* is the whole package.
    """
    bits = policy.bits
    if len(said) == len(bits):
        return said
    found: dict[str, Value] = {}
    for issue, bit in bits.items():
        if issue in said:
            found[issue] = said[issue]
        elif bit & stated and issue in terms:
            found[issue] = terms[issue]
    return found if len(found) > len(said) else said


def _agreement(position: Position, event: AnyEvent, move: Move, clears: bool) -> Agreement | None:
    """Return what is agreed after an offer or an acceptance of ours."""
    if move.agrees:
        return Agreement(move.terms, move.other, US, event.actor, clears, event.id)
    return replaced(position.agreement, move.terms, move.other, move.by)


def replaced(old: Agreement | None, terms: Terms, other: Mapping[str, str], by: Party) -> Agreement | None:
    """Return the agreement, ended where an offer names other terms."""
    if old is None or old.ended or (old.terms == terms and old.other == other):
        return old
    return msgspec.structs.replace(old, ended="replaced", ended_by=by)


def _joined(policy: Policy, position: Position, move: Move) -> Mapping[str, Any]:
    """Return what terms change of all that patterns remember."""
    if not policy.patterns:
        return {}
    occurrences, matches, joined = join(policy, position, move)
    return {"occurrences": occurrences, "matches": matches, "joined": joined}
