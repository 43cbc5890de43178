"""What a live run tells while it goes: what became of batches, in counts, and what is wrong with dead letters."""

from typing import TYPE_CHECKING

from walkaway import DeadLetter, Incident
from walkaway.run import Taken
from walkaway_cli.render.diagnostics import show_findings, show_incident
from walkaway_cli.running.tally import Tally

if TYPE_CHECKING:
    from walkaway_cli.running.metrics import Metrics


class Telling:
    """Counts what has left; dead letters that go nowhere else are shown."""

    def __init__(self, tally: Tally, metrics: "Metrics | None", *, is_shown: bool) -> None:
        self.tally, self.metrics, self.is_shown = tally, metrics, is_shown

    def report(self, incident: Incident) -> None:
        """Tell of an incident, and count it."""
        self.tally.clear()
        show_incident(incident)
        if self.metrics is not None:
            self.metrics.incidents.inc()

    def took(self, seconds: float, count: int) -> None:
        """Count how long lines took."""
        self.tally.latencies.add(seconds, count)
        if self.metrics is not None:
            for _ in range(count):
                self.metrics.latency.observe(seconds)
            self.metrics.lag.set(self.tally.lag_s() or 0)

    def take(self, answers: Taken) -> None:
        """Count answers."""
        self.tally.count(answers)
        if self.metrics is not None:
            self.metrics.count(answers)
        if self.is_shown:
            for answer in answers:
                if isinstance(answer, DeadLetter):
                    self.tally.clear()
                    show_findings(answer.findings)
