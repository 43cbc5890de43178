"""Events by the million: what `workload.deal_lines` has of a deal, drawn column by column for all deals of a file.

A number of a file gives the same lines at each run.
"""

from typing import Any

import numpy as np
import polars as pl

EACH, SIDE_BY_SIDE = 12, 50
"""So many events has a deal, and so many deals go on side by side."""
_SEGMENTS = ("smb", "mid-market", "enterprise")
_CHOICES = {
    "term": [f"{months} months" for months in (12, 24, 36)],
    "prepay": ["yes", "no"],
    "reference": ["yes", "no"],
    "support": ["basic", "basic", "gold"],
    "payment": [f"{days} days" for days in (30, 45, 60, 75)],
}
_DISCOUNTS = [f"{tenths / 10:g}%" for tenths in range(1000)]
_AT = [f"2026-10-01T{step * 7 // 60:02d}:{step * 7 % 60:02d}:00Z" for step in range(EACH)]


def lines_of(file: int, count: int) -> Any:
    """Return the lines of a file as a series."""
    rng, deals = np.random.default_rng(file), -(-count // EACH)
    size = (deals, EACH)
    ours = rng.random(size) < 0.5
    moved = rng.random(size) / EACH
    ours[:, 0] = moved[:, 0] = 0
    low, high = np.cumsum(np.where(ours, moved * 40, 0), axis=1), 25 - np.cumsum(np.where(ours, 0, moved * 20), axis=1)
    texts, first = _DISCOUNTS, len(_DISCOUNTS)
    codes = [np.rint(np.where(ours, low, high) * 10).astype(np.int32)]
    named = [f'"discount": "{text}"' for text in texts]
    for issue, choices in _CHOICES.items():
        codes.append(first + rng.integers(len(choices), size=size, dtype=np.int32))
        named += [f'"{issue}": "{text}"' for text in choices]
        first += len(choices)
    order = np.argsort(rng.random((*size, len(codes)), dtype=np.float32), axis=2)
    shuffled = np.take_along_axis(np.stack(codes, axis=2), order, axis=2)
    many = np.array([1, 2, 3, 6])[rng.integers(4, size=size)]
    at = _in_turn(deals)[:count]
    deal, step = at // EACH, at % EACH
    name = f"D-{file}-" + pl.Series(deal).cast(pl.String)
    head = '{"id": "' + name + "/" + pl.Series(step).cast(pl.String) + '", "deal": "' + name + '", "at": "'
    head += pl.Series(_AT).gather(step) + '", "type": '
    terms = pl.Series(["us", "them"]).gather((~ours).reshape(-1)[at].astype(np.int8))
    terms = '"offer", "by": "' + terms + '", "terms": {'
    columns, kept = shuffled.reshape(-1, len(codes))[at], many.reshape(-1)[at]
    for place in range(len(codes)):
        comma = [", " * (place > 0) + text for text in named] + [""]
        terms += pl.Series(comma).gather(np.where(place < kept, columns[:, place], len(named)))
    opened = pl.Series(_openings(rng, deals)).gather(deal)
    return (head + pl.Series(opened).zip_with(pl.Series(step == 0), terms + "}}")).alias("line")


def _in_turn(deals: int) -> Any:
    """Return the places of all events, deal × EACH + step, in the order in which they are written."""
    deal, step = np.divmod(np.arange(deals * EACH), EACH)
    return np.argsort((deal // SIDE_BY_SIDE * EACH + step) * SIDE_BY_SIDE + deal % SIDE_BY_SIDE)


def _openings(rng: np.random.Generator, deals: int) -> Any:
    """Return the end of each deal's opening."""

    def drawn(texts: Any) -> Any:
        return pl.Series(texts).gather(rng.integers(len(texts), size=deals))

    told = '"open", "facts": {"list_price": "' + drawn([f"{n},000 USD" for n in range(20, 400)])
    told += '", "segment": "' + drawn(_SEGMENTS) + '", "seats": ' + drawn([str(n) for n in range(5, 500)])
    return told + ', "decision_maker_known": "' + drawn(["yes", "no"]) + '"}}'
