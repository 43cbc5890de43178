"""What follows from the facts that deals open with, for all of them at once: worths, start terms and limits.

As `deal.valuation`, with one scale for all deals of a policy: the least that holds the denominators of all its worths.
"""

from collections.abc import Mapping, Sequence
from math import gcd, lcm
from typing import Any

import msgspec
import numpy as np

from walkaway.backtest.columnar.numbers import MOST, Array, TooLarge, Truth, most_of, number
from walkaway.backtest.columnar.reading import Symbols
from walkaway.deal.stated import BATNA
from walkaway.deal.valuation import PACKAGE
from walkaway.language.expr.tree import Const, Number, facts_of
from walkaway.language.instants import DAY
from walkaway.language.values import LIMIT, Kind
from walkaway.policy.dated import is_in_force
from walkaway.policy.model import THRESHOLDS, Graded, Issue, Policy, Threshold
from walkaway.policy.tables import look_up

_FACTS = [1 << power for power in range(53, 9, -3)]
"""How large the facts of a deal may be, from the largest, until every amount that rests on them can be held."""


Stated = Mapping[str, tuple[Any, Any]]
"""Deal fact, or limit → what each deal states, and whether it does."""


class Worth(msgspec.Struct):
    """What one issue is worth, in units of the scale: of one smallest unit, or of each symbol's code, by deal."""

    rate: Array = None
    graded: Mapping[int, Array] | None = None

    def over(self, value: Array, start: Array, deals: Any) -> Array:
        """Return what values of some deals are worth over the start values of these."""
        if self.graded is None:
            return _at(self.rate, deals) * (value - start)
        found = np.zeros(np.shape(value), np.int64)
        for code, worth in self.graded.items():
            found = np.where(value == code, _at(worth, deals), found)
        begun = np.zeros(np.shape(value), np.int64)
        for code, worth in self.graded.items():
            begun = np.where(start == code, _at(worth, deals), begun)
        return found - begun

    def is_like(self, other: "Worth") -> bool:
        """Return whether both are worth the same in every deal."""
        mine, its = ({0: w.rate} if w.graded is None else w.graded for w in (self, other))
        same = (self.graded is None) == (other.graded is None) and mine.keys() == its.keys()
        return same and all(np.array_equal(mine[code], its[code]) for code in mine)


class Openings(msgspec.Struct):
    """The openings of deals, in columns.

    Attributes:
        scale: How many units of worth make one minor unit of money.
        known: Stated fact → its column in units of `below`, and where it is known; a scalar where all are the same.
        below: Stated fact → its denominator.
        looser: Which deals bring a walk value that is looser than the policy's.
        said: Deal fact → whether each deal states it, defaults aside.
        unprepared, too_large, not_in_force: Which deals are decided by the engine, and why.
    """

    scale: int
    base: Array
    start: Any
    worths: Sequence[Worth]
    known: dict[str, tuple[Array, Truth]]
    below: dict[str, int]
    said: Mapping[str, Any]
    looser: Any
    unprepared: Any
    too_large: Any
    not_in_force: Any


class StatedFacts:
    """The facts that deals open with, as a sheet."""

    def __init__(self, known: Mapping[str, tuple[Array, Truth]]) -> None:
        self.columns = known

    def value(self, fact: str) -> Array:
        return self.columns[fact][0]

    def known(self, fact: str) -> Truth:
        return self.columns[fact][1]

    def all_known(self, tree: Number) -> Truth:
        """Return where every fact of a number is known."""
        found: Truth = True
        for fact in sorted(facts_of(tree)):
            known = self.known(fact)
            if known is not True:
                found = known if found is True else found & known
        return found


def _one(fact: str) -> int:
    return 1


