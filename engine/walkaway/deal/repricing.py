"""A deal in another currency than its policy's: what is known of its rate, and its ledger when another is pinned."""

from math import lcm

import msgspec

from walkaway.deal.ledger import their_net
from walkaway.deal.line_items import LineWorths
from walkaway.deal.position import Position
from walkaway.deal.valuation import Capped, IssueWorth, Valuation
from walkaway.events import AnyEvent, Terms, Update
from walkaway.policy.exchange import Quote, RateRows
from walkaway.policy.model import Policy


def priced(position: Position, event: AnyEvent, quote: Quote | None) -> Position:
    """Return a deal at an event with the rate that is published by then; none where nothing looks at it."""
    if quote is None:
        return position if position.latest is None else msgspec.structs.replace(position, latest=None)
    if quote == position.latest and not isinstance(event, Update):
        return position
    quotes = {**position.quotes, event.id: (event.instant, quote)}
    return msgspec.structs.replace(position, latest=quote, quotes=quotes)


def rates_then(position: Position | None, event: AnyEvent) -> RateRows | None:
    """Return the rates that a deal knew at an event of its past; none where it looked none up."""
    quote = None if position is None else position.quote_then(event)
    return None if quote is None else RateRows(quote.rows)


def reweighed(policy: Policy, before: Valuation, position: Position) -> Position:
    """Return a deal whose rate has been pinned anew: what both sides said is worth what it is at that rate.

    What was counted stays as it was judged; the size of a concession stays the amount that it was.

    Args:
        before: What terms were worth until now.
    """
    if position.valuation is None:
        return position
    start, now = position.start, position.valuation
    valuation = _finer(now, lcm(now.scale, before.scale) // now.scale, start)
    by = valuation.scale // before.scale
    ours = msgspec.structs.replace(
        position.ours,
        worth=valuation.difference(start, position.ours.standing),
        net=valuation.difference(start, position.cleared),
        last_give=position.ours.last_give * by,
    )
    theirs = msgspec.structs.replace(
        position.theirs,
        worth=valuation.difference(start, position.theirs.standing),
        last_give=position.theirs.last_give * by,
    )
    found = msgspec.structs.replace(position, valuation=valuation, ours=ours, theirs=theirs)
    return msgspec.structs.replace(found, theirs=msgspec.structs.replace(theirs, net=their_net(policy, found)))


def _finer(valuation: Valuation, by: int, start: Terms) -> Valuation:
    """Return the same scales in units that are so many times smaller, with the start terms of the deal."""
    worths: dict[str, IssueWorth] = {}
    for issue, worth in valuation.worths.items():
        match worth:
            case int():
                worths[issue] = worth * by
            case Capped(rate, begun, most, floored):
                worths[issue] = Capped(rate * by, begun, most * by, floored)
            case LineWorths():
                worths[issue] = worth.finer(by)
            case _:
                worths[issue] = {value: amount * by for value, amount in worth.items()}
    return msgspec.structs.replace(
        valuation, scale=valuation.scale * by, worths=worths, base=valuation.base * by,
        by={value: _finer(at, by, start) for value, at in valuation.by.items()},
        start=start if valuation.start else valuation.start,
    )  # fmt: skip
