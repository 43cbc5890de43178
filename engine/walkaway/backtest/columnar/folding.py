"""Fold events of many deals into what is remembered of them; as `deal.said` and `deal.fold` have it for one.

Every function returns the columns that change, of the deals of a frame.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from walkaway.backtest.columnar.frames import (
    AGREED,
    AGREEMENT_ENDED,
    DOOR_CLOSED,
    NO_AGREEMENT,
    NO_DOOR,
    DealFrame,
    of_every,
    of_some,
)
from walkaway.backtest.columnar.moves import THEIR_ACCEPTANCE, Moves, bits, has_bit

Changed = dict[str, Any]


def said(frame: DealFrame, moves: Moves, now: Any, taken: Any) -> Changed:
    """Enter words of ours as said.

    Args:
        taken: Of each issue whether it is accepted by the word.
    """
    changed = _word(frame, "ours", moves, now)
    changed |= _settled(frame, "ours", moves, taken)
    changed |= _replaced(frame, moves)
    changed["agreement.by_us"] = frame["agreement.by_us"] & (frame["agreement"] != NO_AGREEMENT)
    changed["uncleared"] = frame["uncleared"] + 1
    changed["last"] = now
    return changed


def cleared(frame: DealFrame, moves: Moves, now: Any) -> Changed:
    """Enter words of ours that were let through, as cleared, and count them; *frame* is as it was before them."""
    given = moves.loss - moves.gain
    conceded = given > 0
    rejects = ~(frame["theirs.rejected"] | moves.agrees)
    flat = np.where(moves.first, 0, _of(frame, "ours.flat") + 1)
    changed = _counting(frame, "ours", moves, now, given, conceded, rejects, moves.worth, flat, moves.back)
    changed |= _answered(frame, "theirs", conceded, rejects)
    changed |= {"cleared.v": moves.v, "cleared.w": moves.w, "uncleared": frame["uncleared"]}
    changed["ours.stated"] = frame["ours.stated"] | moves.stated
    return changed


def agreement_of(moves: Moves, proceeds: Any) -> Changed:
    """Enter agreements that words of ours make."""
    return {
        "agreement": np.full(len(proceeds), AGREED, np.int8),
        "agreement.cleared": proceeds,
        "agreement.by_us": np.ones(len(proceeds), np.bool_),
        "agreement.v": moves.v,
        "agreement.w": moves.w,
    }


def counted(frame: DealFrame, moves: Moves, now: Any, taken: Any) -> Changed:
    """Count words of theirs as their moves."""
    given = moves.gain - moves.loss
    conceded = given > 0
    would = ~frame["ours.stands"] & of_every(moves.w >= frame["ours.w"])
    rejects = ~(frame["ours.rejected"] | (moves.heard == THEIR_ACCEPTANCE) | would)
    stated = has_bit(frame["theirs.named"], frame.book.issues)
    fresh = has_bit(moves.stated, frame.book.issues) & ~stated
    changed = _word(frame, "theirs", moves, now)
    changed["base.w"] = np.where(fresh, moves.w, frame["base.w"])
    changed |= _settled(frame, "theirs", moves, taken & ~_rows(moves.agrees))
    flat = _of(frame, "theirs.flat") + ~moves.names
    net = frame["theirs.net"] + given
    changed |= _counting(frame, "theirs", moves, now, given, conceded, rejects, net, flat, moves.losses)
    changed |= _answered(frame, "ours", conceded, rejects)
    uncleared = (moves.heard == THEIR_ACCEPTANCE) & of_some(frame["ours.v"] != frame["cleared.v"])
    changed["run.w"] = np.where(_rows(uncleared), frame["run.w"], frame["cleared.w"])
    changed["moved"] = frame["moved"] | conceded | moves.agrees | moves.first
    replaced = _replaced(frame, moves)["agreement"]
    changed["agreement"] = np.where(moves.agrees, frame["agreement"], replaced)
    changed["last"] = now
    return changed


def agreed(frame: DealFrame, moves: Moves, now: Any, proceeds: Any) -> Changed:
    """Enter what their acceptances make of our terms; *frame* has their moves counted, and holds agreements alone."""
    changed: Changed = {
        "agreement": np.full(len(frame), AGREED, np.int8),
        "agreement.cleared": proceeds,
        "agreement.by_us": np.zeros(len(frame), np.bool_),
        "agreement.v": moves.v,
        "agreement.w": moves.w,
    }
    book = frame.book
    every = np.full(len(frame), (1 << book.issues) - 1, np.int64)
    if book.keeps("theirs.settled"):
        changed["theirs.settled"] = frame["theirs.settled"] | moves.stated
    if book.keeps("agreed"):
        changed |= {"agreed": every, "agreed.w": moves.w}
    given = moves.loss - moves.gain
    conceded = proceeds & (given > 0)
    changed["theirs.unreturned"] = np.where(conceded, 0, frame["theirs.unreturned"])
    changed["ours.unreturned"] = frame["ours.unreturned"] + conceded
    for name, value in (
        ("concessions", _of(frame, "ours.concessions") + 1),
        ("last_give", given),
        ("conceded_at", now),
    ):
        if book.keeps(f"ours.{name}"):
            changed[f"ours.{name}"] = np.where(conceded, value, frame[f"ours.{name}"])
    changed["ours.net"] = np.where(proceeds, moves.worth, frame["ours.net"])
    changed["ours.stated"] = np.where(proceeds, frame["ours.stated"] | frame["ours.named"], frame["ours.stated"])
    for name, terms in (("cleared.v", moves.v), ("cleared.w", moves.w), ("run.w", moves.w)):
        changed[name] = np.where(_rows(proceeds), terms, frame[name])
    return changed


def rejected(frame: DealFrame, now: Any, mine: str, other: str) -> Changed:
    """Count rejections, at most one of each offer; what was agreed is agreed no longer."""
    changed: Changed = {
        f"{other}.in_a_row": np.zeros(len(frame), np.int64),
        f"{other}.rejected": np.ones(len(frame), np.bool_),
    }
    if frame.book.keeps(f"{mine}.rejections"):
        changed[f"{mine}.rejections"] = frame[f"{mine}.rejections"] + ~frame[f"{other}.rejected"]
    changed["agreement"] = np.where(frame["agreement"] == AGREED, AGREEMENT_ENDED, frame["agreement"])
    if mine == "theirs":
        changed["run.w"] = frame["cleared.w"]
    changed["last"] = now
    return changed


def walked(frame: DealFrame, changed: Changed, door: Any, now: Any) -> Changed:
    """Remember walks that were decided: the door, and since when."""
    leaves = (door != NO_DOOR) & (frame["walking"] != DOOR_CLOSED)
    if not leaves.any():
        return changed
    moved = changed.get("moved", frame["moved"])
    stays = (frame["walking"] != NO_DOOR) & ~moved
    return {
        **changed,
        "walking": np.where(leaves, door, frame["walking"]),
        "left_at": np.where(leaves & ~stays, now, frame["left_at"]),
        "moved": np.where(leaves, False, moved),
    }


def _word(frame: DealFrame, side: str, moves: Moves, now: Any) -> Changed:
    changed: Changed = {
        f"{side}.v": moves.v,
        f"{side}.w": moves.w,
        f"{side}.worth": moves.worth,
        f"{side}.stands": np.ones(len(frame), np.bool_),
        f"{side}.rejected": np.zeros(len(frame), np.bool_),
        f"{side}.said_at": now,
    }
    named = frame[f"{side}.named"]
    changed[f"{side}.named"] = named | moves.stated
    if frame.book.keeps(f"{side}.first"):
        fresh = has_bit(moves.stated & ~named, frame.book.issues)
        changed[f"{side}.first"] = np.where(fresh, moves.v, frame[f"{side}.first"])
    return changed


def _settled(frame: DealFrame, side: str, moves: Moves, taken: Any) -> Changed:
    """Enter the issues that a word accepts."""
    changed: Changed = {}
    accepts = of_some(taken)
    if frame.book.keeps(f"{side}.settled"):
        changed[f"{side}.settled"] = frame[f"{side}.settled"] | np.where(accepts, moves.stated, 0)
    if frame.book.keeps("agreed"):
        changed["agreed"] = frame["agreed"] | bits(taken)
        changed["agreed.w"] = np.where(taken, moves.w, frame["agreed.w"])
    return changed


def _counting(
    frame: DealFrame,
    side: str,
    moves: Moves,
    now: Any,
    given: Any,
    conceded: Any,
    rejects: Any,
    net: Any,
    flat: Any,
    back: Any,
) -> Changed:
    found: Changed = {
        f"{side}.offers": frame[f"{side}.offers"] + 1,
        f"{side}.net": net,
        f"{side}.in_a_row": frame[f"{side}.in_a_row"] + ~np.asarray(moves.agrees),
        f"{side}.unreturned": frame[f"{side}.unreturned"] + conceded,
    }
    kept: dict[str, Callable[[Any], Any]] = {
        "concessions": lambda was: was + conceded,
        "last_give": lambda was: np.where(conceded, given, was),
        "flat": lambda _: np.where(conceded, 0, flat),
        "retracted": lambda was: was + back,
        "rejections": lambda was: was + rejects,
        "conceded_at": lambda was: np.where(conceded, now, was),
    }
    for name, column in kept.items():
        if frame.book.keeps(f"{side}.{name}"):
            found[f"{side}.{name}"] = column(frame[f"{side}.{name}"])
    return found


def _answered(frame: DealFrame, side: str, conceded: Any, rejects: Any) -> Changed:
    """Return the side that hears a word: its own row ends, and what it conceded is returned by a concession."""
    return {
        f"{side}.in_a_row": np.zeros(len(frame), np.int64),
        f"{side}.rejected": frame[f"{side}.rejected"] | rejects,
        f"{side}.unreturned": np.where(conceded, 0, frame[f"{side}.unreturned"]),
    }


def _replaced(frame: DealFrame, moves: Moves) -> Changed:
    """End agreements where an offer names other terms."""
    other = (frame["agreement"] == AGREED) & ~of_every(frame["agreement.v"] == moves.v)
    return {"agreement": np.where(other, AGREEMENT_ENDED, frame["agreement"])}


def _of(frame: DealFrame, name: str) -> Any:
    return frame[name] if frame.book.keeps(name) else 0


def _rows(truth: Any) -> Any:
    return truth[:, None]
