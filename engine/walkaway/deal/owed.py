"""What they owe once a deal is won: what they promised of issues that are owed, until they have delivered it.

Known by the instants of the deal's events; days are those of the policy's calendar, of UTC where it has none.

Source:
    docs/deal-desk.md, gets with proof.
"""

from collections.abc import Mapping

import msgspec

from walkaway.deal.ledger import signed
from walkaway.deal.position import KeptPromise, Position
from walkaway.deal.unfit import Unfit
from walkaway.events import AnyEvent, Close, Tick, Update
from walkaway.language.codes import Code
from walkaway.language.instants import LAST_DAY
from walkaway.language.values import shorten
from walkaway.policy.model import Policy


def promised(policy: Policy, position: Position, event: Close) -> Mapping[str, int]:
    """Return what they owe of a deal that closes: issue → the last day on which it is in time, as `Policy.day_at`.

    Of each issue that is owed, that is a value other than the start value and no worse for us, in the terms as signed,
    or else as agreed; what they had delivered before is not owed any more.
    """
    if event.outcome != "won" or not policy.owed:
        return {}
    as_signed, agreement, start = signed(position, event), position.agreement, position.start
    if as_signed is None and agreement is None:
        return {}
    terms = as_signed[0] if as_signed is not None else agreement.terms if agreement is not None else start
    valuation = None if position.valuation is None else position.valuation.between(start, terms)
    day, found = policy.day_at(event.instant), {}
    for name, issue in policy.owed.items():
        was, now = start.get(name), terms.get(name, start.get(name))
        if now is None or now == was or name in position.delivered:
            continue
        if valuation is None or was is None or valuation.change(name, was, now) >= 0:
            found[name] = min(day + (issue.owed or 0), LAST_DAY)
    return found


def delivering(position: Position, event: Update) -> dict[str, object]:
    """Return what changes of a position by what an update says is delivered."""
    now = {name: KeptPromise(event.instant, event.id, position.owed.get(name)) for name in event.delivered}
    owed = {name: due for name, due in position.owed.items() if name not in now}
    return {"owed": owed, "delivered": {**position.delivered, **now}}


def may_follow(position: Position, event: AnyEvent) -> bool:
    """Return whether an event may come after the close: where they owe something, time, and what they deliver of it."""
    if not position.owed or isinstance(event, Tick):
        return bool(position.owed)
    return isinstance(event, Update) and bool(event.delivered) and _is_bare(event)


def check_delivery(position: Position, event: Update) -> None:
    """Refuse a delivery of what is not owed.

    Raises:
        Unfit: WA614.
    """
    for name in event.delivered:
        before = position.delivered.get(name)
        if before is not None:
            what = f"`{name}` was delivered already, by event `{shorten(before.event)}`"
            raise Unfit(Code.NOT_OWED, what, "remove it", f'"{name}"')
        if position.outcome and name not in position.owed:
            what = f"`{name}` is not owed: nothing was promised of it when deal `{shorten(event.deal)}` was won"
            raise Unfit(Code.NOT_OWED, what, f"what is owed: {', '.join(position.owed)}", f'"{name}"')


def still_owed(position: Position, event: AnyEvent) -> Mapping[str, int]:
    """Return what is owed at an event, but for what it says is delivered."""
    if not position.owed or not isinstance(event, Update):
        return position.owed
    return {name: due for name, due in position.owed.items() if name not in event.delivered}


def late(policy: Policy, owed: Mapping[str, int], instant: int) -> tuple[str, ...]:
    """Return what of that is owed is overdue at an instant, in the policy's order."""
    if not owed:
        return ()
    day = policy.day_at(instant)
    return tuple(name for name, due in owed.items() if due < day)


def _is_bare(event: Update) -> bool:
    """Return whether an update says nothing but what is delivered."""
    nothing = msgspec.structs.replace(event, delivered=(), proof="")
    blank = Update(
        id=event.id, deal=event.deal, at=event.at, instant=event.instant, actor=event.actor, sure=event.sure,
        via=event.via,
    )  # fmt: skip
    return nothing == blank
