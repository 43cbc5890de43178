"""A file beside the log: answers that may be asked for again, jobs, drafts. No decision, report or audit reads it."""

import asyncio
import contextlib
import errno
import fcntl
import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from walkaway_edge.files.names import reason
from walkaway_edge.problems import EdgeProblem

_TABLES = """
CREATE TABLE IF NOT EXISTS answers (
  scope BLOB PRIMARY KEY, question BLOB NOT NULL, until INTEGER NOT NULL,
  status INTEGER NOT NULL, headers BLOB NOT NULL, body BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS answers_end ON answers (until);
CREATE TABLE IF NOT EXISTS jobs (
  n INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE NOT NULL, kind TEXT NOT NULL, by TEXT NOT NULL,
  state TEXT NOT NULL, made INTEGER NOT NULL, began INTEGER NOT NULL DEFAULT 0, ended INTEGER NOT NULL DEFAULT 0,
  tries INTEGER NOT NULL DEFAULT 0, question BLOB NOT NULL, outcome BLOB NOT NULL DEFAULT x''
);
CREATE INDEX IF NOT EXISTS jobs_state ON jobs (state, n);
CREATE TABLE IF NOT EXISTS drafts (
  id TEXT PRIMARY KEY, by TEXT NOT NULL, made INTEGER NOT NULL, base TEXT NOT NULL, files BLOB NOT NULL
) WITHOUT ROWID;
"""
_SIZES = "SELECT n, sum(length(outcome)) OVER (ORDER BY n DESC) AS size FROM jobs"
_PATIENCE_S = 5.0

Statement = tuple[str, Sequence[Any]]


class KeptFile:
    """Reads at once, and writes what came together in one transaction; what is written is on disk.

    It is used inside of one event loop, and by one server at a time: another would do the jobs of this one again, and
    answer twice under one key.

    Args:
        path: Made where it is not there, for its user alone (0600); none for what ends with this process.

    Raises:
        EdgeProblem: Where it cannot be used, or another server uses it.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self.waiting: list[tuple[Statement, asyncio.Future[None]]] = []
        self.writing: asyncio.Task[None] | None = None
        self.is_shortened = True
        self.handle = None if path is None else _taken(path)
        try:
            self.connection = self._connected()
            for pragma in ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON"):
                self.connection.execute(f"PRAGMA {pragma}")
            self.connection.executescript(_TABLES)
            # Who reads does not wait for the disk that somebody's writing waits for.
            self.reader = self.connection if path is None else self._connected()
        except sqlite3.Error as problem:
            if self.handle is not None:
                os.close(self.handle)
            raise EdgeProblem(f"{path} cannot be used: {problem}", "name another with --kept") from problem

    def _connected(self) -> sqlite3.Connection:
        return sqlite3.connect(
            ":memory:" if self.path is None else self.path,
            timeout=_PATIENCE_S,
            isolation_level=None,
            check_same_thread=False,
        )

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return what a question finds.

        Raises:
            EdgeProblem: Where it cannot be read.
        """
        try:
            return self.reader.execute(sql, values).fetchall()
        except sqlite3.Error as problem:
            raise EdgeProblem(f"{self.path} cannot be read: {problem}") from problem

    async def write(self, sql: str, *values: Any) -> None:
        """Have a statement done; it is on disk when this returns.

        Raises:
            EdgeProblem: Where it cannot be written; then nothing of it is there.
        """
        done = asyncio.get_running_loop().create_future()
        self.waiting.append(((sql, values), done))
        if self.writing is None or self.writing.done():
            self.writing = asyncio.create_task(self._write_all())
        await done

    async def forget(self, now: int, ended: int, most: int) -> None:
        """Let go of answers that are kept until *now*, and of jobs that ended before *ended*: no byte of them stays.

        Args:
            most: So many bytes of answers of jobs stay; the oldest go first.

        Raises:
            EdgeProblem: Where it cannot be written.
        """
        self.is_shortened = False
        await asyncio.gather(
            self.write("DELETE FROM answers WHERE until <= ?", now),
            self.write("DELETE FROM jobs WHERE ended > 0 AND ended < ?", ended),
            self.write(f"DELETE FROM jobs WHERE ended > 0 AND n IN (SELECT n FROM ({_SIZES}) WHERE size > ?)", most),
        )

    async def _write_all(self) -> None:
        while self.waiting:
            together, self.waiting = self.waiting, []
            try:
                await asyncio.to_thread(self._commit, [statement for statement, _ in together])
            except sqlite3.Error as problem:
                for _, done in together:
                    if not done.done():
                        done.set_exception(EdgeProblem(f"{self.path} cannot be written: {problem}"))
            else:
                for _, done in together:
                    if not done.done():
                        done.set_result(None)

    def _commit(self, statements: Sequence[Statement]) -> None:
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            for sql, values in statements:
                self.connection.execute(sql, values)
            self.connection.execute("COMMIT")
        except BaseException:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
            raise
        if not self.is_shortened:
            self.is_shortened = True
            with contextlib.suppress(sqlite3.Error):  # what was committed is, and the next one takes the rest in
                self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        """Let go of the file."""
        self.reader.close()
        self.connection.close()
        if self.handle is not None:  # before that, SQLite's own locks would go with it
            os.close(self.handle)
            self.handle = None


def _taken(path: Path) -> int:
    """Return a file that is open for this server alone, until it is closed or the process ends.

    Raises:
        EdgeProblem: Where it cannot be opened, or another server has it.
    """
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as problem:
        raise EdgeProblem(f"{path} cannot be opened: {reason(problem)}") from problem
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as problem:
        os.close(handle)
        why = "another server uses it" if problem.errno in (errno.EWOULDBLOCK, errno.EACCES) else reason(problem)
        raise EdgeProblem(f"--kept {path}: {why}", "name another file with --kept, or end that server") from problem
    return handle
