"""Join an event with earlier ones of its deal, as a policy's patterns say."""

from walkaway.deal.position import Move, Occurrences, Position, chained
from walkaway.events import US, On
from walkaway.language.expr.linear import holds
from walkaway.language.values import Exact
from walkaway.policy.model import Leg, Pattern, Policy


def join(
    policy: Policy, position: Position, move: Move
) -> tuple[dict[str, Occurrences], dict[str, int], dict[str, str]]:
    """Join terms, as a second leg, with earlier first legs, and remember them as a first leg.

    Returns:
        What the first legs have been, how often both legs met, and a digest of the first.
    """
    if move.by is US:
        on = On.OUR_ACCEPTANCE if move.agrees else On.OUR_OFFER
    else:
        on = On.THEIR_ACCEPTANCE if move.heard is On.THEIR_ACCEPTANCE else On.THEIR_OFFER
    occurrences, matches, joined = dict(position.occurrences), dict(position.matches), dict(position.joined)
    if position.valuation is None:
        return occurrences, matches, joined
    for pattern in policy.patterns:
        if pattern.second.on is on:
            now = _values(position, pattern.second, move)
            matches[pattern.name] += sum(
                count for values, count in occurrences[pattern.name].items() if _joins(pattern, values, now)
            )
        if pattern.first.on is on:
            values = _values(position, pattern.first, move)
            seen = occurrences[pattern.name]
            occurrences[pattern.name] = {**seen, values: seen.get(values, 0) + 1}
            joined[pattern.name] = chained(joined.get(pattern.name, ""), values)
    return occurrences, matches, joined


def _values(position: Position, leg: Leg, move: Move) -> tuple[Exact, ...]:
    valuation = position.valuation
    assert valuation is not None
    return tuple(
        valuation.exact(valuation.base + (move.worth or 0)) if r == "worth" else move.terms[r] for r in leg.reads
    )


def _joins(pattern: Pattern, earlier: tuple[Exact, ...], now: tuple[Exact, ...]) -> bool:
    facts: dict[str, Exact | None] = {}
    for leg, values in ((pattern.first, earlier), (pattern.second, now)):
        facts |= {f"{leg.name}.{r}": v for r, v in zip(leg.reads, values, strict=True)}
    return any(all(holds(t, facts) for t in tests) for tests in pattern.alternatives)
