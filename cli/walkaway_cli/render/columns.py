"""The columns of exported decisions: as text for CSV, and typed for Parquet."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import IO, Any

import click
import msgspec

from walkaway import Core, log
from walkaway.language import Kind, Unit
from walkaway.log import DecisionRow, Policies, PolicyLost, Store

_ROWS = 10_000
"""So many rows are held at once: a group of the Parquet file."""
_UNITS = {Kind.PERCENT: "percent", Kind.MONTHS: "months", Kind.DAYS: "days", Kind.DURATION: "seconds"}


class Column(msgspec.Struct, frozen=True):
    """A column.

    Attributes:
        text: Its value as CSV has it.
        typed: Its value in Parquet; as in CSV, where it is left out.
        sort: `text`, `number`, `instant`, `day`, `money`, `yes or no`, or `percent`.
        unit: What numbers in it count, where that is no money.
    """

    name: str
    text: Callable[[DecisionRow], Any]
    typed: Callable[[DecisionRow], Any] | None = None
    sort: str = "text"
    unit: str = ""

    def value(self, row: DecisionRow) -> Any:
        """Return its value as Parquet has it."""
        found = (self.typed or self.text)(row)
        return None if found == "" and self.sort != "text" else found


def _rules(each: Callable[[DecisionRow, Any], str], sign: str = " ") -> Callable[[DecisionRow], str]:
    """Return what joins something of every fired rule, in their order."""
    return lambda row: sign.join(each(row, fired) for fired in row.fired)


def _approvers(row: DecisionRow) -> str:
    return ", ".join(dict.fromkeys(name for fired in row.fired for name in fired.people))


def _roles(row: DecisionRow) -> str:
    return ", ".join(dict.fromkeys(role for fired in row.fired if fired.people and (role := row.role(fired))))


_FIRST = (
    Column("entry", lambda r: r.entry.n, sort="number"),
    Column("deal", lambda r: r.head.deal),
    Column("event", lambda r: r.head.event),
    Column("at", lambda r: r.head.at, lambda r: r.entry.instant, "instant"),
    Column("on", lambda r: r.head.on),
    Column("verdict", lambda r: r.head.verdict),
    Column("door", lambda r: r.head.door or ""),
    Column("rules", _rules(lambda _, f: f.rule)),
    Column("standing", _rules(lambda _, f: f"{f.rule}={f.standing}")),
    Column("lines", _rules(lambda r, f: f"{f.rule}={r.line(f)}")),
    Column("approver", _approvers),
    Column("role", _roles),
    Column("actor", lambda r: r.actor),
    Column("give", lambda r: r.give, sort="money"),
    Column("get", lambda r: r.get, sort="money"),
    Column("balance", lambda r: r.balance, sort="money"),
    Column("currency", lambda r: r.currency),
)
_LAST = (
    Column("policy", lambda r: r.renderer.policy.name if r.renderer is not None else r.head.policy.name),
    Column("policy_version", lambda r: r.renderer.policy.version if r.renderer is not None else "", sort="number"),
    Column("policy_sha256", lambda r: r.head.policy.sha256),
    Column("release", lambda r: r.stored.release),
)


def columns(store: Store) -> Sequence[Column]:
    """Return the columns of a log: those of every decision, and one for each issue of its policies."""
    desk, units = Policies(store, Core.PLAIN, lambda _: None), dict[str, list[Unit]]()
    for sha256 in log.policy_names(store):
        try:
            policy = desk.find(sha256).policy
        except PolicyLost:  # its terms stand nowhere but in its events
            continue
        for name, issue in policy.issues.items():
            units.setdefault(name, []).append(issue.unit)
    return (*_FIRST, *(_term(name, found) for name, found in units.items()), *_LAST)


def _term(name: str, units: Sequence[Unit]) -> Column:
    """Return the column of an issue; text, where policies differ in what it is."""

    def text(row: DecisionRow) -> str:
        return row.terms.get(name, "")

    def scaled(row: DecisionRow) -> Decimal | None:
        value = row.values.get(name)
        return Decimal(value).scaleb(1 - len(str(unit.scale))) if isinstance(value, int) else None

    column, unit = f"terms.{name}", units[0]
    if any((u.kind, u.currency) != (unit.kind, unit.currency) for u in units):
        return Column(column, text)
    match unit.kind:
        case Kind.MONEY:
            return Column(column, text, scaled, "money", unit.currency)
        case Kind.PERCENT:
            return Column(column, text, scaled, "percent", "percent")
        case Kind.YES_NO:
            return Column(column, text, lambda r: {1: True, 0: False}.get(r.values.get(name)), "yes or no")  # type: ignore[arg-type]
        case Kind.CHOICE | Kind.TEXT:
            return Column(column, text)
        case Kind.DAY:
            return Column(column, text, lambda r: r.values.get(name), "day")
        case _:
            return Column(column, text, lambda r: r.values.get(name), "number", _UNITS.get(unit.kind, ""))


def write_parquet(found: Iterator[DecisionRow], written: Sequence[Column], file: IO[bytes]) -> None:
    """Write rows as Parquet, a group at a time.

    Raises:
        UsageError: Where what that takes is not installed.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as problem:
        raise click.UsageError("Parquet needs pyarrow: pip install 'walkaway[parquet]'") from problem
    types: Mapping[str, Any] = {
        "text": pa.string(),
        "number": pa.int64(),
        "instant": pa.timestamp("us", tz="UTC"),
        "day": pa.date32(),
        "money": pa.decimal128(38, 4),
        "percent": pa.decimal128(38, 4),
        "yes or no": pa.bool_(),
    }
    fields = [pa.field(c.name, types[c.sort], metadata={"unit": c.unit} if c.unit else None) for c in written]
    schema = pa.schema(fields)
    with pq.ParquetWriter(file, schema) as writer:
        rows: list[dict[str, Any]] = []
        for each in found:
            rows.append({column.name: column.value(each) for column in written})
            if len(rows) == _ROWS:
                writer.write_table(pa.Table.from_pylist(rows, schema))
                rows = []
        writer.write_table(pa.Table.from_pylist(rows, schema))
