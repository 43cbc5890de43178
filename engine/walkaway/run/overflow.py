"""A temporary database for what does not fit into memory: nameless, on disk, gone with the process."""

import sqlite3
from collections.abc import Iterable

_TABLE = "CREATE TABLE aside (deal TEXT PRIMARY KEY, last INTEGER, data BLOB) WITHOUT ROWID"


class OverflowFile:
    """Deals that were laid aside."""

    def __init__(self) -> None:
        self.connection = sqlite3.connect("", isolation_level=None)
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -32768"):
            self.connection.execute(f"PRAGMA {pragma}")
        self.connection.execute(_TABLE)
        self.connection.execute("BEGIN")  # and never commit: pages are written when memory is short, not before
        self.size = 0

    def put(self, deals: Iterable[tuple[str, int | None, bytes]]) -> None:
        """Lay deals aside: each with the instant of its latest event, none where it is closed."""
        rows = list(deals)
        self.connection.executemany("INSERT OR REPLACE INTO aside VALUES (?, ?, ?)", rows)
        self.size += len(rows)

    def take(self, deal: str) -> bytes | None:
        """Take a deal back; none where it is not here."""
        if not self.size:
            return None
        sql = "DELETE FROM aside WHERE deal = ? RETURNING data"
        row = self.connection.execute(sql, (deal,)).fetchone()
        if row is None:
            return None
        self.size -= 1
        return bytes(row[0])

    def deals(self) -> list[str]:
        """Return the deals that lie here."""
        return [row[0] for row in self.connection.execute("SELECT deal FROM aside")]

    def idle(self, before: int, most: int) -> list[str]:
        """Return open deals whose latest event is older than an instant."""
        sql = "SELECT deal FROM aside WHERE last < ? LIMIT ?"
        return [row[0] for row in self.connection.execute(sql, (before, most))]

    def close(self) -> None:
        """Let go of the file, which removes it."""
        self.connection.close()
