# Over 400 lines: every cell, row and part of a store, each with what is said of it.
"""Whatever cell of a store holds something else is found, and so is each row that is gone or stands there twice.

The rows of a real log are read into tables that take values of any type, so that each check is asked by itself: what
the file is built of is told as the real one has it, and nothing but the rows can show what was changed.
"""

import base64
import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any

import pytest
from tests.helpers.logs import POLICY, counted_salts, deal, make_policy, opened, record

from walkaway.log.erasing import erase, texts_of_deal
from walkaway.log.notes import Checkpoint, SigningKey, sign_note
from walkaway.log.stored import fits
from walkaway.log.verify import THE_STORE, Verified, Witness, folder_of, verify
from walkaway.log.verify.reading import Fits, LogPass, _policy_hash
from walkaway.log.verify.signed import node, root_of

TABLES = ("meta", "entries", "nodes", "policies", "contents", "items", "positions", "places")
KEYS = {"policies": 2, "items": 2, "places": 2, "nodes": 2}
"""Table → how many of its columns are its key; one, where it is not named."""
KEY = SigningKey("example.com/deals", bytes(range(32)))
RATE = b"from,to\n"

Row = tuple[Any, ...]
Rows = dict[str, list[Row]]
"""Table → its rows."""


class Copy:
    """The rows of a store in tables without types, built as *schema* says."""

    dialect = "sqlite"

    def __init__(self, schema: Sequence[Row], rows: Rows) -> None:
        self.schema = schema
        self.connection = sqlite3.connect(":memory:")
        self.connection.execute("PRAGMA synchronous = OFF")
        for _, name, _, made, *_ in schema:
            if name in TABLES:
                inner = made[made.index("(") + 1 :]
                columns = [part.strip().split()[0] for part in inner.split(",")]
                columns = columns[: next((n for n, c in enumerate(columns) if not c.islower()), len(columns))]
                self.connection.execute(f"CREATE TABLE {name} ({', '.join(columns[: len(COLUMNS[name])])})")
                marks = ", ".join("?" * len(COLUMNS[name]))
                self.connection.executemany(f"INSERT INTO {name} VALUES ({marks})", rows[name])

    def rows(self, sql: str, *values: object) -> Iterator[Row]:
        if "sqlite_schema" in sql:
            return iter(self.schema)
        return iter(self.connection.execute(sql, values).fetchall())


COLUMNS = {
    "meta": ("name", "value"),
    "entries": ("n", "deal", "event", "instant", "verdict", "chain", "leaf"),
    "nodes": ("level", "place", "hash"),
    "policies": ("sha256", "file", "content"),
    "contents": ("sha256", "data"),
    "items": ("deal", "seal", "salt", "sort", "text"),
    "positions": ("deal", "n", "last", "position"),
    "places": ("name", "part", "place"),
}


class Log:
    """A log's rows, and the schema of the file that they were in."""

    def __init__(self, url: str) -> None:
        with closing(sqlite3.connect(url)) as connection:
            sql = "SELECT type, name, tbl_name, substr(sql, 1, 5000), rootpage FROM sqlite_schema"
            self.schema = connection.execute(sql).fetchall()
            self.rows: Rows = {t: connection.execute(f"SELECT * FROM {t}").fetchall() for t in TABLES}

    def verified(self, rows: Rows, *witnesses: Witness, fitting: Fits = fits) -> Verified:
        return verify(Copy(self.schema, rows), witnesses, [str(KEY.verifier)], fits=fitting)

    def findings(self, rows: Rows, *witnesses: Witness) -> tuple[str, ...]:
        found = self.verified(rows, *witnesses)
        return (*found.findings, *found.notes)

    def changed(self, table: str, change: Callable[[list[Row]], list[Row]]) -> Rows:
        """Return the rows with those of one table changed."""
        return self.rows | {table: change(list(self.rows[table]))}

    def with_leaves(self, change: Callable[[int, dict[str, Any]], Any]) -> Rows:
        """Return the rows of a log in which entries say something else, every hash and column made anew."""
        entries, chain = [], bytes(32)
        for n, deal_, event, instant, verdict, _, leaf in self.rows["entries"]:
            content = change(n, json.loads(leaf))
            leaf = content if isinstance(content, bytes) else spelled(content)
            chain = hashlib.sha256(chain + hashlib.sha256(b"\0" + leaf).digest()).digest()
            entries.append((n, deal_, event, instant, verdict, chain, leaf))
        return self.rows | {"entries": entries}

    def witness(self, size: int, name: str = "", *, key: SigningKey = KEY, leaves: bool = True) -> Witness:
        """Sign the log as it is over its first entries."""
        hashes = b"".join(hashlib.sha256(b"\0" + row[-1]).digest() for row in self.rows["entries"][:size])
        note = sign_note(Checkpoint(key.name, size, root_of(hashes, size)).text, [key])
        return Witness(name or f"checkpoint {size}", note, hashes if leaves else None)


