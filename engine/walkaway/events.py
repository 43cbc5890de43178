"""The domain on one page: parties, what can happen in a deal, and what can be answered.

An event says what happened, or in a check what would happen. Values are typed already: integers in the smallest
unit of their kind, or symbols. Instants are microseconds since 1970 in UTC. Knows no policy.
"""

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from walkaway.language.values import Value

Terms = Mapping[str, Value]
"""Issue → value; a package, or the part of one that an offer names."""
Other = Mapping[str, str | None]
"""Terms that nobody declared, each as the JSON it came as."""


class Party(StrEnum):
    """Who acts: the company that owns the policy, or the other side."""

    US = "us"
    THEM = "them"

    @property
    def other(self) -> "Party":
        """Return the other party."""
        return Party.THEM if self is Party.US else Party.US


US, THEM = Party
"""The parties by a name of the module: until Python 3.12 reading a member of an enumeration takes as long as a call."""


class On(StrEnum):
    """What a rule listens to; the names are those of the policy language."""

    __hash__ = str.__hash__  # that of enumerations is a function written in Python

    OUR_OFFER = "our offer"
    THEIR_OFFER = "their offer"
    OUR_ACCEPTANCE = "our acceptance"
    THEIR_ACCEPTANCE = "their acceptance"
    OUR_REJECTION = "our rejection"
    THEIR_REJECTION = "their rejection"
    SIGNAL = "signal"
    TICK = "tick"
    OPEN = "open"
    UPDATE = "update"
    APPROVAL = "approval"
    CLOSE = "close"


OURS = frozenset({On.OUR_OFFER, On.OUR_ACCEPTANCE})
THEIRS = frozenset({On.THEIR_OFFER, On.THEIR_ACCEPTANCE})
BARGAINING = OURS | THEIRS
"""The events that put terms on the table or take them."""
OUR_TERMS = OURS | {On.THEIR_ACCEPTANCE}
"""What `our terms` hears: whatever makes terms ours, their acceptance of what we said too (docs/calculus.md)."""

Heard = On | tuple[On, On]
"""What rules listen to in order to hear an event: one word, or two where it is two things at once."""
LESSER: Heard = (On.OUR_OFFER, On.OUR_ACCEPTANCE)
"""An offer of ours that is worse for us than theirs and better on nothing: it is judged as our acceptance too."""
OPENING: Heard = (On.OPEN, On.OUR_OFFER)
"""An opening with terms: they are our first offer."""


class Ranked(StrEnum):
    """Words that stand in an order: they compare by their place and not by the alphabet, and equal their texts.

    Attributes:
        rank: The place, from 0.
    """

    rank: int

    __hash__ = str.__hash__

    def __new__(cls, word: str) -> "Ranked":
        member = str.__new__(cls, word)
        member._value_ = word
        member.rank = len(cls.__members__)
        return member

    def __lt__(self, other: str) -> bool:
        return self.rank < type(self)(other).rank

    def __le__(self, other: str) -> bool:
        return self.rank <= type(self)(other).rank

    def __gt__(self, other: str) -> bool:
        return self.rank > type(self)(other).rank

    def __ge__(self, other: str) -> bool:
        return self.rank >= type(self)(other).rank


class Verdict(Ranked):
    """The answers, from the mildest to the most severe."""

    PROCEED = "proceed"
    TRADE = "trade"
    HOLD = "hold"
    ESCALATE = "escalate"
    REFUSE = "refuse"
    WALK = "walk"


class Door(Ranked):
    """How we leave, the milder first: with thanks and an invitation back, or for good."""

    OPEN = "open"
    CLOSED = "closed"


OPEN, CLOSED = Door

OUTCOMES = ("won", "lost", "walked")
"""How a deal may close."""


