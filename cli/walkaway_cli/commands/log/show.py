"""`walkaway log show`: search decisions, or show one in full."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import msgspec

from walkaway import StoreProblem, log
from walkaway.log import DecisionRow, LogEntry, LogQuestion, PolicyLost, Reports, Store, View, Views, files_of
from walkaway_cli import exits
from walkaway_cli.options.formats import format_option
from walkaway_cli.options.questions import is_asked, question, question_options, want_rule
from walkaway_cli.options.stores import consulted, entry_named, held_options, store_option
from walkaway_cli.render.decision import decision_text
from walkaway_cli.render.entries import erasure_text, event_text, line_text
from walkaway_cli.render.remarks import remark


@click.command("show")
@store_option
@question_options
@click.option("--erasures", is_flag=True, help="List the erasures of personal texts: when, by whom, why, how many.")
@format_option
@held_options
@click.argument("decision", required=False)
def command(
    url: str,
    erasures: bool,
    form: str,
    decision: str | None,
    places: tuple[Path, ...],
    keys: tuple[str, ...],
    **asked: Any,
) -> int:
    """List the decisions that fit, a line each; or show DECISION (a number, or DEAL/EVENT) in full.

    In full means: the event, the verdict with its reasons, facts and rules, and the text of the policy and its tables.
    A line says who approved, and what was given and got where that is asked for; names that were erased are `sealed`.
    Exits 1 where nothing fits, and 2 where the log knows no such deal, or no such rule.

    \b
    walkaway log show --conceded --quarter 2026Q3
    walkaway log show --rule nothing-for-nothing --since 2026-10-01
    walkaway log show D-1042/e07
    """
    is_search = is_asked(asked)
    with consulted(url, places, keys) as store:
        views = Views(store)
        if decision is not None:
            if erasures or is_search:
                raise click.UsageError("give one decision, or what to search for")
            _full(store, views, decision, form)
            return exits.YES
        if erasures and is_search:
            raise click.UsageError("--erasures goes with nothing to search for")
        if erasures:
            count = sum(1 for _ in map(_erasure(views, form), log.erasures(store)))
        else:
            wanted = question(store, asked)
            count = sum(1 for _ in _shown(Reports(store).rows(wanted), wanted, views, form))
            if not count:
                want_rule(store, wanted.rule)
    if not count:
        remark("no erasure is recorded" if erasures else "no decision fits")
    return exits.YES if count else exits.NO


def _shown(found: Iterator[DecisionRow], wanted: LogQuestion, views: Views, form: str) -> Iterator[None]:
    for each in found:
        if form == "json":
            click.echo(msgspec.json.encode(view_json(views.view(each.entry))))
        else:
            click.echo(line_text(each, wanted))
        yield


def _erasure(views: Views, form: str) -> Callable[[LogEntry], None]:
    """Return what shows an erasure's entry."""

    def show(entry: LogEntry) -> None:
        erasure = views.erasure(entry)
        click.echo(msgspec.json.encode(erasure) if form == "json" else erasure_text(erasure))

    return show


def view_json(view: View) -> dict[str, object]:
    """Return a decision's entry as JSON values."""
    found: dict[str, object] = {"decision": view.decision, "entry": view.n, "event": view.event}
    if view.evidence is not None:
        found["evidence"] = view.evidence
    return {**found, "release": view.release, "worded": view.worded}


def _full(store: Store, views: Views, decision: str, form: str) -> None:
    entry = entry_named(store, decision)
    if entry.deal is None:
        _erasure(views, form)(entry)
        return
    view = views.view(entry)
    try:
        stored = files_of(store, view.head.policy.sha256)
    except PolicyLost as problem:
        raise StoreProblem(f"{store.name}: {problem}") from problem
    files = {name: data.decode("utf-8", "replace") for name, data in stored.items()}
    if form == "json":
        click.echo(msgspec.json.encode({**view_json(view), "policy": files}))
        return
    whole = view.whole
    told = "" if view.worded == view.release else f", told in the words of release {view.worded}"
    click.echo(f"Entry {view.n}, recorded by release {view.release}{told}\n")
    click.echo(event_text(view))
    click.echo(decision_text(whole) if whole is not None else f"{view.head.verdict.upper()}: its reasoning is erased")
    policy = view.head.policy
    click.echo(f"\nPolicy {policy.name}, version {policy.version}, {policy.sha256}")
    for name, text in files.items():
        click.echo(f"\n--- {name}\n{text.rstrip()}")
