"""Record: fold, decide, append, commit, then answer. Nobody holds a decision whose entry is not on disk.

A batch of lines is one transaction, and the writer's place is held while it is decided: what another writer has
appended meanwhile is taken in first, so that the log never forks. A deal's position is folded again from its entries
when it is first needed, and must come back to the digest that its last decision names; a live run keeps the positions
of open deals beside the record, and one that has this digest is taken as it is.
"""

from collections.abc import Callable, Sequence
from importlib.metadata import version

import msgspec

from walkaway.deal.admission import Unfit
from walkaway.deal.decode import MAX_LINE
from walkaway.deal.encode import Content, canonical
from walkaway.deal.lines import head_of
from walkaway.deal.position import Position, packed
from walkaway.decide.decision import Decision, encode
from walkaway.decide.engine import Core
from walkaway.events import AnyEvent, Update, Verdict
from walkaway.language.codes import Code
from walkaway.language.values import shorten
from walkaway.log import store as db
from walkaway.log.append import Appender
from walkaway.log.desk import Desk, Pinned, PolicyLost, Report
from walkaway.log.entries import Diverged, Erased, Folder, Part, differences, read_entry
from walkaway.log.leaves import decision_entry
from walkaway.log.seal import PREFIX, SEAL, Item, Seals, Sort, closed_decision, restore, seal
from walkaway.log.store import Store
from walkaway.policy import Policy
from walkaway.policy.versions import in_force, named, newest
from walkaway.session.stream import DeadLetter, finding

RELEASE = version("walkaway")
MAX_FOLLOWED = 20_000
"""Deals whose positions are kept; beyond that those met first are folded anew when they come again."""


class Line(msgspec.Struct, frozen=True, gc=False):
    """A line that came in, and where it stood.

    Attributes:
        piece: Which piece it is, from 1, of a line too long to be held at once; 0 for a whole line.
    """

    data: bytes
    file: str
    number: int
    piece: int = 0


class Recorded(msgspec.Struct, frozen=True, gc=False):
    """An event that is in the log, for good.

    Attributes:
        entry: Its number there.
        answer: The decision as canonical JSON, personal texts in it restored where they are not erased.
        repeated: Whether it was there before, so that nothing was added.
    """

    entry: int
    deal: str
    event: str
    at: str
    verdict: str
    answer: bytes
    repeated: bool

    @property
    def is_yes(self) -> bool:
        """Return whether the answer is to proceed."""
        return self.verdict == Verdict.PROCEED

    @property
    def decision(self) -> Decision:
        """Return the decision."""
        return msgspec.json.decode(self.answer, type=Decision)


class _Followed(msgspec.Struct):
    """One deal in memory: where it stands, which entry each event has, and its sealed names and texts."""

    pinned: Pinned
    position: Position
    digest: str
    entries: dict[str, int]
    items: dict[str, Item]
    names: dict[str, str]

    @property
    def last(self) -> int:
        """Return the number of the deal's latest entry."""
        return next(reversed(self.entries.values()))


