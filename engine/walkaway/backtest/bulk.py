"""Backtest many deals at once: those that columns take there, all others by the engine, counted with the reason.

Needs the extra `walkaway[bulk]`: polars reads, numpy judges.
"""

import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from math import ceil, floor
from typing import Any

import numpy as np
import polars as pl

from walkaway.backtest.columnar.adding import Rows, SideColumns, added, recorded_side, severity_of, side_of, tallied
from walkaway.backtest.columnar.judged import DEAD, JudgedColumns
from walkaway.backtest.columnar.judging import ColumnJudge
from walkaway.backtest.columnar.moves import HEARD
from walkaway.backtest.columnar.reading import Events, LineColumns, Symbols
from walkaway.backtest.columnar.understood import refusal
from walkaway.backtest.exact import answered, decide
from walkaway.backtest.sums import SHOWN, BacktestSums, ChangeTally, EventVerdict, PastAnswer, SweepStep
from walkaway.backtest.telling import PastTeller, counted
from walkaway.deal.lines import Line
from walkaway.events import Verdict
from walkaway.language.expr.tree import Compare, Const, Fact, facts_of, leaves
from walkaway.policy.model import THRESHOLDS, Policy

Recorded = Mapping[tuple[str, str], PastAnswer]


def series(blocks: Iterable[bytes]) -> Any:
    """Return lines as a series of texts; a line that is not UTF-8 is null there.

    Args:
        blocks: Whole lines, as many together as come.
    """
    found = []
    for block in blocks:
        try:
            found.append(pl.scan_lines(io.BytesIO(block)).collect()["line"])
        except pl.exceptions.ComputeError:  # it is not UTF-8
            found.append(pl.Series("line", [_text(line) for line in block.splitlines()], dtype=pl.String))
    return pl.concat(found) if found else pl.Series("line", [], dtype=pl.String)


def _text(line: bytes) -> str | None:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return None


class _Sided:
    """One side's policy, with what it reads and judges of the same lines."""

    def __init__(self, policy: Policy, lines: Any, like: "_Sided | None" = None) -> None:
        self.policy, self.lines = policy, lines
        self.symbols: Symbols
        self.events: Events
        self.deal: Any
        if like is not None and _reads_alike(policy, like.policy):
            self.symbols, self.events, self.deal = like.symbols, like.events, like.deal
        else:
            self.symbols = Symbols()
            self.events, self.deal = LineColumns(policy, self.symbols).events(lines)
        self.judged: JudgedColumns = ColumnJudge(policy, self.symbols).judge(self.events)

    def places(self, count: int) -> Any:
        """Return of each line the place of its event, where it has one that was decided; else -1."""
        found = np.full(count, -1, np.int64)
        alive = self.judged.verdict != DEAD
        found[self.events.row[alive]] = np.flatnonzero(alive)
        return found


def _reads_alike(one: Policy, other: Policy) -> bool:
    """Return whether two policies read every line alike."""
    return (
        {n: (i.unit, i.named) for n, i in one.issues.items()} == {n: (i.unit, i.named) for n, i in other.issues.items()}
        and list(one.issues) == list(other.issues)
        and {n: (d.unit, d.bounds) for n, d in one.deal.items()}
        == {n: (d.unit, d.bounds) for n, d in other.deal.items()}
        and one.signals == other.signals
        and one.currency == other.currency
    )


def backtest(
    lines: Any, new: Policy, old: Policy | None = None, recorded: Recorded | None = None, segment: str = "",
    shown: int = SHOWN,
) -> BacktestSums:  # fmt: skip
    """Return what a policy would have decided of events, beside what another policy or the log did.

    Args:
        lines: A series of texts.
        segment: The deal fact by which deals are told apart.
    """
    for policy in (new, old):
        reason = None if policy is None else refusal(policy)
        if reason is not None:
            return _by_engine(lines, new, old, recorded, segment, shown, lambda _, why=reason: why)
    one = _Sided(new, lines)
    other = None if old is None else _Sided(old, lines, one)
    left_out = dict(one.judged.left_out)
    if other is not None:
        left_out |= other.judged.left_out
    deals = one.events.deals
    left = np.zeros(len(deals) + 1, np.bool_)
    left[list(left_out)] = True
    left[-1] = True  # lines that name no deal
    is_left = left[one.deal]
    sums = BacktestSums()
    if is_left.any():
        reasons = {deals[deal]: reason for deal, reason in left_out.items()}
        sums = _by_engine(
            lines.filter(pl.Series(is_left)), new, old, recorded, segment, shown, lambda deal: reasons[deal]
        )
    sums.add(_in_columns(lines, one, other, recorded, segment, ~is_left, shown), shown)
    return sums


Recount = Callable[[Any, Policy], ChangeTally]
"""Decides lines one by one under a policy, against the other side."""


