"""The budgets over deals: what those of one key have taken together, deal by deal as they go on."""

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from math import ceil

from walkaway.deal.budgets import BudgetShare, Key, keys_at, shares_of
from walkaway.deal.position import Position, SpentBudget
from walkaway.events import AnyEvent
from walkaway.language.values import exactly
from walkaway.policy import Policy

Kept = tuple[str, dict[str, BudgetShare] | None]
"""A deal, and what it has taken of each budget; none where nobody can say any more."""


FINEST = 10**300
"""Of a sum with a larger denominator, as hundreds of rates make it, the next part of this size above it is told."""


class Taken:
    """What deals have taken of every budget, key by key.

    Args:
        load: Gives the deals that were there before: all of them, or those named; asked before anything is said.

    Attributes:
        beside: Budget → what is taken of it, under every key, by deals that nobody follows here.
    """

    def __init__(self, load: Callable[[Iterable[str] | None], Iterable[Kept]] = lambda _: ()) -> None:
        self.load = load
        self.beside: dict[str, int] = {}
        self.begin()

    def begin(self) -> None:
        """Know of no deal, until they are loaded."""
        self.sums: dict[tuple[str, Key], Fraction] = {}
        self.unsaid: dict[tuple[str, Key], int] = {}
        self.deals: dict[str, dict[str, BudgetShare]] = {}
        self.lost: set[str] = set()
        self.changed: set[str] | None = None

    def of(
        self, event: AnyEvent, position: Position | None, policy: Policy, entry: int | None = None
    ) -> dict[str, SpentBudget]:
        """Return what other deals have taken of each budget, at an event of a deal; what is not known is left out.

        Args:
            position: The deal before the event; none before it opened.
            entry: The number of the event's own entry in a log: all before it count.
        """
        self.catch_up()
        return self.at(event.deal, keys_at(policy, position, event), entry)

    def at(self, deal: str, keys: Mapping[str, Key], entry: int | None = None) -> dict[str, SpentBudget]:
        """Return what deals other than one have taken, for each budget under a key; named as for `of`."""
        if self.lost - {deal}:
            return {}
        own, found = self.deals.get(deal, {}), {}
        for name, key in keys.items():
            mine = own.get(name)
            is_here = mine is not None and mine.key == key
            unsaid = self.unsaid.get((name, key), 0) - (is_here and mine is not None and mine.taken is None)
            if unsaid:
                continue
            total = self.sums.get((name, key), Fraction(0)) + self.beside.get(name, 0)
            if is_here and mine is not None and mine.taken is not None:
                total -= mine.taken
            found[name] = SpentBudget(_told(total), entry)
        return found

    def keep(self, position: Position, policy: Policy) -> None:
        """Take in where a deal stands after an event."""
        self.catch_up()
        self.put(position.deal, shares_of(policy, position))

    def put(self, deal: str, shares: dict[str, BudgetShare] | None) -> None:
        """Take in what a deal has taken."""
        for name, share in self.deals.pop(deal, {}).items():
            self.add(name, share, -1)
        if shares is None:
            self.lost.add(deal)
            return
        self.lost.discard(deal)
        for name, share in shares.items():
            self.add(name, share, 1)
        if shares:
            self.deals[deal] = shares

    def add(self, name: str, share: BudgetShare, by: int) -> None:
        """Count a share in, or out."""
        place = name, share.key
        if share.taken is None:
            self.unsaid[place] = self.unsaid.get(place, 0) + by
        else:
            self.sums[place] = self.sums.get(place, Fraction(0)) + by * Fraction(share.taken)

    def catch_up(self) -> None:
        """Load what is not loaded, or has changed since."""
        changed = self.changed
        if changed is None:
            self.changed = set()
            for deal, shares in self.load(None):
                self.put(deal, shares)
        elif changed:
            self.changed = set()
            for deal, shares in self.load(changed):
                self.put(deal, shares)

    def forget(self, deals: Iterable[str | None] = (None,)) -> None:
        """Have deals loaded anew; none among them stands for all."""
        for deal in deals:
            if deal is None:
                self.begin()
            elif self.changed is not None:
                self.changed.add(deal)


def _told(total: Fraction) -> int | Fraction:
    """Return a sum as it is told: exact, or never less where no number of a sensible length is."""
    return exactly(total if total.denominator <= FINEST else Fraction(ceil(total * FINEST), FINEST))
