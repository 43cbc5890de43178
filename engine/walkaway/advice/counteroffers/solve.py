"""The cheapest choices on one, two or three lines that reach a goal, exactly.

A line holds values of one issue, upwards in worth to us, so the cheapest choice is the lowest that reaches the goal.
Where a line is proved, what reaches the goal lies together at its upper end: a binary search finds the first, and for
two such lines a walk along the edge meets all pairs that have nothing below them. Where a line is not proved, each of
its values is tried, cheapest first.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from itertools import islice, product
from typing import NamedTuple

import msgspec

from walkaway.advice.counteroffers.choices import Choice
from walkaway.advice.counteroffers.probe import Frame
from walkaway.advice.counteroffers.varying import Foreseen

Choices = tuple[Choice, ...]


class Goal(NamedTuple):
    """What an offer must reach.

    Attributes:
        reached: Upward closed on proved lines: where it holds, it holds for every value further up.
        met: What is promised; it implies `reached`, and whatever lies above an offer that reaches the goal without
            meeting it does not meet it either.
    """

    reached: Callable[[Foreseen], bool]
    met: Callable[[Foreseen], bool]


class ValueLine(msgspec.Struct, frozen=True, eq=False, dict=True):
    """Values of one issue, upwards in worth to us; proved, where moving it up can only switch deciding rules off.

    A line of one value has nothing to prove.
    """

    choices: Sequence[Choice]
    proved: bool

    @property
    def issue(self) -> int:
        """Return the place of its issue."""
        return self.choices[0].issue

    @cached_property
    def worths(self) -> list[int]:
        """Return the worths of its values."""
        return [c.worth for c in self.choices]


def cheapest(frame: Frame, lines: Sequence[ValueLine], goal: Goal) -> Choices | None:
    """Return one choice from each line, those that cost least together and meet the goal; at equal cost, the nearest.

    Args:
        frame: Leaves open the issues of *lines*, which are one or two, and not empty.
    """
    match lines:
        case [line]:
            choice = _first(frame.outcome, line.choices, line.proved, goal)
            return None if choice is None else (choice,)
        case [one, other]:
            return _pair(frame, one, other, goal) if is_possible(frame, lines, goal) else None
        case _:
            raise AssertionError("one or two issues are left open")


class Beside(msgspec.Struct, frozen=True, eq=False):
    """One or two lines of which every value is tried beside a third.

    Attributes:
        issues: The places of their issues; `proved`, whether all lines are.
        top: The highest choice of each line.
        ways: One choice from each line in every way, with their worths and their distances added up; the highest
            first, so that the best is met early.
    """

    issues: tuple[int, ...]
    proved: bool
    top: Choices
    ways: Sequence[tuple[int, int, Choices]]


def beside(*lines: ValueLine) -> Beside:
    """Prepare lines whose values are tried beside a third."""
    ways = product(*(line.choices[::-1] for line in lines))
    return Beside(
        tuple([line.issue for line in lines]),
        all(line.proved for line in lines),
        tuple([line.choices[-1] for line in lines]),
        [(sum([c.worth for c in w]), sum([c.distance for c in w]), w) for w in ways],
    )


def cheapest_beside(
    frame: Frame, line: ValueLine, others: Beside, goal: Goal, expected: int | None = None
) -> Choices | None:
    """Return the cheapest choices from a line that is searched and from others of which every value is tried.

    Args:
        expected: The worth of a whole package that reaches the goal, as found before; a guess.
    """
    choices, proved, worths = line.choices, line.proved, line.worths
    if proved and others.proved and not goal.reached(frame.outcome(choices[-1], *others.top)):
        return None
    best: Choices | None = None
    worth = distance = 0
    for extra, apart, way in others.ways:
        limit = len(worths)
        if best is not None:  # only what beats the best so far is tried
            limit = bisect_left(worths, worth - extra)
            if limit < len(worths) and worths[limit] + extra == worth:
                limit += choices[limit].distance + apart < distance
            if not limit:
                continue

        def outcome(choice: Choice, way: Choices = way) -> Foreseen:
            return frame.outcome(choice, *way)

        guess = None if expected is None else bisect_left(worths, expected - frame.worth - extra)
        choice = _first(outcome, choices[:limit], proved, goal, guess)
        if choice is not None:
            best, worth, distance = (choice, *way), choice.worth + extra, choice.distance + apart
    return best


def is_possible(frame: Frame, lines: Sequence[ValueLine], goal: Goal) -> bool:
    """Tell, of proved lines, whether their upper ends together reach the goal; of others, that it must be tried."""
    proved = all(line.proved for line in lines)
    return not proved or goal.reached(frame.outcome(*[line.choices[-1] for line in lines]))


def _first(
    outcome: Callable[[Choice], Foreseen],
    choices: Sequence[Choice],
    proved: bool,
    goal: Goal,
    guess: int | None = None,
) -> Choice | None:
    """Return the lowest of *choices* that meets the goal.

    Args:
        guess: Where it may be; a proved line is tried there first. It changes nothing but how long this takes.
    """
    if not proved:
        return next((c for c in choices if goal.met(outcome(c))), None)
    low, high = 0, len(choices)  # INVARIANT: choices[high] is known to reach the goal, nothing below choices[low] does
    best: Foreseen | None = None
    for place in _order(len(choices), guess):
        if low <= place < high:
            found = outcome(choices[place])
            if goal.reached(found):
                high, best = place, found
            else:
                low = place + 1
    while low < high and best is not None:
        middle = (low + high) // 2
        found = outcome(choices[middle])
        if goal.reached(found):
            high, best = middle, found
        else:
            low = middle + 1
    return choices[high] if best is not None and goal.met(best) else None


def _order(count: int, guess: int | None) -> tuple[int, ...]:
    """Return the places to try before a binary search: the guess, the one below it, and the end."""
    if guess is None or not count:
        return (count - 1,)
    place = min(guess, count - 1)
    return place, place - 1, count - 1


def _pair(frame: Frame, one: ValueLine, other: ValueLine, goal: Goal) -> Choices | None:
    """Return the cheapest two choices."""
    if one.proved and other.proved:
        candidates = _edge(frame, one.choices, other.choices, goal)
    elif one.proved or other.proved:
        tried, searched = (other, one) if one.proved else (one, other)
        candidates = _column_wise(frame, tried.choices, searched.choices, goal)
    else:
        candidates = _one_by_one(frame, one.choices, other.choices, goal)
    return min(candidates, key=_rank, default=None)


def _rank(choices: Choices) -> tuple[int, int]:
    return sum([c.worth for c in choices]), sum([c.distance for c in choices])


def _edge(frame: Frame, ones: Sequence[Choice], others: Sequence[Choice], goal: Goal) -> Iterator[Choices]:
    """Walk the edge between what reaches the goal and what does not, from one corner to the other."""
    low, high = 0, len(others) - 1
    while low < len(ones) and high >= 0:
        outcome = frame.outcome(ones[low], others[high])
        if goal.reached(outcome):
            if goal.met(outcome):
                yield ones[low], others[high]
            high -= 1
        else:
            low += 1


def _column_wise(frame: Frame, tried: Sequence[Choice], searched: Sequence[Choice], goal: Goal) -> Iterator[Choices]:
    """Try every value of the line that is not proved, and search the other."""
    for choice in tried:

        def outcome(other: Choice, choice: Choice = choice) -> Foreseen:
            return frame.outcome(choice, other)

        found = _first(outcome, searched, True, goal)
        if found is not None:
            yield choice, found


def _one_by_one(frame: Frame, ones: Sequence[Choice], others: Sequence[Choice], goal: Goal) -> Iterator[Choices]:
    """Try all pairs, the cheapest first, up to the first that meets the goal."""
    pairs = sorted(product(ones, others), key=_rank)
    yield from islice((p for p in pairs if goal.met(frame.outcome(*p))), 1)
