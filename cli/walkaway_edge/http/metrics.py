"""Counts of a server for Prometheus: of calls by route, of verdicts, of checkpoints; no deal, name or amount.

They are served at an address of their own: whoever may ask for a verdict there is, and counts verdicts, would know it.
"""

from collections.abc import Callable, Sequence

from walkaway import DeadLetter, Decision
from walkaway_edge.http.checkpoints import CheckpointFolder
from walkaway_edge.problems import EdgeProblem
from walkaway_edge.scraped import Scraped

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"})


class ServerMetrics:
    """What is counted.

    Args:
        seconds: Tells the time, in seconds since 1970.
    """

    def __init__(self, seconds: Callable[[], float]) -> None:
        self.scraped, self.seconds = Scraped(), seconds
        counter = self.scraped.counter
        self.requests = counter("requests", "Calls answered.", "route", "method", "status")
        self.faults = counter("faults", "Calls that a fault of walkaway kept from being answered.")
        self.verdicts = counter("verdicts", "Events decided, by verdict.", "verdict")
        self.dead = counter("dead_letters", "Events that could not be decided, by the first finding's code.", "code")
        self.incidents = counter("core_disagreements", "How often the two cores did not agree, or one of them failed.")
        what = "From a call's arrival to the end of its answer."
        self.latency = self.scraped.histogram("request_seconds", what, _BUCKETS, "route")

    def asked(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count a call.

        Args:
            route: The template of its address; `-` where there is nothing.
            status: 0 where whoever asked was gone.
        """
        self.requests.labels(route, method if method in _METHODS else "other", str(status)).inc()
        self.latency.labels(route).observe(seconds)
        if status == 500:
            self.faults.inc()

    def decided(self, outcomes: Sequence[Decision | DeadLetter]) -> None:
        """Count what was recorded, and what could not be."""
        for outcome in outcomes:
            if isinstance(outcome, DeadLetter):
                self.dead.labels(outcome.findings[0].code.value).inc()
            else:
                self.verdicts.labels(outcome.verdict.value).inc()

    def watch(self, kept: CheckpointFolder) -> None:
        """Tell over how many entries the newest checkpoint is, and how old its file."""

        def newest(of: Callable[[float, int], float]) -> Callable[[], float]:
            def tell() -> float:
                try:
                    found = kept.all()
                except EdgeProblem:
                    return float("nan")
                return of(found[-1].at, found[-1].size) if found else float("nan")

            return tell

        gauge = self.scraped.gauge
        gauge("checkpoint_entries", "Entries under the newest checkpoint.", newest(lambda _, size: size))
        gauge("checkpoint_age_seconds", "Since the newest was signed.", newest(lambda at, _: self.seconds() - at))
