"""The evidence of one evaluation: all that its decision says as ids and exact numbers, and no word of its own.

What a rule says, asks for or needs is written in its policy, which evidence names by content hash; so a decision is
rendered again from both (`render`), by one release to the same bytes. Its canonical JSON (RFC 8785) is what logs keep.

A number is a whole one in its smallest unit (cents, ten-thousandths of a percent, months, seconds); one between two of
them, and one beyond 2^53, stands as text: `"1000/3"`. A yes is 1 and a no 0. What is unknown is left out.
"""

from collections.abc import Mapping
from fractions import Fraction

import msgspec

from walkaway.deal.encode import canonical
from walkaway.decide.authority import Standing
from walkaway.decide.decision import Cores, Digests, KnownParty, UsedRate
from walkaway.events import Door, Verdict
from walkaway.language.values import LIMIT, Exact, Kind, Unit, exactly

Number = int | str
"""A value as evidence writes it."""
_DECIDES = Standing.DECIDES
_WORDS = frozenset({Kind.CHOICE, Kind.TEXT})
"""Kinds whose values are words, so that digits in them are no number."""


class Stale(msgspec.Struct, frozen=True, gc=False):
    """An approval of these terms that lifts a rule no longer, since what the rule reads was something else then.

    Attributes:
        was: What it was: fact → value, none where it was unknown.
    """

    approver: str
    was: Mapping[str, Number | None]


class Uncounting(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """Why approvals of these terms would not count, or do not.

    Attributes:
        before: Whether somebody not known said terms before these that were not let through.
        movers: Who has approved them and is among those who moved them, where a rule asks for an approval.
        said: The name of nobody known who asks; `unknown` where nobody known does.
    """

    before: bool = False
    movers: tuple[str, ...] = ()
    said: str = ""
    unknown: bool = False


class FiredRule(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """One rule that fired.

    Attributes:
        by: Who approved or waived it.
        effect: A verdict, or `concludes NAME`.
        layer: How many layers above the policy that tells of it the rule stands.
        place: Which of the rules of this id and effect it is, from 0.
    """

    by: str = ""
    effect: str
    layer: int = 0
    place: int = 0
    rule: str
    stale: tuple[Stale, ...] = ()
    standing: Standing = _DECIDES


class Sums(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """What the offers of each side have moved by in all, in money; 0 where it is left out."""

    ours: Number = 0
    theirs: Number = 0


class Ledger(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """The ledger before an event, and after it where that is another one.

    Attributes:
        get, give: `get.value` and `give.value`, where our terms are judged.
    """

    after: Sums | None = None
    before: Sums = Sums()
    get: Number | None = None
    give: Number | None = None


class CoreNote(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """What is to be said of the evaluators: that they did not agree, and what each fired then; why one ran alone."""

    agree: bool = True
    fired: Mapping[str, tuple[str, ...]] = {}
    note: str = ""


class Judgement(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """What further rules said of the same event: those of a layer above alone, or those that would hear it accepted.

    Attributes:
        facts: Those that are otherwise than in what it stands in; null where one is unknown.
        terms, uncounted: As `facts`: left out where they are the same.
        on, verdict: Of an acceptance; left out for `our acceptance`, and for a layer above.
    """

    above: "Judgement | None" = None
    beyond: Mapping[str, Number] = {}
    facts: Mapping[str, Number | None] = {}
    missing: tuple[str, ...] = ()
    on: str = ""
    reasons: tuple[FiredRule, ...] = ()
    short: Mapping[str, Number] = {}
    terms: Mapping[str, Number] | None = None
    uncounted: Uncounting | None = None
    verdict: Verdict | None = None


class Evidence(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """What proves one decision.

    Attributes:
        accepting: What it would be now to accept the offer, or to agree to the terms that a deal is closed by.
        above: Rules that fired in a layer above alone.
        beyond, short: Issue, or `package` → the walk value passed, the want value missed; where a rule counts them.
        currency: Of the deal, where that is not the policy's own; `rates` are those looked at, as decisions have them.
        facts: What the fired rules read and say, and what they ask for: fact → value, beside `terms`, `room` and the
            `get.value` and `give.value` of `ledger`.
        missing: What the deal lacks, where a rule asks to state it.
        on: What the event is heard as.
        policy: The content hash of the policy.
        position: The digests of the deal before and after the event.
        ran: Which evaluators ran; `cores` has what is to be said of them.
        room: Issue → how far the terms on the table are from our walk value, in our favour.
        terms: The terms judged, each issue's; none for an event without.
        uncounted: Why approvals do not count, where a rule decides.
    """

    at: str
    deal: str
    event: str
    ledger: Ledger
    on: str
    policy: str
    position: Digests
    ran: tuple[str, ...]
    verdict: Verdict
    above: Judgement | None = None
    accepting: Judgement | None = None
    beyond: Mapping[str, Number] = {}
    cores: CoreNote | None = None
    door: Door | None = None
    facts: Mapping[str, Number | None] = {}
    missing: tuple[str, ...] = ()
    party: KnownParty | msgspec.UnsetType = msgspec.UNSET
    reasons: tuple[FiredRule, ...] = ()
    room: Mapping[str, Number] = {}
    short: Mapping[str, Number] = {}
    terms: Mapping[str, Number] | None = None
    uncounted: Uncounting | None = None
    currency: str = ""
    rates: tuple[UsedRate, ...] = ()


def number_of(value: Exact) -> Number:
    """Return a value as evidence writes it.

    >>> number_of(5), number_of(Fraction(1000, 3)), number_of(2**60), number_of("gold")
    (5, '1000/3', '1152921504606846976', 'gold')
    """
    if type(value) is int and -LIMIT < value < LIMIT:
        return value
    return str(value)


def exact_of(number: Number, unit: Unit) -> Exact:
    """Return what `number_of` wrote of a value in a unit.

    Raises:
        ValueError: Where it is none.
    """
    if isinstance(number, int) or unit.kind in _WORDS:
        return number
    return exactly(Fraction(number))


def facts_around(ledger: Ledger) -> dict[str, Number | None]:
    """Return the facts that the ledger of evidence holds, so that they are not said again."""
    return {} if ledger.give is None else {"give.value": ledger.give, "get.value": ledger.get}


def rules_of(evidence: Evidence | Judgement) -> tuple[str, ...]:
    """Return the ids of the rules that fired, those of its own layer before those that fired above it alone."""
    own = tuple(fired.rule for fired in evidence.reasons)
    return own if evidence.above is None else (*own, *rules_of(evidence.above))


def note_of(cores: Cores) -> CoreNote | None:
    """Return what is to be said of the evaluators; none where they agreed and nothing else is."""
    if cores.agree and not cores.fired and not cores.note:
        return None
    return CoreNote(agree=cores.agree, fired=cores.fired, note=cores.note)


def cores_of(ran: tuple[str, ...], note: CoreNote | None) -> Cores:
    """Return which evaluators ran, and whether they agree."""
    return Cores(True, {}, "", ran) if note is None else Cores(note.agree, note.fired, note.note, ran)


_read = msgspec.json.Decoder(Evidence, strict=True).decode


def pack(evidence: Evidence) -> bytes:
    """Return evidence as canonical JSON."""
    return canonical(evidence)


def unpack(data: bytes | msgspec.Raw) -> Evidence:
    """Read evidence back.

    Raises:
        msgspec.DecodeError: Where it is none.
    """
    return _read(data)
