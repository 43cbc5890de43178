"""The values of an issue that are tried: on its step, by worth, between our word and how far we would go."""

from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any

from walkaway.advice.counteroffers.choices import Choice, ChoiceLine, Making, Package, Ruler
from walkaway.advice.counteroffers.line_values import lines_tried
from walkaway.advice.counteroffers.steps import furthest_ask, step_of, towards, within
from walkaway.deal.line_items import LineWorths
from walkaway.deal.position import Position
from walkaway.deal.valuation import Bound, Capped, Valuation
from walkaway.events import Terms
from walkaway.language.values import Exact, Value
from walkaway.policy.model import THRESHOLDS, Policy


class Candidates:
    """The values of each issue that are tried, as choices.

    Args:
        policy: Whose issues are tried, in its order; an issue is named by its place among them.
        position, valuation, walks: The deal, what its terms are worth, and its walk values by issue.
        known: What is known of the deal, limits at the value of the selector that is tried among it.
        packages: Ours as it was last let through, as they last heard it, and the one asked about.
        theirs, blind: As for `Probe`.
        rulers: What measures the values of each issue.
        choice: Returns a value of the issue at a place as a choice; `made` are those returned already, by place.
    """

    def __init__(
        self,
        policy: Policy,
        position: Position,
        known: Mapping[str, Any],
        valuation: Valuation,
        walks: Mapping[str, Bound],
        packages: tuple[Package, Package, Package],
        theirs: Terms,
        rulers: Sequence[Ruler],
        choice: Making,
        made: Sequence[Mapping[Value, Choice]],
        *,
        blind: bool,
    ) -> None:
        self.policy, self.issues = policy, tuple(policy.issues.values())
        self.position, self.valuation, self.walks = position, valuation, walks
        self.known = known
        self.cleared, self.said, self.offered = packages
        self.theirs, self.rulers, self.choice, self.made, self.blind = theirs, rulers, choice, made, blind
        self.steps: dict[int, int] = {}
        self.asks: dict[int, Choice | None] = {}
        self.words: dict[int, list[Choice]] = {}

    def step(self, place: int) -> int:
        """Return the step of the issue at *place*, which is numeric."""
        if place not in self.steps:
            issue, known = self.issues[place], self.known
            limits = [] if self.blind else [known[f"{t}.{issue.name}"] for t in THRESHOLDS]
            met = (
                self.cleared[place].value,
                self.said[place].value,
                self.offered[place].value,
                self.theirs.get(issue.name),
            )
            self.steps[place] = step_of(issue, self.position.start[issue.name], limits, met)
        return self.steps[place]

    def between(self, near: Choice, far: Choice, most: int) -> ChoiceLine:
        """Return the values beyond *near* on the way to *far*, which is the last; by worth, strictly."""
        place = near.issue
        values: list[Value] = []
        if near.worth != far.worth:
            issue = self.issues[place]
            if isinstance(near.value, int) and isinstance(far.value, int) and issue.better and not issue.values:
                values = [*towards(near.value, far.value, self.step(place), most)]
                if issue.least is not None or issue.most is not None:
                    values = [v for v in values if v == far.value or v == within(issue, v)]
            else:
                low, high = sorted((near.worth, far.worth))
                inside = [c.value for c in self.every(place) if low < c.worth < high]
                values = [*(inside if near.worth < far.worth else reversed(inside)), far.value]
        return ChoiceLine(place, values, self.rulers[place], self.choice, self.made[place])

    def every(self, place: int) -> list[Choice]:
        """Return every value of an issue that has words, or lists its values, by worth; none for other quantities."""
        found = self.words.get(place)
        if found is None:
            issue = self.issues[place]
            worths = self.valuation.worths[issue.name]
            counted = issue.values if issue.better else ()
            if isinstance(worths, LineWorths):
                values: Iterable[Value] = self.lines()
            else:
                values = counted if isinstance(worths, _COUNTED) else worths
            found = self.words[place] = sorted([self.choice(place, v) for v in values], key=_worth)
        return found

    def lines(self) -> tuple[str, ...]:
        """Return the lines that are tried."""
        cleared, offered = (
            {self.issues[c.issue].name: c.value for c in package} for package in (self.cleared, self.offered)
        )
        return lines_tried(self.policy, offered, cleared, self.position.start, self.theirs)

    def best_ask(self, place: int, above: Choice) -> Choice:
        """Return the most we would ask for on an issue: its wish, or what they have offered, or some steps up."""
        if place not in self.asks:
            self.asks[place] = self.most_asked(place)
        most = self.asks[place]
        return above if most is None or most.worth < above.worth else most

    def most_asked(self, place: int) -> Choice | None:
        """Return the most we would ask for on an issue, whatever is on the table; none where nothing tells it."""
        issue = self.issues[place]
        wish = None if self.blind else self.known[f"wish.{issue.name}"]
        if words := self.every(place):
            short = [c for c in words if not issue.values or wish is None or issue.better * (wish - c.value) >= 0]
            return max(short, key=_worth) if short else None
        if not issue.better:
            return None
        if wish is None:
            cleared = self.cleared[place].value
            assert isinstance(cleared, int)
            far = furthest_ask(issue, cleared, self.step(place))
        else:
            far = _inward(wish, -issue.better, issue.step or 1)
        most = self.choice(place, within(issue, far))
        named = self.theirs.get(issue.name)
        return most if named is None else max(most, self.choice(place, named), key=_worth)

    def worst_give(self, place: int, most: int) -> Choice:
        """Return the most we could give on an issue, at no more than *most*.

        It ends at the walk value; where there is none, at the worst of our start value and what they have named.
        """
        issue, cleared = self.issues[place], self.cleared[place]
        if words := self.every(place):
            return next((c for c in words if c.loss <= most and (self.blind or not c.beyond)), cleared)
        rate = self.valuation.worths[issue.name]
        if not rate or not isinstance(rate, int) or not isinstance(cleared.value, int):
            return cleared
        walk = None if self.blind else self.walks.get(issue.name)
        start = self.position.start[issue.name]
        ends = [start, self.theirs.get(issue.name, start)] if walk is None else [self.on_step(place, walk.at)]
        affordable = self.choice(place, cleared.value - issue.better * (most // abs(rate)))
        end = min((self.choice(place, within(issue, v)) for v in ends), key=_worth)
        if affordable.worth > end.worth:
            end = self.choice(place, _inward(affordable.value, issue.better, self.step(place)))
        return min(end, cleared, key=_worth)

    def on_step(self, place: int, at: Exact) -> Value:
        """Return a limit as a value to offer: on the policy's step, if it says one, and never past it."""
        issue = self.issues[place]
        return _inward(at, issue.better, issue.step or 1)


_COUNTED = (int, Capped)
"""How the worth of a quantity is given that has no list of worths."""
_worth = attrgetter("worth")


def _inward(at: Any, better: int, step: int) -> int:
    """Return the multiple of *step* nearest to a value, of those that are no worse for us."""
    found: int = -(-at // step) if better > 0 else at // step
    return found * step
