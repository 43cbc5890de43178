"""Counteroffers at other values of the selector: what was asked about with another one, as it is or with less given.

At each value all is measured as there; one search is at one value.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from walkaway.advice.counteroffers.probe import Probe
from walkaway.advice.counteroffers.search import PASSES, Family, FoundOffer, PackageSearch
from walkaway.advice.counteroffers.varying import outcome_of
from walkaway.deal.ledger import worth_of
from walkaway.decide.evaluation import Evaluation
from walkaway.events import Offer, Terms, Verdict
from walkaway.language.values import Value
from walkaway.policy.model import Issue

if TYPE_CHECKING:
    from walkaway.advice.counteroffers import Seeker

VALUES = 6
"""So many other values of the selector are looked at, the nearest first."""
SHOWN = 2
"""So many offers at one of them, at most: they are to be different ways out."""


def selected(seeker: "Seeker", asked: Evaluation, probe: Probe) -> list[tuple[FoundOffer, Probe]]:
    """Return offers at other values of the selector that are worth no less to us than the one asked about.

    Returns:
        Each with the deal in which it was tried.
    """
    position, offer, policy = asked.before, asked.event, seeker.policy
    assert isinstance(offer, Offer)
    selector = policy.issues[policy.selector]
    asked_for = {issue.name: c.value for issue, c in zip(probe.issues, probe.offered, strict=True)}
    found: list[tuple[FoundOffer, Probe]] = []
    for value in _others(selector, asked_for[selector.name]):
        tried = seeker.tried(position, msgspec.structs.replace(offer, terms={**offer.terms, selector.name: value}))
        if tried is None:
            continue
        at = seeker.probe(tried)
        more = worth_of(position, {**asked_for, selector.name: value}) - worth_of(position, asked_for)
        if tried.ruling.verdict is Verdict.PROCEED:
            search = PackageSearch(at, outcome_of(tried.ruling, policy.roles), SHOWN)
            whole = search.found(Family.SELECT, at.offered, (), PASSES)
            sought = [] if search.exceeds_our_word(at.offered) else [whole]
        else:
            sought = PackageSearch(at, outcome_of(tried.ruling, policy.roles), SHOWN).find()
            sought = sorted((f for f in sought if f.kind is not Family.APPROVAL), key=lambda f: f.rank)[:SHOWN]
        found += [(_as_asked(f, at, asked_for, more, probe), at) for f in sought if f.cost + more >= 0]
    return found


def _others(selector: Issue, asked: Value) -> Iterator[Value]:
    """Return the other values of the selector, the nearest in its list first."""
    values = selector.finite
    place = values.index(asked)
    yield from sorted((v for v in values if v != asked), key=lambda v: abs(values.index(v) - place))[:VALUES]


def _as_asked(found: FoundOffer, at: Probe, asked: Terms, more: int, probe: Probe) -> FoundOffer:
    """Return an offer with what it changes, and is worth, measured from the one that was asked about."""
    changed = tuple(c.issue for c in found.package if c.value != asked[at.issues[c.issue].name])
    is_strange = any(probe.issues[place].name not in probe.named for place in changed)
    rank = found.cost + more, found.rank[1], len(changed), changed
    return FoundOffer(
        Family.SELECT, found.package, changed, found.cost + more, rank, (False, True, is_strange, rank), found.goal
    )
