"""What would pass instead of each deal's latest answer, where that is open: earlier ones are past advice."""

from collections.abc import Iterator
from functools import partial

import msgspec

from walkaway import Decision, Engine, Stream, Verdict
from walkaway.advice import Seeker
from walkaway.decide import Evaluation
from walkaway.session import Record


class LastOpen:
    """Remembers of each deal the latest answer and what it rests on, while that is not simply `proceed`.

    Attributes:
        stream: Follows the deals; set once it is made, since it is made with `record`.
    """

    stream: Stream

    def __init__(self) -> None:
        self.open: dict[str, tuple[Engine, Evaluation, Decision]] = {}

    def record(self, engine: Engine) -> Record:
        """Return what writes an engine's decisions, without counteroffers, and remembers those that are open."""
        return partial(self._record, engine)

    def _record(self, engine: Engine, evaluation: Evaluation, before: str) -> Decision:
        decision, event = engine.record(evaluation, before), evaluation.event
        followed = self.stream.deals.get(event.deal)
        if followed is not None and event.id in followed.events and event.id != next(reversed(followed.events)):
            return decision  # asked for again, or decided anew behind a late one
        self.open.pop(event.deal, None)
        if decision.verdict is not Verdict.PROCEED:
            self.open[event.deal] = engine, evaluation, decision
        return decision

    def decisions(self) -> Iterator[Decision]:
        """Return the answers that are open and have counteroffers, with these, in the order in which they came."""
        seekers: dict[str, Seeker] = {}
        for engine, evaluation, decision in self.open.values():
            key = engine.policy.key
            seeker = seekers.get(key) or seekers.setdefault(key, Seeker(engine))
            if found := seeker.counteroffers(evaluation):
                yield msgspec.structs.replace(decision, counteroffers=found)
