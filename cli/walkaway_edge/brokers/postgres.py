"""A PostgreSQL table: `postgresql://…?table=NAME`; `key=` (`id`) numbers its rows, `column=` (`data`) holds lines.

A sequence gives numbers before their rows are committed, so a row may appear behind one with a larger number. What is
read ends at the largest number seen, once all transactions that were writing to the table then have ended: each of them
took its numbers before that, and each later one takes larger ones.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any

import psycopg
from psycopg import sql

from walkaway.deal.lines import Line
from walkaway.run.ports import Batch, Message, Offsets
from walkaway_edge.brokers.address import address, broken
from walkaway_edge.files.lines import PlacedLines

_POLL_S = 0.02
_WRITERS = """SELECT virtualtransaction FROM pg_locks
    WHERE locktype = 'relation' AND relation = %s::regclass AND granted AND mode = 'RowExclusiveLock'
    AND pid != pg_backend_pid()"""


class _MessageTable:
    """A table and its connection."""

    def __init__(self, text: str) -> None:
        where = address(text, "table", "key", "column")
        self.name = where.name
        self.table = sql.Identifier(*where.need("table").split("."))
        self.key = sql.Identifier(where.ours.get("key", "id"))
        self.column = sql.Identifier(where.ours.get("column", "data"))
        try:
            self.connection = psycopg.connect(where.url, autocommit=True, connect_timeout=20)
        except (psycopg.Error, UnicodeError) as problem:
            raise broken(self.name, problem) from problem

    def rows(self, text: str, *values: object) -> list[Any]:
        """Return the rows of a question, in which {table}, {key} and {column} stand for their names."""
        try:
            return self.connection.execute(self.filled(text), values).fetchall()
        except psycopg.Error as problem:
            raise broken(self.name, problem) from problem

    def filled(self, text: str) -> sql.Composed:
        return sql.SQL(text).format(table=self.table, key=self.key, column=self.column)

    def last(self) -> int:
        """Return the largest number of a row."""
        return int(self.rows("SELECT coalesce(max({key}), 0) FROM {table}")[0][0])

    def close(self) -> None:
        """Disconnect."""
        self.connection.close()


class PostgresSource(_MessageTable):
    """The table's rows, by their numbers."""

    def __init__(self, text: str, *, follow: bool, warn: Callable[[str], None]) -> None:
        super().__init__(text)
        self.follow = follow
        self.complete = 0
        self.awaited: tuple[int, set[str]] | None = None

    def read(self, after: Offsets, most: int, wait_s: float) -> Batch:
        """Return the rows after a number."""
        last = int(after.get("", b"0"))
        end = time.monotonic() + wait_s
        while True:
            is_known = self.look(last)
            if last < self.complete:
                asked = (
                    "SELECT {key}, {column}::text FROM {table} WHERE {key} > %s AND {key} <= %s ORDER BY {key} LIMIT %s"
                )
                rows = self.rows(asked, last, self.complete, most)
                if rows:
                    lines = [Line((data or "").encode(), f"{self.name} {key}", 1) for key, data in rows]
                    return PlacedLines(lines, [("", b"%d" % key) for key, _ in rows])
                last = self.complete
            if is_known and not self.follow:
                return PlacedLines(is_last=True)
            if time.monotonic() >= end:
                return PlacedLines()
            time.sleep(_POLL_S)

    def look(self, last: int) -> bool:
        """Find out up to which number nothing can appear any more; tell whether that is all there is."""
        if last < self.complete:
            return False
        if self.awaited is None:
            self.awaited = (self.last(), self.writers())
        number, writers = self.awaited
        if writers and writers & self.writers():
            return False
        self.complete, self.awaited = max(self.complete, number), None
        return True

    def writers(self) -> set[str]:
        """Return the transactions that are writing to the table."""
        return {row[0] for row in self.rows(_WRITERS, self.table.as_string(self.connection))}


class PostgresSink(_MessageTable):
    """The table gets a row for each message."""

    def end(self) -> bytes:
        """Return the largest number of a row."""
        return b"%d" % self.last()

    def after(self, end: bytes) -> Sequence[bytes]:
        """Return what the rows behind a number hold."""
        rows = self.rows("SELECT {column}::text FROM {table} WHERE {key} > %s ORDER BY {key}", int(end))
        return [(row[0] or "").encode() for row in rows]

    def write(self, messages: Sequence[Message]) -> None:
        """Insert rows in one transaction."""
        try:
            with self.connection.transaction(), self.connection.cursor() as cursor:
                rows = [(m.data.decode("utf-8", "replace"),) for m in messages]
                cursor.executemany(self.filled("INSERT INTO {table} ({column}) VALUES (%s)"), rows)
        except psycopg.Error as problem:
            raise broken(self.name, problem) from problem
