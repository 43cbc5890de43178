"""The option `--store`, and opening what it names: a file for SQLite, a URL for PostgreSQL."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

import click

from walkaway import open_store
from walkaway.language.values import shorten
from walkaway.log import store as db
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
def opened(url: str, *, writable: bool = False, make: bool = True) -> Iterator[Store]:
    """Open the store at *url*; one that is to be written is made where there is none, unless *make* is false.

    Raises:
        StoreProblem: Where it cannot be opened.
    """
    with closing(open_store(url, writable=writable, make=make)) as store:
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
