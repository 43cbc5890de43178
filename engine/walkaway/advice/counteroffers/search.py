"""The kinds of counteroffers, as families of offers, and the nearest of each family.

A family leaves one or two issues open, each on a line of values, and fixes the others; smaller gives beside asks leave
up to three open. Every offer of a family is worth at least as much to us as the offer asked about.
"""

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from itertools import combinations

import msgspec

from walkaway.advice.counteroffers.choices import Choice, Package
from walkaway.advice.counteroffers.probe import Probe
from walkaway.advice.counteroffers.solve import (
    Beside,
    Choices,
    Frame,
    Goal,
    ValueLine,
    cheapest,
    cheapest_beside,
    is_possible,
)
from walkaway.advice.counteroffers.steps import MOST, MOST_BESIDE, MOST_IN_PAIRS
from walkaway.advice.counteroffers.varying import Foreseen
from walkaway.events import Verdict

BUDGET = 20_000
"""Packages tried for one offer: once so many were, no further family is begun."""


class Family(StrEnum):
    """How a counteroffer departs from the offer asked about."""

    LESS = "less of the give"
    ASK = "asks that pay for it"
    LESS_AND_ASK = "less of the give, and asks that pay for the rest"
    SWAP = "another issue conceded instead"
    APPROVAL = "one approver fewer"
    SELECT = "another value of the issue on which worths hang"
    TAKE = "what they offer"
    STAND = "our word as it was last let through"


class FoundOffer(msgspec.Struct, frozen=True, gc=False):
    """An offer that reaches its goal, the nearest of its family to the offer asked about.

    Attributes:
        changed: The places of the issues in which it differs from the offer asked about.
        cost: What it is worth to us above that offer, in units of the deal's valuation: 0 or more.
        rank: Orders by cost, then by worth between it and what they want, as far as that is known; fewer changes
            first, then the policy's order of issues.
        order: Orders as they are shown: what passes, giving less first; issues that somebody has named; nearest.
    """

    kind: Family
    package: Package
    changed: tuple[int, ...]
    cost: int
    rank: tuple[int, int, int, tuple[int, ...]]
    order: tuple[bool, bool, bool, tuple[int, int, int, tuple[int, ...]]]
    goal: Goal


def passes(outcome: Foreseen) -> bool:
    """Return whether an offer may be sent."""
    return outcome.verdict is _PROCEED


_PROCEED = Verdict.PROCEED
PASSES = Goal(passes, passes)


def with_fewer(original: Foreseen, roles: int) -> Goal | None:
    """Return the goal of needing fewer approvers, or a lower one; of a refused offer, of needing but approvals.

    Approvals must be all that is wanted: an offer that is still held up once it is approved is no way out.
    """
    match original.verdict:
        case Verdict.ESCALATE:
            before = original.roles
        case Verdict.REFUSE:
            before = tuple(range(roles + 1))
        case _:
            return None

    def reached(outcome: Foreseen) -> bool:
        return outcome.rest is Verdict.PROCEED and is_fewer(outcome.roles, before)

    return Goal(reached, lambda outcome: bool(outcome.roles) and reached(outcome))


def is_fewer(now: tuple[int, ...], before: tuple[int, ...]) -> bool:
    """Return whether the approvers are fewer and none higher, or the highest is lower and they are no more."""
    now_highest, highest = max(now, default=-1), max(before, default=-1)
    if now_highest > highest or len(now) > len(before):
        return False
    return now_highest < highest or len(now) < len(before)