class Recorder:
    """The writer of one log.

    Args:
        policy: Under which deals open; those that are open already stay under the one they opened under.
        others: Other versions of it, under which deals open on days on which they are in force.
        salt: Gives 16 random bytes, others each time.
        keeps_positions: Keep the positions of open deals in the store, with each batch.
        most: Deals that are followed in memory; those met longest ago are taken up again when they are needed.
    """

    def __init__(
        self,
        store: Store,
        policy: Policy,
        salt: Callable[[], bytes],
        core: Core = Core.BOTH,
        report: Report = lambda _: None,
        release: str = RELEASE,
        *,
        keeps_positions: bool = False,
        most: int = MAX_FOLLOWED,
        others: Sequence[Policy] = (),
    ) -> None:
        self.store, self.salt, self.release = store, salt, canonical(release)
        self.desk = Desk(store, core, report)
        self.used: set[str] = set()
        self.turn_to(policy, *others)
        self.deals: dict[str, _Followed] = {}
        self.log = Appender(store)
        self.policies = set(db.policy_names(store))
        self.is_stale = False
        self.keeps_positions, self.most = keeps_positions, most
        self.touched: dict[str, _Followed] = {}

    def record(
        self, lines: Sequence[Line], within: Callable[[Sequence[Recorded | DeadLetter]], None] = lambda _: None
    ) -> list[Recorded | DeadLetter]:
        """Record a batch; give an answer for each line, in order, when all of them are on disk.

        Args:
            within: Is called with the answers inside of the transaction, so that what it writes is there with them.

        Raises:
            StoreProblem: Where they could not be written; then none of them was, and none may be answered.
        """
        try:
            with self.store.writing():
                self.catch_up()
                answers = [self.take(line) for line in lines]
                self.write()
                within(answers)
        except BaseException:
            self.is_stale = True
            raise
        self.log.done()
        self.settle()
        return answers

    def settle(self) -> None:
        """Begin the next batch; let go of the deals used longest ago, where there are too many."""
        self.touched.clear()
        if len(self.deals) > self.most:
            for deal in list(self.deals)[: len(self.deals) - self.most // 2]:
                del self.deals[deal]

    def turn_to(self, *policies: Policy) -> None:
        """Let deals open under other versions from now on."""
        for policy in policies:
            self.desk.lay(policy)
        self.given, self.current = policies, self.desk.lay(newest(policies))

    def catch_up(self) -> None:
        """Take in what another writer has appended: its deals are folded anew, all of them after an erasure."""
        if self.is_stale:
            self.deals.clear()
            self.touched.clear()
        elif db.size(self.store) == self.log.size:
            return
        else:
            for deal in db.deals_since(self.store, self.log.size):
                if deal is None:
                    self.deals.clear()
                else:
                    self.deals.pop(deal, None)
        self.log.refresh()
        self.policies = set(db.policy_names(self.store))
        self.is_stale = False

    def write(self) -> None:
        """Write the batch, and each policy with the first entries under it."""
        for sha256 in self.used - self.policies:
            db.add_policy(self.store, sha256, self.desk.find(sha256).policy.files)
            self.policies.add(sha256)
        self.log.write()
        if self.touched:
            db.keep_positions(self.store, *self.positions())

    def positions(self) -> tuple[list[tuple[str, int, int, bytes]], set[str]]:
        """Return the batch's positions to keep: deal, entry, instant, position; and the deals of which none is kept."""
        kept = [
            (deal, of.last, of.position.last, packed(of.position))
            for deal, of in self.touched.items()
            if not of.position.outcome and of.pinned.sealer.is_open
        ]
        return kept, self.touched.keys() - {row[0] for row in kept}

    def take(self, line: Line) -> Recorded | DeadLetter:
        """Decide one line and keep its entry for the batch."""
        if line.piece:
            return self.dead(line, cut(line))
        try:
            pinned = self.current
            if len(self.given) > 1 or self.policies - {self.current.policy.sha256}:
                pinned = self.pinned_of(line.data)
            checked = pinned.decoder.decode(line.data, line.file, line.number)
            if checked.value is None:
                return DeadLetter(line.file, line.number, checked.findings, line.data)
            return self.event(checked.value)
        except Unfit as problem:
            return self.dead(line, problem)
        except (Erased, Diverged, PolicyLost) as problem:
            return self.dead(line, Unfit(Code.DEAL_NOT_FOLDED, str(problem), "open a new deal", '"deal"'))

    def dead(self, line: Line, problem: Unfit) -> DeadLetter:
        return DeadLetter(line.file, line.number, (finding(problem, line.data, line.file, line.number),), line.data)

    def pinned_of(self, data: bytes) -> Pinned:
        """Return the version under which a line is to be read: its deal's, the one it opens or is moved under."""
        head = head_of(data)
        followed = self.follow(head.deal) if head.deal.isprintable() else None
        if followed is None:
            return self.desk.lay(in_force(self.given, head.instant))
        meant = named(self.given, head.policy, head.instant) if head.policy else None
        return followed.pinned if meant is None or head.id in followed.entries else self.desk.lay(meant)

    def follow(self, deal: str) -> _Followed | None:
        """Return a deal, folded from its entries where it is not followed yet; none where it has none.

        Raises:
            Erased: Where a quantity that its rules reckon with was erased.
            Diverged: Where this release does not fold it to the digest that stands in the log.
        """
        found = self.deals.pop(deal, None) or self.taken_up(deal)
        if found is not None:
            self.deals[deal] = found  # the one used last stands at the end
        return found

    def taken_up(self, deal: str) -> _Followed | None:
        """Return a deal from the store: from its kept position, and from the entries behind that."""
        numbers = db.event_numbers(self.store, deal)
        if not numbers:
            return None
        folder = Folder(self.desk, self.store, deal)
        kept = db.position(self.store, deal) if self.keeps_positions else None
        after = kept[0] if kept is not None and folder.resume(*kept) else -1
        for entry in db.of_deal(self.store, deal, after + 1):
            folder.fold(entry)
        assert folder.pinned is not None
        assert folder.position is not None
        items = db.items(self.store, deal)
        names = {i.text: i.seal for i in items.values() if i.sort is Sort.NAME}
        return _Followed(folder.pinned, folder.position, folder.digest, numbers, items, names)

    def event(self, event: AnyEvent) -> Recorded:
        """Decide an event and keep its entry for the batch.

        Raises:
            Unfit: Where it does not fit its deal, or its id stands in the log with other content.
        """
        followed = self.follow(event.deal)
        known = followed.entries.get(event.id) if followed is not None else None
        if followed is not None and known is not None:
            return self.repeated(followed, event, known)
        pinned, position, digest = self.standing(followed, event)
        seals = Seals(followed.names if followed is not None else {}, self.salt)
        content = pinned.writer.content(event)
        decision, after = pinned.engine.decide(position, pinned.sealer.seal(content, event, seals), digest)
        answer = part = encode(decision)
        if not pinned.sealer.is_open:
            part = closed_decision(decision, seals.of_decision(answer))
        leaf = decision_entry(part, _said(content, seals.count), self.release)
        number = self.log.add(event.deal, event.id, event.instant, decision.verdict.value, leaf)
        if followed is None:
            followed = self.deals[event.deal] = _Followed(pinned, after, "", {}, {}, {})
        self.used.add(pinned.policy.sha256)
        followed.pinned, followed.position, followed.digest = pinned, after, decision.position.after
        followed.entries[event.id] = number
        self.keep(event.deal, followed, seals.fresh)
        answer = self.shown(answer, followed)
        return Recorded(number, event.deal, event.id, event.at, decision.verdict.value, answer, repeated=False)

    def standing(self, followed: _Followed | None, event: AnyEvent) -> tuple[Pinned, Position | None, str]:
        """Return the policy, position and digest from which a deal goes on with an event."""
        if followed is None:
            return self.desk.lay(in_force(self.given, event.instant)), None, ""
        if isinstance(event, Update) and event.policy:
            meant = named(self.given, event.policy, event.instant)
            if meant is not None and meant.sha256 != followed.pinned.policy.sha256:
                return self.repinned(event, self.desk.lay(meant))
        return followed.pinned, followed.position, followed.digest

    def keep(self, deal: str, followed: _Followed, fresh: Sequence[Item]) -> None:
        """Keep what an event brought for the batch and for the events to come."""
        if self.keeps_positions:
            self.touched[deal] = followed
        for item in fresh:
            self.log.items.append((deal, item))
            followed.items[item.seal] = item
            if item.sort is Sort.NAME:
                followed.names[item.text] = item.seal

    def shown(self, answer: bytes, followed: _Followed) -> bytes:
        """Put the texts of a deal back into a decision."""
        if not followed.items:
            return answer
        return restore(answer, {i.seal: i.text for i in followed.items.values()})

    def repinned(self, event: Update, to: Pinned) -> tuple[Pinned, Position, str]:
        """Fold a deal's events under the version to which an update moves it."""
        deal = event.deal
        folder = Folder(self.desk, self.store, deal, self.log.of_deal(deal), self.deals[deal].items)
        try:
            return to, *folder.refold(to, self.log.size, event.instant)
        except Diverged as problem:
            what = f"the events of this deal cannot be read under `{to.policy.called}`: {problem}"
            raise Unfit(Code.OTHER_POLICY, what, "open a new deal", '"policy"') from problem

    def repeated(self, followed: _Followed, event: AnyEvent, number: int) -> Recorded:
        """Return the decision that an event has already, where its content is the same.

        Raises:
            Unfit: Where it is another.
        """
        entry = self.log.recorded(number, event.deal, event.id)
        number, stored = entry.n, read_entry(entry.leaf)
        old: Content = msgspec.json.decode(stored.event)
        new = followed.pinned.writer.content(event)
        seals = {place.path: place.text for place in followed.pinned.sealer.places(old)}
        for place in list(followed.pinned.sealer.places(new)):
            was = seals.get(place.path)
            if was is not None:
                item = followed.items.get(was)  # none once it is erased: then nobody can tell the texts apart
                place.put(was if item is None else seal(place.text, item.salt))
        if canonical(new) != bytes(stored.event):
            path, before, after = differences(old, new)[0]
            raise Unfit(
                Code.ID_REUSED,
                f"event `{shorten(event.id)}` of deal `{shorten(event.deal)}` is entry {number} of the log, with other"
                f" content: `{path}` was {before} there and is {after} here",
                "give it an id of its own",
                '"id"',
            )
        part = Part(stored, followed.items)
        return Recorded(
            number,
            event.deal,
            event.id,
            event.at,
            part.head.verdict,
            self.shown(part.decision, followed),
            repeated=True,
        )


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


def cut(line: Line) -> Unfit:
    """Say why a piece of a line is no event."""
    return Unfit(Code.LINE_TOO_LONG, f"the line has more than {MAX_LINE:,} bytes; this is piece {line.piece} of it")