def swept(
    lines: Any,
    variants: Iterable[tuple[Policy, SweepStep]],
    old: Policy,
    recorded: Recorded | None,
    recount: Recount,
) -> Iterator[ChangeTally]:
    """Return how the answers of each variant of a policy differ from those of the other side; lines are read once.

    Args:
        variants: Each policy, and in what it differs from the one before. Deals in which nothing is met that lies
            between the two are answered as before.
        old: The other side's policy; the policy itself, where the log is the other side.
    """
    base = _Sided(old, lines)
    count, events = len(lines), base.events
    at = base.places(count)
    left_base = np.zeros(len(events.deals) + 1, np.bool_)
    left_base[[*base.judged.left_out, -1]] = True
    held = _recorded(base, recorded, at) if recorded is not None else None
    before: JudgedColumns | None = None
    for policy, step in variants:
        found = _again(policy, base, before, _between(base, policy, step) if before is not None else None)
        before = found
        left = left_base.copy()
        left[list(found.left_out)] = True
        is_left = left[base.deal]
        fits = ~left[events.deal] & (found.verdict != DEAD)
        if held is None:
            fits &= base.judged.verdict != DEAD
            severity = severity_of(base.judged, np.flatnonzero(fits))
        else:
            fits &= held >= 0
            severity = held[fits]
        some = np.flatnonzero(fits)
        given = (found.give[some], found.get[some], found.scale)
        was = (base.judged.give[some], base.judged.get[some], base.judged.scale) if held is None else given
        tally = tallied(severity, severity_of(found, some), events.deal[some], _OURS[found.heard[some]], was, given)
        if is_left.any():
            tally.add(recount(lines.filter(pl.Series(is_left)), policy))
        yield tally


def _recorded(base: _Sided, recorded: Recorded, at: Any) -> Any:
    """Return how severe the log's answer to each event was; -1 where it has none."""
    found = np.full(len(base.events.kind), -1, np.int64)
    rows = np.flatnonzero(at >= 0)
    for row, (event, _) in zip(rows.tolist(), LineNames(base.lines)(rows), strict=True):
        place = int(at[row])
        answer = recorded.get((base.events.deals[int(base.events.deal[place])], event))
        if answer is not None:
            found[place] = 2 * answer.verdict.rank + answer.closed
    return found


def _between(base: _Sided, policy: Policy, step: SweepStep) -> Any:
    """Return the deals in which some value lies where a step matters; none where any deal may change by it.

    What an issue was never named with, and does not begin with, no leaf compares with a limit or a constant of it.
    """
    if not step.issue:
        return None
    offsets = _offsets(policy, step.issue) if step.is_limit else [0]
    if offsets is None:
        return None
    place, events = list(policy.issues).index(step.issue), base.events
    value, start = events.value[:, place], base.judged.start[:, place]
    found = np.zeros(len(events.deals), np.bool_)
    for offset in offsets:
        low, high = min(step.was, step.now) + offset, max(step.was, step.now) + offset
        found[events.deal[events.named[:, place] & (value >= low) & (value <= high)]] = True
        found |= (start >= low) & (start <= high)
    return found


def _offsets(policy: Policy, issue: str) -> list[int] | None:
    """Return how far from a limit of an issue its values are looked at; none where that cannot be told.

    The limit itself always; and where a leaf compares the distance to it with a constant, so far from it.
    """
    better = policy.issues[issue].better
    if policy.is_base_walk or not better:
        return None
    found, limits = [0], {f"{threshold}.{issue}" for threshold in THRESHOLDS}
    for rule in policy.rules:
        for leaf in leaves(rule.condition):
            read = facts_of(leaf)
            if limits & read:
                return None
            if f"room.{issue}" in read:
                if not isinstance(leaf, Compare):
                    return None
                fact, constant = (leaf.left, leaf.right) if isinstance(leaf.left, Fact) else (leaf.right, leaf.left)
                if not isinstance(fact, Fact) or not isinstance(constant, Const):
                    return None
                away = constant.value * fact.scale * better
                found += [floor(away), ceil(away)]
    return sorted(set(found))


def _again(policy: Policy, base: _Sided, before: JudgedColumns | None, deals: Any) -> JudgedColumns:
    """Return what a variant says: of some deals judged anew, of the others as the variant before."""
    if before is None or deals is None:
        return ColumnJudge(policy, base.symbols).judge(base.events)
    deals[list(before.left_out)] = True
    some = np.flatnonzero(deals[base.events.deal])
    part = ColumnJudge(policy, base.symbols).judge(base.events.some(some))
    return before.with_some(some, part, deals)


