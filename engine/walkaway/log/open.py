"""Open a store by its URL: a file for SQLite, `postgresql://…` for PostgreSQL; the driver is loaded with the first."""

import re
from pathlib import Path

from walkaway.log.problems import StoreProblem
from walkaway.log.store import Store

_POSTGRES = ("postgresql", "postgres")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")

_BESIDE = ("", "-wal", "-shm", "-journal")
"""What SQLite calls the files of one database behind its name."""


def store_files(url: str) -> tuple[Path, ...]:
    """Return the files that a store has, or may have while it is open; none where a server keeps it."""
    scheme = _SCHEME.match(url)
    if not url or (scheme is not None and scheme[1] != "sqlite"):
        return ()
    path = Path(url.removeprefix("sqlite:"))
    return tuple(path.with_name(path.name + behind) for behind in _BESIDE) if path.name else ()


def open_store(url: str, *, writable: bool = False, make: bool = True, sound: bool = True) -> Store:
    """Open the store at *url*.

    Args:
        url: The path of a file, alone or behind `sqlite:`, or a URL as libpq reads it.
        make: Whether a store that is to be written is made where there is none.
        sound: Whether it must be built as a store is; only `verify` reads others, to tell what is wrong with them.

    Raises:
        StoreProblem: Where it cannot be opened.
    """
    scheme = _SCHEME.match(url)
    if scheme is not None and scheme[1] in _POSTGRES:
        try:
            from walkaway.log.postgres import Postgres
        except ImportError as problem:
            what = f"{scheme[1]}:// needs its client: pip install 'walkaway[postgres]'"
            raise StoreProblem(what) from problem
        return Postgres(url, writable=writable, make=make, sound=sound)
    if not url or (scheme is not None and scheme[1] != "sqlite"):  # never repeated: it may hold a password
        kind = f"`{scheme[1]}` is no kind of store" if scheme is not None else "no store is named"
        raise StoreProblem(f"{kind}: give a file, or postgresql://…")
    from walkaway.log.sqlite import Sqlite

    return Sqlite(Path(url.removeprefix("sqlite:")), writable=writable, make=make, sound=sound)
