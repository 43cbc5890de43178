"""What there is to bargain about in a deal: for each issue the values that either side may name, best for us first."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

from walkaway.advice.counteroffers.line_values import lines_given
from walkaway.advice.counteroffers.steps import furthest_ask, step_of, towards, within
from walkaway.deal.valuation import limit_of
from walkaway.events import Terms
from walkaway.language.values import Value, format_value
from walkaway.policy.model import LINES, THRESHOLDS, Issue
from walkaway.testing.simulation.deals import Named, SimulatedDeal

MOST_VALUES = 40
"""Values of one issue on each side of its start."""
MOST_OUTCOMES = 20_000
"""Packages in all; issues are looked at more coarsely where there would be more."""
_BEYOND = 2
"""They ask for up to so much more than what lies between our start and our walk value, as a divisor: a half."""


Space = Mapping[str, Sequence[Value]]
"""Issue → the values that are bargained about, best for us first."""


class Draws(Protocol):
    """Draws whole numbers, as `random.Random` does; the engine itself leaves nothing to chance."""

    def randint(self, a: int, b: int) -> int:
        """Return a number from *a* to *b*."""
        ...

    def getrandbits(self, k: int, /) -> int:
        """Return a number of *k* bits."""
        ...


class Scenario(msgspec.Struct, frozen=True):
    """A deal as the other side sees it; whole numbers, so that it is the same everywhere.

    Attributes:
        issues: Issue → values as people write them, best for us first.
        appeal: Issue → what each of these is worth to them.
        walk: What the worst package that they agree to is worth to them.
        rounds: How often each side may speak.
        seed: Of all that they leave to chance.
    """

    issues: Mapping[str, tuple[str, ...]]
    appeal: Mapping[str, tuple[int, ...]]
    walk: int
    rounds: int
    seed: int


def scenario_of(deal: SimulatedDeal, values: Space, rounds: int, draws: Draws) -> Scenario:
    """Draw what a deal is worth to the other side.

    On each issue they want what costs us, and it is worth to them between a quarter and one and a half times what it
    costs; so there is something to trade. What they insist on lies between a tenth and a half of all they could get.
    """
    appeal: dict[str, tuple[int, ...]] = {}
    for name, line in values.items():
        share = draws.randint(25, 150)
        costs = [deal.given({**deal.position.start, name: value}) for value in line]
        appeal[name] = tuple(int((cost - min(costs)) * share) // 100 for cost in costs)
    all_of_it = sum(max(worths) for worths in appeal.values())
    units = {name: deal.policy.issues[name].unit for name in values}
    written = {name: tuple(format_value(v, units[name]) for v in line) for name, line in values.items()}
    return Scenario(written, appeal, all_of_it * draws.randint(10, 50) // 100, rounds, draws.getrandbits(32))


def space_of(deal: SimulatedDeal) -> Space:
    """Return the values of each issue, best for us first, few enough for all packages to be gone through."""
    most = MOST_VALUES
    while True:
        values = {name: line_of(deal, issue, most) for name, issue in deal.policy.issues.items()}
        count = 1
        for line in values.values():
            count *= len(line)
        if count <= MOST_OUTCOMES or most == 1:
            return {name: line for name, line in values.items() if len(line) > 1}
        most //= 2


def as_heard(deal: SimulatedDeal, values: Space, terms: Terms) -> Named:
    """Write terms of ours as they can be heard there: each value, or the next one that is no better for them."""
    heard: dict[str, Value] = {}
    for name, line in values.items():
        start, said = deal.position.start, terms[name]
        given = deal.given({**start, name: said})
        heard[name] = next(v for v in reversed(line) if v == said or deal.given({**start, name: v}) <= given)
    return deal.written(heard)


def line_of(deal: SimulatedDeal, issue: Issue, most: int) -> list[Value]:
    """Return the values of one issue, best for us first: at most *most* of them on each side of its start."""
    position = deal.position
    start = position.start[issue.name]
    if not (issue.unit.is_numeric and isinstance(start, int)) or issue.name == deal.policy.selector:
        words: Sequence[Value] = issue.finite
        if issue.name == LINES and isinstance(start, str) and deal.policy.lines is not None:
            words = lines_given(deal.policy, start)[: 2 * most + 1]
        return sorted(words, key=lambda value: deal.given({**position.start, issue.name: value}))
    limits = [
        limit_of(position.valuation, position.known, f"{threshold}.{issue.name}", position.start)
        for threshold in THRESHOLDS
    ]
    met = [start, *(int(at) for at in limits if at is not None)]
    step, way = step_of(issue, start, met, ()), issue.better
    best = max([*met, furthest_ask(issue, start, step)], key=lambda value: way * value)
    worst = min(met, key=lambda value: way * value)
    ours = towards(start, _within(issue, best), step, most)
    theirs = towards(start, _within(issue, worst - way * abs(worst - start) // _BEYOND), step, most)
    return [*reversed(_thinned(ours, most)), start, *_thinned(theirs, most)]


def _within(issue: Issue, value: int) -> int:
    found = within(issue, value)
    assert isinstance(found, int), "a quantity stays one"
    return found


def _thinned(values: list[int], most: int) -> list[int]:
    """Return at most *most* of some values, evenly, the last among them."""
    if len(values) <= most:
        return values
    return [values[(place + 1) * len(values) // most - 1] for place in range(most)]
