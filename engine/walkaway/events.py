# Over 400 lines: the domain on one page, to be read first.
"""The domain on one page: who bargains, what can happen in a deal, and what can be answered. Read this first.

A *deal* is one negotiation between two parties, `us` and `them`. They bargain about *issues*: a discount, a term, a
reference. A *package* is a value for each issue; an *offer* puts one on the table, by naming what it changes of the
same party's standing terms. All that happens in a deal is an *event*, one JSON object on one line; in a check an event
says what would happen. A deal's position is what its events come to, folded in order, and nothing else; each event is
answered with a *verdict*, from `proceed` to `walk`.

Values are typed already: an integer in the smallest unit of its kind, as cents, 1/10,000 percent or seconds (yes is 1,
no is 0), or a symbol. Instants are microseconds since 1970 in UTC. Records are frozen. Knows no policy: which issues,
facts, signals and roles there are is the policy's to say, and `deal.decode` holds events to it.
"""

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from walkaway.language.empty import EMPTY
from walkaway.language.values import Value

Terms = Mapping[str, Value]
"""Issue → value: a package, or the part of one that an offer names."""
Other = Mapping[str, str | None]
"""Terms that nobody declared, each as a text; none takes one back."""


class Party(StrEnum):
    """Who acts: the company that owns the policy, or the other side. Which of them sells is the policy's `side`."""

    US = "us"
    THEM = "them"

    @property
    def other(self) -> "Party":
        """Return the other party."""
        return Party.THEM if self is Party.US else Party.US


US, THEM = Party
"""The parties by a name of the module: until Python 3.12 reading a member of an enumeration takes as long as a call."""


class On(StrEnum):
    """What a rule listens to, as the policy language writes it: the type of an event and, where it tells, the party."""

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
    OUR_WITHDRAWAL = "our withdrawal"
    THEIR_WITHDRAWAL = "their withdrawal"
    REVOCATION = "revocation"
    VOID = "void"
    REOPENING = "reopening"
    PROBE = "probe"
    REQUEST = "request"
    DECLINE = "decline"
    KILL = "kill"
    RESUME = "resume"


OURS = frozenset({On.OUR_OFFER, On.OUR_ACCEPTANCE})
"""The events by which we put terms on the table, or take theirs; `THEIRS` alike."""
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
        return self.rank < self._ranked(other)

    def __le__(self, other: str) -> bool:
        return self.rank <= self._ranked(other)

    def __gt__(self, other: str) -> bool:
        return self.rank > self._ranked(other)

    def __ge__(self, other: str) -> bool:
        return self.rank >= self._ranked(other)

    def _ranked(self, other: str) -> int:
        kind = type(self)
        return other.rank if isinstance(other, kind) else kind(other).rank


class Verdict(Ranked):
    """The answers, from the mildest to the most severe. The most severe among the rules that fire is the decision's.

    Attributes:
        PROCEED: Our offer may be sent; theirs may be accepted.
        TRADE: Only with something in return: our offer asks for too little, theirs wants a counteroffer.
        HOLD: Not now: prepare what is missing, or wait for their move.
        ESCALATE: Somebody of a named role must approve it first.
        REFUSE: Outside the policy, at any price.
        WALK: Leave, by a `Door`.
    """

    PROCEED = "proceed"
    TRADE = "trade"
    HOLD = "hold"
    ESCALATE = "escalate"
    REFUSE = "refuse"
    WALK = "walk"


class Door(Ranked):
    """How we leave, the milder first.

    Attributes:
        OPEN: With thanks, the reason, and an invitation back: what they offer next is answered again.
        CLOSED: For good, after bad faith: no counteroffer, and no way back.
    """

    OPEN = "open"
    CLOSED = "closed"


OPEN, CLOSED = Door

OUTCOMES = ("won", "lost", "walked")
"""How a deal may close: it is signed, it goes to somebody else or to nobody, or we leave."""


