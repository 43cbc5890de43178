"""Add up what columns say of events, as `telling` adds up what the engine says of one after the other."""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from math import prod
from typing import Any

import msgspec
import numpy as np

from walkaway.backtest.columnar.frames import DOOR_CLOSED
from walkaway.backtest.columnar.judged import JudgedColumns
from walkaway.backtest.columnar.moves import HEARD
from walkaway.backtest.columnar.numbers import MOST
from walkaway.backtest.sums import (
    AnswerFlip,
    BacktestSums,
    ChangedEvent,
    ChangeTally,
    Outcomes,
    PastAnswer,
    SideSums,
    is_move,
    order_of,
    quarter_of,
    ranks_of,
)
from walkaway.backtest.telling import word_of
from walkaway.events import On, Verdict
from walkaway.policy.model import Policy

_VERDICTS = tuple(Verdict)
_EXACT = 1 << 53
"""Floats hold every whole number below it."""
Given = tuple[Any, Any, int]
"""What terms of ours give and get, in units of a scale, and that scale."""


class SideColumns(msgspec.Struct):
    """What one side says of the events that are added up, one after the other.

    Attributes:
        severity: Twice the verdict's rank, and one more where the door is closed.
        rule: The rule that decides, by its place among `names`; -1 where none does.
        fired: Of each name that fired at all, by its place, at which events; `tops` where it is the most severe, or
            one of these.
        least: As in `JudgedColumns`.
        amounts: What its terms of ours give and get; none of a log.
        asked: Role → whether its approval is asked for.
    """

    names: Sequence[str]
    roles: Sequence[str]
    severity: Any
    rule: Any
    fired: Mapping[int, Any]
    tops: Mapping[int, Any]
    least: Any
    amounts: Given | None = None
    asked: Mapping[str, Any] = {}


def severity_of(judged: JudgedColumns, at: Any) -> Any:
    """Return how severe the answers to events at some places are, as in `SideColumns`."""
    return 2 * judged.verdict[at] + (judged.door[at] == DOOR_CLOSED)


def tallied(old: Any, new: Any, deal: Any, ours: Any, was: Given, now: Given) -> ChangeTally:
    """Return how answers change, without by what: severities before and now, and what terms of ours give and get."""
    at = np.flatnonzero(new != old)
    before, after = old[at], new[at]
    found = ChangeTally(len(old), len(at), len(np.unique(deal[at])), int(np.count_nonzero(after < before)))
    found.verdicts.update(_counted(new))
    asked, asks = old // 2 == Verdict.ESCALATE.rank, new // 2 == Verdict.ESCALATE.rank
    found.added, found.saved = int(np.count_nonzero(asks & ~asked)), int(np.count_nonzero(asked & ~asks))
    for name, where, (give, get, scale) in (("stopped", before == 0, was), ("freed", after == 0, now)):
        some = at[where & ours[at]]
        one = np.zeros(len(some), np.int64)
        for what, column in (("give", give), ("get", get)):
            setattr(found, f"{what}_{name}", Fraction(_sums(column[some], one, 1)[0], scale))
    return found


