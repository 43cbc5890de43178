# Over 400 lines: one table, so that whoever adds a kind sees all of them.
"""What may be done to a log behind its back, on each kind of store, and what `log verify` says then."""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import msgspec
import psycopg
from tests.helpers.logs import deal, opened, record, rewrite

from walkaway.log.store import LogEntry

ALL = ("sqlite", "postgresql")
SQLITE, POSTGRES = ALL[:1], ALL[1:]
Action = str | Callable[[str, Path], None]
"""A statement, or what is done to a store by its URL and to the folder of kept checkpoints."""


class Kind(NamedTuple):
    """One way to tamper.

    Attributes:
        finds: What `log verify` says, with the kept checkpoint; it exits 0 only where it says `not verified`.
        signed: Whether only a kept checkpoint shows it; the log is in order with itself.
    """

    name: str
    actions: Sequence[Action]
    finds: str
    on: Sequence[str] = ALL
    signed: bool = False


LONG = 100_000_000
"""Bytes of a value that is refused by its length."""

# What each dialect calls the same thing: bytes of zeros, and a leaf in which one text stands for another.
WORDS = {
    "sqlite": {
        "zeros": "zeroblob(32)",
        "long": f"zeroblob({LONG})",
        "leaf": "CAST(replace(CAST(leaf AS TEXT), '{0}', '{1}') AS BLOB)",
        "bytes": "CAST('{0}' AS BLOB)",
    },
    "postgresql": {
        "zeros": "decode(repeat('00', 32), 'hex')",
        "long": f"convert_to(repeat('x', {LONG}), 'UTF8')",
        "leaf": "convert_to(replace(convert_from(leaf, 'UTF8'), '{0}', '{1}'), 'UTF8')",
        "bytes": "convert_to('{0}', 'UTF8')",
    },
}
UNCHECKED = "PRAGMA ignore_check_constraints = ON"
SCHEMA_OPEN = "PRAGMA writable_schema = ON"
COPY = "SELECT {n}, {deal}, {event}, instant, verdict, chain, leaf FROM entries WHERE n = {of}"


def _insert(n: int, of: int, *, deal: str = "'D-9'", event: str = "'x'") -> str:
    return f"INSERT INTO entries {COPY.format(n=n, of=of, deal=deal, event=event)}"


def _without_last_of_first(url: str, _: Path) -> None:
    rewrite(url, lambda entries: [e for e in entries if e.n != 10])


def _reworded(url: str, _: Path) -> None:
    def forge(entries: list[LogEntry]) -> list[LogEntry]:
        forged = entries[3].leaf.replace(b"sign tonight", b"no pressure").replace(b'"hold"', b'"trade"')
        return [msgspec.structs.replace(e, leaf=forged, verdict="trade") if e.n == 3 else e for e in entries]

    rewrite(url, forge)


def _swapped_in(url: str, _: Path) -> None:
    """Put another log in place of this one, as if the store's name now led to another database."""
    if url.startswith("postgresql:"):
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("DROP SCHEMA walkaway CASCADE")
    else:
        for path in Path(url).parent.glob(f"{Path(url).name}*"):
            path.unlink()
    with closing(opened(url)) as store:
        record(store, deal("D-1")[:7])
        record(store, [*deal("D-2")[:4], *deal("D-3")])


def _checkpoint(change: Callable[[bytes], bytes]) -> Action:
    def act(_: str, kept: Path) -> None:
        for path in kept.glob("*.checkpoint"):
            path.write_bytes(change(path.read_bytes()))

    return act


def _leaves(change: Callable[[bytes], bytes]) -> Action:
    def act(_: str, kept: Path) -> None:
        path = kept / "leaves"
        path.write_bytes(change(path.read_bytes()))

    return act


def _older_checkpoint_only(_: str, kept: Path) -> None:
    max(kept.glob("*.checkpoint")).unlink()


