"""Read entries back: what a leaf holds, and the fold of a deal's recorded events to the position they led to."""

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import TypeVar

import msgspec

from walkaway.deal.admission import Unfit
from walkaway.deal.encode import Content, canonical
from walkaway.deal.fold import repinned
from walkaway.deal.position import Earlier, Position, earlier_of, unpacked
from walkaway.decide.decision import Decision, KnownParty, UsedRate, encode
from walkaway.decide.evaluation import Evaluation
from walkaway.decide.evidence import Evidence, unpack
from walkaway.decide.known import party_known, rates_used
from walkaway.decide.render import NotTold
from walkaway.events import CLOSED, AnyEvent, Door, On
from walkaway.language.values import NotAValue, shorten
from walkaway.log import store as db
from walkaway.log.leaves import FORMAT, IN_WORDS
from walkaway.log.meanings import RELEASE, is_same_meaning
from walkaway.log.policies import Pinned, Policies
from walkaway.log.problems import StoreProblem
from walkaway.log.seal import SealedText, closed_decision
from walkaway.log.store import LogEntry, Store
from walkaway.session.follower import folded
from walkaway.session.parties import Dealing

Read = TypeVar("Read")


class Erased(Exception):
    """A quantity that decisions rest on was erased, so they cannot be made again."""


class Diverged(StoreProblem):
    """This release does not come from an entry's event to what the entry says."""


class Stored(msgspec.Struct, frozen=True):
    """What a leaf holds; its parts are canonical JSON, empty where it has none."""

    decision: msgspec.Raw = msgspec.Raw(b"")
    erasure: msgspec.Raw = msgspec.Raw(b"")
    event: msgspec.Raw = msgspec.Raw(b"")
    evidence: msgspec.Raw = msgspec.Raw(b"")
    format: int = 0
    release: str = ""


class PolicyName(msgspec.Struct, frozen=True):
    """The policy that a decision names; by its hash alone where it was recorded as evidence, and was not looked up."""

    name: str
    sha256: str
    version: int


class HeadDigests(msgspec.Struct, frozen=True):
    """The digests that a decision names."""

    after: str
    before: str


class _AnyHead(msgspec.Struct, frozen=True, kw_only=True):
    at: str
    deal: str
    event: str
    on: str
    verdict: str
    currency: str = ""
    door: str | None = None
    party: KnownParty | msgspec.UnsetType = msgspec.UNSET
    position: HeadDigests | None = None
    rates: tuple[UsedRate, ...] = ()
    sealed: str = ""


class EntryHead(_AnyHead, frozen=True, kw_only=True):
    """What every recorded decision shows, and, where its reasoning is not sealed, its digests."""

    policy: PolicyName


class _EvidenceHead(_AnyHead, frozen=True, kw_only=True):
    """The same of recorded evidence, which names its policy by the hash alone."""

    policy: str


read_entry = msgspec.json.Decoder(Stored).decode


class OpeningLinks(msgspec.Struct, frozen=True):
    """What of an opening leads to other deals; of a close how a deal ended; of a probe for how many asks it counts."""

    party: str = ""
    follows: str = ""
    outcome: str = ""
    cost: int = 0


read_opening = msgspec.json.Decoder(OpeningLinks).decode
_read_head = msgspec.json.Decoder(EntryHead).decode
_read_json = msgspec.json.Decoder().decode


_read_evidence = msgspec.json.Decoder(_EvidenceHead).decode


def head_of(stored: Stored) -> EntryHead:
    """Return what a recorded decision shows in any case."""
    if stored.format == IN_WORDS:
        return _read_head(stored.decision)
    shown = msgspec.structs.asdict(_read_evidence(stored.evidence))
    return EntryHead(**(shown | {"policy": PolicyName("", shown["policy"], 0)}))


