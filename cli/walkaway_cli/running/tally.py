"""What came of a run: counts, latencies, progress on a terminal, and the summary at the end."""

import math
import sys
import time
from collections import Counter
from collections.abc import Sequence

from walkaway import DeadLetter
from walkaway.events import Verdict
from walkaway.language import counted, instant_of
from walkaway.run import DecidedEvent
from walkaway_cli.render.remarks import remark

_EVERY_S = 0.2
_STEP = 1.02


class Latencies:
    """How long events took, counted in steps of 2 %."""

    def __init__(self) -> None:
        self.steps: Counter[int] = Counter()

    def add(self, seconds: float, count: int) -> None:
        """Count events that took so long."""
        self.steps[math.ceil(math.log(max(seconds, 1e-9)) / math.log(_STEP))] += count

    def quantile(self, share: float) -> float:
        """Return the time in seconds that a share of the events did not exceed, to 2 %."""
        left = share * self.steps.total()
        for step in sorted(self.steps):
            left -= self.steps[step]
            if left <= 0:
                return float(_STEP**step)
        return 0.0


class Tally:
    """Counts answers, and shows how it goes."""

    def __init__(self, *, shows: bool) -> None:
        self.shows = shows
        self.begun = self.shown = time.monotonic()
        self.verdicts: Counter[str] = Counter()
        self.repeated = self.dead = 0
        self.shown_events = 0
        self.latencies = Latencies()
        self.rate = 0.0
        self.last = ""

    def begin(self) -> None:
        """Count the time from here."""
        self.begun = self.shown = time.monotonic()

    @property
    def decided(self) -> int:
        """Return how many events were decided."""
        return self.verdicts.total()

    def count(self, answers: Sequence[DecidedEvent | DeadLetter]) -> None:
        """Count a batch that has left."""
        for answer in answers:
            if isinstance(answer, DeadLetter):
                self.dead += 1
            else:
                self.verdicts[answer.verdict] += 1
                self.repeated += answer.repeated
                self.last = answer.at

    def lag_s(self) -> float | None:
        """Return the age of the event decided last, in seconds."""
        instant = instant_of(self.last)
        return None if instant is None else time.time() - instant / 1e6

    def show(self) -> None:
        """Show on a terminal how it goes, now and then."""
        now = time.monotonic()
        if not self.shows or now - self.shown < _EVERY_S:
            return
        events = self.decided + self.dead
        rate = (events - self.shown_events) / (now - self.shown)
        self.rate = rate if not self.rate else 0.7 * self.rate + 0.3 * rate
        self.shown, self.shown_events = now, events
        lag_s = self.lag_s()
        lag = f" · {_seconds(lag_s)} behind" if lag_s is not None and lag_s > 0 else ""
        done, dead = counted(events, "event"), counted(self.dead, "dead letter")
        said = f"{done} · {self.rate:,.0f}/s · {self.by_verdict()} · {dead}{lag}"
        sys.stderr.write(f"\r\033[K{said}")
        sys.stderr.flush()

    def clear(self) -> None:
        """Take the line of progress away, before something else is shown."""
        if self.shows and self.shown_events:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()

    def say(self, what: str) -> None:
        """Say something on stderr, beside the progress."""
        self.clear()
        remark(what)

    def by_verdict(self) -> str:
        """Return how often each verdict was the answer, from the mildest."""
        words = [v.value for v in Verdict if self.verdicts[v]]
        return ", ".join(f"{word} {self.verdicts[word]:,}" for word in words) or "none decided"

    def summary(self) -> str:
        """Say what came of all events."""
        seconds = time.monotonic() - self.begun
        events = self.decided + self.dead
        again = f"{self.decided:,} decided, {self.repeated:,} of them again"
        first = f"{counted(events, 'event')}: {again}, {counted(self.dead, 'dead letter')}"
        if not events:
            return first
        slow = f"p50 {_seconds(self.latencies.quantile(0.5))}, p99 {_seconds(self.latencies.quantile(0.99))}"
        return f"{first}\n{self.by_verdict()}\n{seconds:.1f} s, {events / seconds:,.0f} events/s, latency {slow}"


def _seconds(seconds: float) -> str:
    if seconds < 1:
        return f"{seconds * 1000:.3g} ms"
    if seconds < 120:
        return f"{seconds:.3g} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h" if seconds < 172_800 else counted(round(seconds / 86_400), "day")
