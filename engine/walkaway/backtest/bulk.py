"""Backtest many deals at once: those that columns take there, all others by the engine, counted with the reason.

Needs the extra `walkaway[bulk]`: polars reads, numpy judges. The past is read in chunks of whole deals, and deals are
judged some thousands at once, so that the columns of a step stay in the processor's cache.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from walkaway.backtest.columnar.adding import Rows, SideColumns, added, recorded_side, side_of
from walkaway.backtest.columnar.chunks import MOST, LeftLines, PastChunk, chunks
from walkaway.backtest.columnar.gathering import Events
from walkaway.backtest.columnar.judged import DEAD, JudgedColumns
from walkaway.backtest.columnar.sides import OURS, TOGETHER, ColumnSide, LineNames
from walkaway.backtest.columnar.understood import refusal
from walkaway.backtest.exact import decide, lines_of
from walkaway.backtest.sums import SHOWN, BacktestSums, PastAnswer
from walkaway.backtest.telling import PastTeller, counted
from walkaway.deal.lines import Line
from walkaway.policy.model import Policy

Recorded = Mapping[tuple[str, str], PastAnswer]


def backtest(
    blocks: Iterable[bytes], new: Policy, old: Policy | None = None, recorded: Recorded | None = None,
    segment: str = "", shown: int = SHOWN, most: int = MOST,
) -> BacktestSums:  # fmt: skip
    """Return what a policy would have decided of events, beside what another policy or the log did.

    Args:
        blocks: JSON lines, as many whole ones together as come.
        segment: The deal fact by which deals are told apart.
        most: So many bytes of lines are in memory at once, and what is made of them.
    """
    for policy in (new, old):
        reason = None if policy is None else refusal(policy)
        if reason is not None:
            return _by_engine(lines_of(blocks), new, old, recorded, segment, shown, lambda _, why=reason: why)
    sums, aside, parts = BacktestSums(), LeftLines(), 0
    for chunk in chunks(blocks, most):
        for part in _of_chunk(chunk, new, old, recorded, segment, shown, aside):
            sums.add(part, shown)
            parts += 1
    if aside.holds:
        sums.add(_by_engine(aside.lines(), new, old, recorded, segment, shown, lambda deal: aside.reasons[deal]), shown)
    if parts > 1:
        sums.changed.sort(key=lambda each: (each.at, each.deal, each.event))
    return sums


def _of_chunk(
    chunk: PastChunk,
    new: Policy,
    old: Policy | None,
    recorded: Recorded | None,
    segment: str,
    shown: int,
    aside: LeftLines,
) -> Iterator[BacktestSums]:
    """Add up the deals of a chunk that columns take, some of them at once; the others are laid aside."""
    one = ColumnSide(new, chunk)
    other = None if old is None else ColumnSide(old, chunk, one)
    left = np.zeros(len(one.events.deals) + 1, np.bool_)
    left[-1] = True  # lines that name no deal
    named = LineNames(chunk.lines)
    decided = 0
    apart = None if other is None or other.events is one.events else other.events.ranges(TOGETHER)
    for first, events in one.events.ranges(TOGETHER):
        judged = one.judge.judge(events)
        left_out = dict(judged.left_out)
        sides: list[tuple[ColumnSide, Events, JudgedColumns]] = [(one, events, judged)]
        if other is not None:
            there, beside = (events, judged) if apart is None else (next(apart)[1], None)
            sides.append((other, there, other.judge.judge(there, beside)))
            left_out |= sides[-1][2].left_out
        for deal, reason in left_out.items():
            left[first + deal] = True
            aside.reasons[events.deals[deal]] = reason
        found = _added(sides, left[first : first + len(events.deals)], named, recorded, segment, shown)
        decided += found.events
        yield found
    is_left = left[one.deal]
    aside.add(chunk, is_left)
    mine = chunk.lines.filter(pl.Series(~is_left))
    blank = int((mine.str.strip_chars() == "").sum())
    yield BacktestSums(unread=len(mine) - decided - blank)


def _added(
    sides: Sequence[tuple[ColumnSide, Events, JudgedColumns]], left: Any, named: "LineNames", recorded: Recorded | None,
    segment: str, shown: int,
) -> BacktestSums:  # fmt: skip
    """Add up the events of some deals, which every side has judged."""
    (one, events, judged), (other, there, held) = sides[0], sides[-1]
    fits = judged.verdict != DEAD
    if left.any():
        fits &= ~left[events.deal]
    if events is there and held is not judged:
        fits &= held.verdict != DEAD
    at: Any = slice(None) if fits.all() else np.flatnonzero(fits)  # all of them need no copy
    behind = at
    if events is not there:
        at, behind = np.flatnonzero(fits), np.flatnonzero((held.verdict != DEAD) & ~left[there.deal])
        _, mine, its = np.intersect1d(events.row[at], there.row[behind], assume_unique=True, return_indices=True)
        at, behind = at[mine], behind[its]
    old: SideColumns | None = None
    if recorded is not None:
        ids = [event for event, _ in named(events.row[at])]
        names = list(zip((events.deals[d] for d in events.deal[at].tolist()), ids, strict=True))
        has = np.array([name in recorded for name in names], np.bool_)
        at = np.flatnonzero(fits)[has]
        old = recorded_side([recorded[name] for name, is_there in zip(names, has, strict=True) if is_there])
    elif len(sides) > 1:
        old = side_of(other.policy, held, behind)
    segments, names_of = _segments(one, events, judged, segment)
    rows = Rows(
        events.deal[at], events.row[at], judged.heard[at], events.instant[at], judged.give[at], judged.get[at],
        judged.scale, events.deals, segments, names_of, lambda places: named(events.row[at][places]),
        OURS[judged.heard[at]],
    )  # fmt: skip
    return added(rows, judged, side_of(one.policy, judged, at), old, shown)


def _segments(side: ColumnSide, events: Events, judged: JudgedColumns, segment: str) -> tuple[Any, Sequence[str]]:
    """Return of each deal the place of its segment's name, and the names."""
    count = len(events.deals)
    if not segment or judged.known is None or f"deal.{segment}" not in judged.known:
        return np.zeros(count, np.int64), [""]
    value, there = judged.known[f"deal.{segment}"]
    names = {code: symbol for symbol, code in side.symbols.codes.items()}
    codes = np.where(there, value, -1) * np.ones(count, np.int64)
    distinct, place = np.unique(codes, return_inverse=True)
    return place.reshape(-1), [names.get(int(code), "") for code in distinct]


def _by_engine(
    lines: Iterable[Line], new: Policy, old: Policy | None, recorded: Recorded | None, segment: str, shown: int,
    reason_of: Any,
) -> BacktestSums:  # fmt: skip
    """Decide lines one by one, and count them with the reason."""
    teller = PastTeller(new, segment, shown)
    decide(lines, teller, old, recorded)
    return counted(teller, reason_of)
