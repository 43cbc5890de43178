"""Append: number entries, chain them, grow the tree, and write a batch of them in one transaction."""

from walkaway.log import store as db
from walkaway.log.merkle import Node, leaf_hash
from walkaway.log.seal import Item
from walkaway.log.store import Entry, Store, chained


class Appender:
    """Where a log ends, and the entries that come next.

    Attributes:
        entries: Of the batch, not yet written; the sealed texts that lie beside them are in `items`, by deal.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self.refresh()

    def refresh(self) -> None:
        """Read anew where the log ends, and forget what is not written."""
        self.tree, self.chain = db.frontier(self.store), db.last_chain(self.store)
        self.done()

    def done(self) -> None:
        """Begin the next batch."""
        self.entries: list[Entry] = []
        self.nodes: list[Node] = []
        self.items: list[tuple[str, Item]] = []

    @property
    def size(self) -> int:
        """Return how many entries there are, those of the batch included."""
        return self.tree.size

    def add(self, deal: str | None, event: str | None, instant: int | None, verdict: str | None, leaf: bytes) -> int:
        """Add an entry to the batch; give its number."""
        number, hashed = self.tree.size, leaf_hash(leaf)
        self.nodes += self.tree.append(hashed)
        self.chain = chained(self.chain, hashed)
        self.entries.append(Entry(number, deal, event, instant, verdict, self.chain, leaf))
        return number

    def recorded(self, number: int, deal: str, event: str) -> Entry:
        """Return an event's entry, written or of the batch."""
        place = number - (self.tree.size - len(self.entries))
        found = self.entries[place] if place >= 0 else db.entry(self.store, number)
        assert found is not None
        return found

    def of_deal(self, deal: str) -> list[Entry]:
        """Return the entries of a deal that are not yet written."""
        return [e for e in self.entries if e.deal == deal]

    def write(self) -> None:
        """Write the batch, inside of the store's `writing`."""
        if self.entries:
            db.append(self.store, self.entries, self.nodes)
        if self.items:
            db.add_items(self.store, self.items)
