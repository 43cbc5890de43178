"""Where the past is read from for a backtest: files of events, Parquet, or the log with what it answered."""

import glob
import importlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import click
import msgspec

from walkaway import Verdict
from walkaway.backtest import WHOLE, ChangedEvent, EventVerdict, PastAnswer, event_line
from walkaway.log import LogQuestion, Reports, Store, Views
from walkaway_edge.files.names import reason, shown_name
from walkaway_edge.open import event_blocks

_TOGETHER = 10_000


class PastEvents(NamedTuple):
    """The past of one backtest.

    Attributes:
        blocks: JSON lines, many together.
        recorded: Deal and event → what the log answered; filled while the blocks are read, and none without a log.
    """

    blocks: Iterable[bytes]
    recorded: dict[tuple[str, str], PastAnswer] | None


def past_of(files: Sequence[Path], patterns: Sequence[str], store: Store | None) -> PastEvents:
    """Return the past that a command names.

    Raises:
        UsageError: Where it names none.
    """
    if store is not None:
        recorded: dict[tuple[str, str], PastAnswer] = {}
        return PastEvents(logged(store, recorded), recorded)
    if not files and not patterns:
        raise click.UsageError("name the past: --events FILE, --parquet GLOB or --store URL")
    found = [block for pattern in patterns for block in (matched(pattern),)]
    return PastEvents((b for blocks in (*map(event_blocks, files), *map(parquet, found)) for b in blocks), None)


def matched(pattern: str) -> list[str]:
    """Return the files that a pattern matches, sorted.

    Raises:
        UsageError: Where it matches none.
    """
    found = sorted(glob.glob(pattern, recursive=True))  # noqa: PTH207 - an absolute pattern is one too
    if not found:
        raise click.UsageError(f"--parquet {pattern}: no file is called so")
    return found


def logged(store: Store, recorded: dict[tuple[str, str], PastAnswer]) -> Iterator[bytes]:
    """Return the events of a log, personal texts put back, and enter what it answered."""
    views, lines = Views(store), list[bytes]()
    for row in Reports(store, opens=False).rows(LogQuestion()):
        view, first = views.view(row.entry), next((f for f in row.fired if f.standing == "decides"), None)
        role = row.role(first) if first is not None and view.head.verdict == Verdict.ESCALATE else ""
        others = tuple({row.role(f): None for f in row.fired if role and f.standing == "decides"}.keys() - {"", role})
        rule = first.rule if first else ""
        answer = PastAnswer(Verdict(view.head.verdict), view.head.door == "closed", rule, role, tuple(sorted(others)))
        if answer.verdict is Verdict.PROCEED:
            answer = PastAnswer(Verdict.PROCEED)
        recorded[view.head.deal, view.head.event] = answer
        lines.append(msgspec.json.encode(view.event) + b"\n")
        if len(lines) == _TOGETHER:
            yield b"".join(lines)
            lines = []
    yield b"".join(lines)


def parquet(files: Sequence[str]) -> Iterator[bytes]:
    """Return the events of Parquet files as JSON lines: of a column `line` or `event`, or a column for each field.

    Raises:
        UsageError: Where nothing is installed that reads them, or one cannot be read.
    """
    reader = _arrow("pyarrow.parquet")
    for file in files:
        try:
            source = reader.ParquetFile(file)
        except (OSError, ValueError) as problem:
            raise click.UsageError(f"{shown_name(Path(file))} cannot be read as Parquet") from problem
        with source:
            whole = next((name for name in WHOLE if name in source.schema_arrow.names), None)
            for batch in source.iter_batches(_TOGETHER):
                rows = batch.to_pylist()
                yield b"".join(event_line(row if whole is None else row[whole]) for row in rows)


def write_text(file: Path, text: str) -> None:
    """Write a text.

    Raises:
        UsageError: Where it cannot be written.
    """
    try:
        file.write_text(text, encoding="utf-8", newline="\n")
    except OSError as problem:
        raise click.UsageError(f"{shown_name(file)} cannot be written: {reason(problem)}") from problem


def write_rows(file: Path, rows: Sequence[ChangedEvent] | Sequence[EventVerdict]) -> None:
    """Write answers, as JSON lines or, by the file's ending, as Parquet.

    Raises:
        UsageError: Where nothing is installed that writes it, or it cannot be written.
    """
    if file.suffix != ".parquet":
        write_text(file, "".join(msgspec.json.encode(each).decode() + "\n" for each in rows))
        return
    arrow, writer = _arrow("pyarrow"), _arrow("pyarrow.parquet")
    names = rows[0].__struct_fields__ if rows else ()
    columns = {name: [getattr(each, name) for each in rows] for name in names}
    try:
        writer.write_table(arrow.table(columns), file)
    except OSError as problem:
        raise click.UsageError(f"{shown_name(file)} cannot be written: {reason(problem)}") from problem


def _arrow(module: str) -> Any:
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as problem:
        raise click.UsageError(
            "this needs pyarrow, which is not installed: pip install 'walkaway[parquet]'"
        ) from problem