def _in_columns(
    lines: Any, one: _Sided, other: _Sided | None, recorded: Recorded | None, segment: str, mine: Any, shown: int
) -> BacktestSums:
    """Add up the events of the deals that columns take."""
    count = len(lines)
    at = one.places(count)
    fits = mine & (at >= 0)
    behind = None
    if other is not None:
        behind = other.places(count)
        fits &= behind >= 0
    chosen = np.flatnonzero(fits)
    named = LineNames(lines)
    old: SideColumns | None = None
    if recorded is not None:
        names = list(
            zip((one.events.deals[d] for d in one.deal[chosen].tolist()), (e for e, _ in named(chosen)), strict=True)
        )
        has = np.array([name in recorded for name in names], np.bool_)
        chosen = chosen[has]
        old = recorded_side([recorded[name] for name, there in zip(names, has, strict=True) if there])
    a, judged, events = at[chosen], one.judged, one.events
    if other is not None and behind is not None:
        old = side_of(other.policy, other.judged, behind[chosen])
    segments, names_of = _segments(one, segment)
    ours = _OURS[judged.heard[a]]
    rows = Rows(
        events.deal[a], judged.heard[a], events.instant[a], judged.give[a], judged.get[a], judged.scale, events.deals,
        segments, names_of, lambda places: named(chosen[places]), ours,
    )  # fmt: skip
    found = added(rows, judged, side_of(one.policy, judged, a), old, shown)
    blank = int((lines.filter(pl.Series(mine)).str.strip_chars() == "").sum())
    found.unread = int(mine.sum()) - len(chosen) - blank
    return found


def _is_ours(code: int) -> bool:
    """Return whether terms are ours at an event: said by us, or taken from us."""
    heard = HEARD[code]
    words = heard if isinstance(heard, tuple) else (heard,)
    return any(word.value in ("our offer", "our acceptance", "their acceptance") for word in words)


_OURS = np.array([_is_ours(code) for code in range(len(HEARD))], np.bool_)


_DOORS = ("", "open", "closed")


class LineNames:
    """Finds the id and the instant that lines name, as they are written."""

    def __init__(self, lines: Any) -> None:
        self.lines = lines

    def __call__(self, places: Any) -> list[tuple[str, str]]:
        texts = self.lines.gather(places)
        ids = texts.str.extract(r'"id": ?"([^"]*)"').to_list()
        return list(zip(ids, texts.str.extract(r'"at": ?"([^"]*)"').to_list(), strict=True))


def _segments(side: _Sided, segment: str) -> tuple[Any, Sequence[str]]:
    """Return of each deal the place of its segment's name, and the names."""
    count = len(side.events.deals)
    if not segment or side.judged.known is None or f"deal.{segment}" not in side.judged.known:
        return np.zeros(count, np.int64), [""]
    value, there = side.judged.known[f"deal.{segment}"]
    names = {code: symbol for symbol, code in side.symbols.codes.items()}
    codes = np.where(there, value, -1) * np.ones(count, np.int64)
    distinct, place = np.unique(codes, return_inverse=True)
    return place.reshape(-1), [names.get(int(code), "") for code in distinct]


def _by_engine(
    lines: Any, new: Policy, old: Policy | None, recorded: Recorded | None, segment: str, shown: int, reason_of: Any
) -> BacktestSums:
    """Decide lines one by one, and count them with the reason."""
    teller = PastTeller(new, segment, shown)
    decide(numbered(lines), teller, old, recorded)
    return counted(teller, reason_of)


def numbered(lines: Any) -> Iterator[Line]:
    """Return a series of texts as lines; one that was not UTF-8 as one that is not."""
    for number, text in enumerate(lines, 1):
        line = Line((text if text is not None else "\ud800").encode("utf-8", "surrogatepass"), "events", number)
        if not line.is_blank:
            yield line


def verdicts(lines: Any, policy: Policy) -> Iterator[EventVerdict]:
    """Return what a policy decides of each event: of deals that columns take first, then of the others."""
    if refusal(policy) is not None:
        yield from answered(numbered(lines), policy)
        return
    side = _Sided(policy, lines)
    judged, events = side.judged, side.events
    names = np.array([rule.id for rule in policy.rules])
    at = np.flatnonzero(judged.verdict != DEAD)
    for place, (event, instant) in zip(at.tolist(), LineNames(lines)(events.row[at]), strict=True):
        fired = tuple(sorted(set(names[judged.fired[:, place]].tolist())))
        verdict, door = tuple(Verdict)[int(judged.verdict[place])], _DOORS[int(judged.door[place])]
        yield EventVerdict(events.deals[int(events.deal[place])], event, instant, verdict.value, door, fired)
    left = np.zeros(len(events.deals) + 1, np.bool_)
    left[[*judged.left_out, -1]] = True
    yield from answered(numbered(lines.filter(pl.Series(left[side.deal]))), policy)
