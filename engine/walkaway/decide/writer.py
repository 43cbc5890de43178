"""The decision on record of an evaluation."""

import msgspec

from walkaway.deal.facts import Room
from walkaway.decide.decision import Accepting, Decision, Digests, Obligation, PolicyRef, Reason
from walkaway.decide.evaluation import Evaluation
from walkaway.decide.explain import Explainer
from walkaway.decide.known import known_party
from walkaway.decide.layers import parted
from walkaway.decide.obligations import advise
from walkaway.decide.plans import Plans
from walkaway.events import Verdict
from walkaway.language.instants import format_day
from walkaway.language.values import formatter
from walkaway.policy.model import Policy


class DecisionWriter:
    """Writes decisions under one policy.

    Args:
        above: Writes what fired in the layers above alone, where there are some.
    """

    def __init__(self, policy: Policy, plans: Plans, above: "DecisionWriter | None") -> None:
        self.policy, self.plans, self.above = policy, plans, above
        self.explainer = Explainer(policy)
        self.reference = PolicyRef(policy.name, policy.sha256, policy.version)
        self.as_of = msgspec.UNSET if policy.as_of is None else format_day(policy.as_of)
        self.room_formats = [
            (f"room.{n}", n, formatter(policy.catalog[f"room.{n}"].unit, -1))
            for n in sorted((*policy.issues, "package"))
        ]

    def record(self, evaluation: Evaluation, before: str = "") -> Decision:
        """Return the decision on record of an evaluation, without counteroffers.

        Args:
            before: The digest of the deal before the event, where the caller has it.
        """
        position, event, ruling = evaluation.before, evaluation.event, evaluation.ruling
        plan, accepting = self.plans[evaluation.on, not evaluation.at.missing], evaluation.accepting
        room, fired, door, verdict = evaluation.room, ruling.firings, ruling.door, ruling.verdict
        if not before and not evaluation.opens:
            before = position.digest()
        return Decision(
            accepting=_UNSET if accepting is None else Accepting(self.reasons(accepting), accepting.ruling.verdict),
            advice=plan.advice[verdict.rank] if door is None else advise(ruling, plan.on),
            as_of=self.as_of,
            at=event.at,
            cores=evaluation.cores,
            counteroffers=(),
            deal=event.deal,
            door=door,
            event=event.id,
            obligations=self.obligations(evaluation),
            on=plan.word,
            party=known_party(self.policy, evaluation.at.others),
            policy=self.reference,
            position=Digests(evaluation.after.digest(), before),
            reasons=self.reasons(evaluation) if fired else (),
            room=self.shown(room),
            verdict=verdict,
        )

    def obligations(self, evaluation: Evaluation) -> tuple[Obligation, ...]:
        """Return what has to happen before the verdict changes: by its own rules, and by those that stand in the way of
        accepting it; whom to ask, and for which terms.
        """
        position, (ruling, upper) = evaluation.at, parted(evaluation)
        found: tuple[Obligation, ...] = ()
        if ruling.firings:
            adviser = self.plans[evaluation.on, not position.missing].adviser
            covering = evaluation.covering
            found = adviser.obligations(ruling, evaluation.facts, evaluation.room, position.missing, covering)
        if upper is not None and upper.firings and self.above is not None and evaluation.above is not None:
            more = self.above.obligations(msgspec.structs.replace(evaluation.above, ruling=upper, accepting=None))
            found = (*found, *(o for o in more if o not in found))
        accepting = evaluation.accepting
        if accepting is None or accepting.ruling.verdict is _PROCEED:
            return found
        said = {(o.kind, o.what) for o in found} | {(o.kind, o.rule) for o in found}
        more = self.obligations(accepting)
        return (*found, *(o for o in more if said.isdisjoint({(o.kind, o.what), (o.kind, o.rule)})))

    def reasons(self, evaluation: Evaluation) -> tuple[Reason, ...]:
        """Return a reason for each fired rule, those of its own layer before those that fired above it alone."""
        ruling, upper = parted(evaluation)
        found = self.explainer.explain(ruling, evaluation.facts, evaluation.room)
        if upper is None or not upper.firings or self.above is None or evaluation.above is None:
            return found
        return (*found, *self.above.reasons(msgspec.structs.replace(evaluation.above, ruling=upper)))

    def shown(self, room: Room | None) -> dict[str, str]:
        """Return the distances to walk values as people write them, by issue in order."""
        if room is None:
            return {}
        found = room.distances
        return {name: write(found[fact]) for fact, name, write in self.room_formats if fact in found}


_PROCEED, _UNSET = Verdict.PROCEED, msgspec.UNSET
