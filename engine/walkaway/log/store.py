"""The small interface that a database must offer, and everything that is asked of it, in one place.

A store appends entries and gives them back; it holds beside them the policies by content hash, the stored subtrees of
the Merkle tree, and the texts that were sealed. Every statement has bound parameters only. Knows no engine.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

import msgspec

from walkaway.log.merkle import Frontier, Node, Tree, leaf_hash
from walkaway.log.problems import StoreProblem
from walkaway.log.seal import Item, Sort

Row = tuple[Any, ...]
SCHEMA_VERSION = "1"

# {key} is an integer that numbers rows, {big} an integer of 64 bits, {bytes} a string of bytes.
SCHEMA = (
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    """CREATE TABLE entries (n {key}, deal TEXT, event TEXT, instant {big}, verdict TEXT,
        chain {bytes} NOT NULL, leaf {bytes} NOT NULL)""",
    "CREATE UNIQUE INDEX entries_by_event ON entries (deal, event)",
    "CREATE TABLE nodes (level INTEGER, place {big}, hash {bytes} NOT NULL, PRIMARY KEY (level, place))",
    "CREATE TABLE policies (sha256 TEXT, file TEXT, content TEXT NOT NULL, PRIMARY KEY (sha256, file))",
    "CREATE TABLE contents (sha256 TEXT PRIMARY KEY, data {bytes} NOT NULL)",
    """CREATE TABLE items (deal TEXT, seal TEXT, salt {bytes} NOT NULL, sort TEXT NOT NULL, text {bytes} NOT NULL,
        PRIMARY KEY (deal, seal))""",
)
LIVE_SCHEMA = (
    """CREATE TABLE IF NOT EXISTS positions (deal TEXT PRIMARY KEY, n {big} NOT NULL, last {big} NOT NULL,
        position {bytes} NOT NULL)""",
    "CREATE TABLE IF NOT EXISTS places (name TEXT, part TEXT, place {bytes} NOT NULL, PRIMARY KEY (name, part))",
)
"""What lies beside the record: positions say which deals are open and save folding them, places where to go on."""
NO_CHAIN = bytes(32)


class Store(Protocol):
    """A database that holds one log."""

    name: str

    def rows(self, sql: str, *values: object) -> Iterator[Row]:
        """Return the rows of a question; `?` stands for each value."""
        ...

    def change(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Execute a statement once for each row of values."""
        ...

    def writing(self) -> AbstractContextManager[None]:
        """Hold the only writer's place for one transaction; when it is left without an error, all is on disk."""
        ...

    def reading(self) -> AbstractContextManager[None]:
        """See one state of the log while it is held, whatever is appended meanwhile."""
        ...

    def scrub(self) -> None:
        """See to it that what was deleted is not left in the files."""
        ...

    def close(self) -> None:
        """Let go of the database."""
        ...


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One entry: its number from 0, the bytes that are the leaf, and the columns by which it is found.

    Attributes:
        deal: None, like the three behind it, where the entry records an erasure.
        chain: SHA-256 of the entry before's chain and this entry's leaf hash.
    """

    n: int
    deal: str | None
    event: str | None
    instant: int | None
    verdict: str | None
    chain: bytes
    leaf: bytes


_PAGE = 1000
_ENTRY = "SELECT n, deal, event, instant, verdict, chain, leaf FROM entries"


def size(store: Store) -> int:
    """Return how many entries there are."""
    (row,) = store.rows("SELECT coalesce(max(n) + 1, 0) FROM entries")
    return int(row[0])


def entries(store: Store, start: int = 0, end: int = 1 << 62) -> Iterator[Entry]:
    """Return the entries from *start* up to *end*, in order."""
    return _paged(store, {"n < ?": end}, start)


def _paged(store: Store, asked: Mapping[str, object], start: int = 0) -> Iterator[Entry]:
    """Return the entries that fit, in order, a page at a time, so that no log is too large to be read."""
    where = " AND ".join(("n >= ?", *asked))
    while True:
        page = list(store.rows(f"{_ENTRY} WHERE {where} ORDER BY n LIMIT {_PAGE}", start, *asked.values()))
        for row in page:
            yield Entry(*row)
        if len(page) < _PAGE:
            return
        start = page[-1][0] + 1


def deals_since(store: Store, n: int) -> list[str | None]:
    """Return the deals of the entries from *n* on; none among them stands for an erasure."""
    return [row[0] for row in store.rows("SELECT DISTINCT deal FROM entries WHERE n >= ?", n)]


def entry(store: Store, n: int) -> Entry | None:
    """Return one entry by its number."""
    return next(entries(store, n, n + 1), None)


def found(
    store: Store,
    deal: str | None = None,
    verdict: str | None = None,
    since: int | None = None,
    until: int | None = None,
) -> Iterator[Entry]:
    """Return the entries of decisions that fit, in order; none asks for nothing."""
    clauses = {"deal = ?": deal, "verdict = ?": verdict, "instant >= ?": since, "instant <= ?": until}
    asked = {c: v for c, v in clauses.items() if v is not None}
    return _paged(store, asked or {"deal IS NOT NULL AND 1 = ?": 1})


def of_deal(store: Store, deal: str, start: int = 0) -> Iterator[Entry]:
    """Return the entries of one deal from *start* on, in order."""
    return _paged(store, {"deal = ?": deal}, start)


def erasures(store: Store) -> Iterator[Entry]:
    """Return the entries of erasures, in order."""
    return _paged(store, {"deal IS NULL AND 1 = ?": 1})


def of_event(store: Store, deal: str, event: str) -> Entry | None:
    """Return the entry of one event."""
    rows = store.rows(f"{_ENTRY} WHERE deal = ? AND event = ?", deal, event)
    return next((Entry(*row) for row in rows), None)


def last_of_deals(store: Store) -> Iterator[tuple[int, Entry]]:
    """Return for each deal how many entries it has, and its last one; by the order of these."""
    sql = """SELECT d.count, e.n, e.deal, e.event, e.instant, e.verdict, e.chain, e.leaf FROM entries e JOIN
        (SELECT max(n) AS last, count(*) AS count FROM entries WHERE deal IS NOT NULL GROUP BY deal) d
        ON e.n = d.last ORDER BY e.n"""
    for row in store.rows(sql):
        yield int(row[0]), Entry(*row[1:])


def first_of_deals(store: Store) -> Iterator[Entry]:
    """Return the entry by which each deal opened, in order."""
    numbers = [row[0] for row in store.rows("SELECT min(n) FROM entries WHERE deal IS NOT NULL GROUP BY deal")]
    for n in sorted(numbers):
        yield from entries(store, n, n + 1)


def deals(store: Store) -> list[str]:
    """Return the names of all deals, sorted."""
    return [row[0] for row in store.rows("SELECT DISTINCT deal FROM entries WHERE deal IS NOT NULL ORDER BY deal")]


def has_deal(store: Store, deal: str) -> bool:
    """Return whether the log has a deal of this name."""
    return next(store.rows("SELECT 1 FROM entries WHERE deal = ? LIMIT 1", deal), None) is not None


def append(store: Store, new: Sequence[Entry], nodes: Sequence[Node]) -> None:
    """Append entries and the subtrees they complete, inside of `writing`."""
    store.change("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?)", map(msgspec.structs.astuple, new))
    if nodes:
        store.change("INSERT INTO nodes VALUES (?, ?, ?)", nodes)


def items(store: Store, deal: str) -> dict[str, Item]:
    """Return the sealed texts of a deal that are not erased, by seal."""
    rows = store.rows("SELECT seal, salt, sort, text FROM items WHERE deal = ?", deal)
    return {seal: Item(seal, bytes(salt), Sort(sort), bytes(text).decode()) for seal, salt, sort, text in rows}


def all_items(store: Store) -> Iterator[tuple[str, Item]]:
    """Return every sealed text that is not erased, with its deal."""
    for deal, seal, salt, sort, text in store.rows(
        "SELECT deal, seal, salt, sort, text FROM items ORDER BY deal, seal"
    ):
        yield deal, Item(seal, bytes(salt), Sort(sort), bytes(text).decode())


def add_items(store: Store, new: Iterable[tuple[str, Item]]) -> None:
    """Lay sealed texts beside the record, inside of `writing`."""
    rows = [(deal, i.seal, i.salt, i.sort.value, i.text.encode()) for deal, i in new]
    store.change("INSERT INTO items VALUES (?, ?, ?, ?, ?)", rows)


def remove_items(store: Store, gone: Iterable[tuple[str, str]]) -> None:
    """Delete sealed texts and their salts, by deal and seal, inside of `writing`."""
    store.change("DELETE FROM items WHERE deal = ? AND seal = ?", gone)


def event_numbers(store: Store, deal: str) -> dict[str, int]:
    """Return the entry of each event of a deal, in order."""
    sql = "SELECT event, n FROM entries WHERE deal = ? ORDER BY n"
    return {row[0]: row[1] for row in store.rows(sql, deal)}


def position(store: Store, deal: str) -> tuple[int, bytes] | None:
    """Return the entry after which an open deal's position was kept, and the position; none where none is."""
    row = next(store.rows("SELECT n, position FROM positions WHERE deal = ?", deal), None)
    return None if row is None else (int(row[0]), bytes(row[1]))


