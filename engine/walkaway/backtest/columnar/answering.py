"""What a policy decides of every event, in columns: verdicts, doors, and the rules that fire as bits."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import msgspec
import numpy as np
import polars as pl

from walkaway.backtest.columnar.chunks import MOST, LeftLines, PastChunk, chunks
from walkaway.backtest.columnar.gathering import Events
from walkaway.backtest.columnar.judged import DEAD, JudgedColumns
from walkaway.backtest.columnar.sides import TOGETHER, ColumnSide, LineNames
from walkaway.backtest.columnar.understood import refusal
from walkaway.backtest.exact import Deciding, lines_of
from walkaway.backtest.past import WHOLE, event_line
from walkaway.backtest.sums import EventVerdict
from walkaway.deal.lines import Line
from walkaway.decide.evaluation import Evaluation
from walkaway.events import Door, Verdict
from walkaway.policy.model import Policy

_VERDICTS, _DOORS = tuple(Verdict), ("", "open", "closed")
_ONE_BY_ONE, _TOGETHER = 10_000, 100_000


class BulkAnswers(msgspec.Struct, frozen=True):
    """What a policy decides of some events, one place of every column each, in the order of their lines.

    Attributes:
        rules: The ids of the policy's rules, built-in ones included, each once; bits stand for them in this order.
        line: Of each event the place of its line among all lines read, from 0.
        verdict: The place of its verdict in `walkaway.Verdict`, from 0, `proceed`, to 5, `walk`.
        door: 0 where it is not to walk, 1 to leave with the door open, 2 to leave for good.
        fired: Of each event the rules that fire, eight in a byte, the first of them the lowest bit.
        by_engine: Whether the engine decided them one by one, and not columns.
    """

    rules: tuple[str, ...]
    line: Any
    verdict: Any
    door: Any
    fired: Any
    by_engine: bool
    lines: Any

    def __len__(self) -> int:
        return len(self.line)

    def fires(self, rule: str) -> Any:
        """Return of each event whether a rule fires.

        Raises:
            ValueError: Where the policy has no such rule.
        """
        if rule not in self.rules:
            raise ValueError(f"the policy has no rule `{rule}`")
        place = self.rules.index(rule)
        return (self.fired[:, place // 8] >> (place % 8)) & 1 == 1

    def named(self) -> list[tuple[str, str, str]]:
        """Return of each event its deal, its id and its instant, as its line writes them."""
        return list(self.lines())

    def each(self) -> Iterator[EventVerdict]:
        """Return what is decided, event by event."""
        bits = np.unpackbits(self.fired, axis=1, count=len(self.rules), bitorder="little").astype(np.bool_)
        names, by_id = np.array(self.rules), np.argsort(np.array(self.rules))
        for (deal, event, at), verdict, door, fired in zip(
            self.lines(), self.verdict.tolist(), self.door.tolist(), bits[:, by_id], strict=True
        ):
            yield EventVerdict(
                deal, event, at, _VERDICTS[verdict].value, _DOORS[door], tuple(names[by_id][fired].tolist())
            )


def decided(blocks: Iterable[bytes], policy: Policy, most: int = MOST) -> Iterator[BulkAnswers]:
    """Return what a policy decides of each event that it can: of deals that columns take first, then of the others.

    Args:
        blocks: JSON lines, as many whole ones together as come.
        most: So many bytes of lines are in memory at once, and what is made of them.
    """
    rules = tuple(sorted({rule.id for rule in policy.rules}))
    if refusal(policy) is not None:
        yield from _one_by_one(lines_of(blocks), policy, rules)
        return
    places = [rules.index(rule.id) for rule in policy.rules]
    aside = LeftLines()
    for chunk in chunks(blocks, most):
        side, names = ColumnSide(policy, chunk), LineNames(chunk.lines)
        left = np.zeros(len(side.events.deals) + 1, np.bool_)
        left[-1] = True  # lines that name no deal
        for first, events in side.events.ranges(TOGETHER):
            judged = side.judge.judge(events)
            left[[first + deal for deal in judged.left_out]] = True
            yield _judged(rules, places, chunk, names, events, judged)
        aside.add(chunk, left[side.deal])
    yield from _one_by_one(aside.lines(), policy, rules)


def _judged(
    rules: tuple[str, ...], places: Sequence[int], chunk: PastChunk, names: LineNames, events: Events,
    judged: JudgedColumns,
) -> BulkAnswers:  # fmt: skip
    at = np.flatnonzero(judged.verdict != DEAD)
    at = at[np.argsort(events.row[at])]
    fired = np.zeros((-(-len(rules) // 8), len(judged.verdict)), np.uint8)
    for place, column in zip(places, judged.fired, strict=True):
        fired[place // 8] |= column.view(np.uint8) << (place % 8)
    bits = fired.T[at]
    deal, row = events.deal[at], events.row[at]

    def named() -> Iterator[tuple[str, str, str]]:
        for each, (event, instant) in zip(deal.tolist(), names(row), strict=True):
            yield events.deals[each], event, instant

    return BulkAnswers(rules, chunk.place[row], judged.verdict[at], judged.door[at], bits, False, named)


def _one_by_one(lines: Iterable[Line], policy: Policy, rules: tuple[str, ...]) -> Iterator[BulkAnswers]:
    """Return what the engine decides, some events together."""
    places = {rule: n for n, rule in enumerate(rules)}
    deciding = Deciding(policy)
    found = (
        (line.number - 1, answer)
        for line in lines
        for answer in (deciding.line(line),)
        if isinstance(answer, Evaluation)
    )
    doors = {None: 0, Door.OPEN: 1, Door.CLOSED: 2}
    while some := list(islice(found, _ONE_BY_ONE)):
        fired = np.zeros((len(some), len(rules)), np.bool_)
        for n, (_, answer) in enumerate(some):
            fired[n, [places[firing.rule.id] for firing in answer.ruling.firings]] = True
        names = [(answer.event.deal, answer.event.id, answer.event.at) for _, answer in some]
        yield BulkAnswers(
            rules,
            np.array([line for line, _ in some], np.int64),
            np.array([answer.ruling.verdict.rank for _, answer in some], np.int8),
            np.array([doors[answer.ruling.door] for _, answer in some], np.int8),
            np.packbits(fired, axis=1, bitorder="little"),
            True,
            names.__iter__,
        )


def lines_in(file: str) -> Iterator[bytes]:
    """Return the events of a Parquet file as JSON lines, some together.

    Raises:
        OSError: Where it cannot be read, as Parquet or at all.
    """
    try:
        table = pl.scan_parquet(file, glob=False)
        names, count = table.collect_schema().names(), table.select(pl.len()).collect().item()
        whole = next((name for name in WHOLE if name in names), None)
        for first in range(0, count, _TOGETHER):
            rows = table.slice(first, _TOGETHER).collect()
            yield b"".join(map(event_line, rows.iter_rows(named=True) if whole is None else rows[whole].to_list()))
    except pl.exceptions.PolarsError as problem:
        raise OSError(f"{file} cannot be read as Parquet") from problem
