"""`walkaway log export`: decisions for other programs."""

import csv
import io
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import click
import msgspec

from walkaway import log
from walkaway.log import DecisionRow, Reports, Views
from walkaway_cli import exits
from walkaway_cli.commands.log.show import view_json
from walkaway_cli.options.questions import question, question_options
from walkaway_cli.options.stores import consulted, held_options, keep_apart, store_option
from walkaway_cli.progress import progress
from walkaway_cli.render.columns import Column, columns, write_parquet
from walkaway_cli.render.remarks import remark
from walkaway_cli.render.rows import cell
from walkaway_edge.files.names import reason


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
@question_options
@held_options
def command(
    url: str,
    form: str,
    to: Path | None,
    personal: bool,
    places: tuple[Path, ...],
    keys: tuple[str, ...],
    **asked: Any,
) -> int:
    """Write decisions as CSV, JSON lines or Parquet. Personal texts stay sealed unless asked for.

    A row has what was given, got and their balance in money, the rules with what became of them and the lines where
    they stand, who approved in which role, and a column for each term. In Parquet amounts are decimals, instants
    timestamps, and terms numbers of the unit that the column's metadata names. In CSV a cell that a spreadsheet would
    take for a formula gets an apostrophe in front.

    \b
    walkaway log export --format csv --to decisions.csv
    walkaway log export --conceded --quarter 2026Q3 \\
        --format parquet --to q3.parquet
    """
    if form == "parquet" and (to is None or str(to) == "-"):
        raise click.UsageError("Parquet wants --to with a file")
    keep_apart(url, to)
    with consulted(url, places, keys) as store:
        wanted, reports = question(store, asked), Reports(store, opens=personal)
        with progress("exporting", log.size(store)) as tell, _target(to) as file:
            found = _told(reports.rows(wanted), tell)
            match form:
                case "jsonl":
                    _jsonl(found, Views(store, personal=personal), file)
                case "csv":
                    _csv(found, columns(store), file)
                case _:
                    write_parquet(found, columns(store), file)
        if not log.size(store):
            remark("the log has no decisions")
    return exits.YES


def _told(found: Iterator[DecisionRow], tell: Callable[[int], None]) -> Iterator[DecisionRow]:
    for each in found:
        tell(each.entry.n)
        yield each


def _target(to: Path | None) -> IO[bytes]:
    if to is None or str(to) == "-":
        return os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    try:
        return os.fdopen(os.open(to, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb")
    except (OSError, ValueError) as problem:
        raise click.UsageError(f"{to} cannot be written: {reason(problem)}") from problem


def _csv(found: Iterator[DecisionRow], written: Sequence[Column], file: IO[bytes]) -> None:
    text = io.TextIOWrapper(file, "utf-8", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow(column.name for column in written)
    for each in found:
        writer.writerow([cell(column.text(each)) for column in written])
    text.detach()


def _jsonl(found: Iterator[DecisionRow], views: Views, file: IO[bytes]) -> None:
    for each in found:
        file.write(msgspec.json.encode(view_json(views.view(each.entry))) + b"\n")