def keep_positions(store: Store, kept: Iterable[tuple[str, int, int, bytes]], closed: Iterable[str]) -> None:
    """Keep positions of open deals (deal, entry, instant, position) and drop those of others, inside of `writing`.

    An empty position stands for one that is to be folded from the deal's entries.
    """
    sql = """INSERT INTO positions VALUES (?, ?, ?, ?) ON CONFLICT (deal)
        DO UPDATE SET n = excluded.n, last = excluded.last, position = excluded.position"""
    store.change(sql, kept)
    store.change("DELETE FROM positions WHERE deal = ?", [(deal,) for deal in closed])


def misplaced(store: Store) -> Iterator[Entry]:
    """Return the last entry of each deal that has no position after it; closed deals have none."""
    sql = """SELECT e.n, e.deal, e.event, e.instant, e.verdict, e.chain, e.leaf FROM entries e
        JOIN (SELECT max(n) AS last FROM entries WHERE deal IS NOT NULL GROUP BY deal) d ON e.n = d.last
        LEFT JOIN positions p ON p.deal = e.deal WHERE p.n IS NULL OR p.n <> e.n"""
    return (Entry(*row) for row in store.rows(sql))


def idle(store: Store, before: int, most: int) -> list[str]:
    """Return open deals, *most* of them at most, whose latest event is older than an instant; the oldest first."""
    sql = "SELECT deal FROM positions WHERE last < ? ORDER BY last, deal LIMIT ?"
    return [row[0] for row in store.rows(sql, before, most)]


