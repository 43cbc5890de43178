"""Hunt for a sequence of our own moves that closes on terms which one clean offer would not get.

They say what they say first; then we move, as crookedly as can be, and they take what we said last. In a second deal
with the same approvals and the same words of theirs, somebody who has said nothing yet offers these terms at that
instant, once. If the first deal may be closed as won and the second may not, our moves have bought something.
"""

from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

import msgspec
from tests.hunt import policies
from tests.hunt.deals import Dealer
from tests.hunt.made import Made
from tests.hunt.playing import counted, engine_of, with_deal
from tests.hunt.tally import Contradiction, Tally

from walkaway.deal.admission import Unfit
from walkaway.deal.position import Position
from walkaway.deal.valuation import OutOfRange
from walkaway.decide.engine import Engine
from walkaway.events import (
    THEM,
    US,
    Accept,
    AnyEvent,
    Approve,
    Close,
    Offer,
    Open,
    Reject,
    Revoke,
    Terms,
    Update,
    Verdict,
    Void,
    Withdraw,
)

DEALS = 400
OURS = (
    "offer",
    "offer",
    "offer",
    "step",
    "partial",
    "packages",
    "withdraw",
    "void",
    "fact",
    "approve",
    "revoke",
    "reject",
    "take",
)


class Mover(Dealer):
    """Makes up their words, and then moves of ours."""

    def theirs(self, position: Position) -> AnyEvent:
        """Return an offer of theirs."""
        return Offer(**self.head(), by=THEM, terms=self.terms(position))

    def move(self, position: Position, past: list[AnyEvent], goal: Terms) -> AnyEvent | None:
        """Return a move of ours, on the way to a goal or not; none where it makes no sense now."""
        rng = self.rng
        ours: dict[str, Any] = {"by": US, "actor": rng.choice(("ann", "bo"))}
        match rng.choice(OURS):
            case "offer":
                terms = self.terms(position)
                return Offer(**self.head(), **ours, terms=terms)
            case "step":
                names = rng.sample(sorted(goal), rng.randint(1, len(goal)))
                listed = {n for n in names if self.policy.issues[n].values}
                terms = {n: goal[n] if n in listed else between(rng, position.cleared[n], goal[n]) for n in names}
                return Offer(**self.head(), **ours, terms=terms)
            case "partial" if position.theirs.first and position.theirs.stands:
                return Accept(**self.head(), **ours, issues=(rng.choice(sorted(position.theirs.first)),))
            case "packages":
                return Offer(**self.head(), **ours, terms={}, packages=(dict(goal), self.terms(position)))
            case "withdraw" if position.ours.stands:
                return Withdraw(**self.head(), **ours)
            case "void":
                mine = [e.id for e in past if isinstance(e, Offer | Accept | Withdraw) and e.by is US]
                return Void(**self.head(), of=rng.choice(mine), reason="a slip", actor="ann") if mine else None
            case "fact" if "seats" in self.policy.deal:
                return Update(**self.head(), facts={"seats": rng.choice((5, 50))}, actor="ann")
            case "approve" if self.policy.roles:
                role = rng.choice(self.policy.roles)
                return Approve(
                    **self.head(),
                    approver=rng.choice(("ann", "dee")),
                    role=role,
                    terms=rng.choice((dict(goal), self.terms(position))),
                )
            case "revoke" if position.approvals:
                one = rng.choice(position.approvals)
                return Revoke(**self.head(), approver=one.approver, of=one.id)
            case "reject" if position.theirs.said_at is not None:
                return Reject(**self.head(), **ours)
            case "take" if position.theirs.stands and rng.randrange(3) == 0:
                return Accept(**self.head(), **ours)
            case _:
                return None


def between(rng: Random, one: Any, other: Any) -> Any:
    """Return a value between two, or one of them."""
    if isinstance(one, int) and isinstance(other, int) and abs(one - other) > 1 and rng.randrange(3):
        return one + (other - one) * rng.randint(1, 7) // 8
    return other


def tell(engine: Engine, events: Sequence[AnyEvent]) -> tuple[list[Verdict], Position | None] | None:
    """Return the answers to a deal's events and the deal after them; none where one does not fit."""
    position: Position | None = None
    found: list[Verdict] = []
    past: list[AnyEvent] = []
    for event in events:
        try:
            evaluation = engine.evaluate(position, event, past.copy)
        except (Unfit, OutOfRange):
            return None
        found.append(evaluation.ruling.verdict)
        position = evaluation.after
        past.append(event)
    return found, position


