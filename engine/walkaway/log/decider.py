# Over 400 lines: a deal is folded, decided, sealed and written as a leaf in one place.
"""Decide for a log: fold, decide, seal, and build the leaf. Reads the store and writes nothing; `append` does that.

A deal's position is folded again from its entries when it is first needed, and must come back to the digest that its
last decision names; the positions of open deals lie beside the record, and one that has this digest is taken as it is.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial

import msgspec

from walkaway.deal.admission import Unfit
from walkaway.deal.budgets import shares_of
from walkaway.deal.cover import acting, name_of, party_of, people_of
from walkaway.deal.decode import MAX_LINE
from walkaway.deal.encode import Content, canonical
from walkaway.deal.fold import repinned
from walkaway.deal.lines import Line
from walkaway.deal.position import Earlier, Position, earlier_of, packed
from walkaway.decide.decision import encode
from walkaway.decide.engine import Core
from walkaway.decide.evidence import pack
from walkaway.decide.render import NotTold
from walkaway.events import EVERY_DEAL, US, AnyEvent, Open, mover_of, sent_again
from walkaway.language.codes import Code
from walkaway.language.instants import instant_of
from walkaway.language.values import shorten
from walkaway.log import seal as sealing
from walkaway.log import store as db
from walkaway.log.decided import PROVISIONAL, Answered, Decided, Kept, Prepared, Unwritten
from walkaway.log.differing import differences
from walkaway.log.leaves import decision_entry
from walkaway.log.policies import Pinned, Policies, PolicyLost, Report
from walkaway.log.seal import PREFIX, SEAL, SealedText, Seals, Sort, closed_decision, restore, seal, standing_behind
from walkaway.log.store import Store
from walkaway.log.stored import (
    Diverged,
    EntryFold,
    EntryPart,
    Erased,
    read_entry,
    read_opening,
    shown_dealing,
)
from walkaway.policy import Policy
from walkaway.session.budgets import Kept as KeptShares
from walkaway.session.budgets import Taken
from walkaway.session.follower import Follower, folded, read_again
from walkaway.session.parties import Dealing, Parties, dealing

MAX_FOLLOWED = 20_000
"""Deals whose positions are kept; beyond that those met first are folded anew when they come again."""


class LoggedDeal(msgspec.Struct):
    """One deal in memory: where it stands, which entry each event has, and its sealed names and texts.

    Attributes:
        mover: Who said or took terms last; empty where nobody did, none where that was not looked up.
    """

    version: Pinned
    position: Position
    digest: str
    events: dict[str, int]
    items: dict[str, SealedText]
    names: dict[str, str]
    mover: str | None = None

    @property
    def last(self) -> int:
        """Return the number of the deal's latest entry."""
        return next(reversed(self.events.values()))


