"""Search a killing deal for a mutant: known deals are changed value by value until policy and mutant answer otherwise.

Every leaf is piecewise linear in what an event states, so a value that brings it to its edge is found by the secant
method; a leaf that no value moves may be moved by one event more or fewer. A deal is returned only after both policies
have decided it; where none is returned there may still be one.
"""

from collections.abc import Iterable

from walkaway.policy.model import Policy
from walkaway.testing.killers.inputs import Deal
from walkaway.testing.killers.reachability import variants_reaching
from walkaway.testing.killers.search import KillingDeal, Search, Spent
from walkaway.testing.killers.targets import targets_of
from walkaway.testing.killers.wants import differ, fires
from walkaway.testing.mutants import Mutant

__all__ = ["TRIES", "KillingDeal", "differ", "fires", "shortest", "witness"]

TRIES = 600
"""Deals decided at most for one mutant, at each leaf where it may show."""
_IN_ALL = 2_400


def killing_deal(policy: Policy, mutant: Mutant, deals: Iterable[Deal]) -> KillingDeal | None:
    """Return a killing deal, with every event left out that it does not need; none where none was found."""
    known = [deal for start in deals for deal in variants_reaching(policy, mutant, start)]
    left = _IN_ALL
    for change in targets_of(policy, mutant):
        search = Search(policy, mutant, change, min(TRIES, left))
        try:
            found = search.find(known)
        except Spent:
            found = search.found
        if found:
            return search.shortened(found)
        left -= TRIES
        if left <= 0:
            break
    return None


def shortest_killing_deal(policy: Policy, mutant: Mutant, deals: Iterable[Deal]) -> KillingDeal | None:
    """Return the first of *deals* that kills the mutant, with every event left out that it does not need."""
    change = next(iter(targets_of(policy, mutant)), None)
    for deal in deals if change else ():
        assert change is not None
        search = Search(policy, mutant, change, TRIES)
        search.see(deal)
        if search.found:
            return search.shortened(search.found)
    return None