def spelled(content: object) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Log:
    """Return a log of deals that are closed, erased, open, sealed, and held at an instant far ahead."""
    url = str(tmp_path_factory.mktemp("log") / "log.db")
    sealed = make_policy(POLICY.replace("discount:\n    type", "discount:\n    personal: yes\n    type"))
    far = {"id": "far", "deal": "D-4", "at": "2029-01-01T00:00:00Z", "type": "tick"}
    with closing(opened(url)) as store:
        record(store, deal("D-1"))
        gone = texts_of_deal(store, "D-1")
        erase(store, lambda: gone, "2026-11-01T00:00:00Z", "dpo", "asked", counted_salts(10**6), "0.1.0")
        record(store, deal("D-2")[:7])
        record(store, deal("D-3")[:4], sealed)
        record(store, [*deal("D-4")[:3], far])
        record(store, deal("D-5")[:2])
        record(store, [{**far, "deal": "D-5", "id": "far"}], sealed)
        with store.writing():
            store.change("INSERT INTO places VALUES (?, ?, ?)", [("rates", hashlib.sha256(RATE).hexdigest(), RATE)])
    return Log(url)


def test_the_copy_of_a_log_is_as_it_was(log: Log) -> None:
    """Nothing is found in it, with checkpoints too, and of a log of nothing."""
    size = len(log.rows["entries"])
    found = log.verified(log.rows, log.witness(size), log.witness(5), log.witness(0))
    assert (found.findings, found.notes, found.held, found.size) == ((), (), (0, 5, size), size)
    nothing = {table: [] for table in TABLES} | {"meta": log.rows["meta"]}
    assert log.findings(nothing, log.witness(0)) == ()


def others(value: object, beside: Sequence[object]) -> Iterator[object]:
    """Yield other values for a cell: that of another row, one that differs by the least, of other types, and none."""
    yield from [each for each in beside if each != value][:1]
    if isinstance(value, int):
        yield from (value + 1, value - 1, str(value), float(value) + 0.5)
    elif isinstance(value, str):
        yield from (value + "x", value[:-1] + chr(ord(value[-1]) ^ 1) if value else "x", value.encode(), 7)
    elif isinstance(value, bytes):
        yield from (value[:-1] + bytes([value[-1] ^ 1]) if value else b"x", value + b"\0", value.hex(), 7)
    if value is not None:
        yield None
    else:
        yield from ("x", 7, b"x")