def _damaged_page(url: str, _: Path) -> None:
    with closing(sqlite3.connect(url)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    data = bytearray(Path(url).read_bytes())
    place = data.index(b'"id":"e4"')
    page = place // 4096 * 4096
    data[page : page + 12] = b"\xff" * 12
    Path(url).write_bytes(data)


def _as_strict(*tables: str) -> list[str]:
    """Write back how tables were made, over others that stand there."""
    return [
        SCHEMA_OPEN,
        *(
            f"UPDATE sqlite_schema SET sql = (SELECT sql FROM kept WHERE name = '{t}') WHERE name = '{t}'"
            for t in tables
        ),
        "DROP TABLE kept",
    ]


def _loose(table: str, columns: str, *then: str) -> list[str]:
    """Put a table that takes values of any type in place of one, and let it look like the one it was."""
    return [
        f"CREATE TABLE kept AS SELECT name, sql FROM sqlite_schema WHERE tbl_name = '{table}'",
        f"ALTER TABLE {table} RENAME TO strict_one",
        f"CREATE TABLE {table} ({columns})",
        f"INSERT INTO {table} SELECT * FROM strict_one",
        "DROP TABLE strict_one",
        *(["CREATE UNIQUE INDEX entries_by_event ON entries (deal, event)"] if table == "entries" else []),
        *then,
        *_as_strict(table),
    ]


_LOOSE_ENTRIES = "n INTEGER PRIMARY KEY, deal, event, instant, verdict, chain, leaf"
CHANGED = "is not the one it was"

KINDS = (
    # each column of an entry
    Kind("a leaf is changed", ["UPDATE entries SET leaf = {leaf:hold:walk} WHERE n = 3"], "entry 3: its bytes"),
    Kind("a chain is changed", ["UPDATE entries SET chain = {zeros} WHERE n = 3"], "entry 3: its bytes"),
    Kind("a verdict column is changed", ["UPDATE entries SET verdict = 'walk' WHERE n = 3"], "the column `verdict`"),
    Kind("a deal column is changed", ["UPDATE entries SET deal = 'D-9' WHERE n = 17"], "the column `deal`"),
    Kind("an event column is changed", ["UPDATE entries SET event = 'e99' WHERE n = 17"], "the column `event`"),
    Kind("an instant column is changed", ["UPDATE entries SET instant = 1 WHERE n = 17"], "the column `instant`"),
    Kind(
        "columns are emptied",
        ["UPDATE entries SET deal = NULL, event = NULL, instant = NULL, verdict = NULL WHERE n = 17"],
        "the column `deal` says nothing",
    ),
    # rows that are gone, added, moved
    Kind("the first entry is gone", ["DELETE FROM entries WHERE n = 0"], "entry 0: it is missing"),
    Kind("an entry is gone", ["DELETE FROM entries WHERE n = 7"], "entry 7: it is missing"),
    Kind("the tail is cut", ["DELETE FROM entries WHERE n > 14"], "entry 15: it is missing", signed=True),
    Kind("a row is added below 0", [UNCHECKED, _insert(-1, 0)], "numbered below 0", SQLITE),
    Kind(
        "a row is added below 0, with its constraint back",
        [
            "ALTER TABLE entries DROP CONSTRAINT entries_n_check",
            _insert(-1, 0),
            "ALTER TABLE entries ADD CHECK (n >= 0) NOT VALID",
        ],
        "numbered below 0",
        POSTGRES,
    ),
    Kind("a row is added far above", [_insert(40, 0)], "entry 18: it is missing; the next one there is has number 40"),
    Kind("a row is added at the end", [_insert(18, 3)], "entry 18: its bytes are not those that were chained"),
    Kind(
        "two entries change places",
        [f"UPDATE entries SET n = {new} WHERE n = {old}" for old, new in ((3, 99), (4, 3), (99, 4))],
        "entry 3: its bytes",
    ),
    Kind(
        "an event is recorded twice",
        ["DROP INDEX entries_by_event", _insert(18, 3, deal="deal", event="event")],
        "the index `entries_by_event` is missing",
    ),
    Kind("a log without one decision is made anew", [_without_last_of_first], "entry 10: it is not the", signed=True),
    Kind("a log with another decision is made anew", [_reworded], "entry 3: it is not the entry", signed=True),
    Kind("another log is swapped in", [_swapped_in], "it is not the entry over which", signed=True),
    # policies
    Kind("a table of a policy is changed", ["UPDATE contents SET data = {bytes:large}"], CHANGED),
    Kind("a file's hash is changed", ["UPDATE contents SET sha256 = 'x' || substr(sha256, 2)"], CHANGED),
    Kind("a policy is gone", ["DELETE FROM policies"], "that it names is not stored"),
    Kind("a policy lacks a file", ["DELETE FROM policies WHERE file = 'floors.csv'"], "not stored as it was"),
    Kind("a file of a policy is named otherwise", ["UPDATE policies SET file = 'x' || file"], "not stored as it was"),
    Kind("a policy has another hash", ["UPDATE policies SET sha256 = 'x' || substr(sha256, 2)"], "no decision names"),
    Kind(
        "a file of a policy is another one",
        ["UPDATE policies SET content = (SELECT max(sha256) FROM contents)"],
        "not stored as it was",
    ),
    Kind("a policy is added", ["INSERT INTO policies SELECT 'a', file, content FROM policies"], "no decision names it"),
    Kind(
        "a file is added",
        ["INSERT INTO contents VALUES ('2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881', {bytes:x})"],
        "is stored, and no policy has it",
    ),
    # sealed texts
    Kind("a sealed text is changed", ["UPDATE items SET text = {bytes:Nobody} WHERE deal = 'D-1'"], CHANGED),
    Kind("a salt is changed", ["UPDATE items SET salt = {bytes:0123456789abcdef} WHERE deal = 'D-1'"], CHANGED),
    Kind("a sealed text is gone", ["DELETE FROM items WHERE deal = 'D-1'"], "is gone, and no erasure is recorded"),
    Kind("a name is kept as a text", ["UPDATE items SET sort = 'text' WHERE sort = 'name'"], "is kept as a `text`"),
    Kind("a sort is none", ["UPDATE items SET sort = 'nothing' WHERE deal = 'D-1'"], "is kept as a `nothing`"),
    Kind("texts move to another deal", ["UPDATE items SET deal = 'D-9' WHERE deal = 'D-1'"], "is kept under deal"),
    Kind("seals are changed", ["UPDATE items SET seal = 'x' || seal"], "that stands in no entry"),
    Kind(
        "a sealed text is added",
        ["INSERT INTO items SELECT deal, 'x', salt, sort, text FROM items LIMIT 1"],
        "no entry",
    ),
    # what lies beside the record
    Kind("a subtree is added", ["INSERT INTO nodes VALUES (8, 0, {zeros})"], "the stored hash over entries 0 to 255"),
    Kind("a position is of another entry", ["UPDATE positions SET n = 12"], "as if it had ended elsewhere"),
    Kind("a position has another instant", ["UPDATE positions SET last = 7"], "as if it had ended elsewhere"),
    Kind("a position is something else", ["UPDATE positions SET position = {bytes:x}"], "its last decision left it"),
    Kind("a position is of another deal", ["UPDATE positions SET deal = 'D-9'"], "is open, and is not kept as open"),
    Kind("a position is gone", ["DELETE FROM positions"], "is open, and is not kept as open"),
    Kind(
        "a deal is opened again",
        ["INSERT INTO positions SELECT 'D-1', 10, last, position FROM positions"],
        "open, and is not",
    ),
    Kind("a place is forged", ["INSERT INTO places VALUES ('events.jsonl', '', {bytes:9})"], "1 place is noted"),
    Kind("the form is another", ["UPDATE meta SET value = '99'"], "has tables of form 99"),
    Kind("the form is an older one", ["UPDATE meta SET value = '1'"], "is not as it was made", SQLITE),
    Kind("the form is an older one, on a server", ["UPDATE meta SET value = '1'"], "which no store has", POSTGRES),
    Kind("the form is gone", ["DELETE FROM meta"], "of form nothing"),
    Kind("the form has another name", ["UPDATE meta SET name = 'x'"], "of form nothing"),
    Kind("the store says more of itself", ["INSERT INTO meta VALUES ('x', 'y')"], "no store does: `x`"),
    # what the store is built of
    Kind(
        "a trigger is added",
        ["CREATE TRIGGER late AFTER INSERT ON entries BEGIN DELETE FROM positions; END"],
        "there is a trigger `late`",
        SQLITE,
    ),
    Kind(
        "a trigger is added, with its function elsewhere",
        [
            "CREATE FUNCTION public.late() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
            "CREATE TRIGGER late BEFORE INSERT ON entries FOR EACH ROW EXECUTE FUNCTION public.late()",
        ],
        "there is a trigger `late`",
        POSTGRES,
    ),
    Kind(
        "a view stands in place of the entries",
        ["ALTER TABLE entries RENAME TO real", "CREATE VIEW entries AS SELECT * FROM real"],
        "there is a view `entries`",
    ),
    Kind(
        "a view stands in place of the policies",
        ["ALTER TABLE policies RENAME TO real", "CREATE VIEW policies AS SELECT * FROM real"],
        "there is a view `policies`",
    ),
    *(
        Kind(
            f"a view stands in place of `{table}`",
            [f"ALTER TABLE {table} RENAME TO real", f"CREATE VIEW {table} AS SELECT * FROM real"],
            f"there is a view `{table}`",
        )
        for table in ("items", "positions", "contents", "meta", "nodes", "places")
    ),
    Kind("an index is dropped", ["DROP INDEX entries_by_event"], "the index `entries_by_event` is missing"),
    Kind(
        "an index is replaced",
        ["DROP INDEX entries_by_event", "CREATE INDEX entries_by_event ON entries (event)"],
        "the index `entries_by_event` is not as it was made",
    ),
    Kind("an index is added", ["CREATE INDEX more ON entries (verdict)"], "there is a index `more`"),
    Kind("a table is added", ["CREATE TABLE more (x TEXT)"], "there is a table `more`"),
    Kind("a column is added", ["ALTER TABLE entries ADD COLUMN more TEXT"], "`entries"),
    Kind("a table is gone", ["DROP TABLE nodes"], "the table `nodes` is missing"),
    Kind("a sequence is added", ["CREATE TABLE s (n INTEGER PRIMARY KEY AUTOINCREMENT)"], "`sqlite_sequence`", SQLITE),
    Kind(
        "a sequence numbers the entries, and is reset",
        [
            "CREATE SEQUENCE s",
            "ALTER TABLE entries ALTER n SET DEFAULT nextval('s')",
            "ALTER SEQUENCE s RESTART WITH 3",
        ],
        "there is a sequence `s`",
        POSTGRES,
    ),
    Kind(
        "a column has another type",
        ["ALTER TABLE entries ALTER verdict TYPE varchar(40)"],
        "the column `entries.verdict` is not as it was made",
        POSTGRES,
    ),
    Kind(
        "a column may lack a value",
        ["ALTER TABLE entries ALTER leaf DROP NOT NULL"],
        "the column `entries.leaf` is not as it was made",
        POSTGRES,
    ),
    Kind(
        "a constraint is dropped",
        ["ALTER TABLE items DROP CONSTRAINT items_pkey"],
        "PRIMARY KEY (deal, seal)",
        POSTGRES,
    ),
    Kind(
        "a rule is added", ["CREATE RULE r AS ON DELETE TO items DO INSTEAD NOTHING"], "there is a rule `r`", POSTGRES
    ),
    Kind(
        "a row policy is set", ["ALTER TABLE entries ENABLE ROW LEVEL SECURITY"], "the table `entries` is not", POSTGRES
    ),
    Kind(
        "a table elsewhere adds its rows",
        ["CREATE TABLE public.more () INHERITS (entries)"],
        "there is a table `more`",
        POSTGRES,
    ),
    Kind(
        "a function is added",
        ["CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'"],
        "a function `f`",
        POSTGRES,
    ),
    Kind("a table is not logged", ["ALTER TABLE nodes SET UNLOGGED"], "the table `nodes` is not as it was", POSTGRES),
    # values of other types, under the statement that the table was made with
    Kind(
        "a table is not strict",
        _loose("entries", _LOOSE_ENTRIES)[:-3],
        "the table `entries` is not as it was made",
        SQLITE,
    ),
    *(
        Kind(
            f"an entry's {column} is of another type",
            _loose("entries", _LOOSE_ENTRIES, f"UPDATE entries SET {column} = {value} WHERE n = 3"),
            "entry 3: its row holds a value of another type",
            SQLITE,
        )
        for column, value in (
            ("leaf", "2900000000"),
            ("leaf", "CAST(leaf AS TEXT)"),
            ("chain", "1.5"),
            ("deal", "7"),
            ("instant", "'soon'"),
        )
    ),
    Kind(
        "a salt is of another type",
        _loose("items", "deal, seal, salt, sort, text, PRIMARY KEY (deal, seal)", "UPDATE items SET salt = 2900000000"),
        CHANGED,
        SQLITE,
    ),
    Kind(
        "a subtree is of another type",
        _loose(
            "nodes", "level, place, hash, PRIMARY KEY (level, place)", "INSERT INTO nodes VALUES ('x', 1.5, 2900000000)"
        ),
        "cannot be read from here on: it holds a value of another type",
        SQLITE,
    ),
    Kind(
        "an entry is too long to be read",
        [UNCHECKED, "UPDATE entries SET leaf = {long} WHERE n = 3"],
        "too big",
        SQLITE,
    ),
    Kind(
        "an entry is too long to be read, on a server",
        ["ALTER TABLE entries DROP CONSTRAINT entries_leaf_check", "UPDATE entries SET leaf = {long} WHERE n = 3"],
        "holds a value of more than 67,108,864 bytes",
        POSTGRES,
    ),
    Kind(
        "an index does not list an entry",
        [
            "CREATE TABLE kept AS SELECT * FROM sqlite_schema WHERE name = 'entries_by_event'",
            SCHEMA_OPEN,
            "DELETE FROM sqlite_schema WHERE name = 'entries_by_event'",
            "reopen",
            SCHEMA_OPEN,
            "UPDATE entries SET event = 'e99' WHERE n = 3",
            "INSERT INTO sqlite_schema SELECT * FROM kept",
            "DROP TABLE kept",
            "reopen",
        ],
        "the column `event` says `e99`",
        SQLITE,
    ),
    Kind("a page of the file is damaged", [_damaged_page], "cannot be read from here on", SQLITE),
    # the kept checkpoints
    Kind("a checkpoint is cut", [_checkpoint(lambda d: d[: len(d) // 2])], "a line that is no signature", signed=True),
    Kind("a checkpoint is cut in its signature", [_checkpoint(lambda d: d[:-9])], "signature", signed=True),
    Kind("a checkpoint is emptied", [_checkpoint(lambda _: b"")], "it bears no signature", signed=True),
    Kind(
        "a checkpoint says another size",
        [_checkpoint(lambda d: d.replace(b"\n18\n", b"\n17\n"))],
        "its text",
        signed=True,
    ),
    Kind("kept hashes are cut", [_leaves(lambda d: d[:96])], "the hashes in `leaves` beside it", signed=True),
    Kind("kept hashes are emptied", [_leaves(lambda _: b"")], "the hashes in `leaves` beside it", signed=True),
    Kind("the newest checkpoint is taken away", [_older_checkpoint_only], "no checkpoint is over as many", signed=True),
)


def tamper(kind: Kind, url: str, kept: Path) -> None:
    """Do to a store, and to the kept checkpoints, what a kind is about."""
    if all(isinstance(action, str) for action in kind.actions):
        (_on_server if url.startswith("postgresql:") else _in_file)(url, [str(a) for a in kind.actions])
        return
    for action in kind.actions:
        assert not isinstance(action, str)
        action(url, kept)


def _worded(statement: str, dialect: str) -> str:
    """Write a statement as a dialect has it."""
    words = WORDS[dialect]
    for name, word in words.items():
        while f"{{{name}" in statement:
            before, _, rest = statement.partition(f"{{{name}")
            given, _, after = rest.partition("}")
            statement = before + word.format(*given.removeprefix(":").split(":") if given else ()) + after
    return statement


def _in_file(url: str, statements: Sequence[str]) -> None:
    connection = sqlite3.connect(url, isolation_level=None)
    for statement in statements:
        if statement == "reopen":
            connection.close()
            connection = sqlite3.connect(url, isolation_level=None)
        else:
            connection.execute(_worded(statement, "sqlite"))
    connection.close()


def _on_server(url: str, statements: Sequence[str]) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET search_path TO walkaway")
        for statement in statements:
            connection.execute(_worded(statement, "postgresql").encode())
