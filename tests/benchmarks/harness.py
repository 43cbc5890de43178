"""Time several ways of doing one thing, taking turns, so that a machine that slows down slows all of them."""

import gc
import statistics
import time
from collections.abc import Callable, Mapping, Sequence

Way = Callable[[], object]


def race(ways: Mapping[str, Way], rounds: int, count: int) -> dict[str, float]:
    """Return the median processor time of each way, in microseconds for one of the *count* things a call does."""
    return {name: statistics.median(times) for name, times in laps(ways, rounds, count).items()}


def laps(ways: Mapping[str, Way], rounds: int, count: int) -> dict[str, list[float]]:
    """Return the processor time of each way in each round, in microseconds for one of the *count* things a call does.

    Every round runs every way once, in turn. Processor time leaves out what other processes took.
    """
    for way in ways.values():
        way()
    spent: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            gc.collect()
            before = time.process_time_ns()
            way()
            spent[name].append((time.process_time_ns() - before) / count / 1_000)
    return spent


def each(function: Callable[[bytes], object], lines: Sequence[bytes]) -> Way:
    """Return a way that calls *function* for every line and keeps nothing."""

    def way() -> None:
        for line in lines:
            function(line)

    return way


def quantile(times: Sequence[int], share: float) -> float:
    """Return the time that *share* of all do not exceed, in the unit of *times*."""
    return sorted(times)[min(len(times) - 1, int(share * len(times)))]


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)
