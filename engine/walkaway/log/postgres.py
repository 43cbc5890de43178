"""The store in a PostgreSQL database, in a schema of its own: one writer at a time, every commit on disk."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from walkaway.log.checks import check
from walkaway.log.problems import StoreProblem
from walkaway.log.schema import FORM, SCHEMA
from walkaway.log.store import Row
from walkaway.log.verify.forms import built

_TYPES = {"key": "BIGINT PRIMARY KEY", "big": "BIGINT", "bytes": "BYTEA", "length": "octet_length", "strict": ""}
_PREPARING = 7_140_321_002
"""The advisory lock that keeps two writers from making the tables at once."""


class Postgres:
    """One connection to a store in a database.

    Args:
        url: As libpq reads it; messages never repeat its password.
        writable: Whether it is written to.
        make: Whether the tables are made where there are none.
        sound: Whether it must be built as a store is; only `verify` reads others, to tell what is wrong with them.

    Raises:
        StoreProblem: Where it cannot be reached, is something else, or does not keep what it commits.
    """

    dialect = "postgresql"
    is_shared = False

    def __init__(self, url: str, *, writable: bool = False, make: bool = True, sound: bool = True) -> None:
        parts = _parts(url)
        self.name = f"postgresql://{parts.get('host', '')}/{parts.get('dbname', '')}"
        try:
            self.connection = psycopg.connect(url, autocommit=True, connect_timeout=20, prepare_threshold=2)
        except (psycopg.Error, UnicodeError, ValueError) as problem:
            reason = _reason(problem)
            if parts.get("password"):
                reason = reason.replace(parts["password"], "…")
            raise StoreProblem(f"{self.name} cannot be opened: {reason}") from None
        try:
            self._prepare(writable, make, sound)
        except BaseException:
            self.connection.close()
            raise

    def _prepare(self, writable: bool, make: bool, sound: bool) -> None:
        self._execute("SET search_path TO walkaway")
        self._execute("SET client_encoding TO 'UTF8'")
        if writable:
            self._check_durable()
        if writable and make:
            with self._transaction():
                self._execute("SELECT pg_advisory_xact_lock(?)", _PREPARING)
                if not built(self):
                    self._execute("CREATE SCHEMA IF NOT EXISTS walkaway")
                    for statement in SCHEMA:
                        self._execute(statement.format(**_TYPES))
                    self._execute("INSERT INTO meta VALUES ('schema', ?)", FORM)
        check(self, writable=writable, sound=sound)

    def _check_durable(self) -> None:
        """See to it that a commit which returns is on disk."""
        if next(self.rows("SHOW fsync"))[0] != "on":
            raise StoreProblem(f"{self.name} runs with fsync off: it would lose what it has acknowledged")
        if next(self.rows("SHOW synchronous_commit"))[0] == "off":
            self._execute("SET synchronous_commit TO on")

    def _execute(self, sql: str, *values: object) -> psycopg.Cursor[Row]:
        try:
            return self.connection.execute(_numbered(sql), values)
        except (psycopg.Error, UnicodeError) as problem:
            raise StoreProblem(f"{self.name}: {_reason(problem)}") from problem

    def rows(self, sql: str, *values: object) -> Iterator[Row]:
        """Return the rows of a question."""
        return iter(self._execute(sql, *values).fetchall())

    def change(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Execute a statement once for each row."""
        try:
            with self.connection.cursor() as cursor:
                cursor.executemany(_numbered(sql), rows)
        except (psycopg.Error, UnicodeError) as problem:
            raise StoreProblem(f"{self.name}: {_reason(problem)}") from problem

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the writer's place for one transaction: others may read meanwhile, none may write."""
        with self._transaction():
            self._execute("LOCK TABLE entries IN EXCLUSIVE MODE")
            yield

    @contextmanager
    def reading(self) -> Iterator[None]:
        """See one state of the log, whatever is appended meanwhile."""
        with self._transaction():
            self._execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        try:
            with self.connection.transaction():
                yield
        except psycopg.Error as problem:
            raise StoreProblem(f"{self.name}: {_reason(problem)}") from problem

    def scrub(self) -> None:
        """Take deleted texts out of the table's files."""
        self._execute("VACUUM FULL items")

    def close(self) -> None:
        """Let go of the connection."""
        self.connection.close()


def _parts(url: str) -> dict[str, Any]:
    """Take a URL apart.

    Raises:
        StoreProblem: Where it cannot be read; the message repeats nothing of it, since it may hold a password.
    """
    host, _, rest = url.partition("://")[2].partition("/")
    if host.count("@") > 1 or "@" in rest:
        raise StoreProblem("the PostgreSQL URL has an `@` too many: in a password write it %40, and `/` %2F, `:` %3A")
    try:
        return conninfo_to_dict(url)
    except (psycopg.Error, UnicodeError, ValueError) as problem:
        what = _reason(problem).partition('"')[0].rstrip(": ")
        raise StoreProblem(f"the PostgreSQL URL cannot be read: {what}") from None


def _numbered(sql: str) -> bytes:
    """Write the places of values as the driver wants them; no statement of ours holds either sign otherwise."""
    return sql.replace("?", "%s").encode()


def _reason(problem: Exception) -> str:
    text = str(problem).strip().splitlines()
    return text[0] if text else type(problem).__name__