NAMED = {
    ("entries", "deal"): ("the column `deal` says", "another type"),
    ("entries", "event"): ("the column `event` says", "another type"),
    ("entries", "instant"): ("the column `instant` says", "another type"),
    ("entries", "verdict"): ("the column `verdict` says", "another type"),
    ("entries", "chain"): ("chained to the entry before",),
    ("entries", "leaf"): ("chained to the entry before",),
    ("entries", "n"): ("it is missing; the next", "for its number", "numbered in order", "below 0"),
    ("contents", "data"): ("of a policy is not the one it was",),
    ("contents", "sha256"): ("of a policy is not the one it was",),
    ("policies", "file"): ("not stored as it was", "cannot be read"),
    ("policies", "sha256"): ("no decision names it", "not stored as it was", "cannot be read"),
    ("policies", "content"): ("not stored as it was",),
    ("items", "text"): ("is not the one it was",),
    ("items", "salt"): ("is not the one it was",),
    ("items", "sort"): ("which it is not",),
    ("items", "deal"): ("is kept under deal",),
    ("items", "seal"): ("that stands in no entry", "is not the one it was"),
    ("positions", "deal"): ("is open, and is not kept as open",),
    ("positions", "n"): ("ended elsewhere",),
    ("positions", "last"): ("ended elsewhere",),
    ("positions", "position"): ("stands", "is kept as open, and is not"),
    ("places", "name"): ("noted where", "another type"),
    ("places", "part"): ("a published rate", "another type"),
    ("places", "place"): ("a published rate", "another type"),
    ("meta", "name"): ("its tables are of form nothing",),
    ("meta", "value"): ("its tables are of form",),
}
"""Table and column → what is said where a cell of it holds something else, one of these or several."""


@pytest.mark.parametrize("table", [t for t in TABLES if t != "nodes"])
def test_whatever_cell_holds_something_else_is_found(log: Log, table: str) -> None:
    """By the check of that very column, though no checkpoint was kept."""
    rows = log.rows[table]
    few = {"entries": (0, 5, 11, len(rows) - 1), "items": range(0, len(rows), 5)}.get(table, range(len(rows)))
    for place in few:
        for column, name in enumerate(COLUMNS[table]):
            for other in others(rows[place][column], [row[column] for row in rows]):
                if name == "position" and other == b"":  # nothing is laid aside, and the entries are read instead
                    continue
                row = (*rows[place][:column], other, *rows[place][column + 1 :])
                found = log.findings(log.changed(table, lambda r, p=place, new=row: [*r[:p], new, *r[p + 1 :]]))
                wanted = NAMED[table, name]
                assert any(each in said for said in found for each in wanted), (name, rows[place], other, found)


@pytest.mark.parametrize("table", [t for t in TABLES if t not in ("nodes", "places")])
def test_a_row_that_is_gone_or_added_is_found(log: Log, table: str) -> None:
    """Each row of each table; only where the log ends, and what is no record, nobody can tell without a checkpoint."""
    rows = log.rows[table]
    for place, row in enumerate(rows):
        gone = log.changed(table, lambda r, p=place: r[:p] + r[p + 1 :])
        assert log.findings(gone), row
        if table != "contents":
            key = KEYS.get(table, 1)
            more = (*(f"{v}x" if isinstance(v, str) else v for v in row[:key]), *row[key:])
            assert log.findings(log.changed(table, lambda r, new=more: [*r, new])), row


def test_every_entry_that_is_gone_or_comes_twice_names_its_number(log: Log) -> None:
    """Whichever it is, and of the last one the kept hashes and the size that was signed tell it."""
    size = len(log.rows["entries"])
    for n in range(size - 1):
        found = log.verified(log.changed("entries", lambda r, n=n: r[:n] + r[n + 1 :]))
        assert f"entry {n}: it is missing; the next one there is has number {n + 1}" in found.findings
    whole = log.witness(size)
    (said,) = {
        d.what for d in log.verified(log.changed("entries", lambda r: r[:-1]), whole).damages if "signed" in d.what
    }
    assert said == f"it is missing; the log ends here, and checkpoint {size} was signed over {size} entries"
    again = log.changed("entries", lambda r: [*r, (size, *r[3][1:])])
    assert "entry 3: event `e3` of deal `D-1` is recorded more than once" in log.verified(again).findings


# What entries say, every hash made anew


