"""The cheapest choices on one, two or three lines that reach a goal, exactly.

A line holds values of one issue, upwards in worth to us, so the cheapest choice is the lowest that reaches the goal.
Where a line is proved, what reaches the goal lies together at its upper end: a binary search finds the first, and for
two such lines a walk along the edge meets all pairs that have nothing below them. Where a line is not proved, each of
its values is tried, cheapest first.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from itertools import islice, product
from typing import NamedTuple

from walkaway.advice.counteroffers.choices import Choice, ChoiceLine
from walkaway.advice.counteroffers.probe import Probe
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


class Frame:
    """A package in which some issues are left open.

    Attributes:
        filled: A choice for each issue; those of the open ones are put in by whoever asks.
        outcome: What the engine would answer to `filled`.
    """

    __slots__ = ("filled", "outcome")

    def __init__(self, probe: Probe, package: Sequence[Choice]) -> None:
        self.filled, self.outcome = [*package], probe.outcome

    def answer(self, *choices: Choice) -> Foreseen:
        """Return what the engine would answer with *choices* for the issues left open."""
        filled = self.filled
        for choice in choices:
            filled[choice.issue] = choice
        return self.outcome(filled)


class ValueLine:
    """Values of one issue, upwards in worth to us; proved, where moving it up can only switch deciding rules off.

    A line of one value has nothing to prove.
    """

    __slots__ = ("choices", "highest", "issue", "proved", "summed")

    def __init__(self, choices: ChoiceLine, proved: bool) -> None:
        self.choices, self.proved, self.issue = choices, proved, choices.place
        self.summed: list[int] | None = None
        self.highest: Choice | None = None

    @property
    def top(self) -> Choice:
        """Return its highest value; a line that is asked has one."""
        found = self.highest
        if found is None:
            found = self.highest = self.choices.at(-1)
        return found

    @property
    def worths(self) -> list[int]:
        """Return the worths of its values."""
        if self.summed is None:
            self.summed = self.choices.worths()
        return self.summed


def cheapest(frame: Frame, lines: Sequence[ValueLine], goal: Goal) -> Choices | None:
    """Return one choice from each line, those that cost least together and meet the goal; at equal cost, the nearest.

    Args:
        frame: Leaves open the issues of *lines*, which are one or two, and not empty.
    """
    if len(lines) == 1:
        choice = _first(frame, lines[0], len(lines[0].choices), goal)
        return None if choice is None else (choice,)
    one, other = lines
    return _pair(frame, one, other, goal) if is_possible(frame, lines, goal) else None


class Beside:
    """One or two lines of which every value is tried beside a third.

    Attributes:
        issues: The places of their issues; `proved`, whether all lines are; `top`, the highest choice of each.
    """

    __slots__ = ("issues", "lines", "made", "proved", "top")

    def __init__(self, *lines: ValueLine) -> None:
        self.lines, self.issues = lines, tuple([line.issue for line in lines])
        self.proved = all(line.proved for line in lines)
        self.top = tuple([line.top for line in lines])
        self.made: Sequence[tuple[int, int, Choices]] | None = None

    @property
    def ways(self) -> Sequence[tuple[int, int, Choices]]:
        """Return one choice from each line in every way, with their worths and their distances added up.

        The highest come first, so that the best is met early.
        """
        if self.made is not None:
            return self.made
        ones, *rest = [[*line.choices][::-1] for line in self.lines]
        if rest:
            self.made = [(a.worth + b.worth, a.distance + b.distance, (a, b)) for a in ones for b in rest[0]]
        else:
            self.made = [(c.worth, c.distance, (c,)) for c in ones]
        return self.made


def cheapest_beside(
    frame: Frame, line: ValueLine, others: Beside, goal: Goal, expected: int | None = None
) -> Choices | None:
    """Return the cheapest choices from a line that is searched and from others of which every value is tried.

    Args:
        expected: The worth of all of them together that reaches the goal, as far as is guessed.
    """
    choices, worths = line.choices, line.worths
    if line.proved and others.proved and not goal.reached(frame.answer(line.top, *others.top)):
        return None
    best: Choices | None = None
    worth = distance = 0
    limit, lowest = len(worths), worths[0]
    for extra, apart, way in others.ways:
        if best is not None:  # only what beats the best so far is tried
            if lowest + extra > worth:
                continue
            limit = bisect_left(worths, worth - extra)
            if limit < len(worths) and worths[limit] + extra == worth:
                limit += choices[limit].distance + apart < distance
            if not limit:
                continue
        for choice in way:
            frame.filled[choice.issue] = choice
        guess = None if expected is None else bisect_left(worths, expected - extra)
        found = _first(frame, line, limit, goal, guess)
        if found is not None:
            best, worth, distance = (found, *way), found.worth + extra, found.distance + apart
    return best


def is_possible(frame: Frame, lines: Sequence[ValueLine], goal: Goal) -> bool:
    """Tell, of proved lines, whether their upper ends together reach the goal; of others, that it must be tried."""
    for line in lines:
        if not line.proved:
            return True
        frame.filled[line.issue] = line.top
    return goal.reached(frame.outcome(frame.filled))


def _first(frame: Frame, line: ValueLine, count: int, goal: Goal, guess: int | None = None) -> Choice | None:
    """Return the lowest of a line's first *count* choices that meets the goal.

    Args:
        guess: Where it may be; a proved line is tried there first. It changes nothing but how long this takes.
    """
    filled, outcome, reached, issue, at = frame.filled, frame.outcome, goal.reached, line.issue, line.choices.at
    if not line.proved:
        for place in range(count):
            filled[issue] = choice = at(place)
            if goal.met(outcome(filled)):
                return choice
        return None
    low, high, last = 0, count, count - 1  # INVARIANT: at(high) is known to reach the goal, nothing below at(low) does
    best: Foreseen | None = None
    place = first = last if guess is None or guess > last else guess
    while low < high:
        filled[issue] = at(place)
        found = outcome(filled)
        if reached(found):
            high, best = place, found
        elif place == last:
            return None
        else:
            low = place + 1
        if high == first and guess is not None:  # where it is expected: then most likely nothing below it
            place, guess = high - 1, None
        else:
            place = (low + high) // 2 if best is not None else last
    return at(high) if best is not None and goal.met(best) else None


def _pair(frame: Frame, one: ValueLine, other: ValueLine, goal: Goal) -> Choices | None:
    """Return the cheapest two choices."""
    if one.proved and other.proved:
        candidates = _edge(frame, one, other, goal)
    elif one.proved or other.proved:
        tried, searched = (other, one) if one.proved else (one, other)
        candidates = _column_wise(frame, tried, searched, goal)
    else:
        candidates = _one_by_one(frame, one.choices, other.choices, goal)
    return min(candidates, key=_rank, default=None)


def _rank(choices: Choices) -> tuple[int, int]:
    return sum([c.worth for c in choices]), sum([c.distance for c in choices])


def _edge(frame: Frame, one: ValueLine, other: ValueLine, goal: Goal) -> Iterator[Choices]:
    """Walk the edge between what reaches the goal and what does not, from one corner to the other."""
    filled, ones, others = frame.filled, one.choices, other.choices
    low, high, end = 0, len(others) - 1, len(ones)
    filled[one.issue], filled[other.issue] = ones[low], others[high]
    while True:
        found = frame.outcome(filled)
        if goal.reached(found):
            if goal.met(found):
                yield ones[low], others[high]
            high -= 1
            if high < 0:
                return
            filled[other.issue] = others[high]
        else:
            low += 1
            if low == end:
                return
            filled[one.issue] = ones[low]


def _column_wise(frame: Frame, tried: ValueLine, searched: ValueLine, goal: Goal) -> Iterator[Choices]:
    """Try every value of the line that is not proved, and search the other."""
    for choice in tried.choices:
        frame.filled[tried.issue] = choice
        found = _first(frame, searched, len(searched.choices), goal)
        if found is not None:
            yield choice, found


def _one_by_one(frame: Frame, ones: Sequence[Choice], others: Sequence[Choice], goal: Goal) -> Iterator[Choices]:
    """Try all pairs, the cheapest first, up to the first that meets the goal."""
    pairs = sorted(product(ones, others), key=_rank)
    yield from islice((p for p in pairs if goal.met(frame.answer(*p))), 1)
