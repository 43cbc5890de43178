"""One generated function for each kind of event, and which events go through them.

The rooms (`judging`, `deal.fold`, `gather`) are the reference: what a function was not written for goes through them,
and every function gives the same evidence and the same position as they do, byte by byte. A native core, driven by
tables, could stand behind `Generated.answer` in their place (DECISIONS, decide).
"""

from collections.abc import Mapping
from functools import cached_property

from walkaway.deal.position import PartyRecord, Position
from walkaway.deal.stated import at
from walkaway.decide.cross_check import CrossCheck
from walkaway.decide.evidence import Evidence
from walkaway.decide.gather import Gatherer
from walkaway.decide.generated.functions import Generated as Function
from walkaway.decide.generated.functions import Writer
from walkaway.decide.plans import Core, Plans
from walkaway.events import LESSER, US, AnyEvent, Offer, On
from walkaway.policy.model import Policy


class Generated:
    """The functions of one policy, each written when it is first needed."""

    def __init__(self, policy: Policy, plans: Plans, cores: CrossCheck, gatherer: Gatherer) -> None:
        self.policy, self.cores, self.core, self.ahead = policy, cores, cores.core, policy.ahead
        self.writer = Writer(policy, plans, gatherer, cores.single.ran, both=cores.core is Core.BOTH)
        if cores.core is Core.BOTH:
            self.writer.ran = (Core.PLAIN, Core.RETE)
        self.applies = policy.above is None and cores.core is not Core.RETE and not cores.note
        self.written: dict[str, str] = {}

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
        """Return the function for our offers."""
        others: Mapping[str, Function] = {"our_acceptance": self.our_acceptance, "lesser": self.lesser}
        return self.kept("our offer", *self.writer.ours(On.OUR_OFFER, False, others))

    @cached_property
    def their_offer(self) -> Function:
        """Return the function for their offers."""
        return self.kept("their offer", *self.writer.theirs())

    def texts(self) -> Mapping[str, str]:
        """Return every function as people read it, by the kind of event; empty where all go through the rooms."""
        if not self.applies:
            return {}
        for function in (self.our_offer, self.their_offer):
            assert function is not None
        return self.written

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
        if type(event) is not Offer or position is None or self.cores.core is not self.core:
            return None
        ours, theirs, now, last = position.ours, position.theirs, event.instant, position.last
        if (
            position.valuation is None
            or position.approvals
            or position.missing
            or position.outcome
            or event.packages
            or event.other
            or event.until is not None
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
        function = self.our_offer if event.by is US else self.their_offer
        return function(position, event, before, event.terms, (), event.final)
