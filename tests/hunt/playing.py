"""Play random deals under policies, event by event, with the plain core."""

from collections.abc import Callable, Iterator

from tests.hunt.claims import Seen
from tests.hunt.deals import Dealer
from tests.hunt.made import Made
from tests.hunt.tally import Tally

from walkaway.deal.admission import Unfit
from walkaway.deal.encode import EventWriter, canonical
from walkaway.deal.position import Position
from walkaway.deal.valuation import OutOfRange
from walkaway.decide.engine import Core, Engine
from walkaway.events import AnyEvent
from walkaway.policy import Policy

MOST = 9
"""Events of a deal after its opening."""


def engine_of(policy: Policy) -> Engine:
    """Return an engine with the plain core alone."""
    return Engine(policy, Core.PLAIN)


def counted(play: Callable[[], list[AnyEvent]], tally: Tally, deals: int) -> Iterator[list[AnyEvent]]:
    """Return the events of so many deals while there is time, each played when it is asked for, and counted."""
    for _ in range(deals):
        if tally.is_over():
            return
        events = play()
        tally.add("deals")
        tally.add("events", len(events))
        yield events


def follow(engine: Engine, events: list[AnyEvent]) -> Iterator[Seen]:
    """Decide the events of a deal in turn; those that do not fit are passed over."""
    position: Position | None = None
    past: list[AnyEvent] = []
    for event in events:
        try:
            found = engine.evaluate(position, event, past.copy)
        except (Unfit, OutOfRange):
            continue
        yield Seen(engine, found, position, tuple(past))
        position = found.after
        past.append(event)


def one_deal(engine: Engine, dealer: Dealer) -> Iterator[Seen]:
    """Decide the events of one random deal, each made up for the deal as it stands."""
    past: list[AnyEvent] = []
    position: Position | None = None
    for _ in range(dealer.rng.randint(2, MOST)):
        try:
            event = dealer.opening() if position is None else dealer.event(position, past)
            found = engine.evaluate(position, event, past.copy)
        except (Unfit, OutOfRange):
            if position is None:
                return
            continue
        yield Seen(engine, found, position, tuple(past))
        past.append(event)
        position = found.after
        if position.outcome:
            return


def with_deal(made: Made, policy: Policy, events: list[AnyEvent]) -> Made:
    """Return a case with a deal as JSON lines."""
    import msgspec

    writer = EventWriter(policy)
    return msgspec.structs.replace(made, events=tuple(canonical(writer.content(e)) for e in events))
