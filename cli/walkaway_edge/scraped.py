"""Counts for Prometheus, fetched at an address of their own: the loopback interface, unless another is named."""

from collections.abc import Callable, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server

from walkaway_edge.problems import EdgeProblem


class Scraped:
    """What is counted, by names that begin with `walkaway_`."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()

    def counter(self, name: str, what: str, *labels: str) -> Counter:
        """Return what only grows."""
        return Counter(f"walkaway_{name}", what, labels, registry=self.registry)

    def gauge(self, name: str, what: str, tell: Callable[[], float] | None = None) -> Gauge:
        """Return what goes up and down, or is told each time it is fetched."""
        found = Gauge(f"walkaway_{name}", what, registry=self.registry)
        if tell is not None:
            found.set_function(tell)
        return found

    def histogram(self, name: str, what: str, buckets: Sequence[float], *labels: str) -> Histogram:
        """Return how often something took how long."""
        return Histogram(f"walkaway_{name}", what, labels, buckets=buckets, registry=self.registry)

    def serve(self, where: str) -> int:
        """Let it be fetched, and return the port.

        Args:
            where: A port, or ADDRESS:PORT.

        Raises:
            EdgeProblem: Where nothing can be served there.
        """
        address, _, port = where.rpartition(":")
        try:
            self.server, self.thread = start_http_server(int(port), address or "127.0.0.1", self.registry)
        except (OSError, ValueError, OverflowError) as problem:
            raise EdgeProblem(f"--metrics {where}: nothing can be served there") from problem
        return int(self.server.server_port)

    def close(self) -> None:
        """Stop serving."""
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
