"""The log as a whole: verified with what only this release can read of it, and copied into a store of its form."""

from collections.abc import Callable, Sequence

from walkaway.log import store as db
from walkaway.log.append import place_all
from walkaway.log.checks import check
from walkaway.log.problems import StoreProblem
from walkaway.log.store import Store
from walkaway.log.stored import fits
from walkaway.log.verify import Verified, Witness, verify
from walkaway.log.verify.forms import built

_COPIED = (
    ("entries", "n, deal, event, instant, verdict, chain, leaf", "n"),
    ("nodes", "level, place, hash", "level, place"),
    ("contents", "sha256, data", "sha256"),
    ("policies", "sha256, file, content", "sha256, file"),
    ("items", "deal, seal, salt, sort, text", "deal, seal"),
    ("positions", "deal, n, last, position", "deal"),
    ("places", "name, part, place", "name, part"),
)
_PAGE = 500


class NotUpgraded(Exception):
    """Nothing was copied; the message says why."""


def size_of(store: Store) -> int:
    """Return how many entries a store has, 0 where it is not built as one and nobody should ask it."""
    try:
        check(store, writable=False, sound=True)
        return db.size(store)
    except StoreProblem:
        return 0


def verified(
    store: Store,
    witnesses: Sequence[Witness] = (),
    keys: Sequence[str] = (),
    tell: Callable[[int], None] = lambda _: None,
) -> Verified:
    """Have the second reader verify a log, positions included."""
    return verify(store, witnesses, keys, tell, fits)


def upgrade(
    old: Store,
    new: Store,
    witnesses: Sequence[Witness] = (),
    keys: Sequence[str] = (),
    tell: Callable[[int], None] = lambda _: None,
) -> Verified:
    """Copy a log whose form is an older one, or this one, into an empty store; all of it or nothing.

    The entries stay the bytes they are, so that the tree, its checkpoints and every proof hold as before. Both logs
    are verified, the new one before it is committed.

    Args:
        old: Inside of `reading`.
        tell: Called now and then with the number of entries read or written.

    Raises:
        NotUpgraded: Where the old log is not as it was recorded or signed, or the new store holds something.
    """
    before = verified(old, witnesses, keys, tell)
    if before.findings:
        raise NotUpgraded(f"the log is not as it was: {before.findings[0]}")
    with new.writing():
        if db.size(new) or next(new.rows("SELECT 1 FROM items UNION SELECT 1 FROM places"), None) is not None:
            raise NotUpgraded(f"{new.name} holds a log already")
        there = built(old)
        for table, columns, order in _COPIED:
            if f"table `{table}`" in there:  # logs of the first form may lack those that lie beside the record
                _copy(old, new, table, columns, order, tell)
        place_all(new)
        after = verified(new, witnesses, keys, tell)
        if after.findings or (after.size, after.root) != (before.size, before.root):
            what = after.findings[0] if after.findings else "its root is another one"
            raise NotUpgraded(f"the copy is not what was copied: {what}")
    return after


def _copy(old: Store, new: Store, table: str, columns: str, order: str, tell: Callable[[int], None]) -> None:
    """Copy a table, a page at a time."""
    places = ", ".join("?" * len(columns.split(", ")))
    keys = order.split(", ")
    names = columns.split(", ")
    where = ""
    last: tuple[object, ...] = ()
    count = 0
    while True:
        asked = f"SELECT {columns} FROM {table} {where} ORDER BY {order} LIMIT {_PAGE}"
        page = list(old.rows(asked, *last))
        new.change(f"INSERT INTO {table} ({columns}) VALUES ({places})", page)
        count += len(page)
        tell(count)
        if len(page) < _PAGE:
            return
        last = tuple(page[-1][names.index(key)] for key in keys)
        where = f"WHERE ({order}) > ({', '.join('?' * len(keys))})"