class PackageSearch:
    """The families of one offer.

    Args:
        original: The answer to the offer asked about.
        enough: With this many found, smaller gives beside asks are not sought as well.
    """

    def __init__(self, probe: Probe, original: Foreseen, enough: int) -> None:
        self.probe, self.original, self.enough = probe, original, enough
        self.offered, self.cleared = probe.offered, probe.cleared
        self.proved = [probe.rules.proved[i.name] and not probe.is_far for i in probe.issues]
        varied = [c for c in self.offered if c.issue != probe.selector]  # a search is at one value of the selector
        self.conceded = [c.issue for c in varied if c.loss]
        self.strange = [i.name not in probe.named for i in probe.issues]
        self.lines: dict[tuple[int, int], ValueLine] = {}
        self.payable = [c.issue for c in varied if not c.loss and self.line(c.issue, MOST).choices]

    def find(self) -> list[FoundOffer]:
        """Return the nearest of every family, in no order; after `BUDGET` packages tried, no further family's."""
        floor, original = self.probe.best_case(), self.original
        found: list[FoundOffer] = []
        if floor.verdict is Verdict.PROCEED:
            found += (*self.less(), *self.asks(), *self.swaps())
            if len({f.package for f in found}) < self.enough:
                found += self.less_and_asks()
        goal = with_fewer(original, len(self.probe.rules.policy.roles))
        if goal is not None and goal.reached(floor):
            found += self.fewer_approvers(goal)
        return [f for f in found if not self.exceeds_our_word(f.package)]

    def exceeds_our_word(self, package: Package) -> bool:
        """Return whether a package takes our word back: once we have made an offer, it asks for more than was cleared
        on some issue, and gives more on none."""
        return (
            self.probe.position.ours.said_at is not None
            and no_worse(package, self.cleared)
            and any(a.worth > b.worth for a, b in zip(package, self.cleared, strict=True))
        )

    def takes(self) -> list[FoundOffer]:
        """Return what they offer, where it is worth at least as much to us as what is asked about."""
        takes = [self.found(Family.TAKE, p, (), PASSES) for p in self.probe.takes if p != self.offered]
        return sorted((t for t in takes if t.cost >= 0), key=lambda t: [str(c.value) for c in t.package])

    def stand(self) -> FoundOffer:
        """Return our word as it was last let through."""
        return self.found(Family.STAND, self.cleared, (), PASSES)

    def less(self) -> Iterator[FoundOffer]:
        """Reduce the give on one or two issues; others conceded stay as offered, or are all taken back."""
        for count, most in ((1, MOST), (2, MOST_IN_PAIRS)):
            for places in combinations(self.conceded, count):
                for package, some_kept in self.backgrounds(places):
                    lines = [self.reductions(p, most, whole=some_kept) for p in places]
                    yield from self.solved(Family.LESS, package, lines, PASSES)

    def asks(self) -> Iterator[FoundOffer]:
        """Ask for more on one or two issues that are not conceded."""
        for place in self.payable:
            yield from self.solved(Family.ASK, self.offered, [self.line(place, MOST)], PASSES)
        lines = [self.line(place, MOST_IN_PAIRS) for place in self.payable]
        for one, other in combinations(lines, 2):
            yield from self.solved(Family.ASK, self.offered, [one, other], PASSES)

    def swaps(self) -> Iterator[FoundOffer]:
        """Take one conceded issue back, and concede on another instead, at no more than the same worth."""
        for given in self.conceded:
            package = self.replaced([self.cleared[given]])
            for place, choice in enumerate(self.offered):
                if place not in (given, self.probe.selector) and not choice.worth:
                    yield from self.solved(Family.SWAP, package, [self.gives(place, self.offered[given].loss)], PASSES)

    def less_and_asks(self) -> Iterator[FoundOffer]:
        """Reduce the give on one issue, and ask for more on one or two."""
        lines = [self.line(p, MOST_BESIDE) for p in self.payable]
        asked = [*map(Beside, lines), *(Beside(*two) for two in combinations(lines, 2))]
        expected: int | None = None  # where the whole must be worth enough, all that passes is worth about the same
        for place in self.conceded:
            for package, some_kept in self.backgrounds((place,)):
                line = self.reductions(place, MOST, whole=some_kept)
                if line.choices and self.probe.tried < BUDGET:
                    worth = sum([c.worth for c in package])
                    for others in self.worth_trying(package, line, lines, asked):
                        rest = worth - sum([package[p].worth for p in (place, *others.issues)])
                        guess = None if expected is None else expected - rest
                        choices = cheapest_beside(Frame(self.probe, package), line, others, PASSES, guess)
                        if choices is not None:
                            expected = rest + sum([c.worth for c in choices])
                            yield self.found(Family.LESS_AND_ASK, package, choices, PASSES)

    def worth_trying(
        self, package: Package, line: ValueLine, lines: Sequence[ValueLine], asked: Sequence[Beside]
    ) -> Sequence[Beside]:
        """Leave out the asks of proved lines where not even all of them together are enough."""
        proved = [o for o in lines if o.proved]
        if not line.proved or not proved:
            return asked
        if is_possible(Frame(self.probe, package), [line, *proved], PASSES):
            return asked
        return [others for others in asked if not others.proved]

    def fewer_approvers(self, goal: Goal) -> Iterator[FoundOffer]:
        """Reduce the give, or ask for more, on one issue."""
        for place in self.conceded:
            line = self.reductions(place, MOST, whole=len(self.conceded) > 1)
            yield from self.solved(Family.APPROVAL, self.offered, [line], goal)
        for place in self.payable:
            yield from self.solved(Family.APPROVAL, self.offered, [self.line(place, MOST)], goal)

    # Backgrounds and lines

    def backgrounds(self, places: Sequence[int]) -> Iterator[tuple[Package, bool]]:
        """Return the packages around *places*, and whether other issues are conceded in them."""
        others = [p for p in self.conceded if p not in places]
        yield self.offered, bool(others)
        if others:
            yield self.replaced([self.cleared[p] for p in others]), False

    def replaced(self, choices: Iterable[Choice]) -> Package:
        """Return the package offered with other choices for some issues."""
        instead = {c.issue: c for c in choices}
        return tuple([instead.get(c.issue, c) for c in self.offered])

    def line(self, place: int, most: int) -> ValueLine:
        """Return values above what is offered: up to our cleared one where it concedes, else to the most we ask."""
        key = (place, most)
        found = self.lines.get(key)
        if found is None and most < MOST and len((every := self.line(place, MOST)).choices.values) < most:
            found = self.lines[key] = every  # there are so few that none is left out
        if found is None:
            offered = self.offered[place]
            end = self.cleared[place] if offered.loss else self.probe.values.best_ask(place, offered)
            found = self.lines[key] = self.between(offered, end, most)
        return found

    def reductions(self, place: int, most: int, *, whole: bool) -> ValueLine:
        """Return the line of a conceded issue; without *whole* some of the give is left."""
        line = self.line(place, most)
        return line if whole else ValueLine(line.choices[:-1], line.proved or len(line.choices) == 2)

    def gives(self, place: int, most: int) -> ValueLine:
        """Return the values below our cleared one, down to a give of *most*."""
        line = self.between(self.cleared[place], self.probe.values.worst_give(place, most), MOST)
        return ValueLine(line.choices[::-1], line.proved)

    def between(self, near: Choice, far: Choice, most: int) -> ValueLine:
        """Return the values beyond *near* on the way to *far*, which is the last."""
        choices = self.probe.values.between(near, far, most)
        return ValueLine(choices, self.proved[near.issue] or len(choices) == 1)

    # Solving

    def solved(self, kind: Family, package: Package, lines: Sequence[ValueLine], goal: Goal) -> tuple[FoundOffer, ...]:
        """Return the cheapest offer of a family, if there is one."""
        if self.probe.tried >= BUDGET:
            return ()
        for line in lines:
            if not line.choices.values:
                return ()
        choices = cheapest(Frame(self.probe, package), lines, goal)
        return () if choices is None else (self.found(kind, package, choices, goal),)

    def found(self, kind: Family, package: Package, choices: Choices, goal: Goal) -> FoundOffer:
        """Return the offer that *choices* make of *package*."""
        whole, offered = [*package], self.offered
        for choice in choices:
            whole[choice.issue] = choice
        changed = [place for place, choice in enumerate(whole) if choice is not offered[place]]
        cost = sum([whole[place].worth - offered[place].worth for place in changed])
        distance = sum([choice.distance for choice in whole])
        is_strange = any(self.strange[place] for place in changed)
        rank = cost, distance, len(changed), tuple(changed)
        order = kind is Family.APPROVAL, kind is not Family.LESS, is_strange, rank
        return FoundOffer(kind, tuple(whole), rank[3], cost, rank, order, goal)


def no_worse(one: Package, other: Package) -> bool:
    """Return whether a package is on every issue worth at least as much to us as another one."""
    return all(a.worth >= b.worth for a, b in zip(one, other, strict=True))
