"""What terms are worth in a deal, and the ledger of one move: what an offer or acceptance changes. Knows no rules."""

from walkaway.deal.admission import Unfit
from walkaway.deal.position import Move, Position, bits_of
from walkaway.events import (
    US,
    Accept,
    AnyEvent,
    Offer,
    Terms,
)
from walkaway.language.codes import Code
from walkaway.policy.model import Policy


def weigh(policy: Policy, position: Position, event: AnyEvent) -> Move | None:
    """Return what an offer or an acceptance changes; none for other events.

    Raises:
        Unfit: WA611, where the terms are worth more than can be held.
    """
    if isinstance(event, Offer):
        changed: Terms = event.terms
    elif isinstance(event, Accept):
        other = position.side(event.by.other).standing
        changed = {i: other[i] for i in event.issues} if event.issues else other
    else:
        return None
    by = event.by
    side = position.ours if by is US else position.theirs
    valuation, standing = position.valuation, side.standing
    terms = {**standing, **changed}
    if valuation is None:
        return Move(by, terms, None, 0, 0, 0, 0, 0, bits_of(policy, changed), side.offers == 0)
    gain = loss = gains = losses = back = stated = 0
    worths, bits, named = valuation.worths, policy.bits, side.stated
    for issue, value in changed.items():
        bit, old = bits[issue], standing[issue]
        stated |= bit
        if value == old:
            continue
        worth = worths[issue]
        difference = worth * (value - old) if isinstance(worth, int) else worth[value] - worth[old]  # type: ignore[operator]
        if difference > 0:
            gain += difference
            gains += 1
        elif difference < 0:
            loss -= difference
            losses += 1
        if named & bit and (difference > 0 if by is US else difference < 0):
            back += 1
    total, most = side.worth + gain - loss, valuation.most
    if gain > most or loss > most or not -most <= total + valuation.base <= most:
        what = "these terms are worth more than can be held exactly (±2^53 minor units)"
        raise Unfit(Code.WORTH_OUT_OF_RANGE, what, near='"terms"')
    return Move(by, terms, total, gain, loss, gains, losses, back, stated, side.offers == 0)


def worth_of(position: Position, package: Terms) -> int:
    """Return what a whole package is worth to us, in units of the deal's valuation, the base included.

    Args:
        position: Of a deal whose worths are known.
        package: Every issue → value.
    """
    valuation, ours = position.valuation, position.ours
    assert valuation is not None, "no worth before worths are known"
    return valuation.base + ours.worth + valuation.difference(ours.standing, package)
