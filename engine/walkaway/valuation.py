"""What a deal's terms are worth to us, and where its limits lie: computed once, when its opening facts are known.

Worths are whole numbers of 1/`scale` of a minor unit, so sums are exact; they are rounded once, half-even, where a
fact shows them. A limit between two units lies at the one better for us.
"""

from collections.abc import Mapping
from fractions import Fraction
from math import ceil, floor, lcm

import msgspec

from walkaway.events import Limits, Terms
from walkaway.expr.tree import Number, evaluate
from walkaway.policy.model import THRESHOLDS, Graded, Issue, Linear, Policy
from walkaway.policy.tables import look_up
from walkaway.values import LIMIT, Value

Known = dict[str, Value | None]
PACKAGE = "package"
"""What limits call the whole."""


class Bound(msgspec.Struct, frozen=True, gc=False):
    """One issue's threshold, ready to measure an offer against.

    Attributes:
        fact: The fact that shows the distance, as `room.discount`.
        better: 1 or -1 for quantities; 0 for symbols, which their worth orders.
        at: The threshold.
    """

    fact: str
    issue: str
    better: int
    at: Value


class Valuation(msgspec.Struct, frozen=True, gc=False):
    """The scales of one deal.

    Attributes:
        scale: How many units of worth make one minor unit of money.
        worths: Issue → worth of one smallest unit, or of each symbol, against nothing.
        base: Worth of the start terms.
        walks: The walk values of issues; `wants` alike.
    """

    scale: int
    worths: Mapping[str, int | Mapping[Value, int]]
    base: int
    walks: tuple[Bound, ...]
    wants: tuple[Bound, ...]

    @property
    def most(self) -> int:
        """Give the largest worth that can be held exactly."""
        return LIMIT * self.scale

    def change(self, issue: str, old: Value, new: Value) -> int:
        """Give by how much *new* is worth more to us than *old*."""
        worth = self.worths[issue]
        if isinstance(worth, int):
            return worth * (new - old)  # type: ignore[operator]
        return worth[new] - worth[old]

    def rounded(self, worth: int) -> int:
        """Give a worth in minor units of money, rounded half-even."""
        scale = self.scale
        if scale == 1:
            return worth
        quotient, rest = divmod(worth, scale)
        twice = rest + rest
        return quotient + 1 if twice > scale or (twice == scale and quotient & 1) else quotient

    def distance(self, bound: Bound, value: Value) -> int:
        """Give how far *value* is from a threshold in our favour: in the issue's unit, or in money for symbols."""
        if bound.better:
            return bound.better * (value - bound.at)  # type: ignore[operator]
        return self.rounded(self.change(bound.issue, bound.at, value))


class Opened(msgspec.Struct, frozen=True):
    """All that follows from a deal's facts and limits.

    Attributes:
        known: The stated facts: `deal.*`, `walk.*`, `want.*`, `wish.*`, `batna.worth`, table cells.
        start: The start terms; none where they rest on a missing fact.
        valuation: None where worths, or the start terms, rest on a missing fact.
        missing: What the deal still lacks, in the policy's words, sorted.
        looser: Where a limit the deal brings is looser than the policy's: issue, the deal's value, the policy's.
    """

    known: Known
    start: Mapping[str, Value] | None
    valuation: Valuation | None
    missing: tuple[str, ...]
    looser: tuple[tuple[str, Value, Value], ...] = ()


class OutOfRange(Exception):
    """A worth or a limit is beyond ±2^53, or turns its direction, with a deal's facts."""


def open_deal(
    policy: Policy, facts: Mapping[str, Value], limits: Mapping[str, Limits], batna: int | None, day: int
) -> Opened:
    """Compute everything that a deal's opening facts decide.

    Args:
        day: The day it opened, days since 1970, for dated rows of tables.

    Raises:
        OutOfRange: Where a result cannot be held, or a worth turns against its declared direction.
    """
    known: Known = {}
    missing: list[str] = []
    for deal_fact in policy.deal.values():
        value = facts.get(deal_fact.name, deal_fact.default)
        known[f"deal.{deal_fact.name}"] = value
        if value is None and not deal_fact.optional:
            missing.append(f"the deal fact `{deal_fact.name}`")
    for lookup in policy.lookups:
        keys = [known.get(k) for k in lookup.keys]
        row = (
            look_up(policy.tables[lookup.table], [k for k in keys if k is not None], day) if None not in keys else None
        )
        known[lookup.name] = row.cells[lookup.column] if row else None
        if None not in keys and row is None:
            missing.append(f"a row of table `{lookup.table}` for this deal")
    start = {i.name: _value(i, i.start, known) for i in policy.issues.values()}
    valuation = _worths(policy, known) if None not in start.values() else None
    looser = _limits(policy, known, limits, valuation, missing)
    known["batna.worth"] = batna
    if valuation is not None:
        valuation = msgspec.structs.replace(
            valuation, walks=_bounds(policy, known, "walk"), wants=_bounds(policy, known, "want")
        )
    complete = {n: v for n, v in start.items() if v is not None}
    return Opened(known, complete if valuation is not None else None, valuation, tuple(sorted(missing)), tuple(looser))


