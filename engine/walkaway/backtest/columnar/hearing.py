"""Which rules fire at many events at once, and what they come to; no approval covers anything here."""

from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np

from walkaway.backtest.columnar.frames import DOOR_CLOSED, DOOR_OPEN, NO_DOOR
from walkaway.backtest.columnar.moves import HEARD
from walkaway.backtest.columnar.numbers import Code, Truth, condition
from walkaway.backtest.columnar.sheets import EventSheet, Figures
from walkaway.decide.authority import is_liftable
from walkaway.decide.compiler import reads, strata_of
from walkaway.decide.core.program import CONCLUDED
from walkaway.events import CLOSED, On, Verdict
from walkaway.policy.model import Policy

WALK = Verdict.WALK.rank
ESCALATE = Verdict.ESCALATE.rank
TRADE = Verdict.TRADE.rank


class HeardRule(msgspec.Struct):
    """One rule ready to be heard.

    Attributes:
        place: Its place among the policy's rules.
        listens: Of each way to hear an event, whether it listens.
        rank: That of its verdict, where it may decide; -1 elsewhere.
    """

    place: int
    listens: Any
    holds: Callable[[EventSheet], Truth]
    rank: int
    closes: bool
    concludes: str
    asks: bool


class AnswerColumns(msgspec.Struct):
    """What rules come to, event by event.

    Attributes:
        verdict: The verdict's rank; `door` by which we leave, where it is to walk.
        fired: Of each rule that fired at all, its place and at which events.
        asks: Whether an approval could lift every rule that decides.
    """

    verdict: Any
    door: Any
    fired: list[tuple[int, Any]]
    asks: Any


class Rules:
    """The rules of one policy, over columns."""

    def __init__(self, policy: Policy, figures: Figures, code: Code) -> None:
        strata = strata_of(policy.rules)
        order = [
            (max((strata[name] for name in reads(rule)), default=0), rule.id, place)
            for place, rule in enumerate(policy.rules)
        ]
        self.rules = []
        for _, _, place in sorted(order):
            rule = policy.rules[place]
            listens = np.array(
                [not frozenset((on,) if isinstance(on, On) else on).isdisjoint(rule.on) for on in HEARD], np.bool_
            )
            holds = condition(rule.condition, figures.below, code)
            rank = rule.effect.verdict.rank if rule.decides and rule.effect.verdict is not None else -1
            closes = rule.effect.door is CLOSED
            self.rules.append(
                HeardRule(place, listens, holds, rank, closes, rule.effect.concludes, is_liftable(policy, rule))
            )

    def hear(self, sheet: EventSheet, heard: Any) -> AnswerColumns:
        """Return which rules fire, and the verdict.

        Args:
            heard: What rules must listen to, by its place in `HEARD`: of each event, or of all.
        """
        count = len(sheet.frame)
        none = np.zeros(count, np.bool_)
        fired = list[tuple[int, Any]]()
        ranks, stays, closed = dict[int, Any](), none, none
        ways = np.flatnonzero(np.bincount(heard)) if isinstance(heard, np.ndarray) else np.array([heard])
        listening = dict[bytes, Any]()
        for rule in self.rules:
            listens = rule.listens[ways]
            if not listens.any():
                continue
            holds = rule.holds(sheet)
            if holds is False:
                continue
            if not listens.all():
                key = listens.tobytes()
                if key not in listening:
                    listening[key] = rule.listens[heard]
                holds = holds & listening[key]
            elif np.ndim(holds) == 0:
                holds = np.broadcast_to(holds, count)
            if not holds.any():
                continue
            fired.append((rule.place, holds))
            if rule.concludes:
                sheet.conclude(CONCLUDED + rule.concludes, holds)
            if rule.rank >= 0:
                ranks[rule.rank] = holds | ranks[rule.rank] if rule.rank in ranks else holds
                if not rule.asks:
                    stays = stays | holds
                if rule.closes:
                    closed = closed | holds
        verdict, door = np.zeros(count, np.int8), np.zeros(count, np.int8)
        for rank in sorted(ranks):
            np.copyto(verdict, rank, where=ranks[rank])
        if WALK in ranks:
            closed = closed | (sheet.frame["walking"] == DOOR_CLOSED)
            np.copyto(door, np.where(closed, DOOR_CLOSED, DOOR_OPEN), where=ranks[WALK], casting="unsafe")
        return AnswerColumns(verdict, door, fired, ~stays)


def at_least(answers: AnswerColumns, rows: Any, verdict: Any, door: Any = None) -> None:
    """Make answers no milder, at some places, than verdicts; of two walks the one whose door is closed."""
    now = answers.verdict[rows]
    severer = verdict > now
    was = answers.door[rows]
    if door is None:
        answers.door[rows] = np.where(severer, NO_DOOR, was)
    else:
        replaces = severer | ((verdict == now) & (door != NO_DOOR) & (was != DOOR_CLOSED))
        answers.door[rows] = np.where(replaces, door, was)
    answers.verdict[rows] = np.maximum(now, verdict)
