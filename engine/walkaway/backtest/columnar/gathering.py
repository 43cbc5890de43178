"""Events of many lines in columns, sorted by deal. Knows nothing of how lines are read."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
import polars as pl

from walkaway.deal.lines import head_of


class Events(msgspec.Struct):
    """Events in columns, sorted by deal and in each deal as they came.

    Attributes:
        deals: The deals in the order of their first lines; other columns name them by their place here.
        row: Of each event its line's place among all lines read.
        value, named: Of each event and issue what it names, and whether it does; or which issues it accepts.
        partial: Whether it accepts some issues only.
        detail: The signal's or the outcome's code.
        facts: Of each deal fact, and of each limit that some deal brings, what the events state, and whether they do.
        left_out: Of each deal whether it holds a line that is not plain.
        repeated: Of each deal whether an id comes twice in it.
        dead: How many plain lines hold a value that is none.
    """

    deals: list[str]
    row: Any
    deal: Any
    kind: Any
    instant: Any
    value: Any
    named: Any
    partial: Any
    detail: Any
    facts: Mapping[str, tuple[Any, Any]]
    left_out: Any
    repeated: Any
    dead: int

    def some(self, places: Any) -> "Events":
        """Return the events at some places; the deals stay, and have no others."""
        facts = {name: (value[places], there[places]) for name, (value, there) in self.facts.items()}
        return Events(
            self.deals, self.row[places], self.deal[places], self.kind[places], self.instant[places],
            self.value[places], self.named[places], self.partial[places], self.detail[places], facts, self.left_out,
            self.repeated, 0,
        )  # fmt: skip

    def ranges(self, deals: int) -> "Iterator[tuple[int, Events]]":
        """Return the events of so many deals after one another, each time with the place of the first of them."""
        firsts = range(0, len(self.deals), deals)
        ends = np.searchsorted(self.deal, [*firsts, len(self.deals)])
        for n, first in enumerate(firsts):
            some, last = slice(int(ends[n]), int(ends[n + 1])), first + deals
            part = self.some(some)
            yield (
                first,
                msgspec.structs.replace(
                    part,
                    deals=self.deals[first:last],
                    deal=part.deal - first,
                    left_out=self.left_out[first:last],
                    repeated=self.repeated[first:last],
                ),
            )


class TypedLines(msgspec.Struct):
    """Lines of one schema in typed columns, as `Events` has them; `plain` and `alive` as they are read."""

    index: Any
    deals: Any
    ids: Any
    plain: Any
    alive: Any
    kind: Any
    instant: Any
    value: Any
    named: Any
    partial: Any
    detail: Any
    facts: dict[str, tuple[Any, Any]]


def _all(name: str, parts: Sequence[TypedLines]) -> Any:
    """Return one column of all parts."""
    columns = [getattr(part, name) for part in parts]
    return columns[0] if len(columns) == 1 else np.concatenate(columns)


def _facts(name: str, parts: Sequence[TypedLines], kept: Any) -> tuple[Any, Any]:
    """Return what lines state of a fact, and where they do; lines of a part without it state nothing."""
    values = [p.facts[name][0] if name in p.facts else np.zeros(len(p.index), np.int64) for p in parts]
    there = [p.facts[name][1] if name in p.facts else np.zeros(len(p.index), np.bool_) for p in parts]
    return np.concatenate(values)[kept], np.concatenate(there)[kept]


def gathered(
    lines: Any, parts: Sequence["TypedLines"], odds: Sequence[Any], followed: Collection[str]
) -> tuple[Events, Any]:
    """Return the events sorted by deal.

    Args:
        odds: The places of the lines that the expression does not match.
    """
    plain, index = _all("plain", parts), _all("index", parts)
    deal_of, ids = (pl.concat([getattr(p, name) for p in parts]) for name in ("deals", "ids"))
    places = np.concatenate([index[~plain], *odds])
    heads = [head_of((text or "").encode()) for text in lines.gather(places).to_list()]
    followed = {*followed, *(head.follows for head in heads)} - {""}
    named = pl.Series([head.deal or None for head in heads], dtype=pl.String)
    if len(places):
        deal_of, index_of = pl.concat([deal_of.filter(pl.Series(plain)), named]), np.r_[index[plain], places]
    else:
        index_of = index
    by_line = np.empty(len(lines), np.int64)
    firsts = pl.DataFrame({"deal": deal_of, "index": index_of}).drop_nulls().group_by("deal").min()
    deals = firsts.sort("index")["deal"]
    codes = deal_of.replace_strict(deals, np.arange(len(deals)), default=None, return_dtype=pl.Int64)
    by_line[index_of] = codes.fill_null(-1).to_numpy()
    deal = by_line[index]
    left_out, repeated = np.zeros(len(deals), np.bool_), np.zeros(len(deals), np.bool_)
    left_out[by_line[places[by_line[places] >= 0]]] = True
    if followed:
        left_out |= deals.is_in(sorted(followed)).to_numpy()
    alive = _all("alive", parts)
    kept = np.flatnonzero(plain & alive)
    twice = ids.gather(kept)
    if twice.n_unique() < len(twice):
        pairs = pl.DataFrame({"deal": deal[kept], "id": twice})
        repeated[pairs.filter(pairs.is_duplicated())["deal"].to_numpy()] = True
    kept = kept[np.argsort(deal[kept] * len(lines) + index[kept])]
    facts = {name: None for part in parts for name in part.facts}
    kind, instant, value, named_issues = (_all(name, parts)[kept] for name in ("kind", "instant", "value", "named"))
    partial, detail = (_all(name, parts)[kept] for name in ("partial", "detail"))
    found = Events(
        deals.to_list(), index[kept], deal[kept], kind, instant, value, named_issues, partial, detail,
        {name: _facts(name, parts, kept) for name in facts}, left_out, repeated, int((plain & ~alive).sum()),
    )  # fmt: skip
    return found, by_line
