"""What a deal has behind it before the event judged: how it opened, and how many events of each sort came since."""

from collections.abc import Mapping

import msgspec

from walkaway.events import LESSER, On
from walkaway.language.values import Value
from walkaway.policy.model import THRESHOLDS, Policy
from walkaway.proof.formulas.facts import Case

_THEIRS = (Case(On.THEIR_OFFER), Case(On.THEIR_ACCEPTANCE, agrees=True), Case(On.THEIR_ACCEPTANCE))
_OURS = (Case(On.OUR_OFFER), Case(LESSER), Case(On.OUR_ACCEPTANCE, agrees=True))
STEPS = (
    *_THEIRS,
    *_OURS,
    Case(On.SIGNAL),
    Case(On.THEIR_REJECTION),
    Case(On.OUR_REJECTION),
)
"""Kinds of event that may come before the one judged; the solver's code of a kind is its place here."""


class EarlierEvents(msgspec.Struct, frozen=True):
    """How many events of each sort come before the one judged; their order is free.

    Attributes:
        ours, theirs: Offers and acceptances; `our_rejections` and `their_rejections`: those said outright.
        signals: Kind of conduct → confirmed observations.
    """

    ours: int = 0
    theirs: int = 0
    our_rejections: int = 0
    their_rejections: int = 0
    signals: Mapping[str, int] = {}

    @property
    def length(self) -> int:
        """Return the number of events."""
        counted = self.ours + self.theirs + self.our_rejections + self.their_rejections
        return counted + sum(self.signals.values())

    def sorts(self) -> dict[tuple[Case, ...], int]:
        """Return for each sort its kinds of event, and how many events there are of it."""
        return {
            _THEIRS: self.theirs,
            _OURS: self.ours,
            (Case(On.OUR_REJECTION),): self.our_rejections,
            (Case(On.THEIR_REJECTION),): self.their_rejections,
            (Case(On.SIGNAL),): sum(self.signals.values()),
        }


class DealOpening(msgspec.Struct, frozen=True):
    """How a deal opens: the day, and the facts that worths and limits rest on.

    Attributes:
        facts: Deal fact → value.
        without: Required facts, as `deal.x`, and walk values, as `walk.x`, that it leaves out.
        brings: Limits of its own, as `want.x`, beside the walk values that each deal must bring.
    """

    day: int
    facts: Mapping[str, Value]
    without: tuple[str, ...] = ()
    brings: tuple[str, ...] = ()


def opening_limits(policy: Policy) -> frozenset[str]:
    """Return the limits that a policy sets itself."""
    limited = {**policy.issues, "package": policy.package}
    return frozenset(f"{t}.{n}" for n, one in limited.items() for t in THRESHOLDS if getattr(one, t) is not None)
