"""Decide the same lines in columns and by the engine, one by one, and compare all that columns say."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from walkaway import DeadLetter, Door
from walkaway.backtest.exact import Deciding
from walkaway.backtest.run import always
from walkaway.deal.lines import Line
from walkaway.decide.evaluation import Evaluation
from walkaway.policy import Policy

_DOORS = {None: 0, Door.OPEN: 1, Door.CLOSED: 2}
_TYPES = ("open", "offer", "accept", "reject", "signal", "tick", "close")
_FIELDS = (
    "id",
    "deal",
    "at",
    "type",
    "by",
    "actor",
    "terms",
    "issues",
    "facts",
    "kind",
    "outcome",
    "confirmed",
    "limits",
    "batna",
)


class Agreement(msgspec.Struct):
    """How a comparison went.

    Attributes:
        events: How many events columns decided; `dead` how many lines they left out of these deals, as the engine does.
        left_out: Why deals were left to the engine.
    """

    events: int = 0
    dead: int = 0
    fired: int = 0
    left_out: list[str] = []


def compared(policy: Policy, lines: Sequence[bytes]) -> Agreement:
    """Return how much columns decide of some lines; whatever they say is what the engine says.

    Raises:
        AssertionError: Where it is not.
    """
    import polars as pl

    from walkaway.backtest.columnar.judged import DEAD
    from walkaway.backtest.columnar.judging import ColumnJudge
    from walkaway.backtest.columnar.moves import HEARD
    from walkaway.backtest.columnar.reading import LineColumns, Symbols
    from walkaway.backtest.columnar.understood import refusal

    policy = always(policy)
    if (reason := refusal(policy)) is not None:
        return Agreement(left_out=[reason])
    symbols = Symbols()
    texts = pl.Series([line.decode() for line in lines], dtype=pl.String)
    events, deal = LineColumns(policy, symbols).events(texts)
    judged = ColumnJudge(policy, symbols).judge(events)
    found = Agreement(left_out=sorted(judged.left_out.values()))
    said: dict[int, Any] = {}
    for place, row in enumerate(events.row.tolist()):
        if judged.verdict[place] != DEAD:
            fired, taking = (
                {policy.rules[n].id for n in range(len(policy.rules)) if column[n, place]}
                for column in (judged.fired, judged.taking)
            )
            said[row] = (int(judged.verdict[place]), int(judged.door[place]), HEARD[judged.heard[place]], fired, taking)
    for row, answer in enumerate(Deciding(policy).lines(Line(line, "deal", n) for n, line in enumerate(lines))):
        if deal[row] < 0 or int(deal[row]) in judged.left_out:
            assert row not in said
        elif isinstance(answer, DeadLetter):
            assert row not in said, (lines[row], said[row], answer.findings)
            found.dead += 1
        else:
            assert answer is not None
            assert said.get(row) == _by_engine(answer), lines[row]
            found.events += 1
            found.fired += len(said[row][3])
    return found


def _by_engine(found: Evaluation) -> tuple[Any, ...]:
    fired = {found.rules[n].id for n in found.fired}
    inner = found.accepting
    taking = set() if inner is None else {inner.rules[n].id for n in inner.fired}
    return found.ruling.verdict.rank, _DOORS[found.ruling.door], found.on, fired, taking


def plain(lines: Iterable[bytes]) -> list[bytes]:
    """Return of events only those, and of these only the fields, that columns read; in ASCII."""
    found = []
    for line in lines:
        event = msgspec.json.decode(line)
        if event.get("type") in _TYPES and not event.get("type", "").startswith("walkaway."):
            kept = {key: event[key] for key in _FIELDS if key in event and (key, event["type"]) != ("terms", "open")}
            if kept["type"] != "signal":
                kept.pop("confirmed", None)
            if kept["type"] != "open" or kept.get("batna", "") is None:
                kept.pop("batna", None)
            found.append(msgspec.json.encode(kept))
    return found
