"""How far a log had come at each of its entries. No clock is kept in it: what it had come to, its events say.

An event that is dated before what the log had come to came late, or was dated back; nobody can tell which.
"""

from array import array
from bisect import bisect_left

from walkaway.language.instants import DAY, format_day
from walkaway.language.spelling import counted
from walkaway.log import store as db
from walkaway.log.store import Store

AHEAD_DAYS = 400
"""An opening so many days past the entry before it was dated by a slip."""


class LogCourse:
    """What a log had come to, entry by entry: the second latest instant before, so that one slip moves nothing.

    Attributes:
        ahead: The deals that open long after the entry before, with their first entry and what is wrong with it; what
            happens in them moves nothing either.
    """

    def __init__(self, store: Store) -> None:
        self.ahead: dict[str, tuple[int, str]] = {}
        self._entries, self._instants = array("q"), array("q")
        latest: list[int] = []
        before: int | None = None
        seen: set[str] = set()
        for entry in db.entries(store):
            name, at = entry.deal, entry.instant
            if name is None or at is None:
                continue
            if name not in seen and before is not None and at - before > AHEAD_DAYS * DAY:
                days = counted((at - before) // DAY, "day")
                what = f"it opens on {format_day(at // DAY)} (UTC), {days} after the entry before"
                self.ahead[name] = entry.n, what
            seen.add(name)
            before = at
            if name in self.ahead or (len(latest) == 2 and at <= latest[0]):
                continue
            latest = sorted([*latest, at])[-2:]
            if len(latest) == 2 and (not self._instants or latest[0] > self._instants[-1]):
                self._entries.append(entry.n)
                self._instants.append(latest[0])

    @property
    def end(self) -> int | None:
        """Return the instant that the log has come to at its end; none of a log that has hardly begun."""
        return self._instants[-1] if self._instants else None

    def before(self, entry: int) -> int | None:
        """Return the instant that the log had come to before an entry; none at its beginning."""
        place = bisect_left(self._entries, entry)
        return self._instants[place - 1] if place else None
