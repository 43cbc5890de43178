"""The option `--store`, and opening what it names: a file for SQLite, a URL for PostgreSQL."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import click

from walkaway.log.sqlite import Sqlite
from walkaway.log.store import Entry, Store
from walkaway.log.views import named

DEFAULT = "walkaway.db"

store_option = click.option(
    "--store",
    "-s",
    "url",
    default=DEFAULT,
    show_default=True,
    metavar="URL",
    help="The log: an SQLite file, or postgresql://….",
)


@contextmanager
def opened(url: str, *, writable: bool = False) -> Iterator[Store]:
    """Open the store at *url*; a file that is to be written is made where there is none.

    Raises:
        StoreProblem: Where it cannot be opened.
    """
    store: Store
    if url.startswith(("postgresql://", "postgres://")):
        from walkaway.log.postgres import Postgres

        store = Postgres(url, writable=writable)
    else:
        store = Sqlite(Path(url.removeprefix("sqlite:")), writable=writable)
    with closing(store):
        yield store


def entry_named(store: Store, text: str) -> Entry:
    """Give the one entry that *text* names: its number, or DEAL/EVENT.

    Raises:
        UsageError: Where there is none, or more than one.
    """
    found = named(store, text)
    if not found:
        raise click.UsageError(f"the log has no decision {text!r}: give an entry's number, or DEAL/EVENT")
    if len(found) > 1:
        numbers = ", ".join(str(e.n) for e in found)
        raise click.UsageError(f"{text!r} may name each of entries {numbers}: give the number")
    return found[0]
