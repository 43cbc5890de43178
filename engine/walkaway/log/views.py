"""Views for people: entries with their personal texts put back where these are not erased, and deals."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import msgspec

from walkaway.deal.admission import Unfit
from walkaway.deal.encode import Content
from walkaway.decide.decision import Decision
from walkaway.decide.engine import Core
from walkaway.decide.evidence import Evidence, rules_of, unpack
from walkaway.decide.known import party_known, rates_used
from walkaway.decide.render import NotTold
from walkaway.language.diagnostics import InvalidInput
from walkaway.language.values import NotAValue, shorten
from walkaway.log import store as db
from walkaway.log.erasing import texts_of_person
from walkaway.log.meanings import RELEASE, is_same_wording
from walkaway.log.policies import Policies, PolicyLost
from walkaway.log.problems import StoreProblem
from walkaway.log.seal import SEAL, SealedText, restore
from walkaway.log.store import LogEntry, Store
from walkaway.log.stored import Diverged, EntryHead, EntryPart, PolicyName, head_of, readable
from walkaway.session.history import History, history_of

_read = msgspec.json.Decoder().decode


class View(msgspec.Struct, frozen=True, dict=True):
    """One recorded decision.

    Attributes:
        evidence: What proves it; none where it was recorded in words, by release 0.1.0, or its reasoning is erased.
        event: Its event's content.
    """

    n: int
    release: str
    head: EntryHead
    evidence: Evidence | None
    event: Content
    tell: Callable[[], bytes]

    @cached_property
    def decision(self) -> Mapping[str, Any]:
        """Return all of the decision, in words; only what stays readable where its reasoning is erased.

        Raises:
            StoreProblem: Where it cannot be told any more: its policy is lost, or this release does not read it.
        """
        found: Mapping[str, Any] = _read(self.tell())
        return found

    @property
    def rules(self) -> tuple[str, ...]:
        """Return the ids of the rules that fired, the most severe first."""
        if self.evidence is not None:
            return rules_of(self.evidence)
        return tuple(r["rule"] for r in self.decision.get("reasons", ()))

    @property
    def worded(self) -> str:
        """Return the release in whose words it is told: the one that recorded it, where that one words it the same."""
        if self.evidence is None or is_same_wording(self.release):
            return self.release
        return RELEASE

    @property
    def whole(self) -> Decision | None:
        """Return the decision as it was made; none where its reasoning is erased."""
        return msgspec.convert(self.decision, type=Decision) if "reasons" in self.decision else None


class Erasure(msgspec.Struct, frozen=True):
    """One recorded erasure: by whom, why, and of how many texts."""

    n: int
    at: str
    by: str
    reason: str
    count: int


class Views:
    """Makes views, and remembers the texts of the deal it met last.

    Args:
        personal: Whether personal texts are put back.
        policies: Policies that are ready already, by which evidence is told.
    """

    def __init__(self, store: Store, *, personal: bool = True, policies: Policies | None = None) -> None:
        self.store, self.personal = store, personal
        self.deal: str | None = None
        self.items: dict[str, SealedText] = {}
        self.policies = Policies(store, Core.PLAIN, lambda _: None) if policies is None else policies

    def view(self, entry: LogEntry) -> View:
        """Return the view of a decision's entry.

        Raises:
            Diverged: Where the entry is of a form that this release does not know.
        """
        stored = readable(entry)
        if self.personal and b"sealed:" in entry.leaf and entry.deal != self.deal:
            self.deal, self.items = entry.deal, db.items(self.store, entry.deal or "")
        items = self.items if self.personal and entry.deal == self.deal else {}
        texts = {i.seal: i.text for i in items.values()}
        try:
            part = EntryPart(stored, items)
            evidence = None if part.evidence is None else unpack(restore(part.data, texts))
        except (msgspec.DecodeError, NotTold, UnicodeDecodeError) as problem:
            raise Diverged(f"entry {entry.n} cannot be read: {problem}") from problem

        def tell() -> bytes:
            try:
                return restore(part.decision(self.policies), texts)
            except (NotTold, PolicyLost) as problem:
                raise StoreProblem(f"{self.store.name}: entry {entry.n}: {problem}") from problem

        event = _read(restore(bytes(stored.event), texts))
        return View(entry.n, stored.release, self.named(part.head), evidence, event, tell)

    def named(self, head: EntryHead) -> EntryHead:
        """Return what a decision shows with the name and version of its policy, where that can still be read."""
        if head.policy.name:
            return head
        try:
            policy = self.policies.find(head.policy.sha256, head.currency).policy
        except PolicyLost:
            return head
        return msgspec.structs.replace(head, policy=PolicyName(policy.name, policy.sha256, policy.version))

    def erasure(self, entry: LogEntry) -> Erasure:
        """Return the view of an erasure's entry.

        Raises:
            Diverged: As for `view`.
        """
        found = _read(bytes(readable(entry).erasure))
        texts = {i.seal: i.text for i in db.items(self.store, "").values()} if self.personal else {}
        by, reason = (texts.get(found[name], found[name]) for name in ("by", "reason"))
        return Erasure(entry.n, found["at"], by, reason, len(found["seals"]))


def search(
    store: Store,
    views: Views,
    deal: str | None = None,
    rule: str | None = None,
    verdict: str | None = None,
    actor: str | None = None,
    since: int | None = None,
    until: int | None = None,
    start: int = 0,
    types: Sequence[str] = (),
) -> Iterator[View]:
    """Return the decisions from *start* on that fit everything asked, in the log's order; none asks for nothing."""
    seals = {item.seal.encode() for _, item in texts_of_person(store, actor)} if actor is not None else None
    if types:
        parts = [b'"type":"%b"' % name.encode() for name in types]
        entries = db.holding(store, parts, deal, verdict, since, until, start)
    else:
        entries = db.found(store, deal, verdict, since, until, start)
    for entry in entries:
        if seals is not None and seals.isdisjoint(SEAL.findall(entry.leaf)):
            continue
        view = views.view(entry)
        if types and view.event.get("type") not in types:
            continue
        if rule is None or rule in view.rules:
            yield view


