"""What a move of theirs would make possible: if they come to this, we may go to that, both decided by the engine."""

from collections.abc import Callable, Iterator
from functools import partial

import msgspec

from walkaway.advice.counteroffers.choices import Choice, ChoiceLine
from walkaway.advice.counteroffers.probe import Probe
from walkaway.advice.counteroffers.steps import MOST
from walkaway.deal.position import Position
from walkaway.decide.evaluation import Evaluation
from walkaway.events import THEM, Offer, On, Terms, Verdict

Tried = Callable[[Position, Offer], Evaluation | None]
"""Evaluates an offer; none where its terms cannot be weighed."""

MOST_ISSUES = 4
"""On so many of the issues that they have named a move is tried, at most; first where they are furthest from us."""


class Helped(msgspec.Struct, frozen=True):
    """A move of theirs that lets an offer of ours pass.

    Attributes:
        moved: What they must come to.
        then: The evaluation of our offer after that, which is to proceed.
        cost: Worth to us of their move, in units of the deal's valuation.
    """

    moved: Terms
    then: Evaluation
    cost: int


def contingent(tried: Tried, probe: Probe, asked: Evaluation) -> Helped | None:
    """Return their smallest move, on one issue that they have named, after which the offer asked about may be sent.

    Where it is what they offer that is asked about, they move and we agree to that.
    """
    takes = probe.offered in probe.takes
    lines = sorted(_lines(probe, takes=takes), key=lambda line: (-abs(line[-1].worth - line[0].worth), line[0].issue))
    found: list[Helped] = []
    for line in lines[:MOST_ISSUES]:
        helped = _first(partial(_helped, tried, probe, asked, takes), line)
        if helped is not None:
            found.append(helped)
    return min(found, key=lambda h: h.cost, default=None)


def _lines(probe: Probe, *, takes: bool) -> Iterator[ChoiceLine]:
    """Return the values that they may move to on each issue, upwards in worth: short of what we would say."""
    for place, issue in enumerate(probe.issues):
        if issue.name in probe.theirs:
            last = probe.choice(place, probe.theirs[issue.name])
            far = probe.cleared[place] if takes else probe.offered[place]
            if far.worth > last.worth:
                line = probe.values.between(last, far, MOST)
                if found := line[:-1] if takes else line:
                    yield found


def _helped(tried: Tried, probe: Probe, asked: Evaluation, takes: bool, choice: Choice) -> Helped | None:
    """Return what happens if they come to a value."""
    offer, moved = asked.event, {probe.issues[choice.issue].name: choice.value}
    assert isinstance(offer, Offer)
    theirs = msgspec.structs.replace(offer, by=THEM, actor="", terms=moved, other={})
    heard = tried(probe.position, theirs)
    if heard is None or heard.ruling.verdict is Verdict.WALK or heard.on is On.THEIR_ACCEPTANCE:
        return None
    terms = {**offer.terms, **moved} if takes else offer.terms
    if not terms and not offer.other:  # what is asked about is our word: all of it is named
        terms = {issue.name: choice.value for issue, choice in zip(probe.issues, probe.offered, strict=True)}
    then = tried(heard.after, msgspec.structs.replace(offer, terms=terms))
    if then is None or then.ruling.verdict is not Verdict.PROCEED:
        return None
    last = probe.choice(choice.issue, probe.theirs[probe.issues[choice.issue].name])
    return Helped(moved, then, choice.worth - last.worth)


def _first(helped: Callable[[Choice], Helped | None], line: ChoiceLine) -> Helped | None:
    """Return the first of a line that helps, where its end does."""
    best = helped(line[-1]) if line else None
    low, high = 0, len(line) - 1  # INVARIANT: line[high] helps, as far as it was tried
    while best is not None and low < high:
        middle = (low + high) // 2
        found = helped(line[middle])
        if found is not None:
            best, high = found, middle
        else:
            low = middle + 1
    return best
