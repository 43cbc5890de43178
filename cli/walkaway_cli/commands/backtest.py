"""`walkaway backtest`: what a policy would have decided of deals that are over, and what of it would be another."""

import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path

import click

from walkaway import Policy
from walkaway.backtest import (
    SHOWN,
    Backtest,
    NoParameter,
    Parameter,
    Sweep,
    backtested,
    parameter,
    segment_fact,
    swept,
    verdicts_of,
)
from walkaway.language import counted, nearest, shorten
from walkaway_cli import exits
from walkaway_cli.options.past import matched, past_of, write_rows, write_text
from walkaway_cli.options.policies import load_policy
from walkaway_cli.options.stores import consulted, held_options
from walkaway_cli.render import backtest as render
from walkaway_cli.render import sweep as render_sweep
from walkaway_cli.render.backtest_page import backtest_page, sweep_page
from walkaway_edge.files.names import shown_name

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("backtest")
@click.option("--against", type=click.Path(path_type=Path), metavar="OLD", help="The policy that it is held against.")
@click.option("--store", "-s", "url", metavar="URL", help="The past: a log, which is also what it is held against.")
@click.option(
    "--events",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The past: events; may be repeated.",
)
@click.option("--parquet", multiple=True, metavar="GLOB", help="The past: events in Parquet; may be repeated.")
@click.option(
    "--sweep",
    "sweeps",
    multiple=True,
    metavar="NAME=FIRST..LAST:STEP",
    help="Try a threshold, or a rule's constant, with several values; twice for every pair.",
)
@click.option("--html", "pages", type=_FILE, metavar="FILE", help="Write a page with pictures here too.")
@click.option("--changes", type=_FILE, metavar="FILE", help="Write every changed answer here too: .jsonl or .parquet.")
@click.option("--answers", type=_FILE, metavar="FILE", help="Write POLICY's answer to each event: .jsonl or .parquet.")
@click.option("--segment", default="", metavar="FACT", help="The deal fact by which deals are told apart.")
@click.option("--master", metavar="URL", help="Decide on Spark, as local[4] or spark://HOST:PORT (extra `spark`).")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How to answer."
)
@held_options
@click.argument("path", metavar="POLICY", type=click.Path(path_type=Path))
def command(
    path: Path,
    against: Path | None,
    url: str | None,
    events: tuple[Path, ...],
    parquet: tuple[str, ...],
    sweeps: tuple[str, ...],
    pages: Path | None,
    changes: Path | None,
    answers: Path | None,
    segment: str,
    master: str | None,
    form: str,
    places: tuple[Path, ...],
    keys: tuple[str, ...],
) -> int:
    """Decide deals that are over under POLICY, from their opening on, as if it had always been in force.

    Held against OLD, or against what the log answered; exits 0 only where no answer changes. It needs the extra
    `bulk` to decide millions of events in seconds, and gives the same without: pip install 'walkaway[bulk]'.

    \b
    walkaway backtest my-policy --against rules/saas-discounting --events deals.jsonl
    walkaway backtest my-policy --store walkaway.db --format json
    walkaway backtest my-policy --events deals.jsonl --sweep discount.walk=10%..25%:1%
    """
    policy, old = load_policy(path), None if against is None else load_policy(against)
    named, parameters = _segment(policy, segment), _parameters(policy, sweeps)
    for option, file in (("--changes", changes), ("--answers", answers)):
        if file is not None and (file.suffix not in (".jsonl", ".parquet") or sweeps):
            raise click.UsageError(f"{option}: name a file that ends in .jsonl or .parquet; a sweep has none")
    if url is not None and (events or parquet):
        raise click.UsageError("the past is a log, or files of events: give --store, or --events and --parquet")
    if master is not None:
        if url is not None or events or not parquet:
            raise click.UsageError("--master reads --parquet alone")
        if policy.budgets or (old is not None and old.budgets):
            raise click.UsageError("--master shares deals out, and budgets sum up all of them: leave it out")
        if sweeps or changes is not None or answers is not None:
            raise click.UsageError("--master goes with no --sweep, --changes or --answers")
        from walkaway_edge.spark.backtest import backtested_on_spark  # most backtests go without

        files = [str(Path(file).resolve()) for pattern in parquet for file in matched(pattern)]
        return _told(backtested_on_spark(master, files, policy, old, named), form, pages, list(parquet))
    with nullcontext() if url is None else consulted(url, places, keys) as store:
        past = past_of(events, parquet, store)
        if parameters:
            swept_over = swept(past.blocks, policy, parameters, old, past.recorded)
            if not any(row.tally.events for row in swept_over.rows):
                raise click.UsageError(_nothing([*map(str, events), *parquet, *([url] if url else [])], 0))
            SWEEPS[form](swept_over)
            if pages is not None:
                write_text(pages, sweep_page(swept_over))
            return exits.NO if any(row.tally.changed for row in swept_over.rows) else exits.YES
        shown = sys.maxsize if changes is not None else SHOWN
        blocks = past.blocks if answers is None else list(past.blocks)
        found = backtested(blocks, policy, old, past.recorded, named, shown=shown)
    status = _told(found, form, pages, [*map(str, events), *parquet, *([url] if url else [])])
    if answers is not None:
        write_rows(answers, list(verdicts_of(blocks, policy)))
    if changes is not None:
        write_rows(changes, found.sums.changed)
    return status


def _told(found: Backtest, form: str, pages: Path | None, places: Sequence[str]) -> int:
    """Tell what was found, and return the exit.

    Raises:
        UsageError: Where nothing was decided.
    """
    if not found.sums.events:
        raise click.UsageError(_nothing(places, found.sums.unread))
    FORMATS[form](found)
    if pages is not None:
        write_text(pages, backtest_page(found))
    return exits.NO if found.sums.flips else exits.YES


def _segment(policy: Policy, named: str) -> str:
    """Return the deal fact by which deals are told apart.

    Raises:
        UsageError: Where the one that is named is none, or has no words to tell them apart by.
    """
    if named and (named not in policy.deal or not policy.deal[named].unit.choices):
        choices = [name for name, fact in policy.deal.items() if fact.unit.choices]
        hint = nearest(named, choices, few=len(choices)) or "there is none"
        raise click.UsageError(f"--segment: `{shorten(named)}` is no deal fact that is one of some words; {hint}")
    return segment_fact(policy, named)


def _parameters(policy: Policy, sweeps: Sequence[str]) -> list[Parameter]:
    """Return what is swept over.

    Raises:
        UsageError: Where it is no parameter, or there are more than two.
    """
    if len(sweeps) > 2:
        raise click.UsageError("--sweep: a curve has one parameter and a map two")
    try:
        return [parameter(policy, text) for text in sweeps]
    except NoParameter as problem:
        raise click.UsageError(f"--sweep: {problem}") from problem


def _nothing(places: Sequence[str], unread: int) -> str:
    """Say that nothing was decided; no past at all would pass for one in which nothing changes."""
    read = ", ".join(shown_name(Path(place)) for place in places)
    lines = f" {counted(unread, 'line')} could not be read, or did not fit" if unread else ""
    return f"no event of {read} was decided by every side;{lines or ' there is none'}"


FORMATS: dict[str, Callable[[Backtest], None]] = {"text": render.text, "json": render.as_json}
SWEEPS: dict[str, Callable[[Sweep], None]] = {"text": render_sweep.text, "json": render_sweep.as_json}
