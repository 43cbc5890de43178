"""The loop of a live run: reads, pumps, and stops when it is asked to, with everything committed that was read."""

import contextlib
import signal
import time
from collections.abc import Callable, Iterator
from types import FrameType

from walkaway.run import Batch, PassingSource, Pump, Source

WAIT_S = 0.2
"""So long a source is waited for before signals, the policy and the progress are looked at."""


class Stop:
    """Whether somebody asked to stop."""

    def __init__(self) -> None:
        self.is_asked = False

    def ask(self, number: int, frame: FrameType | None) -> None:
        """Stop after the batch at hand; who asks a second time is not kept waiting."""
        if self.is_asked:
            raise KeyboardInterrupt
        self.is_asked = True


@contextlib.contextmanager
def stoppable() -> Iterator[Stop]:
    """Take SIGTERM and SIGINT as a wish to stop."""
    stop = Stop()
    before = {number: signal.signal(number, stop.ask) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def run(
    source: Source, pump: Pump, stop: Stop, most: int, took: Callable[[float, int], None], between: Callable[[], None]
) -> bool:
    """Carry events until the source ends or somebody asks to stop; tell whether it has ended.

    Args:
        most: Lines that are committed together.
        took: Is told how many seconds so many lines took, from their arrival here until all that came of them had left.
        between: Is called between two batches.
    """
    is_draining = False
    ahead: list[tuple[Batch, float]] = []
    reached, has_ended = dict(pump.places), False

    def complete() -> None:
        """Take the batch that was sent ahead."""
        if ahead:
            batch, begun = ahead.pop()
            pump.take(batch)
            took(time.perf_counter() - begun, len(batch.lines))

    while True:
        if stop.is_asked and not is_draining:
            if not isinstance(source, PassingSource):
                break
            source.drain()  # what a pipe holds already would be lost
            is_draining = True
        batch = source.read(reached, most, 0 if is_draining or ahead else WAIT_S)
        if batch.lines:
            reached.update(batch.places(len(batch.lines)))
            begun = time.perf_counter()
            if pump.look_ahead(batch):
                complete()
                ahead.append((batch, begun))
            else:
                pump.take(batch)
                took(time.perf_counter() - begun, len(batch.lines))
        else:
            complete()
            has_ended = batch.is_last
            if has_ended or is_draining:
                break
        between()
    complete()
    pump.finish()
    return has_ended
