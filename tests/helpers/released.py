"""A log as a release wrote it, kept as text: a line for each row, hashes in hexadecimal, and the checkpoint it signed.

    python -m tests.helpers.released

makes it anew. That is done once for each release, when it is made, and never for one that is out.
"""

import json
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.helpers.logs import counted_salts, deal, lines_of, make_policy

from walkaway import Core
from walkaway.log import store as db
from walkaway.log.erasing import erase, texts_of_event
from walkaway.log.notes import Checkpoint, SigningKey, sign_note
from walkaway.log.record import RELEASE, Recorder
from walkaway.log.sqlite import Sqlite
from walkaway.log.store import Store

FOLDER = Path(__file__).parents[1] / "engine" / "log" / "released"
KEY = SigningKey("example.com/deals", bytes(range(32)))
FORM_1 = (
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    """CREATE TABLE entries (n INTEGER PRIMARY KEY, deal TEXT, event TEXT, instant INTEGER, verdict TEXT,
        chain BLOB NOT NULL, leaf BLOB NOT NULL)""",
    "CREATE UNIQUE INDEX entries_by_event ON entries (deal, event)",
    "CREATE TABLE nodes (level INTEGER, place INTEGER, hash BLOB NOT NULL, PRIMARY KEY (level, place))",
    "CREATE TABLE policies (sha256 TEXT, file TEXT, content TEXT NOT NULL, PRIMARY KEY (sha256, file))",
    "CREATE TABLE contents (sha256 TEXT PRIMARY KEY, data BLOB NOT NULL)",
    """CREATE TABLE items (deal TEXT, seal TEXT, salt BLOB NOT NULL, sort TEXT NOT NULL, text BLOB NOT NULL,
        PRIMARY KEY (deal, seal))""",
)
"""The tables as 0.1.0 made them."""
TABLES = ("meta", "entries", "nodes", "policies", "contents", "items")
_TEXT = {"leaf", "data", "text"}
"""Columns of bytes that are UTF-8; the others of bytes are hashes and salts."""


REFUSED = FOLDER / "refused" / "0.1.0.jsonl"
"""A log that 0.1.0 wrote of a discount that it refused, and let through when it was said again."""


def load(release: str, path: Path) -> str:
    """Make the store that a release left behind; give its checkpoint."""
    fill(FOLDER / f"{release}.jsonl", path)
    return (FOLDER / f"{release}.checkpoint").read_text(encoding="utf-8")


def fill(file: Path, path: Path) -> None:
    """Make a store of the rows that a file tells."""
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in FORM_1:
            connection.execute(statement)
        for line in file.read_text(encoding="utf-8").splitlines():
            (table, row), *_ = json.loads(line).items()
            values = [_bytes(*cell) for cell in row.items()]
            places = ", ".join("?" * len(values))
            connection.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})", values)


def _bytes(column: str, value: Any) -> Any:
    if column in _TEXT:
        return value.encode()
    return bytes.fromhex(value[2:]) if isinstance(value, str) and value.startswith("0x") else value


def _text(column: str, value: Any) -> Any:
    if not isinstance(value, bytes):
        return value
    return value.decode() if column in _TEXT else f"0x{value.hex()}"


def dump(store: Store) -> str:
    """Return every row of a store."""
    lines = []
    for table in TABLES:
        columns = [row[0] for row in store.rows("SELECT name FROM pragma_table_info(?)", table)]
        for row in store.rows(f"SELECT {', '.join(columns)} FROM {table}"):
            cells = {c: _text(c, v) for c, v in zip(columns, row, strict=True)}
            lines.append(json.dumps({table: cells}, ensure_ascii=False) + "\n")
    return "".join(lines)


def make() -> None:
    """Record a deal in which everything happens, sign the log, and erase a note."""
    with tempfile.TemporaryDirectory() as folder, closing(Sqlite(Path(folder) / "log.db", writable=True)) as store:
        Recorder(store, make_policy(), counted_salts(), Core.PLAIN).record(lines_of(deal()))
        signed = Checkpoint(KEY.name, db.size(store), db.tree(store).root(db.size(store)))
        salts = counted_salts(10**6)
        erase(store, lambda: texts_of_event(store, "D-1", "e3"), "2026-11-01T00:00:00Z", "dpo", "asked", salts, RELEASE)
        FOLDER.mkdir(exist_ok=True)
        (FOLDER / f"{RELEASE}.jsonl").write_text(dump(store), encoding="utf-8")
        (FOLDER / f"{RELEASE}.checkpoint").write_text(sign_note(signed.text, [KEY]), encoding="utf-8")


if __name__ == "__main__":
    make()
