"""Compare wish, want and walk: which of two is better for us whatever a deal's facts are, and do they follow in order?

More is better on the scale used here: an issue's own, turned where less is better, or the worth of a symbol.
"""

from collections.abc import Iterator, Mapping
from fractions import Fraction

from walkaway.language.expr.linear import sign
from walkaway.language.expr.tree import Extreme, Fact, Number, Scaled, Sum, facts_of, filled
from walkaway.language.expr.types import Lookup
from walkaway.language.values import Value
from walkaway.policy.model import Graded, Issue, Package, Row, Table
from walkaway.policy.order import is_beyond

Limit = Number | Value
Limited = Issue | Package


def of_what(limited: Limited) -> str:
    """Return what messages call it."""
    return f"`{limited.name}`" if isinstance(limited, Issue) else "the package"


def scale_of(limited: Limited, limit: Limit) -> Number | None:
    """Return how good *limit* is for us, on the scale; none where it has no place on one."""
    if not isinstance(limit, int | str):
        return Scaled(Fraction(limited.better if isinstance(limited, Issue) else 1), limit)
    if isinstance(limited, Issue) and isinstance(limited.worth, Graded):
        return limited.worth.worths.get(limit)
    return None


def margin(limited: Limited, first: Limit, second: Limit, amounts: frozenset[str]) -> int | None:
    """Return whether *first* is better for us than *second*: 1, 0 or -1; none where that depends on the deal.

    Args:
        amounts: The facts that are never below 0.
    """
    a, b = scale_of(limited, first), scale_of(limited, second)
    if a is None or b is None or not facts_of(a) | facts_of(b) <= amounts:
        return None
    return sign(Sum((a, Scaled(Fraction(-1), b))))


def tighter(limited: Limited, above: Limit, below: Limit, amounts: frozenset[str]) -> Limit | None:
    """Return the better for us of a limit and of the one that a lower layer sets; none where that is the looser one.

    Where it depends on the deal, the limit becomes the better of both. Symbols that cannot be told apart are refused.
    """
    found = margin(limited, below, above, amounts)
    if found is not None:
        if not found and isinstance(limited, Issue) and isinstance(above, int | str) and isinstance(below, int | str):
            found = -1 if is_beyond(limited, below, above, amounts) else 0
        return below if found >= 0 else None
    if isinstance(above, int | str) or isinstance(below, int | str):
        return above if above == below else None
    return Extreme(not isinstance(limited, Issue) or limited.better > 0, (above, below))


def by_row(
    limits: tuple[Limit, Limit], lookups: Mapping[str, Lookup], tables: Mapping[str, Table]
) -> Iterator[tuple[Row | None, tuple[Limit, Limit]]]:
    """Return the two limits for every row of the table from which they come; as they are where they come from none."""
    read = {f for limit in limits if not isinstance(limit, int | str) for f in facts_of(limit)} & lookups.keys()
    if not read:
        yield None, limits
        return
    chosen = {(lookups[name].table, lookups[name].keys) for name in read}
    if len(chosen) > 1:
        return
    for row in tables[next(iter(chosen))[0]].rows:
        first, second = (_in_row(limit, row, lookups) for limit in limits)
        yield row, (first, second)


def _in_row(limit: Limit, row: Row, lookups: Mapping[str, Lookup]) -> Limit:
    if isinstance(limit, int | str):
        return limit
    cells = {name: row.cells[lookups[name].column] for name in facts_of(limit) & lookups.keys()}
    if isinstance(limit, Fact) and isinstance(cell := cells.get(limit.name), str):
        return cell
    return filled(limit, {name: cell for name, cell in cells.items() if isinstance(cell, int)})


"""Kinds of deal facts that nobody states below 0."""
