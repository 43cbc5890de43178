"""Ticks from event time: whenever an accepted event takes time past a full interval, every silent open deal has one.

The clock is that of the events: it advances to the interval that the newest accepted event lies in, never back. Full
intervals between two events count as one: a tick says how late it is, not how often somebody looked.
"""

from collections.abc import Callable

import msgspec

from walkaway.deal.letters import unfolded
from walkaway.deal.lines import Line, head_of
from walkaway.language.instants import instant_text
from walkaway.run.ports import Offsets

REACHED = "reached"


class Ticker:
    """Knows when ticks are due.

    Args:
        every: The interval, in microseconds, counted from 1970 in UTC.
        now: The latest instant that an event can have; one that claims to be later makes no time pass for others.
    """

    def __init__(self, every: int, now: Callable[[], int]) -> None:
        self.every, self.now = every, now
        self.reached: int | None = None

    def resume(self, noted: Offsets) -> None:
        """Go on from the instant that was reached."""
        if REACHED in noted:
            self.reached = int(noted[REACHED])

    def places(self) -> Offsets:
        """Return the instant reached, to be noted."""
        return {} if self.reached is None else {REACHED: b"%d" % self.reached}

    def due(self, line: Line) -> int | None:
        """Return the start of the interval that a line takes time into, where no event was in it or beyond yet."""
        at = head_of(unfolded(line).data).instant
        if at is None or at > self.now():
            return None
        due = at - at % self.every
        if self.reached is None:
            self.reached = due
        return due if due > self.reached else None

    def deal(self, line: Line) -> str:
        """Return the deal that an event names."""
        return head_of(line.data).deal

    def tick(self, deal: str, due: int) -> Line:
        """Return the tick of a deal."""
        at = instant_text(due)
        data = msgspec.json.encode({"id": f"tick {at}", "deal": deal, "at": at, "type": "tick"})
        return Line(data, "ticks", 1)