def side_of(policy: Policy, judged: JudgedColumns, at: Any) -> SideColumns:
    """Return what columns say of the events at some places, or of a slice of them."""
    names = list(dict.fromkeys(rule.id for rule in sorted(policy.rules, key=order_of)))
    place = {name: n for n, name in enumerate(names)}
    severity = severity_of(judged, at)
    is_rank = {verdict.rank: severity >> 1 == verdict.rank for verdict in Verdict}
    fired, tops = dict[int, Any](), dict[int, Any]()
    for rule, column in zip(policy.rules, judged.fired, strict=True):
        found = column[at]
        if not found.any():
            continue
        n = place[rule.id]
        fired[n] = found | fired[n] if n in fired else found
        if rule.decides and rule.effect.verdict is not None and rule.effect.verdict.rank:
            top = found & is_rank[rule.effect.verdict.rank]
            tops[n] = top | tops[n] if n in tops else top
    first = np.full(len(severity), -1, np.int16)
    for n in sorted(tops, reverse=True):
        np.copyto(first, n, where=tops[n])
    bare = np.flatnonzero((first < 0) & ~is_rank[0])
    if len(bare):
        first[bare] = _of_taking(policy, judged, bare if isinstance(at, slice) else at[bare], place)
    ranks = ranks_of(policy)
    roles = [ranks.get(n, "") for n in names]
    asked = dict[str, Any]()
    for role in sorted({*roles} - {""}):
        own = [n for n, of in enumerate(roles) if of == role]
        asks = np.zeros(len(severity), np.bool_)
        for n in own:
            if n in tops:
                asks |= tops[n]
        asks[bare] |= np.isin(first[bare], own)  # what accepting would ask for
        asked[role] = asks & is_rank[Verdict.ESCALATE.rank]
    given = (judged.give[at], judged.get[at], judged.scale)
    return SideColumns(names, roles, severity, first, fired, tops, judged.least[at], given, asked)


def _of_taking(policy: Policy, judged: JudgedColumns, at: Any, place: dict[str, int]) -> Any:
    """Return the rules that decide what accepting would be: the most severe, then by concern, then by id."""
    severest, first = np.full(len(at), -1, np.int64), np.full(len(at), -1, np.int64)
    order = sorted(range(len(policy.rules)), key=lambda n: order_of(policy.rules[n]))
    for n in order:
        rule = policy.rules[n]
        if rule.decides and rule.effect.verdict is not None and judged.taking[n].any():
            better = judged.taking[n][at] & (rule.effect.verdict.rank > severest)
            severest[better], first[better] = rule.effect.verdict.rank, place[rule.id]
    return first


def _counted(severity: Any) -> dict[str, int]:
    """Return how often each answer is given."""
    counts = np.bincount(severity)
    return {words(int(n)): int(counts[n]) for n in np.flatnonzero(counts)}


def recorded_side(answers: Sequence[PastAnswer]) -> SideColumns:
    """Return what the log says of some events."""
    names = sorted({answer.rule for answer in answers} - {""})
    place = {name: n for n, name in enumerate(names)}
    roles = {answer.rule: answer.role for answer in answers if answer.role}
    severity = np.array([2 * a.verdict.rank + a.closed for a in answers], np.int64)
    rule = np.array([place.get(a.rule, -1) for a in answers], np.int64)
    tops = {n: rule == n for n in range(len(names))}
    asked = {
        role: np.array([role == a.role or role in a.others for a in answers], np.bool_)
        for role in sorted({each for a in answers for each in (a.role, *a.others)} - {""})
    }
    least = np.full(len(answers), 99, np.int8)
    return SideColumns(names, [roles.get(n, "") for n in names], severity, rule, tops, tops, least, None, asked)