def at(n: int, *path: str, to: object) -> Callable[[int, dict[str, Any]], Any]:
    """Return the change of what an entry says at one place."""

    def change(number: int, content: dict[str, Any]) -> Any:
        if number == n:
            inner = content
            for name in path[:-1]:
                inner = inner[name]
            inner[path[-1]] = to
        return content

    return change


NO_FORM = "it is neither a decision nor an erasure of a form that there is"
ANOTHER = "its decision is about another event than the one it holds"
SEAL = "sealed:" + "0" * 64


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (at(3, "more", to=1), NO_FORM),
        (at(3, "format", to=1), NO_FORM),
        (at(3, "format", to=3), NO_FORM),
        (at(3, "event", "at", to="yesterday"), NO_FORM),
        (at(11, "more", to=1), NO_FORM),
        (at(11, "format", to=3), NO_FORM),
        (at(11, "format", to="2"), NO_FORM),
        (at(11, "erasure", "by", to=None), "that stands in no entry"),
        (at(3, "evidence", "event", to="e9"), ANOTHER),
        (at(3, "evidence", "at", to="2026-10-05T09:04:00Z"), ANOTHER),
        (at(3, "evidence", "deal", to="D-2"), ANOTHER),
        (at(3, "event", "id", to="e9"), ANOTHER),
        (at(3, "evidence", "verdict", to="walk"), "the column `verdict` says `hold`, the entry itself `walk`"),
        (at(3, "evidence", "policy", to="0" * 64), "that it names is not stored"),
        (at(3, "evidence", "position", to={"before": "", "after": ""}), "was not left in the position"),
        (at(12, "evidence", "position", to={"before": "0", "after": "0"}), "was not left in the position"),
        (at(3, "event", "reason", to=SEAL), "is gone, and no erasure is recorded"),
        (at(18, "evidence", "position", to={"before": "", "after": "0"}), "was not left in the position"),
        (lambda n, c: b'{"a": 1}' if n == 4 else c, "it is not in canonical form"),
        (lambda n, c: b"\xff" if n == 4 else c, "it is no JSON"),
        (lambda n, c: b"[" * 100_000 if n == 4 else c, "it is no JSON"),
    ],
)  # fmt: skip
def test_an_entry_that_contradicts_itself_is_found_though_every_hash_fits(
    log: Log, change: Callable[[int, dict[str, Any]], Any], said: str
) -> None:
    """What it says of its event, its form, its deal's position, its policy and its texts is held against the others."""
    found = log.findings(log.with_leaves(change))
    assert not any("chained" in each for each in found)
    assert any(said in each for each in found), found


def test_a_text_of_each_sort_is_that_alone(log: Log) -> None:
    """A seal under another field of an event is a text of another sort, and the one that is kept does not fit."""
    sealed = [row for row in log.rows["items"] if row[0] == "D-2"]
    names = {row[3]: row[1] for row in sealed}
    for field, sort in (
        ("actor", "name"),
        ("approver", "name"),
        ("note", "text"),
        ("reason", "text"),
        ("asked", "text"),
    ):
        other = names["text" if sort == "name" else "name"]
        found = log.findings(log.with_leaves(at(18, "event", field, to=other)))
        assert any("which it is not" in said for said in found), (field, found)
    for path in (("terms", "discount"), ("facts", "contact"), ("limits", "discount")):
        to: object = {"walk": names["name"]} if path[0] == "limits" else names["name"]
        found = log.findings(log.with_leaves(at(18, "event", path[0], to={path[1]: to})))
        assert any("which it is not" in said for said in found), (path, found)
    found = log.findings(log.with_leaves(at(18, "evidence", "sealed", to=names["name"])))
    assert any("which it is not" in said for said in found)


def test_an_erased_text_is_none_of_another_deal(log: Log) -> None:
    """The seals that an erasure names excuse these texts, and a log that names no erasure misses them."""
    found = log.findings(log.with_leaves(at(11, "erasure", "seals", to=[])))
    assert sum("is gone, and no erasure is recorded" in said for said in found) >= 5


# Positions laid aside


