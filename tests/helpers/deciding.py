"""Follow the events of one deal under one policy, position by position, with what a decision was made from."""

from collections.abc import Iterable, Iterator

import msgspec

from walkaway.deal.admission import Unfit
from walkaway.deal.fold import opening
from walkaway.deal.ledger import weigh
from walkaway.deal.position import Position
from walkaway.decide.core.program import Facts, Fired, Stage
from walkaway.decide.decision import Decision
from walkaway.decide.engine import Engine
from walkaway.decide.explain import holds
from walkaway.events import AnyEvent, Approve, On, Open, on_of


class Step(msgspec.Struct, frozen=True):
    """One decided event: the position it was judged in, the facts, the approvals that cover it, and the answer."""

    event: AnyEvent
    on: On
    position: Position
    prepared: bool
    facts: Facts
    covering: tuple[Approve, ...]
    decision: Decision
    before: Position | None
    after: Position


def follow(engine: Engine, events: Iterable[AnyEvent]) -> Iterator[Step]:
    """Decide *events* in turn; those that do not fit the deal are passed over."""
    before: Position | None = None
    for event in events:
        try:
            found = engine.evaluate(before, event)
        except Unfit:
            continue
        yield Step(found, (record or engine.record)(found, ""), before)
        before = found.after


def naive(stage: Stage, facts: Facts) -> Fired:
    """Return the rules that fire, by the definition of each condition alone: rule by rule, conclusions as they come."""
    known = {**facts, **{f"concluded.{r.concludes}": 0 for r in stage.rules if r.concludes}}
    fired = []
    for place, rule in enumerate(stage.rules):
        if holds(rule.condition, known):
            fired.append(place)
            if rule.concludes:
                known[f"concluded.{rule.concludes}"] = 1
    return tuple(fired)
