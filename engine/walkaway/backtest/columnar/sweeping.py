"""Judge the same deals under many variants of a policy; what a variant cannot change is not judged again."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import ceil, floor
from typing import Any

import msgspec
import numpy as np

from walkaway.backtest.columnar.adding import severity_of, tallied
from walkaway.backtest.columnar.chunks import LeftLines, PastChunk
from walkaway.backtest.columnar.gathering import Events
from walkaway.backtest.columnar.judged import DEAD, JudgedColumns
from walkaway.backtest.columnar.judging import ColumnJudge
from walkaway.backtest.columnar.sides import OURS, TOGETHER, ColumnSide, LineNames
from walkaway.backtest.sums import ChangeTally, PastAnswer, SweepStep
from walkaway.language.expr.tree import Compare, Const, Fact, facts_of, leaves
from walkaway.policy.model import THRESHOLDS, Policy

Recorded = Mapping[tuple[str, str], PastAnswer]
Variants = Sequence[tuple[Policy, SweepStep]]
"""Each policy, and in what it differs from the one before."""


class VariantAnswers(msgspec.Struct):
    """What one policy says of events, as far as a sweep tells of it; severity as in `SideColumns`, -1 for none."""

    severity: Any
    give: Any
    get: Any
    scale: int


def swept(
    chunks: Iterable[PastChunk],
    variants: Variants,
    old: Policy,
    recorded: Recorded | None,
    recount: Callable[[LeftLines, Policy], ChangeTally],
) -> list[ChangeTally]:
    """Return how the answers of each variant of a policy differ from those of the other side; lines are read once.

    Deals in which nothing is met that lies between two variants are answered as before.

    Args:
        old: The other side's policy; the policy itself, where the log is the other side.
        recount: Decides lines one by one under a policy, against the other side.
    """
    aside, found = LeftLines(), [ChangeTally() for _ in variants]
    for chunk in chunks:
        base = ColumnSide(old, chunk)
        named = LineNames(chunk.lines)
        judges = [ColumnJudge(policy, base.symbols) for policy, _ in variants]
        left = np.zeros(len(base.events.deals) + 1, np.bool_)
        left[-1] = True  # lines that name no deal
        for first, events in base.events.ranges(TOGETHER):
            judged = base.judge.judge(events)
            held = _told(judged) if recorded is None else _recorded(events, judged, recorded, named)
            out, told = _variants(events, judged, variants, judges)
            left[first : first + len(events.deals)] = out
            ours = OURS[judged.heard]
            for tally, now in zip(found, told, strict=True):
                some = np.flatnonzero(~out[events.deal] & (now.severity >= 0) & (held.severity >= 0))
                given = (now.give[some], now.get[some], now.scale)
                was = given if recorded is not None else (held.give[some], held.get[some], held.scale)
                tally.add(tallied(held.severity[some], now.severity[some], events.deal[some], ours[some], was, given))
        aside.add(chunk, left[base.deal])
    if aside.holds:
        for tally, (policy, _) in zip(found, variants, strict=True):
            tally.add(recount(aside, policy))
    return found


def _told(judged: JudgedColumns) -> VariantAnswers:
    severity = severity_of(judged, slice(None))
    severity[judged.verdict == DEAD] = -1
    return VariantAnswers(severity, judged.give, judged.get, judged.scale)


def _variants(
    events: Events, base: JudgedColumns, variants: Variants, judges: Sequence[ColumnJudge]
) -> tuple[Any, list[VariantAnswers]]:
    """Return which deals some policy leaves to the engine, and what each variant says."""
    out = np.zeros(len(events.deals), np.bool_)
    out[list(base.left_out)] = True
    told = list[VariantAnswers]()
    before: JudgedColumns | None = None
    for (policy, step), judge in zip(variants, judges, strict=True):
        deals = None if before is None else _between(events, base.start, policy, step)
        if before is None or deals is None:
            before = judge.judge(events, base)
        else:
            deals[list(before.left_out)] = True
            some = np.flatnonzero(deals[events.deal])
            before = before.with_some(some, judge.judge(events.some(some), base.some(some)), deals)
        out[list(before.left_out)] = True
        told.append(_told(before))
    return out, told


def _recorded(events: Events, judged: JudgedColumns, recorded: Recorded, named: LineNames) -> VariantAnswers:
    """Return how severe the log's answer to each event was; -1 where it has none."""
    found = np.full(len(events.kind), -1, np.int64)
    for place, (event, _) in enumerate(named(events.row)):
        answer = recorded.get((events.deals[int(events.deal[place])], event))
        if answer is not None and judged.verdict[place] != DEAD:
            found[place] = 2 * answer.verdict.rank + answer.closed
    return VariantAnswers(found, None, None, 1)


def _between(events: Events, start: Any, policy: Policy, step: SweepStep) -> Any:
    """Return the deals in which some value lies where a step matters; none where any deal may change by it.

    What an issue was never named with, and does not begin with, no leaf compares with a limit or a constant of it.
    """
    if not step.issue:
        return None
    offsets = _offsets(policy, step.issue) if step.is_limit else [0]
    if offsets is None:
        return None
    place = list(policy.issues).index(step.issue)
    value, start = events.value[:, place], start[:, place]
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
