"""Judge an event by the layers above too: the most severe answer stands, and each layer keeps a position of its own.

Source:
    docs/calculus.md, authority and layers.
"""

import msgspec

from walkaway.decide.evaluation import Evaluation
from walkaway.decide.verdict import Ruling, order_of
from walkaway.events import CLOSED, AnyEvent, Approve, Signal, Tick, Update
from walkaway.policy.model import Enforcement, Policy


def seen_by(policy: Policy, event: AnyEvent) -> AnyEvent:
    """Return an event as a layer above sees it: what only the layers below know means nothing to it."""
    match event:
        case Signal() if event.kind not in policy.signals:
            return _tick(event)
        case Approve() if event.role not in policy.ranks:
            return _tick(event)
        case Approve() if event.override:
            ranks, known = policy.ranks, {r.id: r for r in policy.rules if r.enforcement is Enforcement.OVERRIDABLE}
            lifts = tuple(n for n in event.override if n in known and ranks[event.role] >= ranks[known[n].by])
            return msgspec.structs.replace(event, override=lifts)
        case Update() if event.policy:
            return msgspec.structs.replace(event, policy="")
        case _:
            return event


def _tick(event: AnyEvent) -> Tick:
    return Tick(id=event.id, deal=event.deal, at=event.at, instant=event.instant, actor=event.actor, sure=event.sure)


def together(found: Evaluation, upper: Evaluation) -> Evaluation:
    """Return the answer of a layer with that of the layers above: the more severe, with the reasons of both once."""
    after = msgspec.structs.replace(found.after, above=upper.after)
    ruling = _both(found.ruling, upper.ruling)
    accepting, above = found.accepting, upper.accepting
    if accepting is not None and above is not None:
        accepting = msgspec.structs.replace(accepting, ruling=_both(accepting.ruling, above.ruling), above=above)
    cores = found.cores if not found.cores.agree else upper.cores
    return msgspec.structs.replace(
        found, ruling=ruling, after=after, accepting=accepting or above, cores=cores, above=upper
    )


def parted(evaluation: Evaluation) -> tuple[Ruling, Ruling | None]:
    """Return the rules that fired in an evaluation's own layer, and those that fired above it alone."""
    ruling, above = evaluation.ruling, evaluation.above
    if above is None:
        return ruling, None
    upper = {id(f) for f in above.ruling.firings}
    own = tuple(f for f in ruling.firings if id(f) not in upper)
    more = tuple(f for f in ruling.firings if id(f) in upper)
    return Ruling(ruling.verdict, ruling.door, own), Ruling(ruling.verdict, ruling.door, more)


def _both(one: Ruling, other: Ruling) -> Ruling:
    """Return the more severe of two rulings, with every rule that fired in either."""
    told = {(f.rule.id, f.rule.effect, f.standing) for f in one.firings}
    more = tuple(f for f in other.firings if (f.rule.id, f.rule.effect, f.standing) not in told)
    verdict = max(one.verdict, other.verdict)
    door = CLOSED if CLOSED in (one.door, other.door) else one.door or other.door
    firings = tuple(sorted((*one.firings, *more), key=order_of))
    return Ruling(verdict, door, firings)
