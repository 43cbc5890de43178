"""The facts that rules may read, for many events at once; as `deal.facts` derives them for one.

A money fact stands in units of the policy's scale of worth; `Facts.below` has the denominator of each.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from math import lcm
from typing import Any

import numpy as np

from walkaway.backtest.columnar.frames import AGREED, DOOR_CLOSED, DOOR_OPEN, DealFrame, summed
from walkaway.backtest.columnar.moves import OUR_ACCEPTANCE, OUR_OFFER, Moves, has_bit
from walkaway.backtest.columnar.numbers import Array, Truth
from walkaway.backtest.columnar.openings import Openings
from walkaway.backtest.columnar.patterns import SeenPattern
from walkaway.policy.model import THRESHOLDS, Graded, Policy
from walkaway.policy.order import Order

_SECOND = 1_000_000
Found = tuple[Array, Truth]
NOTHING: Found = (0, False)
LEDGER = frozenset(
    {
        "worth",
        "give",
        "give_net",
        "give_run",
        "asked",
        "get",
        "move",
        "move_new",
        "theirs_worth",
        "ours_net",
        "theirs_net",
    }
    | {"ours_last_give", "theirs_last_give", "balance"}
)
"""The paths of facts that are worths."""
TERMS = frozenset({"offer", "ours_last", "theirs_last", "ours_first", "theirs_first", "ours_cleared"})
"""The paths of facts that are values of issues."""


class ThresholdAt:
    """One issue's threshold, ready to measure offers against; `better` as in `deal.valuation.Bound`."""

    def __init__(self, place: int, name: str, better: int, fact: str, alike: Sequence[tuple[int, int]] = ()) -> None:
        self.place, self.name, self.better, self.fact, self.alike = place, name, better, fact, alike


class Figures:
    """What is known of the facts of one policy before any event: paths, places, denominators."""

    def __init__(self, policy: Policy, openings: Openings, code: Callable[[int | str], int]) -> None:
        self.policy, self.openings = policy, openings
        self.place = {name: at for at, name in enumerate(policy.issues)}
        self.signal = {kind: at for at, kind in enumerate(policy.signals)}
        self.paths = {name: entry.path for name, entry in policy.catalog.items()}
        bounded = [i for i in policy.issues.values() if i.better or isinstance(i.worth, Graded)]
        pairs = policy.once(Order).pairs
        alike = {i.name: [(code(limit), code(value)) for limit, value in pairs(i.name)] for i in bounded}
        self.bounds = {
            t: [ThresholdAt(self.place[i.name], i.name, i.better, f"{t}.{i.name}", alike[i.name]) for i in bounded]
            for t in THRESHOLDS
        }
        self.patterns: dict[str, SeenPattern] = {}
        walks = policy.issues.values() if policy.is_base_walk else ()
        self.floors = [(self.place[i.name], f"walk.{i.name}") for i in walks]

    def name_of(self, place: int) -> str:
        """Return the issue at a place."""
        return list(self.place)[place]

    def below(self, fact: str) -> int:
        """Return the denominator of a fact's column."""
        path = self.paths.get(fact, "stated")
        if path == "stated":
            return self.openings.below.get(fact, 1)
        if path == "room":
            issue = self.policy.issues.get(fact.removeprefix("room."))
            if issue is None:
                return lcm(self.openings.scale, self.openings.below["walk.package"])
            return self.openings.below[f"walk.{issue.name}"] if issue.better else self.openings.scale
        return self.openings.scale if path in LEDGER else 1

    def floor(self, deals: Any) -> Any:
        """Return what values of theirs count for at least; none where they count for what they are worth."""
        if not self.policy.is_base_bound:
            return None
        found = np.zeros((len(deals), len(self.place)), np.int64)
        start, worths = self.openings.start[deals], self.openings.worths
        for place, fact in self.floors:
            value, there = self.openings.known[fact]
            if there is not False:
                at = value[deals] if isinstance(value, np.ndarray) else np.full(len(deals), value)
                worth = worths[place].over(at, start[:, place], deals)
                found[:, place] = worth if there is True else np.where(there[deals], worth, 0)
        return found