def test_a_position_is_verified_by_whoever_can_read_it(log: Log) -> None:
    """Where it does not fit its digest that is a damage of its last entry; unread it is told, and never silent."""
    asked: list[tuple[str, bool]] = []

    def say(answer: bool | None) -> Fits:
        def fitting(_: bytes, digest: str, release: str, is_closed: bool) -> bool | None:
            asked.append((digest, is_closed))
            assert release
            return answer

        return fitting

    assert log.verified(log.rows, fitting=say(True)).findings == ()
    digests = {digest for digest, _ in asked}
    assert len(digests) == len([row for row in log.rows["positions"] if row[3]])
    wrong = log.verified(log.rows, fitting=say(False)).damages
    assert {d.what for d in wrong} == {
        f"where deal `{row[0]}` stands is not kept as its last decision left it"
        for row in log.rows["positions"]
        if row[3]
    }
    assert all(d.entry != THE_STORE for d in wrong)
    unread = log.verified(log.rows, fitting=say(None))
    assert unread.findings == ()
    assert any("laid aside by another release: not verified" in note for note in unread.notes)


def test_a_closed_deal_is_not_kept_as_open(log: Log) -> None:
    """Neither with nothing laid aside, nor with a position that its last decision did not leave."""
    instant = log.rows["entries"][10][3]
    for position in (b"", b"x"):
        more = log.changed("positions", lambda r, p=position: [*r, ("D-1", 10, instant, p)])
        assert "the store: deal `D-1` is kept as open, and is not" in log.findings(more)
    never = log.changed("positions", lambda r: [*r, ("D-9", 10, instant, b"")])
    assert "the store: deal `D-9` is kept as open, and is not" in log.findings(never)


def test_what_should_be_sealed_is_not_kept_in_clear(log: Log) -> None:
    """A position of a deal whose decisions are sealed is a damage wherever it is laid aside."""
    places = {row[0]: place for place, row in enumerate(log.rows["positions"])}
    row = log.rows["positions"][places["D-3"]]
    assert row[3] == b""
    clear = log.changed("positions", lambda r: [(*each[:3], b"x") if each[0] == "D-3" else each for each in r])
    assert any("deal `D-3` stands is kept, and should be sealed" in said for said in log.findings(clear))


# Places, and what the store says of itself


def test_one_place_more_is_noted(log: Log) -> None:
    """It rests on no entry; what is noted of positions and of published rates is no such place."""
    for count in (1, 2):
        rows = [(f"events-{n}", "", b"9") for n in range(count)]
        (note,) = log.verified(log.changed("places", lambda r, more=rows: [*r, *more])).notes
        assert note.startswith("1 place is noted" if count == 1 else "2 places are noted")
    marked = log.changed("places", lambda r: [*r, ("positions", "", b"")])
    assert (log.findings(marked), log.verified(marked).notes) == ((), ())


def test_stored_hashes_are_those_of_each_256_entries_and_of_no_others() -> None:
    """Subtrees of 2^8 and of 2^16 entries are stored: what the pass grows is what the definition says."""
    reading = LogPass(None, (), print, lambda *_: None)
    leaves = [hashlib.sha256(n.to_bytes(4, "big")).digest() for n in range(2 * 256 + 3)]
    for number, leaf in enumerate(leaves, 1):
        reading.grow(leaf)
        if number in (1, 2, 3, 5, 7, 255, 256, 257, 300, 515):
            assert reading.root() == root_of(b"".join(leaves[:number]), number), number
    assert reading.nodes == {
        (8, place): root_of(b"".join(leaves[256 * place : 256 * (place + 1)]), 256) for place in range(2)
    }
    while reading.size < 2**16:
        reading.grow(leaves[0])
    assert [key for key in reading.nodes if key[0] == 16] == [(16, 0)]
    assert len(reading.nodes) == 256 + 1


# Checkpoints