class ColumnOpener:
    """Opens deals of one policy that columns take."""

    def __init__(self, policy: Policy, symbols: Symbols) -> None:
        self.policy, self.symbols = policy, symbols
        self.money = policy.money.scale
        self.issues = list(policy.issues.values())
        self.trees = [(policy.package.base, 1), *(worth for issue in self.issues for worth in _worths(issue))]
        self.scale = lcm(*(self.worth(tree, step)[1] for tree, step in self.trees))

    def worth(self, tree: Number, step: int = 1) -> tuple[Any, int]:
        """Return what computes a number of money by *step*, in minor units, and the denominator below it."""
        found, below = number(tree, _one)
        return _reduced(found, below * step, self.money)

    def in_scale(self, tree: Number, step: int, known: StatedFacts) -> Array:
        """Return a worth in units of the scale."""
        found, below = self.worth(tree, step)
        return found(known) * (self.scale // below)

    def open(self, facts: Mapping[str, tuple[Any, Any]], instant: Any, count: int) -> Openings:
        """Return the openings of deals.

        Args:
            facts: Deal fact → what each states, and whether it does.
            instant: When each opens, microseconds since 1970.
        """
        known, unprepared = self.stated(facts, count)
        most = self.most_held()
        too_large = np.zeros(count, np.bool_)
        for value, there in known.values():
            too_large |= np.broadcast_to(there, count) & (np.abs(np.broadcast_to(value, count)) > most)
        days = instant // DAY if self.policy.as_of is None else np.full(count, self.policy.as_of, np.int64)
        distinct, place = np.unique(days, return_inverse=True)
        not_in_force = ~np.array([is_in_force(self.policy, int(day)) for day in distinct], np.bool_)[place]
        for lookup in self.policy.lookups:
            known[lookup.name], lacks = self.looked_up(lookup, known, days, count)
            unprepared |= lacks
        sheet = StatedFacts(known)
        said = {name: there for name, (_, there) in facts.items()}
        looser = np.zeros(count, np.bool_)
        found = Openings(
            self.scale, 0, None, (), known, dict.fromkeys(known, 1), said, looser, unprepared, too_large, not_in_force
        )
        for tree, _ in self.trees:
            unprepared |= ~np.broadcast_to(sheet.all_known(tree), count)
        found.base = self.in_scale(self.policy.package.base, 1, sheet)
        found.start = np.zeros((count, len(self.issues)), np.int64)
        worths = []
        for place, issue in enumerate(self.issues):
            found.start[:, place] = self.begun(issue, sheet, unprepared, count)
            too_large |= self.unnamable(issue, found.start[:, place], unprepared)
            worths.append(self.valued(issue, sheet, too_large, count))
        found.worths = worths
        for issue in self.issues:
            self.limit(found, issue.name, issue, issue.unit.scale, sheet, facts)
        self.limit(found, PACKAGE, self.policy.package, self.money, sheet, facts)
        found.known[BATNA], found.below[BATNA] = facts.get(BATNA, (0, False)), 1
        return found

    def stated(self, facts: Mapping[str, tuple[Any, Any]], count: int) -> tuple[dict[str, tuple[Array, Truth]], Any]:
        """Return the deal facts, and which deals lack one."""
        known: dict[str, tuple[Array, Truth]] = {}
        unprepared = np.zeros(count, np.bool_)
        for name, fact in self.policy.deal.items():
            value, there = facts[name]
            if fact.default is not None:
                value, there = np.where(there, value, self.symbols.code(fact.default)), True
            elif bool(there.all()):
                there = True
            elif not fact.optional:
                unprepared |= ~there
            known[f"deal.{name}"] = (value, there)
        return known, unprepared

    def most_held(self) -> int:
        """Return how large facts may be so that all that rests on them is held in 64 bits; 0 where nothing is."""
        for most in _FACTS:
            each = _Always(most)
            try:
                for tree, step in self.trees:
                    above, _ = most_of(tree, _one, each)
                    if above * self.money * (self.scale // self.worth(tree, step)[1]) > MOST:
                        raise TooLarge
                for threshold, scale in self.thresholds():
                    above, _ = most_of(threshold, _one, each)
                    if above * scale > MOST:
                        raise TooLarge
            except TooLarge:
                continue
            return most
        return 0

    def thresholds(self) -> list[tuple[Number, int]]:
        """Return every threshold that is a number, with its unit's scale."""
        said: list[tuple[Threshold, int]] = [(i.start, i.unit.scale) for i in self.issues]
        said += [(getattr(i, t), i.unit.scale) for i in self.issues for t in THRESHOLDS]
        said += [(getattr(self.policy.package, t), self.money) for t in THRESHOLDS]
        return [(at, scale) for at, scale in said if at is not None and not isinstance(at, int | str)]

    def looked_up(
        self, lookup: Any, known: Mapping[str, tuple[Array, Truth]], days: Any, count: int
    ) -> tuple[tuple[Array, Truth], Any]:
        """Return the cells that facts choose, each distinct choice looked up once, and which deals have no row."""
        table, there = self.policy.tables[lookup.table], np.ones(count, np.bool_)
        columns = []
        for key in lookup.keys:
            value, is_known = known[key]
            columns.append(np.broadcast_to(value, count))
            there = there & is_known
        if any(row.since is not None for row in table.rows):
            columns.append(days)
        columns = columns or [np.zeros(count, np.int64)]
        distinct, place = np.unique(np.stack(columns), axis=1, return_inverse=True)
        names = {code: symbol for symbol, code in self.symbols.codes.items()}
        cells, has_row = np.zeros(distinct.shape[1], np.int64), np.zeros(distinct.shape[1], np.bool_)
        for at in range(distinct.shape[1]):
            keys = [
                int(v) if self.is_number(key) else names.get(int(v), "")
                for key, v in zip(lookup.keys, distinct[:, at], strict=False)
            ]
            day = int(distinct[-1, at]) if len(columns) > len(lookup.keys) else 0
            row = look_up(table, keys, day)
            if row is not None:
                cells[at], has_row[at] = self.symbols.code(row.cells[lookup.column]), True
        place = place.reshape(-1)
        is_known = there & has_row[place]
        return (cells[place], True if bool(is_known.all()) else is_known), there & ~has_row[place]

    def is_number(self, fact: str) -> bool:
        """Return whether a fact is a number, and no symbol."""
        return self.policy.catalog[fact].unit.kind not in (Kind.CHOICE, Kind.TEXT)

    def begun(self, issue: Issue, sheet: StatedFacts, unprepared: Any, count: int) -> Array:
        """Return start values; one between two units lies at the one better for us."""
        at = issue.start
        if at is None or isinstance(at, int | str):
            return 0 if at is None else self.symbols.code(at)
        unprepared |= ~np.broadcast_to(sheet.all_known(at), count)
        found, below = _reduced(*number(at, _one), issue.unit.scale)
        value = found(sheet)
        return value // below if issue.better < 0 else -(-value // below)

    def unnamable(self, issue: Issue, start: Array, unprepared: Any) -> Any:
        """Return in which deals an issue starts at a value that nobody may name; the constant of a policy is none."""
        if isinstance(issue.start, int | str | Const) or not issue.unit.is_numeric:
            return np.zeros(len(unprepared), np.bool_)
        least, most = issue.bounds
        outside = ~np.isin(start, issue.values) if issue.values else np.zeros(len(unprepared), np.bool_)
        if least is not None:
            outside = outside | (start < least)
        if most is not None:
            outside = outside | (start > most)
        return outside & ~unprepared

    def valued(self, issue: Issue, sheet: StatedFacts, too_large: Any, count: int) -> Worth:
        """Return what an issue is worth; a deal in which it turns against its declared direction is left out."""
        if isinstance(issue.worth, Graded):
            worths = {self.symbols.code(s): self.in_scale(tree, 1, sheet) for s, tree in issue.worth.worths.items()}
            return Worth(graded=worths)
        rate = self.in_scale(issue.worth.rate, issue.worth.step, sheet)
        too_large |= np.broadcast_to(rate * issue.better < 0, count)
        return Worth(rate=rate)

    def limit(
        self,
        found: Openings,
        name: str,
        of: Any,
        scale: int,
        sheet: StatedFacts,
        brought: Mapping[str, tuple[Any, Any]],
    ) -> None:
        """Enter the thresholds of an issue or of the package: what a deal brings, else the policy's own."""
        count = len(found.unprepared)
        for threshold in THRESHOLDS:
            at, fact = getattr(of, threshold), f"{threshold}.{name}"
            if at is None or isinstance(at, int | str):
                value, there, below = 0 if at is None else self.symbols.code(at), at is not None, 1
            else:
                compute, below = _reduced(*number(at, _one), scale)
                value, there = compute(sheet), sheet.all_known(at)
                found.too_large |= np.broadcast_to(there & (np.abs(value) > LIMIT * below), count)
            if fact in brought:
                value, there = self.brought(found, fact, name, (value, there), brought[fact], below)
            if threshold == "walk" and (at is not None or of.per_deal):
                found.unprepared |= ~np.broadcast_to(there, count)
            found.known[fact], found.below[fact] = (value, there), below

    def brought(
        self, found: Openings, fact: str, name: str, own: tuple[Array, Truth], deals: tuple[Any, Any], below: int
    ) -> tuple[Array, Truth]:
        """Return a threshold with what deals bring in place of the policy's own; a walk value may not be looser."""
        (value, there), (said, says) = own, deals
        better = 1 if name == PACKAGE else self.policy.issues[name].better
        if fact.startswith("walk.") and there is not False:
            both = says & there
            if better:
                found.looser |= both & ((said * below - value) * better < 0)
            else:
                found.looser |= both  # which of two symbols is the looser hangs on worths: the engine tells
        return np.where(says, said * below, value), True if there is True else says | there


class _Always(dict[str, int]):
    """The same bound for every fact."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most

    def __missing__(self, fact: str) -> int:
        return self.most


def _reduced(found: Any, below: int, factor: int) -> tuple[Any, int]:
    """Return a number times a factor, the denominator reduced by what both have in common."""
    common = gcd(factor, below)
    times = factor // common
    return (found if times == 1 else lambda sheet: found(sheet) * times), below // common


def _worths(issue: Issue) -> list[tuple[Number, int]]:
    """Return the worths of an issue, each with the step that it is by."""
    worth = issue.worth
    return [(t, 1) for t in worth.worths.values()] if isinstance(worth, Graded) else [(worth.rate, worth.step)]


def _at(column: Array, deals: Any) -> Array:
    return column.take(deals) if isinstance(column, np.ndarray) else column