class Event(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What every event carries.

    Events of one deal come in the order of their instants; several may share one. An event sent again, the same id with
    the same content, has the answer it had.

    Attributes:
        id: Names the event within its deal, 1 to 200 characters.
        deal: Names the deal, 1 to 200 characters.
        at: When it happened, as it was written: RFC 3339 with an offset.
        instant: The same in microseconds since 1970, UTC.
        actor: Who did it, a person or a program of the acting party; empty where nobody says. Nobody's approval covers
            what they moved themselves, or what somebody did who is not known.
        sure: Whether it says that it is as far ahead of its deal as it seems (`confirmed`).
        via: Through whom or what it came: who passed it on for the actor, a feed, an agent, a wire; empty where nobody
            says. No rule reads it.
    """

    id: str
    deal: str
    at: str
    instant: int
    actor: str = ""
    sure: bool = False
    via: str = ""


class Alternative(msgspec.Struct, frozen=True, gc=False):
    """Something else that we could do.

    Attributes:
        name: Says which; one that is stated again takes the place of the earlier one.
        worth: In minor units of money, as offers are worth; none takes it back.
        kind: What sort it is; empty where nobody says.
        until: The last instant at which it is there, in microseconds since 1970, UTC; none for no end.
        actor: Who knows of it; empty where nobody says.
    """

    name: str
    worth: int | None = None
    kind: str = ""
    until: int | None = None
    actor: str = ""


class Brought(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A rate that an event brings: how much of the deal's currency one unit of the policy's is.

    Attributes:
        digits: As they were written.
        day: Of which it is, days since 1970.
        source: Who quotes it.
    """

    digits: str
    day: int
    source: str


NOW = Brought("", 0, "")
"""Stands for the rate that is published last."""


class Limits(msgspec.Struct, frozen=True, gc=False):
    """The thresholds that a deal brings for one issue, or for the package.

    Attributes:
        wish: What we begin with (aspiration), in the issue's smallest unit; worth in minor units of money for the
            package. None where the deal says nothing, and the policy's own holds.
        want: What we aim for (target), alike.
        walk: The last value we accept, itself included (reservation value), alike. It may be tighter than the policy's,
            never looser.
    """

    wish: Value | None = None
    want: Value | None = None
    walk: Value | None = None


class Open(Event, frozen=True, kw_only=True, tag=True, gc=False):
    """A deal begins: its facts, our opening position, its own limits, the worth of our best alternative.

    The first event of a deal, and the only one of its type. It pins the deal to the policy version in force.

    Attributes:
        facts: Deal fact → value, named as under the policy's `deal:`; what is left out has its default, or is missing.
        terms: Our opening position: our first offer, made at this instant; with `other` terms that nobody declared.
        limits: Issue, or `package` → what the deal brings beside the policy's limits; empty where it brings none.
        batna: Worth of our best alternative to this deal, in minor units of money, as offers are worth; none where it
            is not known.
        alternatives: What else we could do, each by its name.
        party: The other side, by the name it has in every deal; empty where nobody says.
        follows: The deal that it renews or reopens.
        role: In which role `terms` are offered, as in `Offer`.
        currency: In which the deal is; empty for the policy's own.
        fx: The rate that it brings for that; none for the published one.
        moved_at: Instant of the update that moved the deal to another policy, while that one folds it; never written.
    """

    facts: Mapping[str, Value]
    terms: Terms = EMPTY
    other: Other = EMPTY
    limits: Mapping[str, Limits] = EMPTY
    batna: int | None = None
    alternatives: tuple[Alternative, ...] = ()
    party: str = ""
    follows: str = ""
    role: str = ""
    currency: str = ""
    fx: Brought | None = None
    moved_at: int | None = None


class Offer(Event, frozen=True, kw_only=True, tag=True, gc=False):
    """A party proposes terms: the package it would sign.

    Attributes:
        by: Whose offer it is.
        terms: What it names, at least one issue; an issue left out keeps that party's standing value.
        other: What it names that nobody declared.
        packages: Where it offers a choice, each package that may be taken, as `terms` would name it; at least two.
        final: Whether it is said to be the last.
        until: The last instant at which it binds, in microseconds since 1970, UTC; none for no end.
        note: What goes with it, for colleagues; personal, and no rule reads it.
        role: In which role our side says it, one that `mandates` or `roles` names; empty where nobody says.
    """

    by: Party
    terms: Terms
    other: Other = EMPTY
    packages: tuple[Terms, ...] = ()
    final: bool = False
    until: int | None = None
    note: str = ""
    role: str = ""


class Accept(Event, frozen=True, kw_only=True, tag=True, gc=False):
    """A party takes the other's standing terms, whole or in part.

    Attributes:
        by: Who accepts.
        issues: The issues that are settled by it; empty for all of them. With some it is an offer.
        of: The offer it takes, by event id; empty for the one that stands. One that its maker has replaced is an offer
            of those terms.
        package: Which of several packages it takes, from 1; 0 where there is but one.
        role: As in `Offer`.
    """

    by: Party
    issues: tuple[str, ...] = ()
    of: str = ""
    package: int = 0
    role: str = ""


class Reject(Event, frozen=True, kw_only=True, tag=True, gc=False):
    """A party declines the other's standing offer. No terms change.

    Attributes:
        by: Who declines.
    """

    by: Party


class Withdraw(Event, frozen=True, kw_only=True, tag=True, gc=False):
    """A party takes back its standing offer, or its acceptance.

    Attributes:
        by: Whose word it was.
    """

    by: Party


class Signal(Event, frozen=True, kw_only=True, tag=True, gc=False):
    """Somebody observed conduct of a party at the table: pressure, abuse, a deception.

    Attributes:
        by: Whose conduct it is.
        kind: What it is, one of the policy's `signals`.
        confirmed: Whether it is sure; only confirmed observations are counted.
        note: What was seen, for colleagues; personal, and no rule reads it. Empty where nobody says.
    """

    by: Party
    kind: str
    confirmed: bool = True
    note: str = ""


class Update(Event, frozen=True, kw_only=True, tag=True, gc=False):
    """Something about the deal became known, its limits moved, or it goes on under another policy version.

    What it does not name stays as it was.

    Attributes:
        facts: Deal fact → value, as in `Open`; what worths and limits rest on can be stated once, and not changed.
        limits: Issue, or `package` → thresholds; a walk value may only tighten, unless an approval covers it.
        batna: As in `Open`; none where nothing is said of it.
        alternatives: What has changed of what else we could do.
        policy: The version that the deal is pinned to from now on, as `saas-discounting@8`; empty for the same one.
        fx: The rate that is pinned from now on, `NOW` for the published one; none for the same one.
        delivered: The issues that are owed and of which they have now delivered what they promised; with
        proof: what shows that, for colleagues and auditors; personal, and no rule reads it.
    """

    facts: Mapping[str, Value] = EMPTY
    limits: Mapping[str, Limits] = EMPTY
    batna: int | None = None
    alternatives: tuple[Alternative, ...] = ()
    policy: str = ""
    fx: Brought | None = None
    delivered: tuple[str, ...] = ()
    proof: str = ""


class Approve(Event, frozen=True, kw_only=True, tag=True, gc=False):
    """Somebody with authority approves terms as bad for us as these.

    It covers offers that are no worse for us on any issue.

    Attributes:
        approver: Who approves.
        role: By which authority, one of the policy's `roles`; a higher role's approval counts for a lower one's.
        terms: The worst that is approved; an issue left out is approved at its start value.
        other: The undeclared terms that are approved; by the highest role alone.
        of: The event that is approved, where that is no terms: a void, a loosened limit, a reopening.
        rules: The rules that it may meet or lift; empty for all that its role may.
        until: The last instant at which it covers anything, in microseconds since 1970, UTC; none for no end.
        override: The overridable rules that it lifts, each of which names a role of at most this authority.
        reason: Why these rules are lifted. Where there are any, it is not empty, and `until` is stated.
    """

    approver: str
    role: str
    terms: Terms = EMPTY
    other: Mapping[str, str] = EMPTY
    until: int | None = None
    override: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    of: str = ""
    reason: str = ""


class Revoke(Event, frozen=True, kw_only=True, tag=True, gc=False):
    """Somebody takes their approval back.

    Attributes:
        approver: Whose approval it was.
        of: The approval, by event id; or else
        terms: the terms that it approved.
    """

    approver: str
    of: str = ""
    terms: Terms = EMPTY


class Void(Event, frozen=True, kw_only=True, tag=True, gc=False):
    """An event was a slip. It stays on record; once that is allowed, the deal goes on as if it had not happened.

    Attributes:
        of: The event that was none, by its id.
        reason: How it came about.
    """

    of: str
    reason: str


class Reopen(Event, frozen=True, kw_only=True, tag=True, gc=False):
    """We wish to deal again with a party for which the door is closed.

    Attributes:
        reason: Why.
    """

    reason: str


class AgentProbe(Event, frozen=True, kw_only=True, tag=True, gc=False):
    """An agent asked whether terms of ours would pass, and was told yes or no.

    Whoever may ask again and again finds a limit by trying, so that what was told is on record, and counted by party.
    It changes nothing else of its deal.

    Attributes:
        asked: What was asked about, as a text; personal, and no rule reads it.
        yes: Whether it was told that they would.
        cost: For how many asks it counts: 0 where what was told before implied it, else 1, and 2 for a yes; one of
            these is given back once the permitted terms are said.
        permit: Names the event by which these terms may be said, once; empty where none may be.
    """

    asked: str
    yes: bool = False
    cost: int = 1
    permit: str = ""


class Request(Event, frozen=True, kw_only=True, tag=True, gc=False):
    """Somebody asks for the approval that an offer of ours wants. It changes nothing of its deal.

    Attributes:
        terms: What they would offer; an issue left out keeps our standing value.
        other: What they name that nobody declared.
        note: Why they ask, for whoever answers; personal, and no rule reads it.
    """

    terms: Terms
    other: Other = EMPTY
    note: str = ""


class Decline(Event, frozen=True, kw_only=True, tag=True, gc=False):
    """Somebody of whom an approval was asked does not give it. It changes nothing of its deal.

    Attributes:
        approver: Who declines.
        of: The request, or the probe that asked for the same, by event id.
        reason: Why.
        terms: What would be approved instead; empty where nobody says.
    """

    approver: str
    of: str
    reason: str
    terms: Terms = EMPTY


EVERY_DEAL = "*"
"""What stands for the deal of an event that is about all of them; none is called so."""


class Kill(Event, frozen=True, kw_only=True, tag=True, gc=False):
    """Somebody of the highest role stops all offers of ours: from here on, in every deal, they are to wait.

    An event of no deal: it is written without one, and `EVERY_DEAL` stands for it on record.

    Attributes:
        approver: Who stops them.
        role: By which authority: the highest of the policy's `roles`; empty where it has none.
        reason: Why.
    """

    approver: str
    role: str = ""
    reason: str = ""


class Resume(Event, frozen=True, kw_only=True, tag=True, gc=False):
    """Somebody of the highest role lets offers of ours go on; an event of no deal, with the attributes of `Kill`."""

    approver: str
    role: str = ""
    reason: str = ""


class Tick(Event, frozen=True, kw_only=True, tag=True, gc=False):
    """Time has passed. It changes nothing but the durations that rules read, so that rules about waiting can fire."""


class Close(Event, frozen=True, kw_only=True, tag=True, gc=False):
    """A deal ends. No event follows it, but where it was won and they owe something: time, and what they deliver.

    Attributes:
        outcome: One of `OUTCOMES`.
        terms: As signed, with `other` of them undeclared; what they leave out is at its start value. None where nobody
            says.
    """

    outcome: str
    terms: Terms | None = None
    other: Other = EMPTY


AnyEvent = (
    Open
    | Offer
    | Accept
    | Reject
    | Withdraw
    | Signal
    | Update
    | Approve
    | Revoke
    | Void
    | Reopen
    | Tick
    | Close
    | AgentProbe
    | Request
    | Decline
    | Kill
    | Resume
)
"""All that can happen in a deal."""


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
    Withdraw: (On.OUR_WITHDRAWAL, On.THEIR_WITHDRAWAL),
    Revoke: (On.REVOCATION, On.REVOCATION),
    Void: (On.VOID, On.VOID),
    Reopen: (On.REOPENING, On.REOPENING),
    AgentProbe: (On.PROBE, On.PROBE),
    Request: (On.REQUEST, On.REQUEST),
    Decline: (On.DECLINE, On.DECLINE),
    Kill: (On.KILL, On.KILL),
    Resume: (On.RESUME, On.RESUME),
}
"""For each type of event what rules must listen to, by us and by them."""


