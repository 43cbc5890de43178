"""What a party takes back, or what binds no longer: nobody's to accept, and no word to agree to. Knows no rules.

Source:
    docs/calculus.md, more that can happen.
"""

import msgspec

from walkaway.deal.ledger import their_net
from walkaway.deal.position import Position
from walkaway.events import US, Party
from walkaway.policy.model import Policy


def expired(policy: Policy, position: Position, now: int) -> Position:
    """Return a position in which nothing stands that bound until before *now*; what was accepted in time is kept."""
    for party in Party:
        side = position.side(party)
        if side.stands and side.until is not None and now > side.until:
            position = _taken_back(policy, position, party)
    return position


def withdrawn(policy: Policy, position: Position, by: Party) -> Position:
    """Return a position in which a party has taken back its word; what was agreed is agreed no longer."""
    position = _taken_back(policy, position, by)
    agreement = position.agreement
    if agreement is None or agreement.ended:
        return position
    ended = msgspec.structs.replace(agreement, ended="withdrawn", ended_by=by)
    return msgspec.structs.replace(position, agreement=ended)


def _taken_back(policy: Policy, position: Position, by: Party) -> Position:
    """Leave a party's word to nobody.

    Theirs falls back to what it was before where it counts for less then: it never rises by being taken back. An issue
    first named in it falls to its base; bases, and what was cleared, stay.
    """
    side = msgspec.structs.replace(position.side(by), stands=False, until=None, packages=())
    if by is US:
        return msgspec.structs.replace(position, ours=side)
    valuation = position.valuation
    taken = msgspec.structs.replace(position, theirs=side)
    if valuation is None or not side.stated:
        return taken
    bits, before, base = policy.bits, position.before, position.base
    fallen = {
        issue: (before[issue] if position.before_stated & bits[issue] else base[issue]) if issue in base else value
        for issue, value in side.standing.items()
    }
    worth = valuation.difference(position.start, fallen)
    fell = msgspec.structs.replace(taken, theirs=msgspec.structs.replace(side, standing=fallen, worth=worth))
    net = their_net(policy, fell)
    if net >= side.net:
        return taken
    return msgspec.structs.replace(fell, theirs=msgspec.structs.replace(fell.theirs, net=net))
