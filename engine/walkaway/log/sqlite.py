"""The store as an SQLite file: private to its user, write-ahead log, every commit on disk before it returns."""

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from walkaway.log.checks import check
from walkaway.log.problems import StoreProblem
from walkaway.log.schema import FORM, SCHEMA
from walkaway.log.store import Row
from walkaway.log.verify.forms import LONGEST, built

_WAIT_S = 60.0
_SERIALIZED = 3
"""SQLite lets threads use one connection, each waiting for the other's statement to end (PEP 249)."""
_TYPES = {"key": "INTEGER PRIMARY KEY", "big": "INTEGER", "bytes": "BLOB", "length": "length", "strict": " STRICT"}
_OVERHEAD = 1024 * 1024
"""A row may be so much longer than the longest value in it."""


class Sqlite:
    """One connection to a store in a file.

    Args:
        writable: Whether it is written to; otherwise nothing in it is changed, and it may lie where nothing can be.
        make: Whether the file is made where there is none.
        sound: Whether it must be built as a store is; only `verify` reads others, to tell what is wrong with them.

    Raises:
        StoreProblem: Where it cannot be opened, or is something else.
    """

    dialect = "sqlite"
    is_shared = sqlite3.threadsafety == _SERIALIZED

    def __init__(self, path: Path, *, writable: bool = False, make: bool = True, sound: bool = True) -> None:
        self.name = str(path)
        try:
            whole = path.absolute()
            if whole.exists() and not whole.is_file():
                raise StoreProblem(f"{self.name} is no file, and so no store")
            if writable and make:
                _create(whole)
            elif not whole.is_file():
                raise StoreProblem(f"{self.name}: there is no such store")
            place = whole.as_uri() + ("?immutable=1" if not writable and _is_fixed(whole) else "")
            self.connection = sqlite3.connect(
                place, timeout=_WAIT_S, isolation_level=None, uri=True, check_same_thread=not self.is_shared
            )
        except (OSError, ValueError, sqlite3.Error) as problem:
            raise StoreProblem(f"{self.name} cannot be opened: {_reason(problem)}") from problem
        try:
            self._prepare(writable, writable and make, sound)
        except BaseException:
            self.connection.close()
            raise

    def _prepare(self, writable: bool, make: bool, sound: bool) -> None:
        self.connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST + _OVERHEAD)  # refused by length, never read
        self._execute("PRAGMA trusted_schema = OFF")
        if built(self) or not make:
            check(self, writable=writable, sound=sound)  # before anything is changed: this may be somebody else's
        if not writable:
            self._execute("PRAGMA query_only = ON")
            return
        self._execute("PRAGMA journal_mode = WAL")
        self._execute("PRAGMA synchronous = FULL")
        self._execute("PRAGMA secure_delete = ON")
        with self.writing():
            if not built(self):
                for statement in SCHEMA:
                    self._execute(statement.format(**_TYPES))
                self._execute("INSERT INTO meta VALUES ('schema', ?)", FORM)
        check(self, writable=True, sound=sound)

    def _execute(self, sql: str, *values: object) -> sqlite3.Cursor:
        try:
            return self.connection.execute(sql, values)
        except (sqlite3.Error, OverflowError, UnicodeError) as problem:
            raise StoreProblem(f"{self.name}: {_reason(problem)}") from problem

    def rows(self, sql: str, *values: object) -> Iterator[Row]:
        """Return the rows of a question."""
        try:
            return iter(self._execute(sql, *values).fetchall())
        except sqlite3.Error as problem:
            raise StoreProblem(f"{self.name}: {_reason(problem)}") from problem

    def change(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Execute a statement once for each row."""
        try:
            self.connection.executemany(sql, rows)
        except (sqlite3.Error, OverflowError, UnicodeError) as problem:
            raise StoreProblem(f"{self.name}: {_reason(problem)}") from problem

    def writing(self) -> AbstractContextManager[None]:
        """Hold the writer's place for one transaction."""
        return self._transaction("BEGIN IMMEDIATE", "COMMIT")

    def reading(self) -> AbstractContextManager[None]:
        """See one state of the log, whatever is appended meanwhile."""
        return self._transaction("BEGIN", "ROLLBACK")

    @contextmanager
    def _transaction(self, begin: str, end: str) -> Iterator[None]:
        self._execute(begin)
        try:
            yield
            if end == "COMMIT" or self.connection.in_transaction:  # a file that is damaged may have ended the reading
                self._execute(end)
        except BaseException:
            if self.connection.in_transaction:
                self._execute("ROLLBACK")
            raise

    def scrub(self) -> None:
        """Take the write-ahead log into the file, whose freed pages `secure_delete` has overwritten."""
        self._execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        """Let go of the file."""
        self.connection.close()


def _create(path: Path) -> None:
    """Make an empty file that only its user can read, unless there is one; its name is on disk when this returns."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        if not path.stat().st_size:  # somebody made it for us, who may not have thought of others
            path.chmod(0o600)
        return
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _is_fixed(path: Path) -> bool:
    """Return whether a store lies where nothing can be written, as on a disc, and is whole without its log."""
    log = path.with_name(f"{path.name}-wal")
    can_change = os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
    return not can_change and not (log.exists() and log.stat().st_size)


def _reason(problem: Exception) -> str:
    if isinstance(problem, OSError):
        return (problem.strerror or "it cannot be reached").lower()
    return str(problem)
