"""Counts of a live run for Prometheus, served on the loopback interface unless another address is named."""

from collections.abc import Sequence

import msgspec

from walkaway import DeadLetter
from walkaway.run import DecidedEvent
from walkaway_edge.scraped import Scraped

_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class _RuleStanding(msgspec.Struct, frozen=True):
    rule: str
    standing: str = "decides"


class _DecisionReasons(msgspec.Struct, frozen=True):
    reasons: tuple[_RuleStanding, ...] = ()
    above: "_DecisionReasons | None" = None

    def fired(self) -> tuple[_RuleStanding, ...]:
        """Return the rules that fired, those that fired in a layer above alone as well."""
        return self.reasons if self.above is None else (*self.reasons, *self.above.fired())


_read = msgspec.json.Decoder(_DecisionReasons).decode


class Metrics:
    """What is counted, and its server.

    Args:
        where: A port, or ADDRESS:PORT.

    Raises:
        EdgeProblem: Where nothing can be served there.
    """

    def __init__(self, where: str) -> None:
        self.scraped = Scraped()
        counter = self.scraped.counter
        self.verdicts = counter("verdicts", "Events decided, by verdict.", "verdict")
        self.rules = counter("rules_fired", "Rules that fired, by what came of it.", "rule", "standing")
        self.repeated = counter("repeated", "Events that had come before and got their answer again.")
        self.dead = counter(
            "dead_letters", "Events that could not be decided, by the code of the first finding.", "code"
        )
        self.incidents = counter("core_disagreements", "How often the two cores did not agree, or one of them failed.")
        what = "From an event's arrival here until its verdict has left, by batch."
        self.latency = self.scraped.histogram("latency_seconds", what, _BUCKETS)
        self.lag = self.scraped.gauge("lag_seconds", "Age of the event decided last.")
        self.port = self.scraped.serve(where)

    def count(self, answers: Sequence[DecidedEvent | DeadLetter]) -> None:
        """Count answers that have left."""
        for answer in answers:
            if isinstance(answer, DeadLetter):
                self.dead.labels(answer.findings[0].code.value).inc()
                continue
            self.verdicts.labels(answer.verdict).inc()
            if answer.repeated:
                self.repeated.inc()
                continue
            for reason in _read(answer.answer).fired():
                self.rules.labels(reason.rule, reason.standing).inc()

    def close(self) -> None:
        """Stop serving."""
        self.scraped.close()