def defined(leaves: list[bytes]) -> bytes:
    """Return the root over some hashes of leaves, as RFC 9162 says it in 2.1.1."""
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256(b"").digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node(defined(leaves[:split]), defined(leaves[split:]))


@pytest.mark.parametrize("size", range(10))
def test_the_root_is_the_definitions(size: int) -> None:
    """Whatever their number, the hash that is left over at a level goes up as it is."""
    leaves = [bytes([n]) * 32 for n in range(size)]
    assert root_of(b"".join(leaves), size) == defined(leaves)


def noted(log: Log, change: Callable[[str], str]) -> tuple[str, ...]:
    """Return what is doubtful of a checkpoint whose note is another one, signed anew."""
    text = log.witness(5).note.rpartition("\n\n")[0] + "\n"
    return log.verified(log.rows, Witness("one", sign_note(change(text), [KEY]))).doubts


@pytest.mark.parametrize(
    ("was", "now"),
    [("\n5\n", "\n05\n"), ("\n5\n", "\n-5\n"), ("\n5\n", "\n٥\n"), ("\n5\n", "\n" + "1" * 20 + "\n"), ("\n5\n", "\n")],
)
def test_a_signed_text_that_is_no_checkpoint_is_none(log: Log, was: str, now: str) -> None:
    """Its size is a number as it is written once, and no other."""
    assert noted(log, lambda text: text.replace(was, now)) == ("one: it is no checkpoint",)


def test_a_root_of_another_length_is_none(log: Log) -> None:
    """31 bytes, or signs that belong to no base 64, are no root, whatever is signed."""
    lines = log.witness(5).note.split("\n")
    for root in (base64.b64encode(bytes(31)).decode(), base64.b64encode(bytes(33)).decode(), lines[2] + "!", "?"):
        assert noted(log, lambda text, r=root: text.replace(lines[2], r)) == ("one: it is no checkpoint",)


def test_any_key_that_was_given_will_do_and_none_besides(log: Log) -> None:
    """A note that several signed is trusted by one of them; a name, or an id, that another key has is none."""
    other = SigningKey("example.com/other", bytes(range(1, 33)))
    named = SigningKey(KEY.name, bytes(range(2, 34)))
    text = log.witness(5).note.rpartition("\n\n")[0] + "\n"
    both = Witness("both", sign_note(text, [other, named, KEY]))
    for keys in ([KEY], [named], [other, KEY], [named, KEY]):
        found = verify(Copy(log.schema, log.rows), [both], [str(key.verifier) for key in keys], fits=fits)
        assert (found.doubts, found.held) == ((), (5,))
    alone = Witness("alone", sign_note(text, [named]))
    for keys in ([KEY], [other], [KEY, other]):
        found = verify(Copy(log.schema, log.rows), [alone], [str(key.verifier) for key in keys], fits=fits)
        assert (found.doubts, found.held) == (("alone: it bears no signature by a key that was given",), ())


@pytest.mark.parametrize("change", ["name", "id", "kind", "length"])
def test_what_is_no_verifier_key_is_told(log: Log, change: str) -> None:
    """The name and the id belong to the bytes, and these are a key of 32 bytes of the one kind that there is."""
    name, number, encoded = str(KEY.verifier).split("+", 2)
    public = base64.b64decode(encoded)
    public = {"kind": b"\x02" + public[1:], "length": public + b"\0"}.get(change, public)
    name = "example.com/else" if change == "name" else name
    if change in ("kind", "length"):
        number = hashlib.sha256(name.encode() + b"\n" + public).digest()[:4].hex()
    number = "00000000" if change == "id" else number
    key = f"{name}+{number}+{base64.b64encode(public).decode()}"
    with pytest.raises(ValueError, match="is no verifier key"):
        verify(Copy(log.schema, log.rows), [log.witness(5)], [key], fits=fits)