def on_of(event: AnyEvent) -> On:
    """Return what rules must listen to in order to hear *event*."""
    ours, theirs = _HEARD[type(event)]
    return ours if ours is theirs or event.by is US else theirs  # type: ignore[union-attr]


_SAID_AS = {"instant": "at", "sure": "confirmed", "other": "terms"}
"""Fields whose name is another where events are written."""


def differing(before: AnyEvent, event: AnyEvent) -> str:
    """Return the first field, as events write it, in which two differ; empty where they say the same.

    The same instant is the same however it is written: `Z`, `.000Z`, or with another offset.
    """
    if type(before) is not type(event):
        return "type"
    fields = (f for f in event.__struct_fields__ if f != "at" and getattr(before, f) != getattr(event, f))
    return next((_SAID_AS.get(f, f) for f in fields), "")


def sent_again(field: str) -> str:
    """Return what to do about an event that was sent again with another *field*: no record is replaced."""
    if field == "confirmed":
        return "what was held stays on record as it was; send it with an id of its own and `confirmed: yes`"
    return "give it an id of its own"


def mover_of(event: AnyEvent) -> Party | None:
    """Return who says or takes terms by an event; none where nobody does."""
    if isinstance(event, Offer | Accept):
        return event.by
    return US if isinstance(event, Open) and (event.terms or event.other) else None


def is_theirs(event: AnyEvent) -> bool:
    """Return whether the other side did it."""
    return isinstance(event, Offer | Accept | Reject | Withdraw) and event.by is THEM
