"""The store as an SQLite file: private to its user, write-ahead log, every commit on disk before it returns."""

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from walkaway.log.problems import StoreProblem
from walkaway.log.store import LIVE_SCHEMA, SCHEMA, SCHEMA_VERSION, Row

_WAIT_S = 60.0
_TYPES = {"key": "INTEGER PRIMARY KEY", "big": "INTEGER", "bytes": "BLOB"}


class Sqlite:
    """One connection to a store in a file.

    Args:
        writable: Whether it is written to; otherwise nothing in it is changed, and it may lie where nothing can be.
        make: Whether the file is made where there is none.

    Raises:
        StoreProblem: Where it cannot be opened, or is something else.
    """

    def __init__(self, path: Path, *, writable: bool = False, make: bool = True) -> None:
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
            self.connection = sqlite3.connect(place, timeout=_WAIT_S, isolation_level=None, uri=True)
        except (OSError, ValueError, sqlite3.Error) as problem:
            raise StoreProblem(f"{self.name} cannot be opened: {_reason(problem)}") from problem
        try:
            self._prepare(writable, writable and make)
        except BaseException:
            self.connection.close()
            raise

    def _prepare(self, writable: bool, make: bool) -> None:
        if self._tables() or not make:
            self._check()  # before anything is changed: this may be somebody else's database
        if not writable:
            self._execute("PRAGMA query_only = ON")
            return
        self._execute("PRAGMA journal_mode = WAL")
        self._execute("PRAGMA synchronous = FULL")
        self._execute("PRAGMA secure_delete = ON")
        with self.writing():
            if not self._tables():
                for statement in SCHEMA:
                    self._execute(statement.format(**_TYPES))
                self._execute("INSERT INTO meta VALUES ('schema', ?)", SCHEMA_VERSION)
            for statement in LIVE_SCHEMA:
                self._execute(statement.format(**_TYPES))
        self._check()

    def _check(self) -> None:
        """See to it that this is a store, of a form that this release reads."""
        if "entries" not in self._tables():
            raise StoreProblem(f"{self.name} is no store of decisions")
        (version,) = self._execute("SELECT value FROM meta WHERE name = 'schema'").fetchone() or (None,)
        if version != SCHEMA_VERSION:
            raise StoreProblem(f"{self.name} has tables of form {version}; this release reads form {SCHEMA_VERSION}")

    def _tables(self) -> set[str]:
        return {row[0] for row in self._execute("SELECT name FROM sqlite_master WHERE type = 'table'")}

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
        return self._transaction("BEGIN IMMEDIATE")

    def reading(self) -> AbstractContextManager[None]:
        """See one state of the log, whatever is appended meanwhile."""
        return self._transaction("BEGIN")

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[None]:
        self._execute(begin)
        try:
            yield
            self._execute("COMMIT")
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
