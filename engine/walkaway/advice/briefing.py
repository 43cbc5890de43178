"""All that a rep, or a rep's customer, may be told about one offer: the decision and what follows from it.

Two audiences: the rep is told everything; the other side only what may be said. What the other side is told never
rests on a limit: a rule that reads one stays silent even where it has something to `say`, and the terms named to them
are chosen as if we had none.
"""

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from walkaway.advice.approvals import Approvals, preview
from walkaway.advice.counteroffers import ADVISED, ASKED, Seeker
from walkaway.advice.headroom import Headroom, rooms
from walkaway.advice.reckoning import Reckoned, reckoned
from walkaway.decide.decision import Decision
from walkaway.decide.evaluation import Evaluation
from walkaway.decide.verdict import Standing
from walkaway.events import Offer, Verdict


class Audience(StrEnum):
    """Who is told."""

    REP = "rep"
    CUSTOMER = "customer"


class Briefing(msgspec.Struct, frozen=True):
    """Everything about one offer, for the rep.

    Attributes:
        reckoned: How it comes about what it gives and asks, where the issue moves on which worths hang.
    """

    decision: Decision
    approvals: Approvals
    rooms: Headroom
    reckoned: Reckoned | msgspec.UnsetType = msgspec.UNSET


class Answer(msgspec.Struct, frozen=True):
    """What the other side may be told.

    Attributes:
        agreed: Whether these terms may be offered, or are agreed to.
        ended: Whether talks end here.
        say: The policy's own words, each once.
        proposals: Other terms that may be offered instead: issue → value.
        terms: Those asked about: issue → value.
    """

    agreed: bool
    ended: bool
    say: tuple[str, ...]
    proposals: tuple[Mapping[str, str], ...]
    terms: Mapping[str, str]


def brief(seeker: Seeker, evaluation: Evaluation, before: str = "", *, counteroffers: bool = True) -> Briefing:
    """Say what follows from the evaluation of an event.

    Args:
        before: The digest of the deal before the event, where the caller has it.
        counteroffers: Whether to seek them.
    """
    decision = seeker.engine.record(evaluation, before)
    if evaluation.on not in ASKED:
        return Briefing(decision, Approvals(), Headroom())
    asked = seeker.asked(evaluation)
    if counteroffers and asked is not None and evaluation.ruling.verdict in ADVISED:
        decision = msgspec.structs.replace(decision, counteroffers=seeker.find(asked))
    how = reckoned(seeker.policy, evaluation) or msgspec.UNSET
    return Briefing(decision, preview(seeker.policy, evaluation), rooms(seeker, evaluation, asked), how)


def answer(seeker: Seeker, evaluation: Evaluation) -> Answer:
    """Say what the other side may be told about an event."""
    event, verdict = evaluation.event, evaluation.ruling.verdict
    ended = verdict is Verdict.WALK
    reasons = seeker.engine.reasons(evaluation)
    heard = [r for r in reasons if r.standing is Standing.DECIDES and r.rule not in seeker.silent]
    said = [r.say for r in heard if r.say and (r.effect == verdict or not ended)]
    asked = seeker.asked(evaluation) if verdict in ADVISED else None
    return Answer(
        agreed=verdict is Verdict.PROCEED,
        ended=ended,
        proposals=seeker.sayable(asked) if asked is not None else (),
        say=tuple(dict.fromkeys(said)),
        terms=seeker.written(event.terms if isinstance(event, Offer) else {}),
    )
