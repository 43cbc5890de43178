# Over 400 lines: all that is asked of a database stands in one place.
"""The small interface that a database must offer, and everything that is asked of it, in one place.

A store appends entries and gives them back; it holds beside them the policies by content hash, the stored subtrees of
the Merkle tree, and the texts that were sealed. Every statement has bound parameters only. Knows no engine.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

import msgspec

from walkaway.events import EVERY_DEAL
from walkaway.language.instants import instant_of
from walkaway.language.values import shorten
from walkaway.log.merkle import Frontier, Node, Tree, leaf_hash
from walkaway.log.problems import StoreProblem
from walkaway.log.seal import SealedText, Sort, seal

Row = tuple[Any, ...]
NO_CHAIN = bytes(32)


class Store(Protocol):
    """A database that holds one log.

    Attributes:
        dialect: `sqlite` or `postgresql`.
        is_shared: Whether one thread may ask while another ends a transaction.
    """

    name: str
    dialect: str
    is_shared: bool

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


class LogEntry(msgspec.Struct, frozen=True, gc=False):
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
_COLUMNS = "e.n, e.deal, e.event, e.instant, e.verdict, e.chain, e.leaf, p.chain"
_BEFORE = "LEFT JOIN entries p ON p.n = e.n - 1"
_ENTRY = f"SELECT {_COLUMNS} FROM entries e {_BEFORE}"


class _Named(msgspec.Struct, frozen=True):
    deal: str
    event: str
    at: str
    verdict: str


class _Said(msgspec.Struct, frozen=True):
    """What of a leaf stands in columns too; a decision is recorded in words or as evidence."""

    decision: _Named | None = None
    evidence: _Named | None = None


_read_said = msgspec.json.Decoder(_Said).decode


def _entry(store: Store, row: Row) -> LogEntry:
    """Return an entry as it was chained; whatever is not so is never answered from.

    Raises:
        StoreProblem: Where its bytes are not those that were chained to the entry before it, or its columns say
            something else.
    """
    n, deal, event, instant, verdict, chain, leaf, before = row
    if type(n) is not int or n < 0 or type(chain) is not bytes or type(leaf) is not bytes:
        raise _damaged(store, n, "its row holds a value of another type")
    if n == 0:
        before = NO_CHAIN
    elif type(before) is not bytes:
        raise _damaged(store, n, "the entry before it is missing")
    if chained(before, leaf_hash(leaf)) != chain:
        raise _damaged(store, n, "its bytes are not those that were chained to the entry before it")
    try:
        named = _read_said(leaf)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return LogEntry(n, deal, event, instant, verdict, chain, leaf)  # of a form that is not read here
    said: tuple[object, ...] = (None,) * 4
    decision = named.evidence or named.decision
    if decision is not None:
        said = decision.deal, decision.event, instant_of(decision.at), decision.verdict
    if (deal, event, instant, verdict) != said:
        raise _damaged(store, n, "its columns say something else than the entry itself")
    return LogEntry(n, deal, event, instant, verdict, chain, leaf)


def _damaged(store: Store, n: object, what: str) -> StoreProblem:
    return StoreProblem(f"{store.name}: entry {shorten(str(n))}: {what}; `walkaway log verify` tells all")


def _bytes(store: Store, value: object) -> bytes:
    """Return bytes that were read.

    Raises:
        StoreProblem: Where it is something else: a number would be taken for a length.
    """
    if type(value) is not bytes:
        raise StoreProblem(f"{store.name} holds a value of another type where bytes should be")
    return value


def _text(store: Store, value: object) -> str:
    """Return a text that was read.

    Raises:
        StoreProblem: Where it is something else.
    """
    if type(value) is not str:
        raise StoreProblem(f"{store.name} holds a value of another type where a text should be")
    return value


def check_numbers(store: Store) -> None:
    """See to it that entries are numbered from 0.

    Raises:
        StoreProblem: Where they are not.
    """
    (first,), *_ = store.rows("SELECT min(n) FROM entries")
    if first not in (None, 0) or type(first) is float:
        what = f"its first entry has the number {shorten(str(first))}, and not 0"
        raise StoreProblem(f"{store.name}: {what}; `walkaway log verify` tells all")


def size(store: Store) -> int:
    """Return how many entries there are."""
    (row,) = store.rows("SELECT max(n) FROM entries")
    if row[0] is not None and type(row[0]) is not int:
        raise _damaged(store, row[0], "its number is none")
    return 0 if row[0] is None else row[0] + 1


def entries(store: Store, start: int = 0, end: int = 1 << 62) -> Iterator[LogEntry]:
    """Return the entries from *start* up to *end*, in order."""
    return _paged(store, {"e.n < ?": end}, start)


def leaf_hashes(store: Store, start: int, end: int) -> Iterator[bytes]:
    """Return the hashes of the leaves from *start* up to *end*, in order."""
    return (leaf_hash(e.leaf) for e in entries(store, start, end))


def _paged(store: Store, asked: Mapping[str, object], start: int = 0) -> Iterator[LogEntry]:
    """Return the entries that fit, in order, a page at a time, so that no log is too large to be read.

    Args:
        asked: Clause → its value, or a tuple of several.
    """
    where = " AND ".join(("e.n >= ?", *asked))
    values = [v for value in asked.values() for v in (value if isinstance(value, tuple) else (value,))]
    while True:
        page = list(store.rows(f"{_ENTRY} WHERE {where} ORDER BY e.n LIMIT {_PAGE}", start, *values))
        for row in page:
            yield _entry(store, row)
        if len(page) < _PAGE:
            return
        start = page[-1][0] + 1


def deals_since(store: Store, n: int) -> list[str | None]:
    """Return the deals of the entries from *n* on; none among them stands for an erasure."""
    return [row[0] for row in store.rows("SELECT DISTINCT deal FROM entries WHERE n >= ?", n)]


def entry(store: Store, n: int) -> LogEntry | None:
    """Return one entry by its number."""
    return next(entries(store, n, n + 1), None)


def found(
    store: Store,
    deal: str | None = None,
    verdict: str | None = None,
    since: int | None = None,
    until: int | None = None,
    start: int = 0,
) -> Iterator[LogEntry]:
    """Return the entries of decisions from *start* on that fit, in order; none asks for nothing."""
    clauses = {"e.deal = ?": deal, "e.verdict = ?": verdict, "e.instant >= ?": since, "e.instant <= ?": until}
    asked = {c: v for c, v in clauses.items() if v is not None}
    return _paged(store, asked or {"e.deal IS NOT NULL AND 1 = ?": 1}, start)


_HOLDS = {"sqlite": "instr(e.leaf, ?) > 0", "postgresql": "position(?::bytea in e.leaf) > 0"}


def holding(
    store: Store,
    parts: Sequence[bytes],
    deal: str | None = None,
    verdict: str | None = None,
    since: int | None = None,
    until: int | None = None,
    start: int = 0,
) -> Iterator[LogEntry]:
    """Return the entries, as `found` does, whose bytes hold one of *parts*; the database leaves the others out."""
    clauses = {"e.deal = ?": deal, "e.verdict = ?": verdict, "e.instant >= ?": since, "e.instant <= ?": until}
    asked: dict[str, object] = {c: v for c, v in clauses.items() if v is not None}
    asked[f"e.deal IS NOT NULL AND ({' OR '.join([_HOLDS[store.dialect]] * len(parts))})"] = tuple(parts)
    return _paged(store, asked, start)


def of_deal(store: Store, deal: str, start: int = 0) -> Iterator[LogEntry]:
    """Return the entries of one deal from *start* on, in order."""
    return _paged(store, {"e.deal = ?": deal}, start)


def erasures(store: Store) -> Iterator[LogEntry]:
    """Return the entries of erasures, in order."""
    return _paged(store, {"e.deal IS NULL AND 1 = ?": 1})


def of_event(store: Store, deal: str, event: str) -> LogEntry | None:
    """Return the entry of one event."""
    rows = store.rows(f"{_ENTRY} WHERE e.deal = ? AND e.event = ?", deal, event)
    return next((_entry(store, row) for row in rows), None)


def last_of_deals(store: Store) -> Iterator[tuple[int, LogEntry]]:
    """Return for each deal how many entries it has, and its last one; by the order of these."""
    sql = f"""SELECT d.count, {_COLUMNS} FROM entries e JOIN
        (SELECT max(n) AS last, count(*) AS count FROM entries WHERE deal IS NOT NULL GROUP BY deal) d
        ON e.n = d.last {_BEFORE} ORDER BY e.n"""
    for row in store.rows(sql):
        yield int(row[0]), _entry(store, row[1:])


def first_of_deals(store: Store) -> Iterator[LogEntry]:
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


def append(store: Store, new: Sequence[LogEntry], nodes: Sequence[Node]) -> None:
    """Append entries and the subtrees they complete, inside of `writing`."""
    store.change("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?)", map(msgspec.structs.astuple, new))
    if nodes:
        store.change("INSERT INTO nodes VALUES (?, ?, ?)", nodes)


def items(store: Store, deal: str) -> dict[str, SealedText]:
    """Return the sealed texts of a deal that are not erased, by seal."""
    return items_of(store, [deal])[deal]


def items_of(store: Store, deals: Sequence[str]) -> dict[str, dict[str, SealedText]]:
    """Return the sealed texts of some deals that are not erased, by deal and seal."""
    found: dict[str, dict[str, SealedText]] = {deal: {} for deal in deals}
    places = ", ".join("?" * len(found))
    for deal, *row in store.rows(f"SELECT deal, seal, salt, sort, text FROM items WHERE deal IN ({places})", *found):
        item = _item(store, deal, *row)
        found[deal][item.seal] = item
    return found


def _item(store: Store, deal: str, token: object, salt: object, sort: object, text: object) -> SealedText:
    """Return a sealed text that is the one it was.

    Raises:
        StoreProblem: Where it is another, or none.
    """
    try:
        item = SealedText(
            _text(store, token), _bytes(store, salt), Sort(_text(store, sort)), _bytes(store, text).decode()
        )
    except ValueError:
        item = None
    if item is None or seal(item.text, item.salt) != item.seal:
        what = f"a sealed text of deal `{shorten(deal)}` is not the one it was"
        raise StoreProblem(f"{store.name}: {what}; `walkaway log verify` tells all")
    return item


def all_items(store: Store) -> Iterator[tuple[str, SealedText]]:
    """Return every sealed text that is not erased, with its deal."""
    for deal, *row in store.rows("SELECT deal, seal, salt, sort, text FROM items ORDER BY deal, seal"):
        yield deal, _item(store, _text(store, deal), *row)


def add_items(store: Store, new: Iterable[tuple[str, SealedText]]) -> None:
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
    return None if row is None else (int(row[0]), _bytes(store, row[1]))


def keep_positions(store: Store, kept: Iterable[tuple[str, int, int, bytes]], closed: Iterable[str]) -> None:
    """Keep positions of open deals (deal, entry, instant, position) and drop those of others, inside of `writing`.

    An empty position stands for one that is to be folded from the deal's entries.
    """
    sql = """INSERT INTO positions VALUES (?, ?, ?, ?) ON CONFLICT (deal)
        DO UPDATE SET n = excluded.n, last = excluded.last, position = excluded.position"""
    store.change(sql, kept)
    store.change("DELETE FROM positions WHERE deal = ?", [(deal,) for deal in closed])


def misplaced(store: Store) -> Iterator[LogEntry]:
    """Return the last entry of each deal that has no position after it; closed deals have none."""
    sql = f"""SELECT {_COLUMNS} FROM entries e
        JOIN (SELECT max(n) AS last FROM entries WHERE deal IS NOT NULL GROUP BY deal) d ON e.n = d.last {_BEFORE}
        LEFT JOIN positions k ON k.deal = e.deal WHERE k.n IS NULL OR k.n <> e.n"""
    return (_entry(store, row) for row in store.rows(sql))


def idle(store: Store, before: int, most: int) -> list[str]:
    """Return open deals, *most* of them at most, whose latest event is older than an instant; the oldest first."""
    sql = "SELECT deal FROM positions WHERE last < ? AND deal <> ? ORDER BY last, deal LIMIT ?"
    return [row[0] for row in store.rows(sql, before, EVERY_DEAL, most)]


def find_idle_quickly(store: Store) -> None:
    """See to it that `idle` need not look at every deal, inside of `writing`."""
    store.change("CREATE INDEX IF NOT EXISTS positions_by_last ON positions (last, deal)", [()])


def places(store: Store, name: str) -> dict[str, bytes]:
    """Return what was noted under a name: where a source, or what leaves for a sink, goes on; by part."""
    found = store.rows("SELECT part, place FROM places WHERE name = ?", name)
    return {_text(store, part): _bytes(store, place) for part, place in found}


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
    return {_text(store, file): _bytes(store, data) for file, data in store.rows(sql, sha256)}


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
        rows = list(store.rows("SELECT n, leaf FROM entries WHERE n >= ? AND n < ? ORDER BY n", start, end))
        for n, row in enumerate(rows, start):
            if row[0] != n:
                raise _damaged(store, n, "it is missing")
        return [leaf_hash(_bytes(store, leaf)) for _, leaf in rows]

    def stored(level: int, place: int) -> bytes:
        found = next(store.rows("SELECT hash FROM nodes WHERE level = ? AND place = ?", level, place), None)
        if found is None:
            raise StoreProblem(f"{store.name}: the subtree {place} of level {level} is missing")
        return _bytes(store, found[0])

    return Tree(leaves, stored)


def last_chain(store: Store) -> bytes:
    """Return the chain of the last entry."""
    last = entry(store, size(store) - 1)
    return NO_CHAIN if last is None else last.chain


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
