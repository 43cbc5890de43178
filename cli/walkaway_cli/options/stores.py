"""The option `--store`, and what is asked of the store that it names."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import click

from walkaway import open_store
from walkaway.language.values import shorten
from walkaway.log import store as db
from walkaway.log.open import files_of
from walkaway.log.store import Entry, Store
from walkaway.log.views import named
from walkaway_edge.files.in_use import InUse

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


def keep_apart(url: str, path: Path | None) -> None:
    """Make sure that a file which is to be written is no file of the store.

    Raises:
        EdgeProblem: Where it is.
    """
    if path is not None and str(path) != "-":
        in_use = InUse()
        in_use.keeps(files_of(url))
        in_use.writes(path)


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
