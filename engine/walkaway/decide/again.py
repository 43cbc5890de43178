"""Fold a deal again from its events: without a revoked approval or a slip, or with the facts as they are stated now.

What is folded again clears nothing that was not let through the first time. Knows no rules.

Source:
    docs/calculus.md, more that can happen.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

import msgspec

from walkaway.deal.position import Approval, Position
from walkaway.decide.evaluation import Evaluation
from walkaway.events import AnyEvent, Approve, Open, Update, Verdict, Void
from walkaway.language.values import Value

History = Callable[[], Sequence[AnyEvent]]
"""Returns the events of a deal that are folded so far, in their order, the opening first."""
Fold = Callable[[Position | None, AnyEvent, bool], Evaluation]
"""Judges and folds the next event of the past; whether it may clear terms is said. It looks no further back."""


class Twice(msgspec.Struct, frozen=True):
    """One event folded as it was, and as it is folded again; none where it is left out."""

    was: Evaluation
    now: Evaluation | None


def left(events: Iterable[AnyEvent], deal: Position) -> list[AnyEvent]:
    """Return the events of a deal as they are folded again: without what was voided, a revoked approval being over.

    What it took the place of stays replaced: no approval is in force again because another one is revoked.
    """
    events, waits = list(events), {pending.event for pending in deal.pending}
    voided = {e.of for e in events if isinstance(e, Void) and e.id not in deal.dropped and e.id not in waits}
    kept = (e for e in events if e.id not in deal.dropped or (isinstance(e, Approve) and e.id not in voided))
    return [over(e) if e.id in deal.dropped else e for e in kept]


def over(event: AnyEvent) -> AnyEvent:
    """Return an approval as one that ends before it is given; any other event as it is."""
    return msgspec.structs.replace(event, until=event.instant - 1) if isinstance(event, Approve) else event


def again(
    folding: Callable[[], Fold],
    events: Sequence[AnyEvent],
    without: Collection[str] = (),
    revoked: Collection[str] = (),
    facts: Mapping[str, Value] | None = None,
    *,
    freely: bool = False,
) -> Iterator[Twice]:
    """Fold events twice.

    Args:
        folding: Begins to fold a deal.
        events: As `left` returns them.
        without: What is left out of the second.
        revoked: The approvals that are over at once in the second.
        facts: The deal facts that hold in the second from the beginning.
        freely: Whether the second may clear what the first did not.
    """
    was: Position | None = None
    now: Position | None = None
    once, twice = folding(), folding()
    for event in events:
        first = once(was, event, True)
        was = first.after
        if event.id in without:
            yield Twice(first, None)
            continue
        cleared = freely or first.ruling.verdict is Verdict.PROCEED
        second = twice(now, over(event) if event.id in revoked else _with_facts(event, facts), cleared)
        now = _as_given(second.after, was)
        yield Twice(first, msgspec.structs.replace(second, after=now))


def _with_facts(event: AnyEvent, facts: Mapping[str, Value] | None) -> AnyEvent:
    if facts is None or not isinstance(event, Open | Update):
        return event
    return msgspec.structs.replace(event, facts=facts if isinstance(event, Open) else {})


def _as_given(now: Position, was: Position) -> Position:
    """Return a position whose approvals know the deal as it was when they were given."""
    if not now.approvals:
        return now
    given = {a.id: a.then for a in was.approvals}

    def kept(approval: Approval) -> Approval:
        then = given.get(approval.id)
        return approval if then is None else msgspec.structs.replace(approval, then=then)

    return msgspec.structs.replace(now, approvals=tuple(kept(a) for a in now.approvals))