def hunt_moves(rng: Random, tally: Tally, deals: int = DEALS) -> Iterator[Contradiction]:
    """Try whether our own moves buy what one clean offer does not."""
    made = policies.bargaining(rng)
    policy = made.policy()
    if policy is None:
        tally.add("policies that cannot be read")
        return
    tally.add("policies that bargain")
    engine, mover = engine_of(policy), Mover(policy, rng)
    for events in counted(lambda: crooked(engine, mover), tally, deals):
        what = bought(engine, events)
        if what:
            yield Contradiction("our own moves", what, with_deal(made, policy, events), moves_buy)
            return


def crooked(engine: Engine, mover: Mover) -> list[AnyEvent]:
    """Return a deal: their words, our moves, and the end."""
    rng, position = mover.rng, None
    past: list[AnyEvent] = []
    spoken = rng.randint(0, 4)
    goal: dict[str, Any] = {}
    for number in range(1 + spoken + rng.randint(1, 6)):
        event: AnyEvent | None
        if position is None:
            event = msgspec.structs.replace(mover.opening(), batna=None)
        elif number <= spoken:
            event = mover.theirs(position)
        else:
            goal = goal or mover.terms(position)
            event = mover.move(position, past, goal)
        if event is None:
            continue
        try:
            found = engine.evaluate(position, event, past.copy)
        except (Unfit, OutOfRange):
            if position is None:
                return []
            continue
        position = found.after
        past.append(event)
        if position.valuation is None:
            return []
    assert position is not None
    past += ending(mover, position, past)
    return past


def ending(mover: Mover, position: Position, past: list[AnyEvent]) -> list[AnyEvent]:
    """Return what closes a deal: facts are what they were, terms are taken, and it is signed."""
    found: list[AnyEvent] = []
    opened = past[0]
    assert isinstance(opened, Open)
    if "seats" in mover.policy.deal and any(isinstance(e, Update) for e in past):
        seats = opened.facts.get("seats", mover.policy.deal["seats"].default)
        assert seats is not None
        found.append(Update(**mover.head(), facts={"seats": seats}, actor="ann"))
    by = US if position.theirs.stands and mover.rng.randrange(4) == 0 else THEM
    packages = position.side(by.other).packages
    package = mover.rng.randint(1, len(packages)) if packages else 0
    found.append(Accept(**mover.head(), by=by, actor="bo" if by is US else "", package=package))
    found.append(Close(**mover.head(0), outcome="won"))
    return found


def bought(engine: Engine, events: Sequence[AnyEvent]) -> str | None:
    """Say what a deal is closed on that one clean offer would not get."""
    if not events or not isinstance(events[-1], Close) or not isinstance(events[0], Open):
        return None
    told = tell(engine, events)
    if told is None or told[0][-1] is not Verdict.PROCEED or told[1] is None:
        return None
    agreement = told[1].agreement
    if agreement is None or agreement.other:
        return None
    if is_heard_between(events):
        return None
    answers = [told[0][-1] for clean in cleaned(engine, events, agreement.terms) if (told := tell(engine, clean))]
    if not answers or Verdict.PROCEED in answers:
        return None
    return f"closed on {dict(agreement.terms)}; offered once it is {answers[0]}, taken once {answers[-1]}"


def cleaned(engine: Engine, events: Sequence[AnyEvent], terms: Terms) -> Iterator[list[AnyEvent]]:
    """Return the same deal in which we say nothing but these terms, once, at the end: as an offer, and as theirs.

    Their acceptance of what we said is their offer of it, counted first, and our acceptance.
    """
    kept, last = [e for e in events[:-1] if is_kept(e)], events[-1]
    head: dict[str, Any] = {"deal": last.deal, "at": last.at, "instant": last.instant}
    yield [*kept, Offer(**head, id="clean", by=US, actor="cy", terms=terms)]
    said = Offer(**head, id="said", by=THEM, terms=terms)
    yield [*kept, said, Accept(**head, id="taken", by=US, actor="cy")]


def is_heard_between(events: Sequence[AnyEvent]) -> bool:
    """Return whether they say something between our moves."""
    return any(isinstance(e, Offer) and e.by is THEM for e in events[first_of_ours(events) :])


def first_of_ours(events: Sequence[AnyEvent]) -> int:
    """Return the place of our first move."""
    return next((p for p, e in enumerate(events) if p and not (isinstance(e, Offer) and e.by is THEM)), len(events))


def is_kept(event: AnyEvent) -> bool:
    """Return whether an event stays where we say nothing: what others said, and what was approved and revoked."""
    approves = isinstance(event, Revoke) or (isinstance(event, Approve) and not event.of)
    return isinstance(event, Open) or approves or (isinstance(event, Offer) and event.by is THEM)


def moves_buy(made: Made) -> str | None:
    """Return what a case's deal is closed on that one clean offer would not get."""
    policy = made.policy()
    if policy is None or not made.events:
        return None
    return bought(engine_of(policy), made.told(policy))
