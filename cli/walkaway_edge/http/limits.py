"""How often a token may ask: so many calls a second on average, by its role, and what was saved up at once."""

from collections.abc import Callable, Mapping

from walkaway_edge.http.answers import problem
from walkaway_edge.http.identity import Identity, Role
from walkaway_edge.problems import EdgeProblem

RATES: Mapping[Role, int] = {
    Role.REP: 20,
    Role.APPROVER: 20,
    Role.SALES_OPS: 20,
    Role.AUDITOR: 5,
    Role.AGENT: 2,
    Role.CUSTOMER: 2,
    Role.FEED: 0,
    Role.EXECUTOR: 0,
}
"""Calls a second, 0 for any number: feeds and executors are programs of ours, which wait by themselves."""
OPEN_RATE = 5
"""Calls a second from one address, of what is answered without a token."""
SAVED_S = 10
"""So many seconds' calls may come at once."""
MOST = 10_000


class CallLimits:
    """Counts the calls of every token; of several roles the one that may most counts.

    Args:
        seconds: A clock that only goes forward.
        rates: Role → calls a second, where they differ from `RATES`.
    """

    def __init__(self, seconds: Callable[[], float], rates: Mapping[Role, int] | None = None) -> None:
        self.seconds, self.rates = seconds, {**RATES, **(rates or {})}
        self.left: dict[str, tuple[float, float]] = {}

    def take(self, who: Identity, place: str = "") -> dict[str, str]:
        """Count a call, and return the headers that tell what is left; none where any number may come.

        Args:
            place: The address that it comes from, where nobody's token came with it.

        Raises:
            Problem: Where it is one too many; it says how long to wait.
        """
        rates = [self.rates[role] for role in who.roles] or [OPEN_RATE]
        if 0 in rates:
            return {}
        rate, now = max(rates), self.seconds()
        most = rate * SAVED_S
        key = who.key or (f"place {place}" if place else f"person {who.sub}")
        before, at = self.left.get(key, (most, now))
        left = min(most, before + (now - at) * rate)
        if left < 1:
            self.left[key] = (left, now)
            wait = str(max(1, -int(-(1 - left) // rate)))
            by = "from one address" if place else "by one token"
            what = f"more than {most} calls in {SAVED_S} s came {by}"
            raise problem("too-many", what, headers={"Retry-After": wait, **headers(rate, f"r=0;t={wait}")})
        if len(self.left) >= MOST and key not in self.left:
            self._forget(now)
        self.left[key] = (left - 1, now)
        return headers(rate, f"r={int(left - 1)};t={-int(-(most - left + 1) // rate)}")

    def _forget(self, now: float) -> None:
        """Let go of whoever has saved up all they can; where nobody has, of whoever asked longest ago."""
        kept = {key: found for key, found in self.left.items() if now - found[1] < SAVED_S}
        while len(kept) >= MOST:
            del kept[next(iter(kept))]
        self.left = kept


def headers(rate: int, left: str) -> dict[str, str]:
    """Return what is told of a limit, as draft-ietf-httpapi-ratelimit-headers has it."""
    return {"RateLimit-Policy": f'"calls";q={rate * SAVED_S};w={SAVED_S}', "RateLimit": f'"calls";{left}'}


def rates_of(said: tuple[str, ...]) -> dict[Role, int]:
    """Return rates that were typed, each as ROLE=CALLS.

    Raises:
        EdgeProblem: Where one is none.
    """
    found: dict[Role, int] = {}
    for text in said:
        role, _, calls = text.partition("=")
        if role not in set(Role) or not calls.isascii() or not calls.isdigit() or len(calls) > 6:
            raise EdgeProblem(f"--rate {text[:60]}: this is no limit", "write `--rate rep=20`, or `rep=0` for none")
        found[Role(role)] = int(calls)
    return found
