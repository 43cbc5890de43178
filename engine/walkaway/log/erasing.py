"""Crypto-shredding of personal texts: text and salt are deleted, the seals stay, and an entry records the erasure."""

from collections.abc import Callable, Sequence

from walkaway.log import store as db
from walkaway.log.append import Appender
from walkaway.log.leaves import erasure_entry
from walkaway.log.seal import SEAL, SealedText, Sort, sealed
from walkaway.log.store import Store


class NothingToErase(Exception):
    """Nothing is left to erase of what was asked for."""


def texts_of_deal(store: Store, deal: str) -> list[tuple[str, SealedText]]:
    """Return every personal text of a deal."""
    return [(deal, item) for item in db.items(store, deal).values()]


def texts_of_event(store: Store, deal: str, event: str) -> list[tuple[str, SealedText]]:
    """Return personal texts of an event; a quantity takes with it the reasoning of the whole deal, which shows it."""
    entry = db.of_event(store, deal, event)
    if entry is None:
        return []
    seals = {seal.decode() for seal in SEAL.findall(entry.leaf)}
    items = db.items(store, deal)
    has_quantity = any(items[s].sort is Sort.QUANTITY for s in seals if s in items)
    return [(deal, i) for i in items.values() if i.seal in seals or (has_quantity and i.sort is Sort.DECISION)]


def texts_of_person(store: Store, name: str) -> list[tuple[str, SealedText]]:
    """Return a person's name wherever it stands as an actor or an approver; free texts may still speak of them."""
    return [(deal, i) for deal, i in db.all_items(store) if i.sort is Sort.NAME and i.text == name]


def erase(
    store: Store,
    choose: Callable[[], Sequence[tuple[str, SealedText]]],
    at: str,
    by: str,
    reason: str,
    salt: Callable[[], bytes],
    release: str,
) -> tuple[int, int]:
    """Erase the texts that *choose* returns and record it; return the entry's number, and how many texts were erased.

    Args:
        at: The instant as RFC 3339.
        by: Who does it: a name, sealed like any other.

    Raises:
        NothingToErase: Where there is no text.
    """
    with store.writing():
        gone = choose()
        if not gone:
            raise NothingToErase("there is no personal text to erase: none was recorded, or it is erased already")
        appender = Appender(store)
        told = [sealed(by, salt(), Sort.NAME), sealed(reason, salt(), Sort.TEXT)]
        content = {
            "at": at,
            "by": told[0].seal,
            "reason": told[1].seal,
            "seals": sorted(item.seal for _, item in gone),
        }
        number = appender.add(None, None, None, None, erasure_entry(content, release))
        appender.items += [("", item) for item in told]
        appender.write()
        db.remove_items(store, [(deal, item.seal) for deal, item in gone])
    store.scrub()
    return number, len(gone)