def test_every_checkpoint_counts_in_the_order_of_sizes(log: Log) -> None:
    """Those that hold bound from below where a damage may begin, in whatever order they are given."""
    size = len(log.rows["entries"])
    forged = log.with_leaves(at(8, "event", "more", to="x"))
    given = [log.witness(n, leaves=False) for n in (size, 3, 10, 6)]
    for witnesses in (given, given[::-1]):
        found = log.verified(forged, *witnesses)
        assert found.held == (3, 6)
        told = [str(d) for d in found.damages if "signed" in d.what]
        assert told == [
            "entry 6: one of entries 6 to 9 is not what it was when checkpoint 10 was signed",
            f"entry 6: one of entries 6 to {size - 1} is not what it was when checkpoint {size} was signed",
        ]
    one = log.verified(log.with_leaves(at(6, "event", "more", to="x")), *(log.witness(n, leaves=False) for n in (6, 7)))
    assert "entry 6: it is not what it was when checkpoint 7 was signed" in one.findings


def test_kept_hashes_name_the_first_entry_that_changed(log: Log) -> None:
    """Whether one or several are others; and where the log has fewer entries, or none was changed, it names none."""
    size = len(log.rows["entries"])
    whole = log.witness(size)

    def forge(n: int, content: dict[str, Any]) -> Any:
        return content | {"release": "x"} if n in (4, 9, 15) else content

    found = log.verified(log.with_leaves(forge), whole)
    assert f"entry 4: it is not the entry over which checkpoint {size} was signed" in found.findings
    small = log.verified(log.with_leaves(forge), log.witness(4), whole)
    assert small.held == (4,)
    other = Witness(whole.name, whole.note, (whole.leaves or b"")[:-32])
    doubts = log.verified(log.rows, other).doubts
    assert doubts == (f"checkpoint {size}: the hashes in `leaves` beside it are not those that it was signed over",)


def test_more_hashes_than_any_checkpoint_is_over_are_told(log: Log) -> None:
    """The newest checkpoint was taken away, and the hashes that lie beside the others tell it."""
    size = len(log.rows["entries"])
    leaves = log.witness(size).leaves
    note = log.witness(5).note
    found = log.verified(log.rows, Witness("5", note, leaves))
    assert found.doubts == (f"the hashes of {size} entries were kept, and no checkpoint is over as many",)
    assert log.verified(log.rows, Witness("5", note, leaves), log.witness(size)).doubts == ()
    two = log.verified(log.rows, Witness("0", log.witness(0).note, (leaves or b"")[:32]))
    assert two.doubts == ("the hash of 1 entry was kept, and no checkpoint is over as many",)


def test_each_checkpoint_of_a_folder_is_one(log: Log) -> None:
    """In the order of their names, with the hashes that lie beside them, and no other file."""
    files = [("10.checkpoint", b"b\xff"), ("leaves", b"12"), ("0.checkpoint", b"a"), ("key", b"k"), ("notes", b"n")]
    found = folder_of(files)
    assert [(w.name, w.note, w.leaves) for w in found] == [
        ("0.checkpoint", "a", b"12"),
        ("10.checkpoint", "b\N{REPLACEMENT CHARACTER}", b"12"),
    ]


# What a store is built of


def test_each_part_that_a_store_is_built_of_is_compared(log: Log) -> None:
    """A table, an index or a constraint that is gone, another one, there twice or not of the list is named."""
    for place, (sort, name, table, made, root) in enumerate(log.schema):
        rest = [*log.schema[:place], *log.schema[place + 1 :]]
        assert any("is missing" in said for said in _built(log, rest)), name
        other = (sort, name, table, f"{made or ''} , x", root)
        assert any(f"`{name}` is not as it was made" in said for said in _built(log, [*rest, other])), name
        twice = (sort, name, table, made, 0)
        assert any("is not as it was made" in said for said in _built(log, [*log.schema, twice])), name
        moved = (sort, name, table, made, log.schema[place - 1][4])
        assert any("is not as it was made" in said for said in _built(log, [*rest, moved])), name
    for sort in ("table", "index", "trigger"):
        more = (sort, "more", "entries", f"CREATE {sort} more", 99)
        assert f"the store: there is a {sort} `more`, which no store has" in _built(log, [*log.schema, more])
    assert _built(log, [*log.schema, ("table", "sqlite_stat1", "sqlite_stat1", "CREATE TABLE sqlite_stat1", 98)]) == ()
    assert _built(log, [*log.schema, ("table", "sqlite_sequence", "sqlite_sequence", "CREATE TABLE x", 98)])


