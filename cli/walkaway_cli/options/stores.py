"""The option `--store`, and opening what it names: a file for SQLite, a URL for PostgreSQL."""

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import click

from walkaway.language.values import shorten
from walkaway.log import store as db
from walkaway.log.problems import StoreProblem
from walkaway.log.sqlite import Sqlite
from walkaway.log.store import Entry, Store
from walkaway.log.views import named

DEFAULT = "walkaway.db"
_POSTGRES = ("postgresql", "postgres")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")

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
def opened(url: str, *, writable: bool = False, make: bool = True) -> Iterator[Store]:
    """Open the store at *url*; one that is to be written is made where there is none, unless *make* is false.

    Raises:
        StoreProblem: Where it cannot be opened.
    """
    store: Store
    scheme = _SCHEME.match(url)
    if scheme is not None and scheme[1] in _POSTGRES:
        from walkaway.log.postgres import Postgres

        store = Postgres(url, writable=writable, make=make)
    elif not url or (scheme is not None and scheme[1] != "sqlite"):  # never repeated: it may hold a password
        kind = f"`{scheme[1]}` is no kind of store" if scheme is not None else "--store is empty"
        raise StoreProblem(f"{kind}: give a file, or postgresql://…")
    else:
        store = Sqlite(Path(url.removeprefix("sqlite:")), writable=writable, make=make)
    with closing(store):
        yield store


def want_deal(store: Store, deal: str | None) -> None:
    """Make sure that the log has the deal that a question names, where it names one.

    Raises:
        UsageError: Where it has none; an empty answer would pass for one about the deal.
    """
    if deal is not None and not db.has_deal(store, deal):
        raise click.UsageError(f"the log has no deal `{shorten(deal)}`")


def entry_named(store: Store, text: str) -> Entry:
    """Return the one entry that *text* names: its number, or DEAL/EVENT.

    Raises:
        UsageError: Where there is none, or more than one.
    """
    found = named(store, text)
    if not found:
        raise click.UsageError(f"the log has no decision {shorten(text)!r}: give an entry's number, or DEAL/EVENT")
    if len(found) > 1:
        numbers = ", ".join(str(e.n) for e in found)
        raise click.UsageError(f"{shorten(text)!r} may name each of entries {numbers}: give the number")
    return found[0]