class Decider:
    """Decides lines under the versions of one policy, for a log.

    Args:
        given: The versions under which deals open; those that are open already stay under the one they opened under.
        salt: Gives 16 random bytes, others each time.
        most: Deals that are followed in memory; those met longest ago are taken up again when they are needed.
        in_words: Whether answers are decisions in words, or their evidence alone.
    """

    def __init__(
        self,
        store: Store,
        given: Sequence[Policy],
        salt: Callable[[], bytes],
        core: Core,
        report: Report,
        release: str,
        most: int = MAX_FOLLOWED,
        *,
        in_words: bool = True,
    ) -> None:
        self.store, self.salt, self.release, self.most = store, salt, canonical(release), most
        self.in_words = in_words
        self.policies = Policies(store, core, report)
        self.deals: dict[str, LoggedDeal] = {}
        self.parties = Parties(self.dealings, self.is_halted, Taken(self.shares))
        self.openings: dict[str, list[str]] | None = None
        self.pending = Unwritten()
        self.touched: dict[str, LoggedDeal] = {}
        for policy in given:
            self.policies.add(policy)
        self.follower: Follower[Pinned, LoggedDeal, Prepared | Answered] = Follower(self, given)
        self.follower.meet(db.policy_names(store))

    def use_versions(self, given: Sequence[Policy]) -> None:
        """Let deals open under other versions from now on."""
        for policy in given:
            self.policies.add(policy)
        self.follower.use_versions(given)
        self.openings = None

    def decide(self, lines: Iterable[Line], number: int | None = None) -> Decided:
        """Decide a batch.

        Args:
            number: That its first entry will have; none where nobody knows yet, so that it is provisional.
        """
        self.pending.begin(self.store, number)
        self.settle()
        answers = [self.follower.line(line, self.follower.event) for line in lines]
        open_deals = {deal: of for deal, of in self.touched.items() if not of.position.is_over}
        kept = [
            Kept(deal, of.last, of.position.last, packed(of.position) if of.version.sealer.is_open else b"")
            for deal, of in open_deals.items()
        ]
        return Decided(answers, kept, sorted(self.touched.keys() - open_deals.keys()))

    def settle(self) -> None:
        """Begin anew; let go of deals used longest ago, where there are too many, if nothing of them is pending."""
        self.touched.clear()
        if len(self.deals) > self.most:
            pending = {prepared.deal for prepared in self.pending}
            for deal in list(self.deals)[: len(self.deals) - self.most // 2]:
                if deal not in pending:
                    del self.deals[deal]

    def forget(self, deals: Iterable[str | None]) -> None:
        """Fold deals anew when they come again, since others have written; none among them stands for all."""
        deals = list(deals)
        self.parties.forget(deals)
        self.openings = None
        for deal in deals:
            if deal is None:
                self.deals.clear()
            else:
                self.deals.pop(deal, None)
        self.follower.meet(db.policy_names(self.store))

    def last(self, deal: str) -> int | None:
        """Return the instant of an open deal's latest event; none too where it cannot be folded any more."""
        try:
            followed = self.find(deal)
        except Unfit:
            return None
        return None if followed is None or followed.position.is_over else followed.position.last

    # What the follower asks

    def ready(self, policy: Policy) -> Pinned:
        """Return a version."""
        return self.policies.add(policy)

    def find(self, deal: str) -> LoggedDeal | None:
        """Return a deal, taken up from the store where it is not followed yet; none where it has no entry.

        Raises:
            Unfit: Where a quantity that its rules reckon with was erased, or this release does not fold it to the
                digest that stands in the log.
        """
        found = self.deals.pop(deal, None) or self.taken_up(deal)
        if found is not None:
            self.deals[deal] = found  # the one used last stands at the end
        return found

    def taken_up(self, deal: str) -> LoggedDeal | None:
        """Return a deal from the store: from its kept position, and from the entries behind that."""
        numbers = db.event_numbers(self.store, deal)
        if not numbers:
            return None
        folder = EntryFold(self.policies, self.store, deal)
        kept = db.position(self.store, deal)
        try:
            after = kept[0] if kept is not None and folder.resume(*kept) else -1
            for entry in db.of_deal(self.store, deal, after + 1):
                folder.fold(entry)
        except (Erased, Diverged, PolicyLost) as problem:
            raise _lost(problem) from problem
        assert folder.pinned is not None
        assert folder.position is not None
        items = db.items(self.store, deal)
        names = self.names(deal, folder.pinned, items)
        return LoggedDeal(folder.pinned, folder.position, folder.digest, numbers, items, names)

    def mover(self, deal: LoggedDeal) -> str:
        """Return who said or took terms last in a deal of which nothing is pending; empty where nobody did."""
        if deal.mover is None:
            entries = (db.entry(self.store, number) for number in reversed(deal.events.values()))
            movers = (_mover_in(read_entry(entry.leaf).event) for entry in entries if entry is not None)
            deal.mover = next(filter(None, movers), "")
        return deal.mover

    def dealings(self, party: str) -> Iterator[tuple[str, Dealing]]:
        """Return the deals with a party that the store has; where one cannot be folded any more, what its entries show.

        Which deals there are of each party is read from their openings, once.
        """
        if self.openings is None:
            self.openings, people = {}, people_of(self.follower.given)
            for entry in db.first_of_deals(self.store):
                said = read_opening(read_entry(entry.leaf).event).party
                if said:
                    self.openings.setdefault(party_of(people, said), []).append(entry.deal or "")
        for deal in self.openings.get(party, ()):
            try:
                found = self.find(deal)
            except Unfit:
                yield deal, shown_dealing(self.store, deal)
            else:
                if found is not None:
                    yield deal, dealing(found.position, found.version.policy)

    def shares(self, names: Iterable[str] | None) -> Iterator[KeptShares]:
        """Return what deals have taken of each budget: those named, or all; none of one that cannot be folded."""
        for deal in {*db.deals(self.store), *self.deals} if names is None else names:
            try:
                found = self.deals.get(deal) or self.taken_up(deal)
            except Unfit:
                yield deal, None
            else:
                if found is not None and deal != EVERY_DEAL:
                    yield deal, shares_of(found.version.policy, found.position)

    def is_halted(self) -> bool:
        """Return whether all offers are stopped; so too where that cannot be known any more."""
        try:
            found = self.find(EVERY_DEAL)
        except Unfit:
            return True
        return found is not None and found.position.halted

    def earlier(self, event: AnyEvent) -> Earlier | None:
        """Return the deal that an opening follows, as it stands; none where it follows none that is known.

        Raises:
            Unfit: Where that one cannot be folded any more.
        """
        followed = self.find(event.follows) if isinstance(event, Open) and event.follows else None
        return None if followed is None else earlier_of(followed.position)

    def names(self, deal: str, version: Pinned, items: Mapping[str, SealedText]) -> dict[str, str]:
        """Return the seals of a deal's names: those first that stand behind another name of the same person."""
        found = {i.text: i.seal for i in items.values() if i.sort is Sort.NAME}
        people = version.policy.people
        if people or len({name_of(people, name) for name in found}) == len(found):
            return found
        behind = {same for entry in db.of_deal(self.store, deal) for same in standing_behind(entry.leaf).values()}
        return dict(sorted(found.items(), key=lambda name: name[1] not in behind))

    def moved(self, deal: LoggedDeal, version: Pinned, at: int) -> LoggedDeal:
        """Return a deal as another version folds it.

        Raises:
            Unfit: Where its events cannot be read or folded under that one.
        """
        name = deal.position.deal
        folder = EntryFold(self.policies, self.store, name, deal.items)
        entries = self.entries(deal).items()
        events = (read_again(version, event, folder.said(version, data, n)) for event, (n, data) in entries)
        try:
            position = folded(version.engine, events, at, deal.position)
        except Erased as problem:
            raise _lost(problem) from problem
        assert position is not None
        return LoggedDeal(version, position, position.digest(), deal.events, deal.items, deal.names, deal.mover)

    def entries(self, deal: LoggedDeal) -> Mapping[str, tuple[int, msgspec.Raw]]:
        """Return a deal's entries, those that are pending included: event → number, and its content."""
        name = deal.position.deal
        written = [(e.event or "", e.n, e.leaf) for e in db.of_deal(self.store, name)]
        pending = [(p.event, p.number, p.leaf) for p in self.pending if p.deal == name]
        return {event: (number, read_entry(leaf).event) for event, number, leaf in (*written, *pending)}

    def opened(self, event: AnyEvent, version: Pinned) -> Prepared:
        """Decide the event that opens a deal.

        Raises:
            Unfit: Where it opens none.
        """
        return self.prepared(None, event, version)

    def decided(self, deal: LoggedDeal, event: AnyEvent) -> Prepared:
        """Decide an event of a deal.

        Raises:
            Unfit: Where it does not fit its deal.
        """
        return self.prepared(deal, event, deal.version)

    def prepared(self, deal: LoggedDeal | None, event: AnyEvent, version: Pinned) -> Prepared:
        """Decide an event, seal it and build its leaf; keep the deal as it is after it.

        Raises:
            Unfit: Where it does not fit its deal.
        """
        seals = self.seals(deal, version.policy)
        content = version.writer.content(event)
        shown = version.sealer.seal(content, event, seals)
        before, digest = (None, "") if deal is None else (deal.position, deal.digest)
        number = self.pending.count
        party = self.parties.of(event, before, version.policy, number if number < PROVISIONAL else None)
        earlier = self.earlier(event) if deal is None else None
        engine = version.engine
        past = partial(self.past, deal, version)
        evidence, after = engine.answer(before, shown, digest, past, party=party, earlier=earlier)
        answer = part = pack(evidence)
        if not version.sealer.is_open:
            part = closed_decision(evidence, evidence.policy, seals.of_decision(answer))
        if self.in_words:
            answer = encode(engine.renderer.render(evidence))
        leaf = decision_entry(part, _said(content, seals.count), self.release)
        if deal is None:
            deal = LoggedDeal(version, after, "", {}, {}, {}, "")
        deal.position, deal.digest = after, evidence.position.after
        deal.events[event.id] = self.pending.count
        if (mover := mover_of(event)) is not None:
            deal.mover = mover.value
        for item in seals.fresh:
            deal.items[item.seal] = item
            if item.sort is Sort.NAME:
                deal.names[item.text] = item.seal
        self.parties.keep(after, version.policy)
        self.deals[event.deal] = self.touched[event.deal] = deal
        prepared = Prepared(
            self.pending.count,
            event.deal,
            event.id,
            event.at,
            event.instant,
            evidence.verdict.value,
            leaf,
            _restored(answer, deal),
            tuple(seals.fresh),
            version.policy.sha256,
            evidence.rates,
        )
        self.pending.add(prepared)
        return prepared

    def seals(self, deal: LoggedDeal | None, policy: Policy) -> Seals:
        """Return what seals the next event of a deal; none is not open yet."""
        if deal is None:
            return Seals({}, self.salt, policy.people, spoken_as=policy.spoken_as)
        others = sealing.others_than_erased(acting(deal.position), deal.items, lambda: self.entries(deal).values())
        return Seals(deal.names, self.salt, policy.people, others, policy.spoken_as)

    def past(self, deal: LoggedDeal | None, version: Pinned) -> list[AnyEvent]:
        """Return the events of a deal so far, as the engine was shown them."""
        if deal is None:
            return []
        folder = EntryFold(self.policies, self.store, deal.position.deal, deal.items)
        entries, at = self.entries(deal).items(), deal.position.moved_at
        return [repinned(read_again(version, event, folder.said(version, data, n)), at) for event, (n, data) in entries]

    def repeated(self, deal: LoggedDeal, event: AnyEvent) -> Answered:
        """Return the decision that an event has already, where its content is the same.

        Raises:
            Unfit: Where it is another.
        """
        number, leaf = self.entry(deal.events[event.id], event)
        stored, version = read_entry(leaf), deal.version
        old: Content = msgspec.json.decode(stored.event)
        new = version.writer.content(event)
        if instant_of(old["at"]) == event.instant:
            new["at"] = old["at"]  # the same instant is the same content, however it is written
        seals = {place.path: place.text for place in version.sealer.places(old)}
        for place in list(version.sealer.places(new)):
            was = seals.get(place.path)
            if was is not None:
                own, mark, same = was.partition("=")
                item = deal.items.get(own)  # none once it is erased: then nobody can tell the texts apart
                place.put(was if item is None else seal(place.text, item.salt) + mark + same)
        if canonical(new) != bytes(stored.event):
            path, before, after = differences(old, new)[0]
            raise Unfit(
                Code.ID_REUSED,
                f"event `{shorten(event.id)}` of deal `{shorten(event.deal)}` is entry {number} of the log, with other"
                f" content: `{path}` was {before} there and is {after} here",
                sent_again(path),
                '"id"',
            )
        part = EntryPart(stored, deal.items)
        try:
            answer = _restored(part.decision(self.policies) if self.in_words else part.data, deal)
        except (NotTold, PolicyLost) as problem:
            raise _lost(problem) from problem
        return Answered(number, event.deal, event.id, event.at, part.head.verdict, answer, repeated=True)

    def entry(self, number: int, event: AnyEvent) -> tuple[int, bytes]:
        """Return an event's entry, pending or written: its number, and the leaf."""
        pending = next((p for p in self.pending if p.number == number), None)
        if pending is not None:
            return number, pending.leaf
        found = db.of_event(self.store, event.deal, event.id)
        assert found is not None
        return found.n, found.leaf


class _WhoMoves(msgspec.Struct, frozen=True):
    type: str
    by: str = ""
    terms: Mapping[str, msgspec.Raw] = {}


_read_said = msgspec.json.Decoder(_WhoMoves).decode


def _mover_in(event: msgspec.Raw) -> str:
    """Return who says or takes terms by a recorded event, `us` or `them`; empty where nobody does."""
    said = _read_said(event)
    if said.type == "open":
        return US.value if said.terms else ""
    return said.by if said.type in ("offer", "accept") else ""


def _lost(problem: Exception) -> Unfit:
    """Say that a deal cannot go on."""
    return Unfit(Code.DEAL_NOT_FOLDED, str(problem), "open a new deal", '"deal"')


def _restored(answer: bytes, deal: LoggedDeal) -> bytes:
    """Put the texts of a deal back into a decision."""
    return restore(answer, {i.seal: i.text for i in deal.items.values()}) if deal.items else answer


def _said(content: Content, seals: int) -> bytes:
    """Write an event's content, in which so many texts are sealed.

    Raises:
        Unfit: Where something else looks like a seal, or it is too long.
    """
    said = canonical(content)
    if said.count(PREFIX) != seals and len(SEAL.findall(said)) != seals:
        raise Unfit(
            Code.EVENT_VALUE,
            "`sealed:` with 64 hexadecimal digits stands for a sealed text, and for nothing else",
            "write it otherwise",
            "sealed:",
        )
    if len(said) > MAX_LINE:
        raise Unfit(Code.LINE_TOO_LONG, f"the event has {len(said):,} bytes, more than {MAX_LINE:,}")
    return said
