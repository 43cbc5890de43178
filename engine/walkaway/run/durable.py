"""The keeper behind which a decision log stands: its recorder decides, and commits offsets with what it decided."""

from collections.abc import Sequence

from walkaway.deal.letters import DeadLetter
from walkaway.deal.lines import Line
from walkaway.decide.engine import Core
from walkaway.decide.render import NotTold
from walkaway.log import store as db
from walkaway.log.append import place_all
from walkaway.log.policies import Policies, PolicyLost
from walkaway.log.problems import StoreProblem
from walkaway.log.record import Recorder
from walkaway.log.seal import restore
from walkaway.log.store import Store
from walkaway.log.stored import EntryPart, Stored, read_entry
from walkaway.policy import Policy
from walkaway.run.keeper import DecidedEvent, Within
from walkaway.run.ports import Offsets


class Durable:
    """What a live run asks of its store, and notes there.

    Args:
        in_words: Whether answers are decisions in words, or their evidence alone.
    """

    def __init__(self, store: Store, *, in_words: bool) -> None:
        self.store, self.in_words = store, in_words
        self.policies = Policies(store, Core.PLAIN, lambda _: None)
        self.is_indexed = False

    def idle(self, before: int, most: int) -> Sequence[str]:
        """Return open deals whose latest event is older than an instant, the oldest first."""
        if not self.is_indexed:
            with self.store.writing():
                place_all(self.store)
                db.find_idle_quickly(self.store)
            self.is_indexed = True
        return db.idle(self.store, before, most)

    def answer(self, entry: int) -> DecidedEvent:
        """Return an answer that is in the log."""
        found = db.entry(self.store, entry)
        assert found is not None
        assert found.deal is not None
        stored: Stored = read_entry(found.leaf)
        items = db.items(self.store, found.deal)
        part = EntryPart(stored, items)
        try:
            data = part.decision(self.policies) if self.in_words else part.data
        except (NotTold, PolicyLost) as problem:
            raise StoreProblem(f"{self.store.name}: entry {entry}: {problem}") from problem
        answer, head = restore(data, {i.seal: i.text for i in items.values()}), part.head
        return DecidedEvent(entry, found.deal, head.event, head.at, found.verdict or "", answer, repeated=True)

    def noted(self, name: str) -> Offsets:
        """Return what was noted under a name."""
        return db.places(self.store, name)

    def note(self, name: str, places: Offsets) -> None:
        """Note places under a name."""
        db.note_places(self.store, name, places)


class DurableKeeper(Durable):
    """Decides into a log."""

    def __init__(self, store: Store, recorder: Recorder) -> None:
        super().__init__(store, in_words=recorder.decider.in_words)
        self.recorder = recorder
        self.next: Sequence[Line] | None = None

    def take(self, lines: Sequence[Line], within: Within) -> Sequence[DecidedEvent | DeadLetter]:
        """Return an answer for each line when all are on disk, with what *within* noted."""
        if self.next is lines:
            self.next = None
        return self.recorder.record(lines, within, self.next or ())

    def ahead(self, lines: Sequence[Line]) -> bool:
        """Have lines decided while those at hand are being committed, where a store may be used by two threads."""
        self.next = lines
        return self.store.is_shared

    def use_versions(self, *policies: Policy) -> None:
        """Let deals open under other versions from now on."""
        self.recorder.use_versions(*policies)

    def last(self, deal: str) -> int | None:
        """Return the instant of an open deal's latest event."""
        return self.recorder.decider.last(deal)
