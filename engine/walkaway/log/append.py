"""Append: number entries, chain them, grow the tree, and write what was decided in one transaction.

Decides nothing. What comes with an entry, its sealed texts, its policy, where its deal stands, is written with it.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from walkaway.deal.letters import DeadLetter
from walkaway.decide.decision import OUR_DEEDS, Decision, UsedRate
from walkaway.decide.known import rates_used
from walkaway.events import On, Verdict
from walkaway.log import store as db
from walkaway.log.decided import PROVISIONAL, Answered, Decided, Prepared
from walkaway.log.merkle import Node, leaf_hash
from walkaway.log.seal import SealedText
from walkaway.log.store import LogEntry, Store, chained
from walkaway.log.stored import head_of, read_entry
from walkaway.policy import Policy

_KEPT = 8
"""The numbers of so many batches are remembered, for events that come again before their first answer is committed."""


class _Heard(msgspec.Struct, frozen=True):
    on: str


_read_on = msgspec.json.Decoder(_Heard).decode


class DecidedEvent(msgspec.Struct, frozen=True, gc=False):
    """An event that was decided.

    Attributes:
        entry: Its number in the log; -1 where there is none.
        answer: The decision as canonical JSON, in words or as evidence, as its writer was asked for; personal texts in
            it restored where they are not erased.
        repeated: Whether it had come before, so that nothing was added.
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
    def is_breach(self) -> bool:
        """Return whether something of ours was sent, accepted or closed that was not let through."""
        return not self.is_yes and _read_on(self.answer).on in OUR_DEEDS

    @property
    def decision(self) -> Decision:
        """Return the decision; only where the answer is in words."""
        return msgspec.json.decode(self.answer, type=Decision)


class Appender:
    """Where a log ends, and the entries that come next.

    Args:
        policies: Those under which entries may come that the store does not hold yet.

    Attributes:
        entries: Of the batch, not yet written; the sealed texts that lie beside them are in `items`, by deal.
    """

    def __init__(self, store: Store, policies: Iterable[Policy] = ()) -> None:
        self.store = store
        self.policies: dict[str, Mapping[str, bytes]] = {}
        self.numbers: list[dict[tuple[str, int], int]] = []
        self.add_policies(policies)
        self.refresh()

    def add_policies(self, policies: Iterable[Policy]) -> None:
        """Have the files of policies at hand."""
        self.policies |= {policy.sha256: policy.files for policy in policies}

    def refresh(self) -> None:
        """Read anew where the log ends, and forget what is not written."""
        self.tree, self.chain = db.frontier(self.store), db.last_chain(self.store)
        self.stored = set(db.policy_names(self.store))
        self.rates: set[str] | None = None
        self.done()

    def done(self) -> None:
        """Begin the next batch."""
        self.entries: list[LogEntry] = []
        self.nodes: list[Node] = []
        self.items: list[tuple[str, SealedText]] = []

    @property
    def size(self) -> int:
        """Return how many entries there are, those of the batch included."""
        return self.tree.size

    def append(self, decided: Decided) -> Sequence[DecidedEvent | DeadLetter]:
        """Write what was decided, inside of the store's `writing`; return the answers with the entries they have.

        They are on disk when the store has left `writing` without an error; `done` is called then.
        """
        self.numbers = [*self.numbers[-_KEPT:], {}]
        answers = [self.answer(answer) for answer in decided.answers]
        self.write()
        kept = [(k.deal, self.number(k.deal, k.number), k.last, k.position) for k in decided.kept]
        if kept or decided.closed:
            db.keep_positions(self.store, kept, decided.closed)
        return answers

    def answer(self, answer: Prepared | Answered | DeadLetter) -> DecidedEvent | DeadLetter:
        """Return an answer as it leaves, with its entry added to the batch."""
        if isinstance(answer, DeadLetter):
            return answer
        common = (answer.deal, answer.event, answer.at, answer.verdict, answer.answer)
        if isinstance(answer, Answered):
            return DecidedEvent(self.number(answer.deal, answer.number), *common, repeated=True)
        number = self.add(answer.deal, answer.event, answer.instant, answer.verdict, answer.leaf)
        self.numbers[-1][answer.deal, answer.number] = number
        self.items += [(answer.deal, item) for item in answer.items]
        if answer.policy not in self.stored:
            db.add_policy(self.store, answer.policy, self.policies[answer.policy])
            self.stored.add(answer.policy)
        for rate in answer.rates:
            self.keep_rate(rate)
        return DecidedEvent(number, *common, repeated=False)

    def keep_rate(self, rate: UsedRate) -> None:
        """Keep a row that a decision was made with, once: by its hash, so that one written anew is another row."""
        if self.rates is None:
            self.rates = set(db.places(self.store, RATES))
        if rate.sha256 not in self.rates:
            db.note_places(self.store, RATES, {rate.sha256: rates_used([rate]).lines()[0].encode()})
            self.rates.add(rate.sha256)

    def number(self, deal: str, number: int) -> int:
        """Return the number in the log of an entry that was perhaps counted provisionally.

        Each worker counts for itself, and each deal is one worker's: with its deal such a number tells an entry.
        """
        if number < PROVISIONAL:
            return number
        return next(found[deal, number] for found in reversed(self.numbers) if (deal, number) in found)

    def add(self, deal: str | None, event: str | None, instant: int | None, verdict: str | None, leaf: bytes) -> int:
        """Add an entry to the batch; give its number."""
        number, hashed = self.tree.size, leaf_hash(leaf)
        self.nodes += self.tree.append(hashed)
        self.chain = chained(self.chain, hashed)
        self.entries.append(LogEntry(number, deal, event, instant, verdict, self.chain, leaf))
        return number

    def write(self) -> None:
        """Write the batch, inside of the store's `writing`."""
        if self.entries:
            db.append(self.store, self.entries, self.nodes)
        if self.items:
            db.add_items(self.store, self.items)


RATES = "rates"
"""Under this name lie the published rates that decisions were made with, each once."""
PLACED = "positions"
"""Under this name it is noted that a store has a position of every open deal."""


def place_all(store: Store) -> None:
    """See to it that each open deal has a position and no closed one does, inside of `writing`.

    Each writer keeps positions with its entries; but stores are about that an earlier one wrote, who did not always.
    """
    if db.places(store, PLACED):
        return
    kept: list[tuple[str, int, int, bytes]] = []
    closed: list[str] = []
    for entry in db.misplaced(store):
        assert entry.deal is not None
        assert entry.instant is not None
        if head_of(read_entry(entry.leaf)).on == On.CLOSE:
            closed.append(entry.deal)
        else:
            kept.append((entry.deal, entry.n, entry.instant, b""))
    db.keep_positions(store, kept, closed)
    db.note_places(store, PLACED, {"": b"1"})


def kept_rates(store: Store) -> list[str]:
    """Return the published rates that decisions in a log were made with, each as the line of its row."""
    return sorted(line.decode("utf-8", "replace") for line in db.places(store, RATES).values())
