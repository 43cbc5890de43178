"""What decisions knew of the other side, held against what the log has of its other deals.

A decision is replayed with what it knew, and needs no other deal: whoever wrote it could have said anything. The deals
of each party are gone through once more, in the order of the log.

Source:
    docs/calculus.md, audit; docs/log.md, `party`.
"""

from collections.abc import Iterator

import msgspec

from walkaway.deal.position import PartyRecord
from walkaway.decide.evaluation import Evaluation
from walkaway.events import EVERY_DEAL
from walkaway.language.instants import instant_text
from walkaway.language.values import format_value
from walkaway.policy.model import Policy
from walkaway.session.parties import Dealing, Parties, dealing


class _EntryKnew(msgspec.Struct, frozen=True):
    """What one entry knew of its party, and how its deal stood after it."""

    deal: str
    party: str
    record: PartyRecord
    after: Dealing
    policy: Policy


class KnownParties:
    """Collects what entries knew, deal by deal, and tells which of them the log contradicts."""

    def __init__(self) -> None:
        self.known: dict[int, _EntryKnew] = {}
        self.halted: dict[int, tuple[str, bool]] = {}
        self.stops: dict[int, bool] = {}
        self.unsure: set[str] = set()

    def read(self, n: int, evaluation: Evaluation, policy: Policy) -> None:
        """Take one entry in."""
        after, before = evaluation.after, evaluation.before
        if after.deal == EVERY_DEAL:
            self.stops[n] = after.halted
            return
        self.halted[n] = after.deal, before.others.halted
        if after.party:
            self.known[n] = _EntryKnew(after.deal, after.party, before.others, dealing(after, policy), policy)

    def lose(self, party: str) -> None:
        """Say nothing of a party, one of whose deals cannot be judged."""
        self.unsure.add(party)

    def contradicted(self) -> Iterator[tuple[int, str, str]]:
        """Yield entry, deal and what is wrong, where a decision knew something else than what the log has."""
        parties = Parties()
        for n, entry in sorted(self.known.items()):
            if entry.party in self.unsure:
                continue
            deals = parties.about(entry.party)
            found = deals.beside(entry.deal, entry.policy)
            found = msgspec.structs.replace(found, halted=entry.record.halted)  # which is looked at for all deals
            if found != entry.record:
                what = "; ".join(_differences(entry.policy, entry.record, found))
                yield n, entry.deal, f"its decision knew of its party what the log contradicts: {what}"
            deals.keep(entry.deal, entry.after)

    def not_stopped(self) -> Iterator[tuple[int, str, str]]:
        """Yield entry, deal and what is wrong, where a decision knew otherwise whether all offers were stopped."""
        halted = False
        for n in sorted(self.halted.keys() | self.stops.keys()):
            if n in self.stops:
                halted = self.stops[n]
            elif self.halted[n][1] is not halted:
                was = "were stopped" if halted else "were not stopped"
                yield n, self.halted[n][0], f"all our offers {was} then, and its decision knew otherwise"


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