def _built(log: Log, schema: Sequence[Row]) -> tuple[str, ...]:
    """Return what is found where the file says that it is built otherwise; its rows are those that they were."""
    copy = Copy(log.schema, log.rows)
    copy.schema = schema
    return verify(copy, fits=fits).findings


def test_nothing_is_read_where_something_else_stands_in_a_tables_place(log: Log) -> None:
    """Of a view, or of a virtual table, no row is asked for: what answers could be anything."""
    for made in ("view", "virtual"):
        schema = [
            (
                ("view" if made == "view" else sort),
                name,
                table,
                ("CREATE VIRTUAL TABLE x" if made != "view" else sql),
                root,
            )
            if name == "entries"
            else (sort, name, table, sql, root)
            for sort, name, table, sql, root in log.schema
        ]
        copy = _Asked(log.schema, log.rows)
        copy.schema = schema
        found = verify(copy, fits=fits)
        assert found.damages
        assert found.size == 0
        assert not any("FROM entries" in sql for sql in copy.asked)


class _Asked(Copy):
    """A copy that remembers what it was asked."""

    def __init__(self, schema: Sequence[Row], rows: Rows) -> None:
        self.asked: list[str] = []
        super().__init__(schema, rows)

    def rows(self, sql: str, *values: object) -> Iterator[Row]:
        self.asked.append(sql)
        return super().rows(sql, *values)


def test_a_form_that_is_named_twice_or_not_at_all_is_none(log: Log) -> None:
    """The store names one form, as text."""
    for rows in ([], [("schema", "0.2"), ("schema", "0.2")], [("schema", None)], [("schema", "3")]):
        found = log.findings(log.changed("meta", lambda _, new=rows: new))
        assert any("its tables are of form" in said for said in found), rows


def test_what_the_database_cannot_answer_is_a_finding(log: Log) -> None:
    """Whatever table it is: nothing is verified of it, and that is said."""
    for table in TABLES:
        copy = Copy(log.schema, log.rows)
        copy.connection.execute(f"DROP TABLE {table}")
        copy.rows = _failing(copy.rows)
        found = verify(copy, fits=fits).findings
        assert any("cannot be read from here on" in said for said in found), table


def _failing(rows: Callable[..., Iterator[Row]]) -> Callable[..., Iterator[Row]]:
    def asked(sql: str, *values: object) -> Iterator[Row]:
        try:
            return rows(sql, *values)
        except sqlite3.Error as problem:
            raise ValueError(str(problem)) from problem

    return asked


def test_a_file_that_does_not_fit_itself_is_told(log: Log) -> None:
    """What the database finds in its own pages is a damage of the store, word by word."""
    copy = Copy(log.schema, log.rows)
    rows = copy.rows
    told = [("row 3 missing from index x",), ("wrong # of entries in index y",)]
    copy.rows = lambda sql, *v: iter(told) if "integrity_check" in sql else rows(sql, *v)
    assert verify(copy, fits=fits).findings == tuple(f"the store: the file is damaged: `{said}`" for (said,) in told)


def test_a_policy_is_hashed_by_the_names_and_the_contents_of_its_files() -> None:
    """In the order of the names, each behind its length: no two policies of other files have one hash."""
    files: Mapping[str, bytes] = {"b.csv": b"2", "a.yaml": b"1"}
    wanted = hashlib.sha256()
    for part in (b"a.yaml", b"1", b"b.csv", b"2"):
        wanted.update(len(part).to_bytes(8, "big") + part)
    assert _policy_hash(files) == wanted.hexdigest()
