"""`walkaway log export`: decisions for other programs."""

import csv
import io
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import click
import msgspec

from walkaway.log import View, Views, search
from walkaway.log import store as db
from walkaway_cli import exits
from walkaway_cli.commands.log.show import view_json
from walkaway_cli.options.stores import consulted, held_options, keep_apart, store_option, want_deal
from walkaway_cli.progress import progress
from walkaway_cli.render.rows import cell
from walkaway_edge.files.names import reason

COLUMNS: dict[str, Callable[[View], Any]] = {
    "entry": lambda v: v.n,
    "deal": lambda v: v.head.deal,
    "event": lambda v: v.head.event,
    "at": lambda v: v.head.at,
    "on": lambda v: v.head.on,
    "verdict": lambda v: v.head.verdict,
    "door": lambda v: v.head.door or "",
    "rules": lambda v: " ".join(v.rules),
    "advice": lambda v: v.decision.get("advice", ""),
    "actor": lambda v: v.event.get("actor", ""),
    "policy": lambda v: v.head.policy.name,
    "policy_version": lambda v: v.head.policy.version,
    "policy_sha256": lambda v: v.head.policy.sha256,
    "release": lambda v: v.release,
}
"""The columns of CSV and Parquet."""

_ROWS = 10_000


@click.command("export")
@store_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "jsonl", "parquet"]),
    default="jsonl",
    show_default=True,
    help="JSON lines hold everything; CSV and Parquet a row for each decision.",
)
@click.option("--to", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write here; - is stdout.")
@click.option("--personal", is_flag=True, help="Put personal texts in; an erasure does not reach what was exported.")
@click.option("--deal", metavar="ID", help="Only decisions of this deal.")
@held_options
def command(
    url: str,
    form: str,
    to: Path | None,
    personal: bool,
    deal: str | None,
    places: tuple[Path, ...],
    keys: tuple[str, ...],
) -> int:
    """Write decisions as CSV, JSON lines or Parquet. Personal texts stay sealed unless asked for.

    In CSV a cell that a spreadsheet would take for a formula gets an apostrophe in front.

    \b
    walkaway log export --format csv --to decisions.csv
    """
    if form == "parquet" and (to is None or str(to) == "-"):
        raise click.UsageError("Parquet wants --to with a file")
    keep_apart(url, to)
    with consulted(url, places, keys) as store:
        want_deal(store, deal)
        with progress("exporting", db.size(store)) as tell, _target(to) as file:
            found = _told(search(store, Views(store, personal=personal), deal), tell)
            _FORMATS[form](found, file)
        if not db.size(store):
            click.echo("the log has no decisions", err=True)
    return exits.YES


def _told(found: Iterator[View], tell: Callable[[int], None]) -> Iterator[View]:
    for done, view in enumerate(found):
        tell(done)
        yield view


def _target(to: Path | None) -> IO[bytes]:
    if to is None or str(to) == "-":
        return os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    try:
        return os.fdopen(os.open(to, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb")
    except (OSError, ValueError) as problem:
        raise click.UsageError(f"{to} cannot be written: {reason(problem)}") from problem


def _csv(found: Iterator[View], file: IO[bytes]) -> None:
    text = io.TextIOWrapper(file, "utf-8", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for view in found:
        writer.writerow([cell(get(view)) for get in COLUMNS.values()])
    text.detach()


def _jsonl(found: Iterator[View], file: IO[bytes]) -> None:
    for view in found:
        file.write(msgspec.json.encode(view_json(view)) + b"\n")


def _parquet(found: Iterator[View], file: IO[bytes]) -> None:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as problem:
        raise click.UsageError("Parquet needs pyarrow: pip install 'walkaway[parquet]'") from problem
    numbers = {"entry": pa.int64(), "policy_version": pa.int64()}
    schema = pa.schema([(name, numbers.get(name, pa.string())) for name in COLUMNS])
    with pq.ParquetWriter(file, schema) as writer:
        rows: list[dict[str, Any]] = []
        for view in found:
            rows.append({name: get(view) for name, get in COLUMNS.items()})
            if len(rows) == _ROWS:
                writer.write_table(pa.Table.from_pylist(rows, schema))
                rows = []
        writer.write_table(pa.Table.from_pylist(rows, schema))


_FORMATS: dict[str, Callable[[Iterator[View], IO[bytes]], None]] = {"csv": _csv, "jsonl": _jsonl, "parquet": _parquet}