def evidence_in(data: bytes, read: Callable[[bytes], Read]) -> Read:
    """Return the evidence, or the part of it, that a decoder reads.

    Raises:
        NotTold: Where it is none.
    """
    try:
        return read(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise NotTold(f"its evidence cannot be read: {problem}") from problem


class EntryPart:
    """What was recorded of a decision: whole, or with its reasoning sealed.

    Args:
        head: What `head_of` says of it, where it was asked already.

    Attributes:
        head: What it shows in any case.
        data: All of it as canonical JSON; only the head where the sealed reasoning is erased.
        in_words: Whether `data` is a decision in words, as form 1 has it, and no evidence.
    """

    def __init__(self, stored: Stored, items: Mapping[str, SealedText], head: EntryHead | None = None) -> None:
        self.head = head_of(stored) if head is None else head
        item = items.get(self.head.sealed)
        self.is_erased = bool(self.head.sealed) and item is None
        self.in_words = stored.format == IN_WORDS
        whole = bytes(stored.decision if self.in_words else stored.evidence)
        self.data = whole if item is None else item.text.encode()

    @property
    def evidence(self) -> Evidence | None:
        """Return the evidence; none where the decision was recorded in words, or is erased.

        Raises:
            NotTold: Where it is none.
        """
        return None if self.in_words or self.is_erased else evidence_in(self.data, unpack)

    def decision(self, policies: Policies) -> bytes:
        """Return the full decision as canonical JSON: as it was recorded, or told by its policy and this release.

        Raises:
            NotTold, PolicyLost: Where it cannot be told any more.
        """
        if self.in_words:
            return self.data
        renderer = policies.find(self.head.policy.sha256, self.head.currency).engine.renderer
        evidence = self.evidence
        if evidence is None:
            return closed_decision(self.head, renderer.reference, self.head.sealed)
        return encode(renderer.render(evidence))


class EntryFold:
    """Folds the entries of one deal, each under the policy that its decision names.

    Args:
        items: Its sealed texts that are not erased, by seal; read from the store where they are needed and not given.

    Attributes:
        digest: That of the position, where it was computed; `before` that of the position before the latest entry.
    """

    def __init__(
        self,
        policies: Policies,
        store: Store,
        deal: str,
        items: Mapping[str, SealedText] | None = None,
    ) -> None:
        self.policies, self.store, self.deal, self.given = policies, store, deal, items
        self.follows: Earlier | None = None
        self.pinned: Pinned | None = None
        self.position: Position | None = None
        self.digest = self.before = ""

    @cached_property
    def items(self) -> Mapping[str, SealedText]:
        """Return the deal's sealed texts that are not erased, by seal."""
        return db.items(self.store, self.deal) if self.given is None else self.given

    def fold(self, entry: LogEntry) -> None:
        """Decide an entry's event anew and go on from there.

        Raises:
            Erased, Diverged, PolicyLost: Where that cannot be done; Diverged also where the digests differ.
        """
        head, evaluation = self.evaluate(entry)
        self.digest = evaluation.after.digest()
        if head.position is not None and head.position.after != self.digest:
            what = f"this release folds deal `{shorten(head.deal)}` to another position than the one in the log"
            release = readable(entry).release
            if not is_same_meaning(release):
                what += f", since release {release}, which wrote it, gave policies another meaning"
            raise Diverged(f"entry {entry.n}: {what}")

    def resume(self, n: int, data: bytes) -> bool:
        """Go on from a position that was kept after entry *n*, if it is the one that entry names."""
        entry = db.entry(self.store, n) if data else None
        if entry is None or entry.deal != self.deal:
            return False
        head = head_of(readable(entry))
        position = laid_aside(data)
        if position is None or head.position is None or head.position.after != position.digest():
            return False
        self.pinned = self.policies.find(head.policy.sha256, head.currency)
        self.position, self.digest = position, head.position.after
        return True

    def evaluate(self, entry: LogEntry) -> tuple[EntryHead, Evaluation]:
        """Evaluate an entry's event anew, and compare nothing; give what was recorded and what came out."""
        stored = readable(entry)
        head = head_of(stored)
        pinned = self.policies.find(head.policy.sha256, head.currency)
        event = self.event(pinned, stored.event, entry.n)
        if self.pinned is not None and pinned is not self.pinned:
            events = self.events(pinned, entry.n)
            self.position = folded(pinned.engine, events, event.instant, self.position)
            self.digest = "" if self.position is None else self.position.digest()
        self.pinned, self.before, self.digest = pinned, self.digest, ""
        try:
            at = None if self.position is None else self.position.moved_at
            evaluation = pinned.engine.evaluate(
                self.position,
                event,
                lambda: [repinned(e, at) for e in self.events(pinned, entry.n)],
                party=party_known(pinned.policy, head.party),
                earlier=self.earlier(entry) if self.position is None else None,
                rates=rates_used(head.rates),
            )
        except NotAValue as problem:
            raise Diverged(
                f"entry {entry.n}: this release cannot read what it knew of the party, or of rates: {problem}"
            ) from problem
        except Unfit as problem:
            raise Diverged(f"entry {entry.n}: this release refuses the event: {problem}") from problem
        self.position = evaluation.after
        return head, evaluation

    def earlier(self, entry: LogEntry) -> Earlier | None:
        """Return the deal that an opening follows as it stood then, folded from its entries before that.

        Deals that follow one another are folded from the first on, so that no chain is too long.

        Raises:
            Erased, Diverged, PolicyLost: Where it cannot be folded.
        """
        if self.follows is not None:
            return self.follows
        chain: list[tuple[str, int]] = []
        end, deal = entry.n, read_opening(readable(entry).event).follows
        while deal:
            first = next(db.of_deal(self.store, deal), None)
            if first is None or first.n >= end:
                break
            chain.append((deal, end))
            end, deal = first.n, read_opening(readable(first).event).follows
        found: Earlier | None = None
        for name, before in reversed(chain):
            folder = EntryFold(self.policies, self.store, name)
            folder.follows = found
            for each in db.of_deal(self.store, name):
                if each.n >= before:
                    break
                folder.fold(each)
            assert folder.position is not None
            found = earlier_of(folder.position)
        return found

    def decide(self, entry: LogEntry, *, in_words: bool) -> tuple[EntryHead, Decision | Evidence]:
        """Decide an entry's event anew, as `evaluate` does, and write the decision in words, or its evidence."""
        head, evaluation = self.evaluate(entry)
        assert self.pinned is not None
        engine = self.pinned.engine
        found = engine.record(evaluation, self.before) if in_words else engine.evidence(evaluation, self.before)
        self.digest = found.position.after
        return head, found

    def event(self, pinned: Pinned, data: msgspec.Raw, n: int) -> AnyEvent:
        """Return the event that the engine was shown: texts as their seals, quantities as they were."""
        checked = pinned.decoder.decode(self.said(pinned, data, n))
        if checked.value is None:
            raise Diverged(f"entry {n}: this release cannot read the event: {checked.findings[0].message}")
        return checked.value

    def said(self, pinned: Pinned, data: msgspec.Raw, n: int) -> bytes:
        """Return an entry's event as a line, with the quantities in place that are sealed.

        Raises:
            Erased: Where one was erased.
        """
        said = bytes(data)
        if pinned.sealer.is_open:
            return said
        content: Content = _read_json(said)
        lost = pinned.sealer.opened(content, {i.seal: i.text for i in self.items.values()})
        if lost:
            what = f"`{'.'.join(lost[0].path)}` of deal `{shorten(self.deal)}` is erased"
            raise Erased(f"entry {n}: {what}, and its decision rests on it")
        return canonical(content)

    def events(self, pinned: Pinned, end: int = 1 << 62) -> Iterator[AnyEvent]:
        """Return the events of the deal's entries before *end* as a policy reads them, to which it moves.

        Raises:
            Unfit, Erased, Diverged: Where it cannot.
        """
        for entry in db.of_deal(self.store, self.deal):
            if entry.n < end:
                yield self.event(pinned, readable(entry).event, entry.n)


def opening_of(store: Store, deal: str) -> OpeningLinks | None:
    """Return what a deal's opening says of other deals; none where it has no entry."""
    first = next(db.of_deal(store, deal), None)
    return None if first is None else read_opening(readable(first).event)


def shown_dealing(store: Store, deal: str) -> Dealing:
    """Return what others may know of a deal from what its entries show, whatever of it was erased."""
    left, left_at, outcome, closed_at, asks = None, None, "", None, 0
    for entry in db.of_deal(store, deal):
        stored = readable(entry)
        head = head_of(stored)
        if head.door is not None and (left is None or head.door == CLOSED):
            left, left_at = Door(head.door), entry.instant
        if head.on == On.CLOSE:
            outcome, closed_at = read_opening(stored.event).outcome, entry.instant
        if head.on == On.PROBE:
            asks += read_opening(stored.event).cost
    return Dealing(outcome, left, left_at, None, closed_at, asks=asks)


def laid_aside(data: bytes) -> Position | None:
    """Return a position that was laid aside; none where a release did that which remembered something else."""
    try:
        return unpacked(data)
    except (ValueError, TypeError):
        return None


def fits(data: bytes, digest: str, release: str, is_closed: bool) -> bool | None:
    """Return whether a position that was laid aside has a digest; none where another release may have done that.

    Args:
        is_closed: Whether its deal was closed, so that it is kept only while something is owed in it.
    """
    position = laid_aside(data)
    if position is not None and position.digest() == digest:
        return not (is_closed and position.is_over)
    return False if release == RELEASE else None


def readable(entry: LogEntry) -> Stored:
    """Return what a leaf holds.

    Raises:
        Diverged: Where it is of a form that this release does not know.
    """
    try:
        stored = read_entry(entry.leaf)
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise Diverged(f"entry {entry.n} cannot be read: {problem}") from problem
    if stored.format not in (IN_WORDS, FORMAT):
        by = f"was written by release {stored.release} in form {stored.format}"
        raise Diverged(f"entry {entry.n} {by}; this one reads forms {IN_WORDS} to {FORMAT}")
    return stored
