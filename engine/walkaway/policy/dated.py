"""A policy as of a day: what it says of a deal that opens then, for deals of any day."""

import msgspec

from walkaway.policy.model import Policy, Table

_LONG_AGO = 1_000_000
"""Days; rows that far back are in force for every deal, and keep their order."""


def is_in_force(policy: Policy, day: int) -> bool:
    """Tell whether deals may open under a policy on a day (days since 1970)."""
    first, last = policy.effective
    return (first is None or first <= day) and (last is None or day <= last)


def as_of(policy: Policy, day: int) -> Policy:
    """Give the policy with the rows of its tables that are in force on a day, for deals whenever they opened."""
    tables = {name: _as_of(table, day) for name, table in policy.tables.items()}
    return msgspec.structs.replace(policy, tables=tables, effective=(None, None))


def _as_of(table: Table, day: int) -> Table:
    kept = (row for row in table.rows if row.since is None or row.since <= day)
    rows = tuple(
        msgspec.structs.replace(row, since=None if row.since is None else row.since - _LONG_AGO) for row in kept
    )
    return msgspec.structs.replace(table, rows=rows)
