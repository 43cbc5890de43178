"""The option `--store`, and what is asked of the store that it names."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

import click

from walkaway import StoreProblem, log, open_store
from walkaway.language import counted, shorten
from walkaway.log import LogEntry, Store, Verified, Witness, folder_of, named, store_files, verified
from walkaway_cli.options.held import held_options as held_options
from walkaway_cli.progress import progress
from walkaway_cli.render.remarks import remark
from walkaway_edge.files.in_use import InUse
from walkaway_edge.files.keeps import read_text, verifier_key
from walkaway_edge.files.names import reason

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


class KeptCheckpoints(NamedTuple):
    """The checkpoints that a log is held against, and the verifier keys whose signatures on them count."""

    witnesses: Sequence[Witness]
    keys: Sequence[str]


def kept(places: Sequence[Path], keys: Sequence[str]) -> KeptCheckpoints:
    """Read checkpoints and keys.

    Raises:
        UsageError: Where there is one without the other, or no checkpoint at the place given.
    """
    if bool(places) != bool(keys):
        raise click.UsageError("--checkpoint and --key go together: a checkpoint counts by its signature")
    witnesses = [w for place in places for w in _witnesses(place)]
    if places and not witnesses:
        raise click.UsageError("there is no checkpoint at the place given")
    return KeptCheckpoints(witnesses, [str(verifier_key(k)) for k in keys])


def _witnesses(place: Path) -> list[Witness]:
    if not place.is_dir():
        return [Witness(str(place), read_text(place))]
    try:
        files = [(str(f) if f.suffix else f.name, f.read_bytes()) for f in sorted(place.iterdir()) if f.is_file()]
    except OSError as problem:
        raise click.UsageError(f"{place} cannot be read: {reason(problem)}") from problem
    return folder_of(files)


NOT_HELD = "not held against a checkpoint: give --checkpoint and --key, or ask `walkaway log verify`"


def hold(store: Store, places: Sequence[Path] = (), keys: Sequence[str] = ()) -> None:
    """Hold a log against checkpoints before anything is answered from it; say in one line how much of it was.

    Raises:
        StoreProblem: Where it is not what was recorded or signed.
    """
    against = kept(places, keys)
    size = log.size(store)
    if not size and not against.witnesses:
        return
    if not against.witnesses:
        remark(NOT_HELD)
        return
    with progress("verifying", size) as tell:
        found = verified(store, against.witnesses, against.keys, tell)
    refuse(store, found)
    most = max(found.held)
    rest = "" if found.size == most else f"; {found.size - most:,} came later, and are not held against one"
    remark(f"held against a checkpoint over {counted(most, 'entry')}{rest}")


def check_whole(store: Store) -> None:
    """Verify a log by itself before it is signed: nothing is signed that does not hold.

    Raises:
        StoreProblem: Where it is not what was recorded.
    """
    with progress("verifying", log.size(store)) as tell:
        refuse(store, verified(store, tell=tell))


def refuse(store: Store, found: Verified) -> None:
    """Refuse to go on with a log in which something was found.

    Raises:
        StoreProblem: Where something was.
    """
    if found.findings:
        raise StoreProblem(f"{store.name}: {found.findings[0]}; `walkaway log verify` tells all")


@contextmanager
def consulted(url: str, places: Sequence[Path] = (), keys: Sequence[str] = ()) -> Iterator[Store]:
    """Open the store at *url* for an answer from one state of it, and hold that against checkpoints.

    Raises:
        StoreProblem: Where it cannot be opened, or is not what was recorded or signed.
    """
    with opened(url) as store, store.reading():
        hold(store, places, keys)
        yield store


@contextmanager
def opened(url: str, *, writable: bool = False, make: bool = True, sound: bool = True) -> Iterator[Store]:
    """Open the store at *url*; one that is to be written is made where there is none, unless *make* is false.

    Args:
        sound: Whether it must be built as a store is.

    Raises:
        StoreProblem: Where it cannot be opened.
    """
    with closing(open_store(url, writable=writable, make=make, sound=sound)) as store:
        yield store


def keep_apart(url: str, path: Path | None) -> None:
    """Make sure that a file which is to be written is no file of the store.

    Raises:
        EdgeProblem: Where it is.
    """
    if path is not None and str(path) != "-":
        in_use = InUse()
        in_use.keeps(store_files(url))
        in_use.writes(path)


def want_deal(store: Store, deal: str | None) -> None:
    """Make sure that the log has the deal that a question names, where it names one.

    Raises:
        UsageError: Where it has none; an empty answer would pass for one about the deal.
    """
    if deal is not None and not log.has_deal(store, deal):
        raise click.UsageError(f"the log has no deal `{shorten(deal)}`")


def entry_named(store: Store, text: str) -> LogEntry:
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
