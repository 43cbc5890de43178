"""The values that people would offer: round ones, in the steps in which an issue is talked about.

A line of values runs from one value towards another and ends in it. Knows one issue at a time.
"""

from collections.abc import Iterable

from walkaway.language.values import Kind, Value
from walkaway.policy.model import Issue

MOST = 240
"""Values on a line where one issue moves; a longer line is walked in wider steps, which stay multiples."""
MOST_IN_PAIRS = 24
MOST_BESIDE = 6
"""The same where two issues move, and for the issues asked for beside a smaller give."""

_COARSEST = {
    Kind.MONTHS: (12, 6, 3, 1),
    Kind.DAYS: (30, 15, 10, 7, 5, 1),
    Kind.DURATION: (604_800, 86_400, 3_600, 60, 1),
    Kind.NUMBER: (10_000, 5_000, 1_000, 100, 10, 1),
}
_HALF_PERCENT = 5_000
_IN_A_SPAN = 20
_ASKS = {Kind.MONTHS: 2}
_ASKS_OTHERWISE = 8


def step_of(issue: Issue, start: Value, limits: Iterable[Value | None], met: Iterable[Value | None]) -> int:
    """Return the step of *issue* in its smallest units: the policy's, or one that people use.

    Args:
        start, limits: Its start value, and its limits in this deal: the coarsest customary step that meets them all is
            theirs too.
        met: Values on the table. Money moves in about a twentieth of what lies between all these values, rounded down
            to 1, 2 or 5 of some power of ten.
    """
    if issue.step is not None:
        return issue.step
    declared = [v for v in (start, *limits) if isinstance(v, int)]
    match issue.unit.kind:
        case Kind.PERCENT:
            return _HALF_PERCENT
        case Kind.MONEY:
            values = [*declared, *(v for v in met if isinstance(v, int))]
            return round_amount((max(values) - min(values)) // _IN_A_SPAN)
        case kind if kind in _COARSEST:
            return next(s for s in _COARSEST[kind] if all(v % s == 0 for v in declared))
        case _:
            return 1


def round_amount(amount: int) -> int:
    """Return the largest 1, 2 or 5 times a power of ten that is no more than *amount*; 1 below that."""
    power = 10 ** (len(str(max(1, amount))) - 1)
    return max((m * power for m in (5, 2, 1) if m * power <= amount), default=1)


def towards(start: int, end: int, step: int, most: int) -> list[int]:
    """Return the multiples of *step* beyond *start* on the way to *end*, and *end* itself; none where they are equal.

    Where there would be more than *most* multiples, the step is widened to a whole multiple that gives no more.

    INVARIANT: a line of fewer values holds none that the longer ones leave out. What is found where two issues move
    and one of them goes to its end would otherwise be missed where that one alone is taken back.
    """
    if start == end:
        return []
    for limit in (MOST, MOST_IN_PAIRS, MOST_BESIDE):
        count = abs(end - start) // step + 1
        if limit >= most and count > limit:
            step *= -(-count // limit)
    if end > start:
        return [*range((start // step + 1) * step, end, step), end]
    return [*range((-(-start // step) - 1) * step, end, -step), end]


def furthest_ask(issue: Issue, start: int, step: int) -> int:
    """Return how far we would ask where nothing says so: some steps from *start*, and never past nothing."""
    far = start + issue.better * step * _ASKS.get(issue.unit.kind, _ASKS_OTHERWISE)
    return max(0, far) if start >= 0 else far


def within(issue: Issue, value: Value) -> Value:
    """Return a value, or the nearest that may be named for *issue*: within its bounds, and on the policy's step."""
    if not isinstance(value, int):
        return value
    step = issue.step or 1
    if issue.least is not None and value < issue.least:
        return -(-issue.least // step) * step
    if issue.most is not None and value > issue.most:
        return issue.most // step * step
    return value
