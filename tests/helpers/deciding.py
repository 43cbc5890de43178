"""Follow the events of one deal under one policy, position by position, with what a decision was made from."""

from collections.abc import Iterable, Iterator
from functools import cached_property

import msgspec

from walkaway.deal.admission import Unfit
from walkaway.deal.position import Position
from walkaway.decide.authority import Covering
from walkaway.decide.core.program import CONCLUDED, Facts, Fired, Stage
from walkaway.decide.decision import Decision
from walkaway.decide.engine import Engine
from walkaway.decide.evaluation import Evaluation
from walkaway.events import AnyEvent, Heard
from walkaway.language.expr.tree import truth
from walkaway.session.follower import Record


class Step(msgspec.Struct, frozen=True, dict=True):
    """One decided event: its evaluation, the answer, and the deal before it, none where it opens the deal.

    Attributes:
        past: The deal's events before it.
    """

    found: Evaluation
    decision: Decision
    before: Position | None
    past: tuple[AnyEvent, ...]

    def history(self) -> tuple[AnyEvent, ...]:
        """Return the deal's events before it, for an engine that decides it again."""
        return self.past

    @property
    def event(self) -> AnyEvent:
        """Return the event."""
        return self.found.event

    @property
    def on(self) -> Heard:
        """Return what rules listened to."""
        return self.found.on

    @property
    def position(self) -> Position:
        """Return the deal in which it was judged."""
        return self.found.at

    @property
    def prepared(self) -> bool:
        """Return whether the deal lacked nothing."""
        return not self.position.missing

    @cached_property
    def facts(self) -> Facts:
        """Return the facts as a core is given them: no conclusion is drawn yet."""
        return {n: 0 if n.startswith(CONCLUDED) else v for n, v in self.found.facts.items()}

    @property
    def covering(self) -> Covering | None:
        """Return the approvals that cover its terms."""
        return self.found.covering

    @property
    def after(self) -> Position:
        """Return the deal after it."""
        return self.found.after


def follow(engine: Engine, events: Iterable[AnyEvent], record: Record | None = None) -> Iterator[Step]:
    """Decide *events* in turn; those that do not fit the deal are passed over.

    Args:
        record: Writes the decisions; the engine does, if left out.
    """
    before: Position | None = None
    past: list[AnyEvent] = []
    for event in events:
        try:
            found = engine.evaluate(before, event, past.copy)
        except Unfit:
            continue
        yield Step(found, (record or engine.record)(found, ""), before, tuple(past))
        before = found.after
        past.append(event)


def naive(stage: Stage, facts: Facts) -> Fired:
    """Return the rules that fire, by the definition of each condition alone: rule by rule, conclusions as they come."""
    known = {**facts, **{f"concluded.{r.concludes}": 0 for r in stage.rules if r.concludes}}
    fired = []
    for place, rule in enumerate(stage.rules):
        if truth(rule.condition, known):
            fired.append(place)
            if rule.concludes:
                known[f"concluded.{rule.concludes}"] = 1
    return tuple(fired)
