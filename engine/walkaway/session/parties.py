"""The other sides across deals: how those with one party stand, as each of them may know it of the others."""

from collections.abc import Callable, Iterable

import msgspec

from walkaway.deal.cover import party_of
from walkaway.deal.position import NOBODY, PartyRecord, Position
from walkaway.events import CLOSED, EVERY_DEAL, AnyEvent, Door, Open, Terms
from walkaway.policy import Policy
from walkaway.session.budgets import Taken


class Dealing(msgspec.Struct, frozen=True, gc=False):
    """One deal, as far as others with the same party know of it.

    Attributes:
        left: The door that we left by, and `left_at` when.
        last: What it came to, under `policy`, once it is closed; `closed_at` when.
        reopened_at: When a closed door was opened again in it.
        asks: How many asks of agents were answered in it.
    """

    outcome: str = ""
    left: Door | None = None
    left_at: int | None = None
    reopened_at: int | None = None
    closed_at: int | None = None
    last: Terms = {}
    policy: Policy | None = None
    asks: int = 0


def dealing(position: Position, policy: Policy) -> Dealing:
    """Return what others may know of a deal."""
    known = (position.outcome, position.left, position.left_at, position.reopened_at)
    if not position.outcome:
        return Dealing(*known, asks=position.asks)
    return Dealing(*known, position.closed_at, position.last_terms, policy, position.asks)


class _PartyDeals:
    """The deals with one party, and what they come to together."""

    def __init__(self) -> None:
        self.deals: dict[str, Dealing] = {}
        self.open = self.won = self.walked = self.closed = 0
        self.asks = 0
        self.reopened_at: int | None = None
        self.latest = Dealing()

    def keep(self, deal: str, now: Dealing) -> None:
        """Take in where a deal stands now."""
        was = self.deals.get(deal)
        if was == now:
            return
        self.deals[deal] = now
        self.asks += now.asks - (0 if was is None else was.asks)
        if now.reopened_at is not None and now.reopened_at > (self.reopened_at or now.reopened_at - 1):
            self.reopened_at = now.reopened_at
            self.open = self.won = self.walked = self.closed = 0
            for each in self.deals.values():
                self.count(each, 1)
        else:
            if was is not None:
                self.count(was, -1)
            self.count(now, 1)
        if now.closed_at is not None and now.closed_at >= (self.latest.closed_at or now.closed_at):
            self.latest = now

    def count(self, deal: Dealing, by: int) -> None:
        """Count a deal in, or out."""
        left = self.is_left(deal)
        self.open += by * (not deal.outcome)
        self.won += by * (deal.outcome == "won")
        self.walked += by * (left or deal.outcome == "walked")
        self.closed += by * (left and deal.left is CLOSED)

    def is_left(self, deal: Dealing) -> bool:
        """Return whether a door is still shut behind us: it is not where one was opened again later."""
        opened = self.reopened_at
        return deal.left is not None and (opened is None or deal.left_at is None or deal.left_at >= opened)

    def beside(self, deal: str, policy: Policy) -> PartyRecord:
        """Return what a deal may know of the others, under its policy."""
        own, count = self.deals.get(deal), len(self.deals)
        if own is not None:
            self.count(own, -1)
            count -= 1
        found = NOBODY
        asks = self.asks - (0 if own is None else own.asks)
        if count or self.reopened_at is not None:
            found = PartyRecord(
                count, self.open, self.won, self.walked, self.closed > 0, _told(self.latest, policy),
                self.latest.closed_at, self.reopened_at, asks,
            )  # fmt: skip
        if own is not None:
            self.count(own, 1)
        return found


class NotAlone(Exception):
    """All offers are to be stopped, or to go on, where several processes decide: none but one would know."""


class Parties:
    """What is known of each party from its deals, one by one as they go on; and whether all offers are stopped.

    Args:
        load: Gives the deals with a party, by their names, that were there before; asked once for each party.
        load_halted: Says whether all offers were stopped before.
        taken: What deals have taken of the budgets.

    Attributes:
        is_alone: Whether no other process decides for the same deals.
        sees_all: Whether all deals pass here, so that what they have taken of budgets is known.
    """

    def __init__(
        self,
        load: Callable[[str], Iterable[tuple[str, Dealing]]] = lambda _: (),
        load_halted: Callable[[], bool] = lambda: False,
        taken: Taken | None = None,
    ) -> None:
        self.load, self.load_halted, self.is_alone, self.sees_all = load, load_halted, True, True
        self.taken = taken or Taken()
        self.known: dict[str, _PartyDeals] = {}
        self.halted: bool | None = None

    def of(
        self, event: AnyEvent, position: Position | None, policy: Policy, entry: int | None = None
    ) -> PartyRecord | None:
        """Return what is known, at an event of a deal, from other deals; none where nothing is.

        Args:
            position: The deal before the event; none before it opened.
            policy: Under which the event is decided.
            entry: The number that the event's entry will have in a log; none where nobody knows yet.
        """
        known = self.of_party(event, position, policy)
        if not policy.budgets or event.deal == EVERY_DEAL or not self.knows_budgets:
            return known
        return msgspec.structs.replace(known or NOBODY, spent=self.taken.of(event, position, policy, entry))

    @property
    def knows_budgets(self) -> bool:
        """Return whether what all deals have taken of budgets is known here."""
        return self.is_alone and self.sees_all

    def of_party(self, event: AnyEvent, position: Position | None, policy: Policy) -> PartyRecord | None:
        """Return what is known of the party from its other deals; none where nobody says who it is."""
        party = ""
        if position is not None:
            party = position.party
        elif isinstance(event, Open):
            party = party_of(policy.people, event.party)
        if self.halted is None:
            self.halted = self.load_halted()
        known = self.about(party).beside(event.deal, policy) if party else None
        if self.halted and event.deal != EVERY_DEAL:
            return msgspec.structs.replace(known or NOBODY, halted=True)
        if known is None and position is not None and position.others.halted:
            return NOBODY
        return known

    def keep(self, position: Position, policy: Policy) -> None:
        """Take in where a deal stands after an event.

        Raises:
            NotAlone: Where it stops all offers, and others decide beside this process.
        """
        if position.deal == EVERY_DEAL:
            if not self.is_alone:
                raise NotAlone("all offers are stopped, and go on, in a run of one process: run without --workers")
            self.halted = position.halted
        elif self.knows_budgets and (policy.budgets or position.deal in self.taken.deals):
            self.taken.keep(position, policy)
        if position.party:
            self.about(position.party).keep(position.deal, dealing(position, policy))

    def about(self, party: str) -> _PartyDeals:
        """Return the deals with a party."""
        known = self.known.get(party)
        if known is None:
            known = self.known[party] = _PartyDeals()
            for deal, found in self.load(party):
                known.keep(deal, found)
        return known

    def forget(self, deals: Iterable[str | None] = (None,)) -> None:
        """Have every party loaded anew when it is met again, and what deals have taken that others have changed."""
        self.known.clear()
        self.halted = None
        self.taken.forget(deals)


def _told(deal: Dealing, policy: Policy) -> Terms:
    """Return what a deal came to, in the issues that mean the same to another; what is personal stays in its deal."""
    if deal.policy is None:
        return {}
    theirs, ours = deal.policy.issues, policy.issues
    return {
        name: deal.last[name]
        for name in sorted(ours)
        if name in deal.last and theirs[name].unit == ours[name].unit and not theirs[name].personal
    }
