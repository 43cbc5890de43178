"""What is remembered of deals, a column each; and those deals of it that one round is about.

The columns are named as in `deal.position`, `.v` for values and `.w` for worths over the start terms. Of what rules may
read alone only the columns are kept that some rule does read.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from walkaway.backtest.columnar.openings import Openings
from walkaway.backtest.columnar.understood import read_by
from walkaway.policy.model import Policy

SIDES = ("ours", "theirs")
NO_DOOR, DOOR_OPEN, DOOR_CLOSED = range(3)
NO_AGREEMENT, AGREED, AGREEMENT_ENDED = range(3)
COUNTS = ("concessions", "last_give", "in_a_row", "unreturned", "flat", "retracted", "rejections")


def summed(columns: Any) -> Any:
    """Return the sums over issues. Column by column: numpy's reduction over a short axis takes four times as long."""
    found = columns[:, 0].astype(np.int64)
    for place in range(1, columns.shape[1]):
        found += columns[:, place]
    return found


def of_every(columns: Any) -> Any:
    """Return where something is so of every issue."""
    found = columns[:, 0].copy()
    for place in range(1, columns.shape[1]):
        found &= columns[:, place]
    return found


def of_some(columns: Any) -> Any:
    """Return where something is so of some issue."""
    found = columns[:, 0].copy()
    for place in range(1, columns.shape[1]):
        found |= columns[:, place]
    return found


class Book:
    """What is remembered of every deal of a chunk.

    Args:
        kept: The columns beyond those that judging itself needs, which some rule reads.
    """

    def __init__(self, openings: Openings, opened: Any, issues: int, signals: int, kept: frozenset[str]) -> None:
        count = len(opened)
        self.openings, self.issues, self.kept = openings, issues, kept
        whole = np.zeros(count, np.int64)
        terms = np.zeros((count, issues), np.int64)
        columns: dict[str, Any] = {"deal": np.arange(count), "opened": opened, "last": opened.copy()}
        columns |= {"uncleared": whole.copy(), "closed": np.zeros(count, np.bool_), "outcome": whole.copy()}
        columns |= {"walking": np.zeros(count, np.int8)}
        columns |= {"left_at": whole.copy(), "moved": np.zeros(count, np.bool_)}
        columns |= {"agreement": np.zeros(count, np.int8), "agreement.cleared": np.zeros(count, np.bool_)}
        columns |= {"agreement.by_us": np.zeros(count, np.bool_)}
        columns |= {"agreement.v": openings.start.copy(), "agreement.w": terms.copy()}
        columns |= {
            "cleared.v": openings.start.copy(),
            "cleared.w": terms.copy(),
            "run.w": terms.copy(),
            "base.w": terms.copy(),
        }
        for side in SIDES:
            columns |= {f"{side}.v": openings.start.copy(), f"{side}.w": terms.copy(), f"{side}.worth": whole.copy()}
            columns |= {f"{side}.stands": np.zeros(count, np.bool_), f"{side}.rejected": np.ones(count, np.bool_)}
            columns |= {f"{side}.named": whole.copy(), f"{side}.offers": whole.copy(), f"{side}.net": whole.copy()}
            columns |= {f"{side}.said_at": np.full(count, -1, np.int64), f"{side}.in_a_row": whole.copy()}
            columns |= {f"{side}.unreturned": whole.copy()}
            for name in (*COUNTS, "settled"):
                if self.keeps(f"{side}.{name}"):
                    columns.setdefault(f"{side}.{name}", whole.copy())
            if self.keeps(f"{side}.conceded_at"):
                columns[f"{side}.conceded_at"] = np.full(count, -1, np.int64)
            if self.keeps(f"{side}.first"):
                columns[f"{side}.first"] = terms.copy()
        columns["ours.stated"] = whole.copy()
        if self.keeps("agreed"):
            columns |= {"agreed.w": terms.copy(), "agreed": whole.copy()}
        for name in kept:
            if name.startswith("matches."):
                columns[name] = whole.copy()
        if self.keeps("signals"):
            columns["signals"] = np.zeros((count, signals), np.int64)
        self.columns = columns

    def keeps(self, name: str) -> bool:
        """Return whether a column is kept that only rules read."""
        return name in self.kept

    def enter(self, rows: Any, columns: Mapping[str, Any]) -> None:
        """Enter what has changed of some deals."""
        for name, column in columns.items():
            self.columns[name][rows] = column


class DealFrame:
    """Some deals of a book, in the order of *rows*, with columns that stand in place of the book's.

    Args:
        whole: Of what these are some, and at which places; none where they are taken from the book.
    """

    def __init__(
        self,
        book: Book,
        rows: Any,
        columns: Mapping[str, Any] | None = None,
        whole: "tuple[DealFrame, Any] | None" = None,
    ) -> None:
        self.book, self.rows, self.whole = book, rows, whole
        self.columns: dict[str, Any] = {} if columns is None else dict(columns)

    def __getitem__(self, name: str) -> Any:
        found = self.columns.get(name)
        if found is None:
            if self.whole is not None and self.whole[0].holds(name):
                of, places = self.whole
                found = of[name].take(places, axis=0)
            else:
                found = self.book.columns[name].take(self.rows, axis=0)
            self.columns[name] = found
        return found

    def holds(self, name: str) -> bool:
        """Return whether it has a column that is no longer the book's, or was taken from there."""
        return name in self.columns or (self.whole is not None and self.whole[0].holds(name))

    def __len__(self) -> int:
        return len(self.rows)

    def with_columns(self, columns: Mapping[str, Any]) -> "DealFrame":
        """Return the same deals with other columns."""
        return DealFrame(self.book, self.rows, {**self.columns, **columns}, self.whole)

    def some(self, places: Any) -> "DealFrame":
        """Return the deals at some places of these."""
        return DealFrame(self.book, self.rows[places], None, (self, places))


def kept_for(policy: Policy) -> frozenset[str]:
    """Return the columns that only rules read, and that some rule does."""
    paths = {policy.catalog[f].path for f in read_by(policy) if f in policy.catalog}
    found = set()
    for side in SIDES:
        for name in COUNTS:
            if f"position.{side}.{name}" in paths or f"{side}_{name}" in paths:
                found.add(f"{side}.{name}")
        if f"position.{side}.settled_count" in paths:
            found.add(f"{side}.settled")
        if f"since_{'our' if side == 'ours' else 'their'}_concession" in paths:
            found.add(f"{side}.conceded_at")
        if f"{side}_first" in paths:
            found.add(f"{side}.first")
    if paths & {"ours_reopened", "theirs_reopened", "move_reopened"}:
        found.add("agreed")
    if "signals" in paths:
        found.add("signals")
    found |= {f"matches.{f.removeprefix('pattern.')}" for f in read_by(policy) if f.startswith("pattern.")}
    return frozenset(found)