class EventSheet:
    """The facts of some events, each derived when it is first read.

    Args:
        ours: The terms on the table as ours, where they are or would be; `theirs` what they change for the other side.
        now: The events' instants.
        signals: Of signals that are judged and confirmed, the kind's place; -1 elsewhere.
        outcome: Of closes, the outcome's code; `by` the code of whoever makes the terms on the table.
        counted: Whether the deals' patterns know these terms already.
    """

    def __init__(
        self, figures: Figures, frame: DealFrame, now: Any, ours: Moves | None = None, theirs: Moves | None = None,
        *, signals: Any = None, outcome: Any = None, by: int = 0, opens: bool = False,
        counted: bool = False,
    ) -> None:  # fmt: skip
        self.figures, self.frame, self.now = figures, frame, now
        self.ours, self.theirs, self.move = ours, theirs, ours or theirs
        self.signals, self.outcome, self.by, self.opens = signals, outcome, by, opens
        self.counted = counted
        self.found: dict[str, Found] = {}

    def value(self, fact: str) -> Array:
        """Return a fact's column."""
        return self.find(fact)[0]

    def known(self, fact: str) -> Truth:
        """Return where a fact is known."""
        return self.find(fact)[1]

    def conclude(self, fact: str, where: Any) -> None:
        """Enter where a conclusion is drawn."""
        was, _ = self.find(fact)
        self.found[fact] = (np.maximum(was, np.asarray(where).astype(np.int64)), True)

    def find(self, fact: str) -> Found:
        """Return a fact's column, and where it is known."""
        found = self.found.get(fact)
        if found is None:
            found = self.found[fact] = self.derived(fact)
        return found

    def derived(self, fact: str) -> Found:
        path = self.figures.paths.get(fact, "stated")
        key = fact.rpartition(".")[2]
        read = _READ.get(path)
        if read is not None:
            return read(self)
        match path:
            case "stated":
                return self.stated(fact)
            case "offer":
                return NOTHING if self.move is None else (self.move.v[:, self.figures.place[key]], True)
            case "room":
                return NOTHING if self.move is None else self.distance(key)
            case "ours_last" | "theirs_last":
                side = path.removesuffix("_last")
                return self.frame[f"{side}.v"][:, self.figures.place[key]], self.frame[f"{side}.said_at"] >= 0
            case "ours_first" | "theirs_first":
                side = path.removesuffix("_first")
                place = self.figures.place[key]
                return self.frame[f"{side}.first"][:, place], (self.frame[f"{side}.named"] >> place) & 1 == 1
            case "ours_cleared":
                return self.frame["cleared.v"][:, self.figures.place[key]], True
            case "signals":
                place = self.figures.signal[key]
                seen = self.frame["signals"][:, place]
                return (seen if self.signals is None else seen + (self.signals == place)), True
            case "patterns":
                return self.matches(key), True
            case "is_stated":
                return self.stated_at(key).astype(np.int64), True
            case "since_stated":
                return (self.now - self.frame["opened"]) // _SECOND, self.stated_at(key)
            case "earlier" | "party_last" | "since_party_closed" | "update_loosens" | "update_outside":
                return NOTHING
            case "approved" | "concluded" | "party_left_closed" | "ours_halted":
                return 0, True
            case _ if path.startswith("position.others."):
                return 0, True
            case "position.uncleared":
                return self.frame["uncleared"], True
            case _ if path.endswith(".settled_count"):
                return np.bitwise_count(self.frame[path.removeprefix("position.").removesuffix("_count")]).astype(
                    np.int64
                ), True
            case _:
                return self.frame[path.removeprefix("position.")], True

    def matches(self, name: str) -> Array:
        """Return how often a pattern has matched, these terms included where they are no word of the deal yet."""
        seen = self.frame[f"matches.{name}"]
        if self.move is None or self.counted:
            return seen
        return seen + self.figures.patterns[name].joined(self.frame["deal"], said_as(self.move, self.ours), self.move)

    def stated(self, fact: str) -> Found:
        """Return what the deal states."""
        value, there = self.figures.openings.known[fact]
        deals = self.frame["deal"]
        value = value.take(deals) if isinstance(value, np.ndarray) and value.ndim else value
        return value, there.take(deals) if isinstance(there, np.ndarray) else there

    def stated_at(self, name: str) -> Any:
        """Return whether a deal fact was stated when the deal opened."""
        return self.figures.openings.said[name][self.frame["deal"]]

    def past(self, threshold: str) -> list[tuple[Truth, Truth]]:
        """Return for each threshold whether the terms are past it, and where there is such a one."""
        found = []
        for bound in self.figures.bounds[threshold]:
            at, there = self.stated(bound.fact)
            if there is not False:
                found.append((self.is_past(bound, at), there))
        return found

    def is_past(self, bound: ThresholdAt, at: Array) -> Truth:
        """Return whether the terms are past a threshold: by distance, and a symbol of the same worth by its order."""
        assert self.move is not None, "there are terms on the table"
        distance, value = self.from_bound(bound, at), self.move.v[:, bound.place]
        found = distance < 0
        for limit, symbol in bound.alike:
            found = found | ((distance == 0) & (at == limit) & (value == symbol))
        return found

    def from_bound(self, bound: ThresholdAt, at: Array) -> Array:
        assert self.move is not None, "there are terms on the table"
        if bound.better:
            value = self.move.v[:, bound.place] * self.figures.openings.below[bound.fact]
            return value - at if bound.better > 0 else at - value
        worth = self.figures.openings.worths[bound.place]
        deals = self.frame["deal"]
        start = self.figures.openings.start[deals][:, bound.place]
        return self.move.w[:, bound.place] - worth.over(np.broadcast_to(at, len(deals)), start, deals)

    def distance(self, key: str) -> Found:
        """Return how far the terms are from a walk value."""
        if key == "package":
            at, there = self.stated("walk.package")
            scale, below = self.figures.openings.scale, self.figures.openings.below["walk.package"]
            common = lcm(scale, below)
            return self.worth * (common // scale) - at * (common // below), there
        bound = next((b for b in self.figures.bounds["walk"] if b.name == key), None)
        if bound is None:
            return NOTHING
        at, there = self.stated(bound.fact)
        return (self.from_bound(bound, at), there) if there is not False else NOTHING

    def count_past(self, threshold: str) -> Found:
        """Count the thresholds that the terms are past, the package's too."""
        if self.move is None:
            return NOTHING
        found = np.zeros(len(self.frame), np.int64)
        for is_past, there in self.past(threshold):
            found += is_past & there
        at, there = self.stated(f"{threshold}.package")
        if there is not False:
            scale, below = self.figures.openings.scale, self.figures.openings.below[f"{threshold}.package"]
            common = lcm(scale, below)
            found += (self.worth * (common // scale) < at * (common // below)) & there
        return found, True

    @cached_property
    def worth(self) -> Array:
        """Return what the terms on the table are worth to us, the base included."""
        assert self.move is not None, "there are terms on the table"
        return self.base() + self.move.worth

    def base(self) -> Array:
        base = self.figures.openings.base
        return base.take(self.frame["deal"]) if isinstance(base, np.ndarray) and base.ndim else base

    @cached_property
    def got(self) -> Array:
        """Return `get.value`: what is asked, and what they are ahead by; what both bring counts once."""
        ours, frame = self.ours, self.frame
        assert ours is not None, "they are terms of ours"
        balance, asked = frame["ours.net"] + frame["theirs.net"], ours.gain
        named = frame["theirs.named"]
        if named.any():
            low, high = frame["base.w"], frame["theirs.w"]
            floor = self.figures.floor(frame["deal"])
            if floor is not None:
                low, high = np.maximum(low, floor), np.maximum(high, floor)
            low = np.maximum(low, 0)
            counts = has_bit(named, frame.book.issues) & (high > low)
            before = summed(np.where(counts, np.maximum(np.minimum(high, frame["cleared.w"]) - low, 0), 0))
            after = summed(np.where(counts, np.maximum(np.minimum(high, ours.w) - low, 0), 0))
            asked = asked - (after - before)
            balance = balance - before
        return asked + np.maximum(balance, 0)

    def since(self, name: str, known: Truth) -> Found:
        return (self.now - self.frame[name]) // _SECOND, known

    def reopened(self, w: Any, ours: bool) -> Array:
        """Count the agreed issues that terms turn in a party's favour, against what was agreed."""
        change = w - self.frame["agreed.w"]
        turned = change > 0 if ours else change < 0
        return summed(turned & has_bit(self.frame["agreed"], self.frame.book.issues))


def said_as(move: Moves, ours: Moves | None) -> Any:
    """Return what patterns hear words as."""
    if ours is not None:
        return np.where(move.agrees, OUR_ACCEPTANCE, OUR_OFFER)
    return move.heard


def _ours(read: Callable[[EventSheet, Moves], Array]) -> Callable[[EventSheet], Found]:
    return lambda sheet: NOTHING if sheet.ours is None else (read(sheet, sheet.ours), True)


def _theirs(read: Callable[[EventSheet, Moves], Array]) -> Callable[[EventSheet], Found]:
    return lambda sheet: NOTHING if sheet.theirs is None else (read(sheet, sheet.theirs), True)


def _any(read: Callable[[EventSheet, Moves], Array]) -> Callable[[EventSheet], Found]:
    return lambda sheet: NOTHING if sheet.move is None else (read(sheet, sheet.move), True)


def _last(name: str) -> Callable[[EventSheet], Found]:
    return lambda sheet: sheet.since(name, sheet.frame[name] >= 0)


def _left(sheet: EventSheet) -> Found:
    walking = sheet.frame["walking"]
    return sheet.since("left_at", (walking != 0) & ~((walking == DOOR_OPEN) & sheet.frame["moved"]))


def _agreed(sheet: EventSheet) -> Array:
    return (sheet.frame["agreement"] == AGREED).astype(np.int64)


def _run(sheet: EventSheet, move: Moves) -> Array:
    return summed(np.maximum(sheet.frame["run.w"] - move.w, 0))


_READ: Mapping[str, Callable[[EventSheet], Found]] = {
    "worth": _any(lambda s, m: s.worth),
    "first": _any(lambda s, m: np.asarray(m.first).astype(np.int64)),
    "by": _any(lambda s, m: s.by),
    "give": _ours(lambda s, m: m.loss),
    "give_net": _ours(lambda s, m: np.maximum(m.loss - m.gain, 0)),
    "give_run": _ours(_run),
    "give_issues": _ours(lambda s, m: m.losses),
    "asked": _ours(lambda s, m: m.gain),
    "asked_issues": _ours(lambda s, m: m.gains),
    "get": _ours(lambda s, m: s.got),
    "move": _theirs(lambda s, m: m.gain - m.loss),
    "move_new": _theirs(lambda s, m: m.new),
    "move_retracted": _theirs(lambda s, m: m.losses),
    "move_reopened": _theirs(lambda s, m: s.reopened(m.w, ours=False)),
    "other_ours": lambda s: (0, True),
    "other_theirs": lambda s: (0, True),
    "theirs_worth": lambda s: (s.base() + s.frame["theirs.worth"], s.frame["theirs.stands"]),
    "ours_final": lambda s: (0, True),
    "theirs_final": lambda s: (0, True),
    "open_follows": lambda s: (0, True) if s.opens else NOTHING,
    "agreed_stands": lambda s: (_agreed(s), True),
    "close_agreed": lambda s: NOTHING if s.outcome is None else (_agreed(s), True),
    "close_differs": lambda s: NOTHING if s.outcome is None else (0, True),
    "outcome": lambda s: NOTHING if s.outcome is None else (s.outcome, True),
    "beyond_walk": lambda s: s.count_past("walk"),
    "short_of_want": lambda s: s.count_past("want"),
    "ours_net": lambda s: (s.frame["ours.net"], True),
    "theirs_net": lambda s: (s.frame["theirs.net"], True),
    "ours_last_give": lambda s: (s.frame["ours.last_give"], True),
    "theirs_last_give": lambda s: (s.frame["theirs.last_give"], True),
    "ours_reopened": lambda s: (s.reopened(s.frame["ours.w"], ours=True), True),
    "theirs_reopened": lambda s: (s.reopened(s.frame["theirs.w"], ours=False), True),
    "balance": lambda s: (s.frame["ours.net"] + s.frame["theirs.net"], True),
    "since_opened": lambda s: s.since("opened", True),
    "since_left": _left,
    "since_our_offer": _last("ours.said_at"),
    "since_their_offer": _last("theirs.said_at"),
    "since_our_concession": _last("ours.conceded_at"),
    "since_their_concession": _last("theirs.conceded_at"),
    "missing_items": lambda s: (0, True),
    "left_open": lambda s: (((s.frame["walking"] == DOOR_OPEN) & ~s.frame["moved"]).astype(np.int64), True),
    "left_closed": lambda s: ((s.frame["walking"] == DOOR_CLOSED).astype(np.int64), True),
}
"""Figures that are computed, by their path in the catalog."""
