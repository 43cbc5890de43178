"""The proof that no comparison of a policy overflows: how large amounts may be, found by halving."""

from collections import defaultdict
from collections.abc import Mapping
from math import lcm
from typing import Any

import numpy as np

from walkaway.backtest.columnar.gathering import Events
from walkaway.backtest.columnar.numbers import MOST, TooLarge, hold
from walkaway.backtest.columnar.openings import Openings
from walkaway.backtest.columnar.patterns import WORTH
from walkaway.backtest.columnar.sheets import LEDGER, TERMS, Figures
from walkaway.backtest.columnar.understood import read_by
from walkaway.language.values import LIMIT
from walkaway.policy.model import THRESHOLDS, Policy

_TIMES = 16
"""No figure of the ledger is more than so many times what all terms of a deal can be worth together, base included."""


_ROUNDED_UP = 1.000001
"""Floats only estimate how large amounts are, and are rounded by far less than this."""


def beyond(policy: Policy, figures: Figures, openings: Openings, events: Events) -> Any:
    """Return the deals whose amounts could leave the range in which every comparison is exact."""
    deals, values = len(events.deals), _widest(policy, openings, events)
    most = largest(policy, figures, openings, events, values)
    if _of_any(openings, values) * _ROUNDED_UP <= most:
        return np.zeros(deals, np.bool_)
    amounts = np.abs(np.broadcast_to(np.asarray(openings.base, np.float64), deals)).copy()
    for place, worth in enumerate(openings.worths):
        if worth.graded is not None:
            graded = [np.broadcast_to(np.abs(np.asarray(w, np.float64)), deals) for w in worth.graded.values()]
            amounts += 2 * np.max(np.stack(graded), axis=0)
        else:
            far = _farthest(figures, openings, events, place)
            amounts += np.abs(np.broadcast_to(np.asarray(worth.rate, np.float64), deals)) * far
    return ~(amounts * _ROUNDED_UP <= most)


def _of_any(openings: Openings, values: Mapping[str, int]) -> float:
    """Return more than the amounts of any deal: what lies farthest in one, at the rate of another."""
    found: float = _most(openings.base, True)
    for (name, value), worth in zip(values.items(), openings.worths, strict=True):
        if worth.graded is not None:
            found += 2 * max(_most(each, True) for each in worth.graded.values())
        else:
            limits = (f"{threshold}.{name}" for threshold in THRESHOLDS)
            far = max(_most(*openings.known[limit]) / openings.below[limit] for limit in limits)
            found += _most(worth.rate, True) * (value + max(value, far))
    return found


def _farthest(figures: Figures, openings: Openings, events: Events, place: int) -> Any:
    """Return how far from its start value anything lies that a deal names of an issue, or that limits it."""
    deals, name = len(events.deals), figures.name_of(place)
    start, far = openings.start[:, place].astype(np.float64), np.zeros(deals)
    named = events.named[:, place]
    if named.any():
        away = np.abs(events.value[named, place].astype(np.float64) - start[events.deal[named]])
        np.maximum.at(far, events.deal[named], away)
    for threshold in THRESHOLDS:
        at, there = openings.known[f"{threshold}.{name}"]
        if there is not False:
            away = np.abs(np.asarray(at, np.float64) / openings.below[f"{threshold}.{name}"] - start)
            far = np.maximum(far, np.where(there, away, 0))
    return far


def largest(policy: Policy, figures: Figures, openings: Openings, events: Events, values: Mapping[str, int]) -> int:
    """Return how much all terms of a deal may be worth together, so that every number in a condition is held.

    Returns:
        In units of the scale, below what the engine itself holds; 0 where even nothing could be too much.
    """
    most = LIMIT * openings.scale // (2 * _TIMES)
    reaches = _Reaches(policy, figures, openings, events, values)
    while most:
        each = _bounds(reaches, most)
        try:
            for rule in policy.rules:
                hold(rule.condition, figures.below, each)
            for pattern in policy.patterns:
                legs = {
                    f"{leg.name}.{r}": _of_leg(r, values, most)
                    for leg in (pattern.first, pattern.second)
                    for r in leg.reads
                }
                below = {fact: openings.scale if fact.endswith(".worth") else 1 for fact in legs}
                hold(pattern.condition, below.__getitem__, legs)
            if _held_apart(reaches, most):
                return most
        except TooLarge:
            pass
        most //= 2
    return 0


def _of_leg(read: str, values: Mapping[str, int], most: int) -> int:
    return _TIMES * most if read == WORTH else values[read]


class _Reaches:
    """How large whatever does not hang on what terms are worth gets in the data."""

    def __init__(
        self, policy: Policy, figures: Figures, openings: Openings, events: Events, values: Mapping[str, int]
    ) -> None:
        self.policy, self.figures, self.openings, self.values = policy, figures, openings, values
        self.read = read_by(policy)
        self.steps = 2 * (len(events.kind) + 1) * (len(policy.issues) + 1)
        self.span = 1
        if len(events.instant):
            self.span = int(events.instant.max() - events.instant.min()) // 1_000_000 + 1
        self.stated = {fact: _most(*openings.known[fact]) for fact in openings.known}


def _held_apart(reaches: _Reaches, most: int) -> bool:
    """Return whether every distance to a threshold is held."""
    openings, stated = reaches.openings, reaches.stated
    for threshold in THRESHOLDS:
        fact = f"{threshold}.package"
        below = openings.below[fact]
        common = lcm(openings.scale, below)
        if _TIMES * most * (common // openings.scale) + stated[fact] * (common // below) > MOST:
            return False
        for bound in reaches.figures.bounds[threshold]:
            if reaches.values[bound.name] * openings.below[bound.fact] + stated[bound.fact] > MOST:
                return False
    return True


def _bounds(reaches: _Reaches, most: int) -> dict[str, int]:
    """Return how large the column of each fact can get where terms are worth at most so much."""
    figures, openings, stated, values = reaches.figures, reaches.openings, reaches.stated, reaches.values
    found: dict[str, int] = defaultdict(lambda: 1)
    for fact in reaches.read:
        path = figures.paths.get(fact, "stated")
        key = fact.rpartition(".")[2]
        below = figures.below(fact)
        if path == "stated":
            found[fact] = stated[fact]
        elif path == "room":
            issue = reaches.policy.issues.get(key)
            if issue is None:
                scaled = below // openings.below["walk.package"]
                found[fact] = _TIMES * most * (below // openings.scale) + stated["walk.package"] * scaled
            elif issue.better:
                found[fact] = values[key] * below + stated[f"walk.{key}"]
            else:
                found[fact] = _TIMES * most
        elif path in LEDGER:
            found[fact] = _TIMES * most
        elif path in TERMS:
            found[fact] = values[key]
        elif path.startswith("since"):
            found[fact] = reaches.span + 1
        else:
            found[fact] = reaches.steps
    return found


def _widest(policy: Policy, openings: Openings, events: Events) -> dict[str, int]:
    """Return how large the values of each issue get."""
    return {
        name: max(_most(events.value[:, place], True), _most(openings.start[:, place], True))
        for place, name in enumerate(policy.issues)
    }


def _most(column: Any, there: Any) -> int:
    """Return the largest absolute value in a column, where it is known."""
    if there is False:
        return 0
    column = np.asarray(column)
    if isinstance(there, np.ndarray):
        column = np.broadcast_to(column, there.shape)[there]
    if not column.size:
        return 0
    return max(abs(int(column.max())), abs(int(column.min())))