def named(store: Store, text: str) -> list[LogEntry]:
    """Return the entries that *text* may name: by number, or as DEAL/EVENT; ids may hold a slash themselves."""
    found = []
    if text.isascii() and text.isdigit() and len(text) < 18:
        entry = db.entry(store, int(text))
        found += [entry] if entry is not None else []
    for place, sign in enumerate(text):
        if sign == "/":
            entry = db.of_event(store, text[:place], text[place + 1 :])
            found += [entry] if entry is not None else []
    return found


class Unshown(Exception):
    """A deal whose course cannot be shown; the message says why."""


def recorded_history(store: Store, deal: str, policies: Policies | None = None) -> History:
    """Return the course of a deal, under the policy that its last decision names.

    Args:
        policies: Has those of the log ready; they are read anew, if left out.

    Raises:
        Unshown: Where the log has no such deal, or it cannot be folded any more.
    """
    entries = list(db.of_deal(store, deal))
    if not entries:
        raise Unshown(f"the log has no deal `{shorten(deal)}`")
    if policies is None:
        policies = Policies(store, Core.PLAIN, lambda _: None)
    texts = {seal: item.text for seal, item in db.items(store, deal).items()}
    try:
        stored = [readable(e) for e in entries]
        heads = [head_of(s) for s in stored]
        under = [head.policy.sha256 for head in heads]
        pinned = policies.find(under[-1], heads[-1].currency)
        events = [pinned.decoder.decode(restore(bytes(s.event), texts)).unwrap() for s in stored]
        moves = [
            event.instant for event, before, after in zip(events[1:], under, under[1:], strict=False) if before != after
        ]
        answers = {head.event: (head.verdict, head.door) for head in heads}
        known = {head.event: rates_used(head.rates) for head in heads}
        others = {head.event: party_known(pinned.policy, head.party) for head in heads}
        moved_at = moves[-1] if moves else None
        return history_of(pinned.engine, events, moved_at, answers, known.get, lambda event: others.get(event.id))
    except (Diverged, InvalidInput, NotAValue, PolicyLost, Unfit) as problem:
        raise Unshown(f"the course of deal `{shorten(deal)}` cannot be shown: {problem}") from problem
