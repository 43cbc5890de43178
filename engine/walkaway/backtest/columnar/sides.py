"""One policy ready to judge the deals of a chunk, and what is said of their lines."""

from typing import Any

import numpy as np

from walkaway.backtest.columnar.chunks import PastChunk
from walkaway.backtest.columnar.gathering import Events
from walkaway.backtest.columnar.judging import ColumnJudge
from walkaway.backtest.columnar.moves import HEARD
from walkaway.backtest.columnar.reading import LineColumns, Symbols
from walkaway.policy.model import Policy

TOGETHER = 16_384
"""So many deals are judged at once: a column of theirs stays in the processor's cache."""


class ColumnSide:
    """One side's policy, with what it reads of the lines of a chunk.

    Attributes:
        deal: Of each line the place of its deal, -1 where it names none.
    """

    def __init__(self, policy: Policy, chunk: PastChunk, like: "ColumnSide | None" = None) -> None:
        self.policy = policy
        self.symbols: Symbols
        self.events: Events
        self.deal: Any
        if like is not None and _reads_alike(policy, like.policy):
            self.symbols, self.events, self.deal = like.symbols, like.events, like.deal
        else:
            self.symbols = Symbols()
            self.events, self.deal = LineColumns(policy, self.symbols).events(chunk.lines, chunk.followed)
        self.judge = ColumnJudge(policy, self.symbols)


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


def _is_ours(code: int) -> bool:
    """Return whether terms are ours at an event: said by us, or taken from us."""
    heard = HEARD[code]
    words = heard if isinstance(heard, tuple) else (heard,)
    return any(word.value in ("our offer", "our acceptance", "their acceptance") for word in words)


OURS = np.array([_is_ours(code) for code in range(len(HEARD))], np.bool_)


class LineNames:
    """Finds the id and the instant that lines name, as they are written."""

    def __init__(self, lines: Any) -> None:
        self.lines = lines

    def __call__(self, places: Any) -> list[tuple[str, str]]:
        texts = self.lines.gather(places)
        ids = texts.str.extract(r'"id": ?"([^"]*)"').to_list()
        return list(zip(ids, texts.str.extract(r'"at": ?"([^"]*)"').to_list(), strict=True))
