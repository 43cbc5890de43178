"""Deals that reach a mutant: they choose a row of a table that differs, or name an issue that starts otherwise."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from walkaway.language.instants import EPOCH, datetime_of
from walkaway.language.values import Exact, Kind, Value, format_value
from walkaway.policy.model import Policy, Table
from walkaway.policy.tables import axis, look_up
from walkaway.testing.killers.inputs import Deal
from walkaway.testing.mutants import Mutant

_REGIONS = 20_000
_DEALS = 3


def variants_reaching(policy: Policy, mutant: Mutant, deal: Deal) -> Iterator[Deal]:
    """Return *deal*, and variants of it that reach the mutant.

    For a changed table these have other opening facts, or open on other days; for a changed start value of an issue of
    words each names another word in its last offer.
    """
    if not mutant.table:
        yield deal
        if mutant.issue:
            yield from _named(policy, mutant.issue, deal)
        return
    tables = policy.tables[mutant.table], mutant.policy.tables[mutant.table]
    yield from itertools.islice(_moved(policy, tables, deal), _DEALS)


def _named(policy: Policy, name: str, deal: Deal) -> Iterator[Deal]:
    unit = policy.issues[name].unit
    last = max((n for n, event in enumerate(deal) if event["type"] == "offer"), default=0)
    words: Sequence[Value] = (0, 1) if unit.kind is Kind.YES_NO else unit.choices
    for word in words if last else ():
        offer = {**deal[last], "terms": {**deal[last].get("terms", {}), name: format_value(word, unit)}}
        yield (*deal[:last], offer, *deal[last + 1 :])


def _moved(policy: Policy, tables: tuple[Table, Table], deal: Deal) -> Iterator[Deal]:
    opened = (datetime_of(deal[0]["at"]) - EPOCH).days
    days = sorted(_days(policy, tables), key=lambda day: abs(day - opened))
    for keys in itertools.islice(_regions(tables), _REGIONS):
        for day in (opened, *days):
            if has_other_cells(tables, keys, day):
                yield _opened(deal, tables[0], keys, day - opened)
                break


def has_other_cells(tables: tuple[Table, Table], keys: Sequence[Exact], day: int) -> bool:
    """Return whether two forms of a table give the deal different cells."""
    one, other = (look_up(table, keys, day) for table in tables)
    return (one and one.cells) != (other and other.cells)


def may_have_other_cells(tables: tuple[Table, Table], facts: Mapping[str, Exact | None]) -> bool:
    """Return whether two forms of a table can give a deal with these facts different cells, on any day."""
    keys = [facts.get(f"deal.{key}") for key in tables[0].keys]
    known = [key for key in keys if key is not None]
    days = {row.since or 0 for row in tables[0].rows} | {0}
    return len(known) == len(keys) and any(has_other_cells(tables, known, day) for day in days)


def _days(policy: Policy, tables: tuple[Table, Table]) -> set[int]:
    """Return the days on which rows come into force, and those before, on which deals may open."""
    first, last = policy.effective
    found = {day for row in tables[0].rows if row.since is not None for day in (row.since, row.since - 1)}
    found |= {day for day in (first, last) if day is not None}
    return {day for day in found if (first is None or first <= day) and (last is None or day <= last)}


def _regions(tables: tuple[Table, Table]) -> Iterator[tuple[Value, ...]]:
    """Return values of the keys, one from each region that the rows of either table tell apart."""
    rows = [row for table in tables for row in table.rows]
    keys = enumerate(zip(tables[0].key_units, tables[0].key_bounds, strict=True))
    axes = [axis(unit, [row.keys[i] for row in rows], bounds) for i, (unit, bounds) in keys]
    yield from itertools.product(*([value for value, _ in values] for values in axes))


def _opened(deal: Deal, table: Table, keys: Sequence[Value], days: int) -> Deal:
    """Return a deal with these keys among its opening facts, and so many days later."""
    named = zip(table.keys, keys, table.key_units, strict=True)
    facts = {**deal[0].get("facts", {}), **{key: format_value(value, unit) for key, value, unit in named}}
    moved = timedelta(days=days)
    events = [{**event, "at": (datetime_of(event["at"]) + moved).isoformat()} for event in deal]
    return ({**events[0], "facts": facts}, *events[1:])