def _value(issue: Issue, threshold: Number | Value | None, known: Known) -> Value | None:
    if threshold is None or isinstance(threshold, int | str):
        return threshold
    return _whole(evaluate(threshold, known), issue.unit.scale, issue.better or 1)


def _whole(value: Fraction | None, scale: int, better: int) -> int | None:
    """Give a value in smallest units, moved to the next one better for us."""
    if value is None:
        return None
    units = ceil(value * scale) if better > 0 else floor(value * scale)
    if abs(units) > LIMIT:
        raise OutOfRange("a limit or start value is beyond ±2^53 of the smallest unit with these facts")
    return units


def _worths(policy: Policy, known: Known) -> Valuation | None:
    money = policy.money.scale
    exact: dict[str, Fraction | dict[Value, Fraction]] = {}
    for issue in policy.issues.values():
        if isinstance(issue.worth, Linear):
            rate = evaluate(issue.worth.rate, known)
            if rate is None:
                return None
            if rate * issue.better < 0:
                raise OutOfRange(f"the worth of `{issue.name}` turns its direction with these facts")
            exact[issue.name] = rate * money / issue.worth.step
        else:
            graded = {s: evaluate(w, known) for s, w in issue.worth.worths.items()}
            if None in graded.values():
                return None
            exact[issue.name] = {s: w * money for s, w in graded.items() if w is not None}
    base = evaluate(policy.package.base, known)
    if base is None:
        return None
    fractions = [f for w in exact.values() for f in (w.values() if isinstance(w, dict) else (w,))]
    scale = lcm(*(f.denominator for f in (*fractions, base * money)))
    worths = {
        n: {s: int(f * scale) for s, f in w.items()} if isinstance(w, dict) else int(w * scale)
        for n, w in exact.items()
    }
    return Valuation(scale, worths, int(base * money * scale), (), ())


def _limits(
    policy: Policy, known: Known, brought: Mapping[str, Limits], valuation: Valuation | None, missing: list[str]
) -> list[tuple[str, Value, Value]]:
    """Set the threshold facts; what a deal brings may be tighter than the policy's walk value, never looser."""
    looser: list[tuple[str, Value, Value]] = []
    for name in (*policy.issues, "package"):
        limited = policy.issues.get(name, policy.package)
        better = limited.better if isinstance(limited, Issue) else 1
        own = brought.get(name, Limits())
        for threshold in THRESHOLDS:
            declared = getattr(limited, threshold)
            if isinstance(limited, Issue):
                ours = _value(limited, declared, known)
            else:
                ours = _whole(evaluate(declared, known), policy.money.scale, 1) if declared is not None else None
            deals = getattr(own, threshold)
            if (
                threshold == "walk"
                and deals is not None
                and ours is not None
                and _is_looser(name, better, deals, ours, valuation)
            ):
                looser.append((name, deals, ours))
            value = ours if deals is None else deals
            known[f"{threshold}.{name}"] = value
            lacks = deals is None if limited.per_deal else value is None and declared is not None
            if threshold == "walk" and lacks:
                missing.append(f"the walk value of `{name}`" if name != "package" else "the walk value of the package")
    return looser


def _is_looser(name: str, better: int, deals: Value, ours: Value, valuation: Valuation | None) -> bool:
    if isinstance(deals, int) and isinstance(ours, int) and better:
        return (deals - ours) * better < 0
    return valuation is None or valuation.change(name, ours, deals) < 0


def _bounds(policy: Policy, known: Known, threshold: str) -> tuple[Bound, ...]:
    found = []
    for issue in policy.issues.values():
        at = known[f"{threshold}.{issue.name}"]
        if at is not None and (issue.better or isinstance(issue.worth, Graded)):
            found.append(Bound(f"room.{issue.name}", issue.name, issue.better, at))
    return tuple(found)


def worth_of(valuation: Valuation, start: Terms, terms: Terms) -> int:
    """Give what *terms* are worth against the start terms, base left out."""
    return sum(valuation.change(issue, value, terms[issue]) for issue, value in start.items())
