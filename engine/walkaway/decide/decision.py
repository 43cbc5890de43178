"""The record of one evaluation: canonical JSON (RFC 8785), the same bytes for the same policy and events."""

from collections.abc import Mapping

import msgspec

from walkaway.decide.verdict import Standing
from walkaway.events import Door, On, Ranked, Verdict
from walkaway.language.values import NotAValue, Quantity, read_quantity


class Leaf(msgspec.Struct, frozen=True, gc=False):
    """One leaf of a fired rule's condition: as written, the value seen, the value needed, and whether it holds."""

    holds: bool
    needed: str
    seen: str
    text: str


class Reason(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One fired rule.

    Attributes:
        effect: A verdict, or `concludes NAME`.
        facts: What it read, as people write it.
        sentence: The rule in one sentence: what it answers to what, and where; empty in what release 0.1.0 decided.
        standing: What became of it.
        by: Who approved or waived it.
        source: File, seen from the policy's folder, and line; `built-in` for rules every policy has.
    """

    by: str
    effect: str
    enforcement: str
    facts: Mapping[str, str]
    leaves: tuple[Leaf, ...]
    rule: str
    say: str
    sentence: str = ""
    source: str
    standing: Standing
    why: str


class Need(Ranked):
    """What must happen before a verdict changes: we ask for something, somebody approves, we wait, or we prepare."""

    ASK = "ask"
    APPROVAL = "approval"
    WAIT = "wait"
    PREPARE = "prepare"


class Obligation(msgspec.Struct, frozen=True, gc=False):
    """What must happen before the verdict changes.

    Attributes:
        rule: The rule that asks for it.
        what: In a sentence.
    """

    kind: Need
    rule: str
    what: str


class Accepting(msgspec.Struct, frozen=True, gc=False):
    """What it would be now to accept an offer of theirs, or to agree to terms that are to be closed by.

    Attributes:
        reasons: Why, as for a decision.
    """

    reasons: tuple[Reason, ...]
    verdict: Verdict


class Counteroffer(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """An offer of ours that gets a better answer.

    Attributes:
        give, get: The ledger's `give.value` and `get.value` of it, in money.
        terms: Issue → value as people write it; an issue left out keeps the value that we last said. Terms that nobody
            declared stand in it where it says them otherwise; without a value where it takes them back.
        verdict: What the same evaluators say to it: `proceed`, or `escalate` where it needs fewer approvers.
        when: What they must come to first, where only a move of theirs helps; the rest is so after that.
        why: What it changes.
    """

    get: str
    give: str
    terms: Mapping[str, str | None]
    verdict: Verdict
    when: Mapping[str, str] | msgspec.UnsetType = msgspec.UNSET
    why: str

    @property
    def amounts(self) -> Mapping[str, Quantity]:
        """Return `give` and `get` as exact numbers, in the currency that their word names."""
        return amounts({"give": self.give, "get": self.get})

    @property
    def term_amounts(self) -> Mapping[str, Quantity]:
        """Return the terms that are numbers as exact ones, by issue."""
        return amounts({name: text for name, text in self.terms.items() if text is not None})


class KnownBudget(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What other deals had taken of a budget when an event was judged.

    Attributes:
        entry: The number of the decision's own entry in the log, all before which count; not set without a log.
        taken: How much, in the policy's own currency: as people write it, or a fraction of its units.
    """

    entry: int | msgspec.UnsetType = msgspec.UNSET
    taken: str


class KnownParty(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What was known from other deals when an event was judged: of the other side from its own, of budgets from all.

    Attributes:
        asks: How many asks of agents were answered in them; not set where none was.
        budgets: Budget → what the other deals of this one's key had taken of it; not set where nothing was known.
        closed_at: When the latest of those that are closed was, RFC 3339; not set where none is.
        deals: How many there are: `open_deals` open, `walked` that we left, `won`.
        halted: That all offers of ours were stopped; not set where they were not.
        last: What the latest closed one came to: issue → value as people write it; personal issues are left out.
        left_closed: Whether a door is closed for it.
        reopened_at: When a door was last opened again for it; not set where none was.
    """

    asks: int | msgspec.UnsetType = msgspec.UNSET
    budgets: Mapping[str, KnownBudget] | msgspec.UnsetType = msgspec.UNSET
    closed_at: str | msgspec.UnsetType = msgspec.UNSET
    deals: int
    halted: bool | msgspec.UnsetType = msgspec.UNSET
    last: Mapping[str, str]
    left_closed: bool
    open_deals: int
    reopened_at: str | msgspec.UnsetType = msgspec.UNSET
    walked: int
    won: int


class UsedRate(msgspec.Struct, frozen=True, gc=False):
    """A published rate by which amounts were converted, or held to be no rate.

    Attributes:
        day: Of which it is.
        pair: The currency, and that for one unit of which it is, as `GBP/EUR`.
        published: From when it counts, RFC 3339.
        rate: As it was published; `N/A` where there was none that day.
        sha256: Of its row, by which the row is kept.
    """

    day: str
    pair: str
    published: str
    rate: str
    sha256: str


class PolicyRef(msgspec.Struct, frozen=True, gc=False):
    """Which policy decided: `sha256` is over all its files."""

    name: str
    sha256: str
    version: int


class Cores(msgspec.Struct, frozen=True, gc=False):
    """Which evaluators ran, whether they agree, and what each fired where they do not."""

    agree: bool
    fired: Mapping[str, tuple[str, ...]]
    note: str
    ran: tuple[str, ...]


class Digests(msgspec.Struct, frozen=True, gc=False):
    """SHA-256 of the deal's position before and after the event."""

    after: str
    before: str


OUR_DEEDS = frozenset({On.OPEN, On.OUR_OFFER, On.OUR_ACCEPTANCE, On.CLOSE})
"""What we do ourselves: an opening with terms is an offer."""


class Decision(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One evaluation. `room` is the distance to each walk value; `door` is none unless the verdict is walk.

    `counteroffers` are sought only where an engine is asked to: what gives less first, then the nearest, those that
    pass before those that still need an approval or a move of theirs. `as_of` stands only where the deal was decided as
    if it had opened on another day, which is said: such a decision is an answer to a question, never the one on
    record. `party` stands where the other side has other deals that are known. `accepting` stands where their offer is
    no agreement yet, and where a deal is closed by terms that were not let through. `labels` stand where the policy has
    any: section and name, as `issues.discount` or `words.gold`, with what people call it. `currency` stands where the
    deal is in another one than the policy's own, and `rates` with it, where it needs any: those at which amounts are
    converted, then those that were published last, where a rule looks at them.
    """

    accepting: Accepting | msgspec.UnsetType = msgspec.UNSET
    advice: str
    as_of: str | msgspec.UnsetType = msgspec.UNSET
    at: str
    cores: Cores
    counteroffers: tuple[Counteroffer, ...]
    currency: str | msgspec.UnsetType = msgspec.UNSET
    deal: str
    door: Door | None
    event: str
    labels: Mapping[str, str] | msgspec.UnsetType = msgspec.UNSET
    obligations: tuple[Obligation, ...]
    on: str
    party: KnownParty | msgspec.UnsetType = msgspec.UNSET
    policy: PolicyRef
    position: Digests
    rates: tuple[UsedRate, ...] | msgspec.UnsetType = msgspec.UNSET
    reasons: tuple[Reason, ...]
    room: Mapping[str, str]
    verdict: Verdict

    @property
    def is_yes(self) -> bool:
        """Return whether the answer is to proceed."""
        return self.verdict is Verdict.PROCEED

    @property
    def is_breach(self) -> bool:
        """Return whether something of ours was sent, accepted or closed that was not let through."""
        return not self.is_yes and self.on in OUR_DEEDS

    @property
    def room_amounts(self) -> Mapping[str, Quantity]:
        """Return the distances to walk values as exact numbers, by issue; negative beyond."""
        return amounts(self.room)


def amounts(words: Mapping[str, str]) -> dict[str, Quantity]:
    """Return those of some values, as people write them, that are numbers: `5,000 USD` is 5000 and the word `USD`."""
    found = {}
    for name, text in words.items():
        try:
            found[name] = read_quantity(text)
        except NotAValue:
            continue
    return found


# Records kept in great numbers are hidden from the cyclic garbage collector (`gc=False`): none can hold itself.
# INVARIANT: every record here declares its fields, and whoever fills a mapping its keys, in the order of RFC 8785.
_ENCODER = msgspec.json.Encoder()


def encode(decision: Decision) -> bytes:
    """Return the decision's canonical JSON, without a line break."""
    return _ENCODER.encode(decision)