class Event(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What every event carries.

    Attributes:
        id: Unique within its deal.
        at: The instant as it was written.
        instant: The same in microseconds since 1970, UTC.
        actor: Who did it; empty where nobody says.
    """

    id: str
    deal: str
    at: str
    instant: int
    actor: str = ""


class Limits(msgspec.Struct, frozen=True, gc=False):
    """The thresholds a deal brings for one issue, or for the package; none where it says nothing."""

    wish: Value | None = None
    want: Value | None = None
    walk: Value | None = None


class Open(Event, frozen=True, kw_only=True, tag=True, gc=False):
    """A deal begins: its facts, our opening position, its own limits, the worth of our best alternative.

    Attributes:
        moved_at: Instant of the update that moved the deal to another policy, while that one folds it; never written.
    """

    facts: Mapping[str, Value]
    terms: Terms = {}
    other: Other = {}
    limits: Mapping[str, Limits] = {}
    batna: int | None = None
    moved_at: int | None = None


class Offer(Event, frozen=True, kw_only=True, tag=True, gc=False):
    """A party proposes terms; an issue left out keeps that party's standing value.

    Attributes:
        other: Terms that the policy does not declare, as JSON; none takes one back.
    """

    by: Party
    terms: Terms
    other: Other = {}


class Accept(Event, frozen=True, kw_only=True, tag=True, gc=False):
    """A party takes the other's standing terms, on all issues or only on those named."""

    by: Party
    issues: tuple[str, ...] = ()


class Reject(Event, frozen=True, kw_only=True, tag=True, gc=False):
    """A party declines the other's standing offer."""

    by: Party


class Signal(Event, frozen=True, kw_only=True, tag=True, gc=False):
    """Somebody observed conduct of a party."""

    by: Party
    kind: str
    confirmed: bool = True
    note: str = ""


class Update(Event, frozen=True, kw_only=True, tag=True, gc=False):
    """Something about the deal became known, or its limits moved."""

    facts: Mapping[str, Value] = {}
    limits: Mapping[str, Limits] = {}
    batna: int | None = None
    policy: str = ""


class Approve(Event, frozen=True, kw_only=True, tag=True, gc=False):
    """Somebody with authority approves terms as bad as these, until an instant; may lift overridable rules.

    Attributes:
        override: The overridable rules that it lifts.
        rules: The rules that it may meet, where not all that its role may.
        of: The event that it approves, where that is no terms: a void, a loosened limit, a reopening.
    """

    approver: str
    role: str
    terms: Terms = {}
    other: Mapping[str, str] = {}
    until: int | None = None
    override: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    of: str = ""
    reason: str = ""


class Tick(Event, frozen=True, kw_only=True, tag=True, gc=False):
    """Time has passed."""


class Close(Event, frozen=True, kw_only=True, tag=True, gc=False):
    """A deal ends, with one of `OUTCOMES`.

    Attributes:
        terms: As signed, with `other` of them undeclared; none where nobody says.
    """

    outcome: str
    terms: Terms | None = None
    other: Other = {}


AnyEvent = Open | Offer | Accept | Reject | Signal | Update | Approve | Tick | Close


_HEARD: dict[type[AnyEvent], tuple[On, On]] = {
    Offer: (On.OUR_OFFER, On.THEIR_OFFER),
    Accept: (On.OUR_ACCEPTANCE, On.THEIR_ACCEPTANCE),
    Reject: (On.OUR_REJECTION, On.THEIR_REJECTION),
    Signal: (On.SIGNAL, On.SIGNAL),
    Tick: (On.TICK, On.TICK),
    Open: (On.OPEN, On.OPEN),
    Update: (On.UPDATE, On.UPDATE),
    Approve: (On.APPROVAL, On.APPROVAL),
    Close: (On.CLOSE, On.CLOSE),
}
"""For each type of event what rules must listen to, by us and by them."""


def on_of(event: AnyEvent) -> On:
    """Return what rules must listen to in order to hear *event*."""
    ours, theirs = _HEARD[type(event)]
    return ours if ours is theirs or event.by is US else theirs  # type: ignore[union-attr]


def is_theirs(event: AnyEvent) -> bool:
    """Return whether the other side did it."""
    return isinstance(event, Offer | Accept | Reject) and event.by is THEM
