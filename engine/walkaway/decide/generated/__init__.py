"""One generated function for each kind of event, and which events go through them.

The rooms (`judging`, `deal.fold`, `gather`) are the reference: what a function was not written for goes through them,
and every function gives the same evidence and the same position as they do, byte by byte. A native core, driven by
tables, could stand behind `Generated.answer` in their place (DECISIONS, decide).
"""

from collections.abc import Mapping
from functools import cached_property

import msgspec

from walkaway.deal.admission import check
from walkaway.deal.fold import opening
from walkaway.deal.position import PartyRecord, Position
from walkaway.deal.stated import at
from walkaway.decide.cross_check import CrossCheck
from walkaway.decide.evidence import Evidence
from walkaway.decide.gather import Gatherer
from walkaway.decide.generated.functions import Generated as Function
from walkaway.decide.generated.functions import Writer
from walkaway.decide.known import used_rates
from walkaway.decide.plans import Core, Plans
from walkaway.events import (
    LESSER,
    US,
    Accept,
    AnyEvent,
    Offer,
    On,
    Open,
    Reject,
    Signal,
    Tick,
    Withdraw,
    on_of,
)
from walkaway.policy.currencies import reads_drift
from walkaway.policy.model import Policy


class Generated:
    """The functions of one policy, each written when it is first needed.

    Args:
        applies: Whether any event goes through them.
    """

    def __init__(
        self, policy: Policy, plans: Plans, cores: CrossCheck, gatherer: Gatherer, *, applies: bool = True
    ) -> None:
        self.policy, self.cores, self.core, self.ahead = policy, cores, cores.core, policy.ahead
        self.writer = Writer(policy, plans, gatherer, cores.single.ran, both=cores.core is Core.BOTH)
        if cores.core is Core.BOTH:
            self.writer.ran = (Core.PLAIN, Core.RETE)
        is_plain = policy.above is None and not (policy.home and reads_drift(policy)) and not policy.budgets
        self.applies = applies and is_plain and cores.core is not Core.RETE and not cores.note
        self.written: dict[str, str] = {}
        self.silents: dict[On, Function] = {}

    @cached_property
    def our_acceptance(self) -> Function:
        """Return the function for our acceptances, also by an offer of what they said."""
        return self.kept("our acceptance", *self.writer.ours(On.OUR_ACCEPTANCE, True, {}))

    @cached_property
    def lesser(self) -> Function:
        """Return the function for offers of ours that are worse for us than theirs and better on nothing."""
        return self.kept("our offer, less than theirs", *self.writer.ours(LESSER, False, {}))

    @cached_property
    def our_offer(self) -> Function:
        """Return the function for our offers; what one may turn out to be instead is written once one does."""
        others: Mapping[str, Function] = {
            "our_acceptance": lambda *given: self.our_acceptance(*given),
            "lesser": lambda *given: self.lesser(*given),
        }
        return self.kept("our offer", *self.writer.ours(On.OUR_OFFER, False, others))

    @cached_property
    def their_offer(self) -> Function:
        """Return the function for their offers; that for their acceptances is written once an offer is one."""
        return self.kept("their offer", *self.writer.theirs(lambda *given: self.their_acceptance(*given)))

    @cached_property
    def their_acceptance(self) -> Function:
        """Return the function for their acceptances of what we said, also by an offer of it."""
        return self.kept("their acceptance", *self.writer.agreed())

    def silent(self, on: On) -> Function:
        """Return the function for events without terms."""
        found = self.silents.get(on)
        if found is None:
            found = self.silents[on] = self.kept(on.value, *self.writer.silent(on))
        return found

    def texts(self) -> Mapping[str, str]:
        """Return every function as people read it, by the kind of event; empty where all go through the rooms."""
        if not self.applies:
            return {}
        again = Generated(self.policy, self.writer.plans, self.cores, self.writer.gatherer)
        again.writer.keeps = True
        for kind in ("our_acceptance", "lesser", "our_offer", "their_acceptance", "their_offer"):
            assert getattr(again, kind) is not None
        for on in _SILENT:
            again.silent(on)
        return again.written

    def kept(self, kind: str, function: Function, written: str) -> Function:
        """Keep how a function is written."""
        self.written[kind] = written
        return function

    def answer(
        self, position: Position | None, event: AnyEvent, before: str, party: PartyRecord | None
    ) -> tuple[Evidence, Position] | None:
        """Return the evidence of an event, and the deal after it; none where the event goes through the rooms.

        Args:
            before: The digest of the deal before the event.
            party: As for `Engine.evaluate`.
        """
        kind = type(event)
        if kind not in _WRITTEN or self.cores.core is not self.core:
            return None
        if self.policy.home:
            found = (
                None
                if position is None or position.latest is not None
                else self.decided(position, event, before, party)
            )
            return None if found is None else (in_currency(*found), found[1])
        return self.decided(position, event, before, party)

    def decided(
        self, position: Position | None, event: AnyEvent, before: str, party: PartyRecord | None
    ) -> tuple[Evidence, Position] | None:
        """Return as `answer` for an event of a kind for which functions are written."""
        calendar = self.policy.calendar
        if calendar is not None and not calendar.starts[0] <= event.instant < calendar.ends:
            return None  # there is no day of the calendar, and so something is missing
        if position is None:
            return self.opening(event, before) if isinstance(event, Open) and party is None else None
        ours, theirs, now, last = position.ours, position.theirs, event.instant, position.last
        if (
            position.valuation is None
            or position.approvals
            or position.probes
            or position.missing
            or position.outcome
            or now < last
            or (now > last + self.ahead and not event.sure)
            or (party is not None and party != position.others)
            or ours.until is not None
            or theirs.until is not None
            or ours.other
            or theirs.other
            or ours.packages
            or theirs.packages
        ):
            return None
        if position.alternatives:
            position = at(position, now)
        if isinstance(event, Offer):
            if event.packages or event.other or event.until is not None:
                return None
            if self.policy.lines is not None:
                check(self.policy, position, event)
            offers = self.our_offer if event.by is US else self.their_offer
            return offers(position, event, before, event.terms, (), event.final)
        check(self.policy, position, event)
        if isinstance(event, Accept):
            return self.accepted(position, event, before)
        return self.silent(on_of(event))(position, event, before)

    def accepted(self, position: Position, event: Accept, before: str) -> tuple[Evidence, Position] | None:
        """Return as `answer` for an acceptance: one of some issues is an offer."""
        if event.of:
            return None
        whole = position.side(event.by.other).standing
        if not event.issues:
            accepts = self.our_acceptance if event.by is US else self.their_acceptance
            return accepts(position, event, before, whole, tuple(whole), False)
        named = {issue: whole[issue] for issue in event.issues if issue in whole}
        offers = self.our_offer if event.by is US else self.their_offer
        return offers(position, event, before, named, event.issues, False)

    def opening(self, event: Open, before: str) -> tuple[Evidence, Position] | None:
        """Return as `answer` for an event that opens a deal with everything it needs, and offers nothing."""
        if event.terms or event.other or event.follows:
            return None
        position = opening(self.policy, event)
        if position.valuation is None or position.missing:
            return None
        return self.silent(On.OPEN)(position, event, before)


_SILENT = (On.OPEN, On.OUR_REJECTION, On.THEIR_REJECTION, On.OUR_WITHDRAWAL, On.THEIR_WITHDRAWAL, On.SIGNAL, On.TICK)
"""The events without terms for which functions are written."""
_WRITTEN = frozenset({Offer, Accept, Reject, Withdraw, Signal, Tick, Open})


def in_currency(evidence: Evidence, after: Position) -> Evidence:
    """Return the evidence of a deal in another currency than the policy's, with the rates that it rests on."""
    return msgspec.structs.replace(evidence, currency=after.currency, rates=used_rates(after.pinned))
