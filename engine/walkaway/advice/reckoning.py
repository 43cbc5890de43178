"""How it comes about what terms of ours give and ask, where the selector moves: it first, at the old terms.

In the other order parts are others, and their sum is the same; a rule that reads `give.value` alone sees the first.
"""

import msgspec

from walkaway.deal.valuation import Valuation
from walkaway.decide.evaluation import Evaluation
from walkaway.events import Terms
from walkaway.language.values import format_value
from walkaway.policy.model import Policy


class ReckonedStep(msgspec.Struct, frozen=True):
    """What one issue's move is worth; empty on the side on which it is nothing.

    Attributes:
        old, new: Its value as our terms were last let through, and in the terms asked about.
        at: The value of the selector at which it is measured; empty of the selector itself.
    """

    issue: str
    old: str
    new: str
    give: str
    get: str
    at: str = ""


class Reckoned(msgspec.Struct, frozen=True):
    """The moves of an offer's issues in their order, and what they would give and ask in sum the other way round."""

    steps: tuple[ReckonedStep, ...]
    otherwise_give: str
    otherwise_get: str


def reckoned(policy: Policy, evaluation: Evaluation) -> Reckoned | None:
    """Return how terms of ours are reckoned; none where the selector does not move, or alone does."""
    position, move = evaluation.at, evaluation.ours
    valuation = position.valuation
    if move is None or valuation is None or not valuation.selector:
        return None
    old, new, selector = position.cleared, move.terms, valuation.selector
    moved = [selector, *(name for name in policy.issues if name != selector and old[name] != new[name])]
    if old[selector] == new[selector] or len(moved) < 2:
        return None
    seen, money = valuation.between(old, new), policy.money
    units = {name: policy.issues[name].unit for name in moved}

    def sides(change: int) -> tuple[str, str]:
        text = format_value(valuation.rounded(abs(change)), money)
        return (text, "") if change < 0 else ("", text) if change else ("", "")

    at = format_value(new[selector], units[selector])
    steps = [
        ReckonedStep(
            name, format_value(old[name], units[name]), format_value(new[name], units[name]),
            *sides(seen.change(name, old[name], new[name])), "" if name == selector else at,
        )
        for name in moved
    ]  # fmt: skip
    other = list(_otherwise(valuation, old, new).values())
    give, get = -sum(c for c in other if c < 0), sum(c for c in other if c > 0)
    return Reckoned(tuple(steps), *(format_value(valuation.rounded(sum_), money) for sum_ in (give, get)))


def _otherwise(valuation: Valuation, old: Terms, new: Terms) -> dict[str, int]:
    """Return what each issue changes by where the selector moves last, at the new terms."""
    selector = valuation.selector
    before = {**new, selector: old[selector]}
    first, last = valuation.between(old, before), valuation.between(before, new)
    found = {name: first.change(name, old[name], value) for name, value in before.items()}
    return {**found, selector: last.change(selector, old[selector], new[selector])}