def find_idle_quickly(store: Store) -> None:
    """See to it that `idle` need not look at every deal, inside of `writing`."""
    store.change("CREATE INDEX IF NOT EXISTS positions_by_last ON positions (last, deal)", [()])


def places(store: Store, name: str) -> dict[str, bytes]:
    """Return what was noted under a name: where a source, or what leaves for a sink, goes on; by part."""
    return {part: bytes(place) for part, place in store.rows("SELECT part, place FROM places WHERE name = ?", name)}


def note_places(store: Store, name: str, noted: Mapping[str, bytes]) -> None:
    """Note places under a name, part by part, inside of `writing`."""
    sql = "INSERT INTO places VALUES (?, ?, ?) ON CONFLICT (name, part) DO UPDATE SET place = excluded.place"
    store.change(sql, [(name, part, place) for part, place in noted.items()])


def policy_names(store: Store) -> list[str]:
    """Return the content hashes of all policies that are stored."""
    return [row[0] for row in store.rows("SELECT DISTINCT sha256 FROM policies ORDER BY sha256")]


def policy_files(store: Store, sha256: str) -> dict[str, bytes]:
    """Return a policy's files by name, its tables among them; none where it is not stored."""
    sql = """SELECT p.file, c.data FROM policies p JOIN contents c ON p.content = c.sha256
        WHERE p.sha256 = ? ORDER BY p.file"""
    return {file: bytes(data) for file, data in store.rows(sql, sha256)}


def add_policy(store: Store, sha256: str, files: Mapping[str, bytes]) -> None:
    """Store a policy under its content hash, each of its files under its own, inside of `writing`."""
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    known = {row[0] for row in store.rows("SELECT sha256 FROM contents")}
    new = {hashes[name]: data for name, data in files.items() if hashes[name] not in known}
    store.change("INSERT INTO contents VALUES (?, ?)", new.items())
    store.change("INSERT INTO policies VALUES (?, ?, ?)", [(sha256, n, h) for n, h in sorted(hashes.items())])


def tree(store: Store) -> Tree:
    """Return the Merkle tree over the entries."""

    def leaves(start: int, end: int) -> list[bytes]:
        sql = "SELECT leaf FROM entries WHERE n >= ? AND n < ? ORDER BY n"
        return [leaf_hash(bytes(row[0])) for row in store.rows(sql, start, end)]

    def stored(level: int, place: int) -> bytes:
        found = next(store.rows("SELECT hash FROM nodes WHERE level = ? AND place = ?", level, place), None)
        if found is None:
            raise StoreProblem(f"{store.name}: the subtree {place} of level {level} is missing")
        return bytes(found[0])

    return Tree(leaves, stored)


def last_chain(store: Store) -> bytes:
    """Return the chain of the last entry."""
    row = next(store.rows("SELECT chain FROM entries ORDER BY n DESC LIMIT 1"), None)
    return NO_CHAIN if row is None else bytes(row[0])


def chained(chain: bytes, leaf: bytes) -> bytes:
    """Return an entry's chain.

    Args:
        chain: Of the entry before.
        leaf: The hash of this one's leaf.
    """
    return hashlib.sha256(chain + leaf).digest()


def frontier(store: Store) -> Frontier:
    """Return the right edge of the tree, ready to grow."""
    return tree(store).frontier(size(store))
