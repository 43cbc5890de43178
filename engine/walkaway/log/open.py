"""Open a store by its URL: a file for SQLite, or postgresql://… for PostgreSQL."""

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from walkaway.log.problems import StoreProblem
from walkaway.log.store import Store

_POSTGRES = ("postgresql", "postgres")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_BESIDE = ("", "-wal", "-shm", "-journal")
"""What SQLite calls the files of one database behind its name."""


def files_of(url: str) -> tuple[Path, ...]:
    """Return the files that a store has, or may have while it is open; none where a server keeps it."""
    scheme = _SCHEME.match(url)
    if not url or (scheme is not None and scheme[1] != "sqlite"):
        return ()
    path = Path(url.removeprefix("sqlite:"))
    return tuple(path.with_name(path.name + behind) for behind in _BESIDE) if path.name else ()


@contextmanager
def opened(url: str, *, writable: bool = False, make: bool = True) -> Iterator[Store]:
    """Open the store at *url*; one that is to be written is made where there is none, unless *make* is false.

    Raises:
        StoreProblem: Where it cannot be opened, or what opens it is not installed.
    """
    with closing(_store(url, writable=writable, make=make)) as store:
        yield store


def _store(url: str, *, writable: bool, make: bool) -> Store:
    scheme = _SCHEME.match(url)
    if scheme is not None and scheme[1] in _POSTGRES:
        try:
            from walkaway.log.postgres import Postgres
        except ImportError as problem:
            what = f"{scheme[1]}:// needs its client: pip install 'walkaway[postgres]'"
            raise StoreProblem(what) from problem
        return Postgres(url, writable=writable, make=make)
    if not url or (scheme is not None and scheme[1] != "sqlite"):  # never repeated: it may hold a password
        kind = f"`{scheme[1]}` is no kind of store" if scheme is not None else "--store is empty"
        raise StoreProblem(f"{kind}: give a file, or postgresql://…")
    from walkaway.log.sqlite import Sqlite

    return Sqlite(Path(url.removeprefix("sqlite:")), writable=writable, make=make)
