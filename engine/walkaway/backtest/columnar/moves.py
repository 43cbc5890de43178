"""Terms put on the table or taken, and what they change, for many deals at once; as `deal.ledger` has it for one."""

from typing import Any

import msgspec
import numpy as np

from walkaway.backtest.columnar.frames import DealFrame, of_every, of_some, summed
from walkaway.events import LESSER, OPENING, Heard, On

HEARD: tuple[Heard, ...] = (*On, LESSER, OPENING)
"""What rules listen to, as numbers: each by its place here."""
CODE = {heard: place for place, heard in enumerate(HEARD)}
OUR_OFFER, THEIR_OFFER = CODE[On.OUR_OFFER], CODE[On.THEIR_OFFER]
OUR_ACCEPTANCE, THEIR_ACCEPTANCE = CODE[On.OUR_ACCEPTANCE], CODE[On.THEIR_ACCEPTANCE]


class Moves(msgspec.Struct):
    """Moves in columns, named as in `deal.position.Move`; `v` and `w` are the terms and what each is worth."""

    v: Any
    w: Any
    worth: Any
    gain: Any
    loss: Any
    gains: Any
    losses: Any
    back: Any
    stated: Any
    first: Any
    heard: Any
    agrees: Any
    new: Any = 0
    names: Any = False

    def some(self, places: Any) -> "Moves":
        """Return the moves at some places of these."""
        fields = (getattr(self, name) for name in self.__struct_fields__)
        return Moves(*(f.take(places, axis=0) if isinstance(f, np.ndarray) else f for f in fields))


def bits(named: Any) -> Any:
    """Return which issues are named, one bit each."""
    found = np.zeros(len(named), np.int64)
    for place in range(named.shape[1]):
        found |= named[:, place].astype(np.int64) << place
    return found


def has_bit(stated: Any, issues: int) -> Any:
    """Return of each issue whether its bit is set."""
    return (stated[:, None] >> np.arange(issues)) & 1 == 1


def offered(frame: DealFrame, v: Any, w: Any, named: Any) -> Moves:
    """Return offers of ours: what they leave out keeps what we last said."""
    v, w = np.where(named, v, frame["ours.v"]), np.where(named, w, frame["ours.w"])
    stands = frame["theirs.stands"]
    agrees = stands & of_every(v == frame["theirs.v"])
    change = w - frame["theirs.w"]
    lesser = stands & ~agrees & of_every(change <= 0) & of_some(change < 0)
    heard = np.where(agrees, OUR_ACCEPTANCE, np.where(lesser, CODE[LESSER], OUR_OFFER))
    every = (1 << frame.book.issues) - 1
    return of_ours(frame, v, w, np.where(agrees, every, bits(named)), heard, agrees)


def of_ours(frame: DealFrame, v: Any, w: Any, stated: Any, heard: Any, agrees: Any) -> Moves:
    """Return what terms change as ours: against what was cleared."""
    change = w - frame["cleared.w"]
    up, down = change > 0, change < 0
    before = has_bit(frame["ours.stated"] & stated, frame.book.issues)
    gain = summed(np.where(up, change, 0))
    loss = -summed(np.where(down, change, 0))
    return Moves(
        v, w, summed(w), gain, loss, summed(up), summed(down), summed(up & before), stated,
        frame["ours.offers"] == 0, heard, agrees,
    )  # fmt: skip


def taking(frame: DealFrame) -> Moves:
    """Return what our acceptances of what they last said would be."""
    every = np.full(len(frame), (1 << frame.book.issues) - 1, np.int64)
    return of_ours(frame, frame["theirs.v"], frame["theirs.w"], every, OUR_ACCEPTANCE, True)


def of_theirs(frame: DealFrame, v: Any, w: Any, named: Any, takes: Any, floor: Any) -> Moves:
    """Return what terms of theirs change against their last word.

    Args:
        takes: Where they accept what we said; then *v* and *w* are that, and every issue is named.
        floor: What their values count for at least, by issue; none where they count for what they are worth.
    """
    issues = frame.book.issues
    stated = has_bit(frame["theirs.named"], issues)
    said_v, said_w = frame["ours.v"], frame["ours.w"]
    start = frame.book.openings.start.take(frame["deal"], axis=0)
    milder = said_w > 0
    v = np.where(named, v, np.where(stated, frame["theirs.v"], np.where(milder, start, said_v)))
    w = np.where(named, w, np.where(stated, frame["theirs.w"], np.where(milder, 0, said_w)))
    worth = summed(w)
    above = frame["ours.stands"] & (worth >= frame["ours.worth"])
    agrees = takes | (above & of_every(v == said_v))
    hears = agrees | (above & of_every(w >= said_w))
    counts = named | agrees[:, None]
    fresh = counts & ~stated
    change = np.where(counts & stated, w - frame["theirs.w"], 0)
    down = change < 0
    losses, gains = summed(down), summed(change > 0)
    if floor is not None:
        change = np.where(counts & stated, np.maximum(w, floor) - np.maximum(frame["theirs.w"], floor), 0)
        down = change < 0
    loss = -summed(np.where(down, change, 0))
    return Moves(
        v, w, worth, summed(np.where(down, 0, change)), loss, gains, losses, losses, bits(counts),
        frame["theirs.offers"] == 0, np.where(hears, THEIR_ACCEPTANCE, THEIR_OFFER), agrees,
        summed(np.where(fresh, w, 0)), of_some(fresh),
    )  # fmt: skip
