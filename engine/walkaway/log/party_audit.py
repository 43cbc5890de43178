"""What decisions knew of the other side, held against what the log has of its other deals.

A decision is replayed with what it knew, and needs no other deal: whoever wrote it could have said anything. The deals
of each party are gone through once more, in the order of the log.

Source:
    docs/calculus.md, audit; docs/log.md, `party`.
"""

from collections.abc import Iterator, Mapping

import msgspec

from walkaway.deal.budgets import BudgetShare, Key, keys_at, shares_of
from walkaway.deal.position import PartyRecord, SpentBudget
from walkaway.decide.evaluation import Evaluation
from walkaway.events import EVERY_DEAL
from walkaway.language.instants import instant_text
from walkaway.language.values import Exact, Kind, Unit, format_value
from walkaway.policy.model import Policy
from walkaway.session.budgets import Taken
from walkaway.session.parties import Dealing, Parties, dealing


class _EntryKnew(msgspec.Struct, frozen=True):
    """What one entry knew of its party, and how its deal stood after it."""

    deal: str
    party: str
    record: PartyRecord
    after: Dealing
    policy: Policy


class _EntrySpent(msgspec.Struct, frozen=True):
    """What one entry knew of budgets, under which keys, and what its deal had taken after it."""

    deal: str
    spent: Mapping[str, SpentBudget]
    keys: Mapping[str, Key]
    shares: dict[str, BudgetShare]
    policy: Policy


class KnownParties:
    """Collects what entries knew, deal by deal, and tells which of them the log contradicts."""

    def __init__(self) -> None:
        self.known: dict[int, _EntryKnew] = {}
        self.halted: dict[int, tuple[str, bool]] = {}
        self.stops: dict[int, bool] = {}
        self.unsure: set[str] = set()
        self.budgets: dict[int, _EntrySpent] = {}
        self.lost: dict[str, int] = {}

    def read(self, n: int, evaluation: Evaluation, policy: Policy) -> None:
        """Take one entry in."""
        after, before = evaluation.after, evaluation.before
        if after.deal == EVERY_DEAL:
            self.stops[n] = after.halted
            return
        self.halted[n] = after.deal, before.others.halted
        if policy.budgets or self.budgets:  # a deal that goes on without any has taken nothing from there on
            opened = None if evaluation.opens else before
            keys, shares = keys_at(policy, opened, evaluation.event), shares_of(policy, after)
            self.budgets[n] = _EntrySpent(after.deal, before.others.spent, keys, shares, policy)
        if after.party:
            self.known[n] = _EntryKnew(after.deal, after.party, before.others, dealing(after, policy), policy)

    def lose(self, party: str, entry: int) -> None:
        """Say nothing of a party, one of whose deals cannot be judged, nor of budgets from an entry on."""
        self.unsure.add(party)
        self.lost[party] = min(entry, self.lost.get(party, entry))

    def contradicted(self) -> Iterator[tuple[int, str, str]]:
        """Yield entry, deal and what is wrong, where a decision knew something else than what the log has."""
        parties = Parties()
        for n, entry in sorted(self.known.items()):
            if entry.party in self.unsure:
                continue
            deals = parties.about(entry.party)
            found = deals.beside(entry.deal, entry.policy)
            same = {"halted": entry.record.halted, "spent": entry.record.spent}  # which are looked at for all deals
            found = msgspec.structs.replace(found, **same)
            if found != entry.record:
                what = "; ".join(_differences(entry.policy, entry.record, found))
                yield n, entry.deal, f"its decision knew of its party what the log contradicts: {what}"
            deals.keep(entry.deal, entry.after)

    def misspent(self) -> Iterator[tuple[int, str, str]]:
        """Yield entry, deal and what is wrong, where a decision knew a budget otherwise than the log sums it up."""
        taken, end = Taken(), min(self.lost.values(), default=1 << 62)
        for n, entry in sorted(self.budgets.items()):
            if n >= end:
                return
            found = taken.at(entry.deal, entry.keys)
            for name, knew in sorted(entry.spent.items()):
                if name not in found or (knew.taken, knew.entry) != (found[name].taken, n):
                    was = "nothing sure" if name not in found else _amount(entry.policy, found[name].taken)
                    told = f"{_amount(entry.policy, knew.taken)}, before entry {knew.entry}"
                    yield n, entry.deal, f"its decision knew of budget `{name}` {told}, by the log it is {was}"
            taken.put(entry.deal, entry.shares)

    def not_stopped(self) -> Iterator[tuple[int, str, str]]:
        """Yield entry, deal and what is wrong, where a decision knew otherwise whether all offers were stopped."""
        halted = False
        for n in sorted(self.halted.keys() | self.stops.keys()):
            if n in self.stops:
                halted = self.stops[n]
            elif self.halted[n][1] is not halted:
                was = "were stopped" if halted else "were not stopped"
                yield n, self.halted[n][0], f"all our offers {was} then, and its decision knew otherwise"


def _amount(policy: Policy, taken: Exact) -> str:
    return format_value(taken, Unit(Kind.MONEY, policy.home or policy.currency))


def _differences(policy: Policy, knew: PartyRecord, found: PartyRecord) -> Iterator[str]:
    """Yield what a decision knew and what the log has, where they differ."""
    for name, what in _NAMES.items():
        one, other = getattr(knew, name), getattr(found, name)
        if one != other:
            yield f"{what} {_written(policy, one)}, by the log {_written(policy, other)}"


_NAMES = {
    "deals": "other deals",
    "open_deals": "open ones",
    "won": "won ones",
    "walked": "ones that we left",
    "left_closed": "a closed door",
    "last": "terms of the latest closed one",
    "closed_at": "its close",
    "reopened_at": "a door opened again",
    "asks": "answered asks of agents",
}


def _written(policy: Policy, value: object) -> str:
    """Write what is known of a party as people do."""
    match value:
        case bool():
            return "yes" if value else "no"
        case None:
            return "none"
        case dict():
            terms = (f"{i} {format_value(v, policy.issues[i].unit)}" for i, v in value.items())
            return ", ".join(terms) or "none"
        case int() if value > _INSTANTS:
            return instant_text(value)
        case _:
            return str(value)


_INSTANTS = 1_000_000_000
"""No party has so many deals; what is more is an instant."""