def words(severity: int) -> str:
    """Return an answer in words."""
    return PastAnswer(_VERDICTS[severity // 2], bool(severity % 2)).word


class Rows(msgspec.Struct):
    """The events that every side has decided.

    Attributes:
        deal: By its place among the deals; `row` of its line; `heard` as in `JudgedColumns`, of the new side.
        segment: Of each deal, by its place among `segments`.
        event: Gives the id and the instant of some of them, as written.
    """

    deal: Any
    row: Any
    heard: Any
    instant: Any
    give: Any
    get: Any
    scale: int
    deals: Sequence[str]
    segment: Any
    segments: Sequence[str]
    event: Callable[[Any], list[tuple[str, str]]]
    ours: Any


def added(rows: Rows, judged: JudgedColumns, new: SideColumns, old: SideColumns | None, shown: int) -> BacktestSums:
    """Return the sums of some events."""
    sums = BacktestSums(events=len(rows.deal))
    if not sums.events:
        return sums
    moves = np.array([is_move(_words(code)) for code in range(len(HEARD))], np.bool_)[rows.heard]
    heard = np.bincount(rows.heard[moves])
    for code in np.flatnonzero(heard).tolist():
        sums.moves[word_of(_words(code))] = int(heard[code])
    deals = _among(rows.deal, rows)
    sums.deals = int(np.count_nonzero(deals))
    outcomes = _outcomes(judged)
    sums.outcomes = _together(outcomes, deals)
    for side, found in ((new, sums.new), (old, sums.old)):
        if side is not None:
            _side(side, rows, moves, outcomes, found)
    if old is not None:
        _flips(rows, new, old, sums, shown)
    return sums


def _words(code: int) -> tuple[str, ...]:
    heard = HEARD[code]
    return (heard.value,) if isinstance(heard, On) else tuple(on.value for on in heard)


def _outcomes(judged: JudgedColumns) -> Any:
    """Return of each deal whether it was agreed, whether its start terms are worth something, and the share of it."""
    valued = judged.agreed & judged.has_terms & (judged.base > 0)
    share = np.zeros(len(valued), np.float64)
    share[valued] = judged.closing[valued] / judged.base[valued]
    return judged.agreed, valued, share


def _among(deal: Any, rows: Rows) -> Any:
    """Return of each deal whether it is one of some events."""
    found = np.zeros(len(rows.deals), np.bool_)
    found[deal] = True
    return found


def _together(outcomes: Any, deals: Any) -> Outcomes:
    agreed, valued, share = outcomes
    valued = valued & deals
    share = share[valued]
    return Outcomes(
        int(np.count_nonzero(deals)),
        int(np.count_nonzero(agreed & deals)),
        len(share),
        float(share.sum()),
        float((share * share).sum()),
    )


def _side(side: SideColumns, rows: Rows, moves: Any, outcomes: Any, sums: SideSums) -> None:
    sums.verdicts.update(_counted(side.severity))
    sums.needs = int(np.count_nonzero(side.severity >> 1 == Verdict.ESCALATE.rank))
    some, more = np.zeros(len(rows.deal), np.bool_), np.zeros(len(rows.deal), np.bool_)
    for column in side.tops.values():
        more |= some & column
        some |= column
    alone = ~more & (side.least < side.severity >> 1)
    names = sorted(side.fired)
    for n in names:
        fired, rule = side.fired[n], sums.rule(side.names[n])
        rule.fires, rule.on_moves = int(np.count_nonzero(fired)), int(np.count_nonzero(fired & moves))
        if n in side.tops:
            tops = side.tops[n]
            rule.decides, rule.alone = int(np.count_nonzero(tops)), int(np.count_nonzero(tops & alone))
        rule.outcomes = _together(outcomes, _among(rows.deal[fired], rows))
    both = _both([side.fired[n] for n in names])
    for i, j in zip(*map(np.ndarray.tolist, np.nonzero(both)), strict=True):
        one, other = sorted((side.names[names[i]], side.names[names[j]]))
        sums.together[one, other] = int(both[i, j])
    for role, asks in side.asked.items():
        if asks.any():
            sums.roles[role] = int(np.count_nonzero(_among(rows.deal[asks], rows)))


def _both(columns: Sequence[Any]) -> Any:
    """Return of each column and each later one how often both are true."""
    found = np.zeros((len(columns), len(columns)), np.int64)
    if not columns:
        return found
    bits = np.zeros((len(columns), -(-len(columns[0]) // 64)), np.uint64)
    bytes_of = bits.view(np.uint8)
    for n, column in enumerate(columns):
        packed = np.packbits(column)
        bytes_of[n, : len(packed)] = packed
    for n in range(len(columns) - 1):
        found[n, n + 1 :] = np.bitwise_count(bits[n] & bits[n + 1 :]).sum(axis=1)
    return found


def _flips(rows: Rows, new: SideColumns, old: SideColumns, sums: BacktestSums, shown: int) -> None:
    was, now = old.severity >> 1 == Verdict.ESCALATE.rank, new.severity >> 1 == Verdict.ESCALATE.rank
    sums.added, sums.saved = int(np.count_nonzero(now & ~was)), int(np.count_nonzero(was & ~now))
    at = np.flatnonzero(new.severity != old.severity)
    if not len(at):
        return
    sums.changed_deals = int(np.count_nonzero(_among(rows.deal[at], rows)))
    by_old = old.severity[at] > new.severity[at]
    rule = np.where(by_old, old.rule[at], new.rule[at])
    month = rows.instant[at].astype("datetime64[us]").astype("datetime64[M]").astype(np.int64)
    keys = [old.severity[at], new.severity[at], by_old, rule, rows.heard[at], rows.ours[at]]
    keys += [rows.segment[rows.deal[at]], month // 3]
    distinct, place = _distinct([key.astype(np.int64) for key in keys])
    counts = np.bincount(place, minlength=distinct.shape[1])
    own = (rows.give, rows.get, rows.scale)
    amounts = {
        name: (_sums(give[at], place, len(counts)), _sums(get[at], place, len(counts)), scale)
        for name, (give, get, scale) in (("new", own), ("old", old.amounts or own))
    }
    flips = []
    for n in range(distinct.shape[1]):
        before, after, is_old, by, heard, ours, segment, quarter = (int(v) for v in distinct[:, n])
        side = old if is_old else new
        name, role = (side.names[by], side.roles[by]) if by >= 0 else ("", "")
        if (before if is_old else after) // 2 != Verdict.ESCALATE.rank:
            role = ""
        year, third = divmod(quarter, 4)
        flip = AnswerFlip(
            words(before), words(after), name, role, word_of(_words(heard)), bool(ours), rows.segments[segment],
            quarter_of(1970 + year, 3 * third + 1),
        )  # fmt: skip
        flips.append(flip)
        gives, gets, scale = amounts["new" if before else "old"]
        sums.flip(flip).add(int(counts[n]), Fraction(gives[n], scale), Fraction(gets[n], scale))
    line = rows.row[at]
    first = np.argpartition(line, shown)[:shown] if shown < len(at) else np.arange(len(at))
    first = first[np.argsort(line[first])]
    for n, (event, instant) in zip(first.tolist(), rows.event(at[first]), strict=True):
        flip = flips[int(place[n])]
        deal = rows.deals[int(rows.deal[at[n]])]
        sums.changed.append(ChangedEvent(deal, event, instant, flip.old, flip.new, flip.rule))


def _distinct(columns: Sequence[Any]) -> tuple[Any, Any]:
    """Return the distinct rows of columns, a column each, and the place of every row among them."""
    lows = [int(column.min()) for column in columns]
    widths = [int(column.max()) - low + 1 for column, low in zip(columns, lows, strict=True)]
    if prod(widths) >= MOST:
        distinct, place = np.unique(np.stack(columns), axis=1, return_inverse=True)
        return distinct, place.reshape(-1)
    key = np.zeros(len(columns[0]), np.int64)
    for column, low, width in zip(columns, lows, widths, strict=True):
        key *= width
        key += column - low
    keys, place = np.unique(key, return_inverse=True)
    rows = []
    for low, width in zip(reversed(lows), reversed(widths), strict=True):
        keys, rest = np.divmod(keys, width)
        rows.append(rest + low)
    return np.stack(rows[::-1]), place


def _sums(amounts: Any, place: Any, count: int) -> list[int]:
    """Return exact sums of groups, each amount in two halves, so that no sum leaves 64 bits."""
    if not len(amounts):
        return [0] * count
    if max(abs(int(amounts.max())), abs(int(amounts.min()))) * len(amounts) < _EXACT:
        return [int(v) for v in np.bincount(place, amounts, count)]
    high, low = np.zeros(count, np.int64), np.zeros(count, np.int64)
    np.add.at(high, place, amounts >> 24)
    np.add.at(low, place, amounts & ((1 << 24) - 1))
    return [(int(h) << 24) + int(v) for h, v in zip(high, low, strict=True)]
