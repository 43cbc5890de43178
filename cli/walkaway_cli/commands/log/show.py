"""`walkaway log show`: search decisions, or show one in full."""

from collections.abc import Callable, Iterator
from pathlib import Path

import click
import msgspec

from walkaway import Core, StoreProblem
from walkaway.events import Verdict
from walkaway.language import nearest, shorten
from walkaway.log import LogEntry, Policies, PolicyLost, Store, View, Views, files_of, search
from walkaway.log import store as db
from walkaway_cli import exits
from walkaway_cli.options.formats import format_option
from walkaway_cli.options.instants import instant
from walkaway_cli.options.stores import consulted, entry_named, held_options, store_option, want_deal
from walkaway_cli.render.decision import decision_text
from walkaway_cli.render.entries import erasure_text, event_text, line_text


@click.command("show")
@store_option
@click.option("--deal", metavar="ID", help="Only decisions of this deal.")
@click.option("--rule", metavar="ID", help="Only decisions in which this rule fired.")
@click.option("--verdict", type=click.Choice([v.value for v in Verdict]), help="Only decisions with this verdict.")
@click.option("--actor", metavar="NAME", help="Only what this person did or approved.")
@click.option("--since", type=instant, metavar="INSTANT", help="Only events from this instant or day on.")
@click.option("--until", type=instant, metavar="INSTANT", help="Only events up to this instant.")
@click.option("--erasures", is_flag=True, help="List the erasures of personal texts: when, by whom, why, how many.")
@format_option
@held_options
@click.argument("decision", required=False)
def command(
    url: str,
    deal: str | None,
    rule: str | None,
    verdict: str | None,
    actor: str | None,
    since: tuple[str, int] | None,
    until: tuple[str, int] | None,
    erasures: bool,
    form: str,
    decision: str | None,
    places: tuple[Path, ...],
    keys: tuple[str, ...],
) -> int:
    """List the decisions that fit, a line each; or show DECISION (a number, or DEAL/EVENT) in full.

    In full means: the event, the verdict with its reasons, facts and rules, and the text of the policy and its tables.
    Exits 1 where nothing fits, and 2 where the log knows no such deal, or no such rule.

    \b
    walkaway log show --rule nothing-for-nothing --since 2026-10-01
    walkaway log show D-1042/e07
    """
    is_search = any(o is not None for o in (deal, rule, verdict, actor, since, until))
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
            count = sum(1 for _ in map(_erasure(views, form), db.erasures(store)))
        else:
            want_deal(store, deal)
            found = search(store, views, deal, rule, verdict, actor, since and since[1], until and until[1])
            count = sum(1 for _ in _shown(found, form))
            if rule is not None and not count:
                _want_rule(store, rule)
    if not count:
        click.echo("no erasure is recorded" if erasures else "no decision fits", err=True)
    return exits.YES if count else exits.NO


def _want_rule(store: Store, rule: str) -> None:
    """Make sure that a policy of the log has the rule that was searched for and not found.

    Raises:
        click.UsageError: Where none has.
    """
    desk = Policies(store, Core.PLAIN, lambda _: None)
    known: set[str] = set()
    for sha256 in db.policy_names(store):
        try:
            known |= {r.id for r in desk.find(sha256).policy.rules}
        except PolicyLost:  # its rules cannot be told any more
            return
    if rule not in known:
        named, near = f"no policy of the log has a rule `{shorten(rule)}`", nearest(rule, known)
        raise click.UsageError(f"{named}: {near}" if near else named)


def _shown(found: Iterator[View], form: str) -> Iterator[None]:
    for view in found:
        click.echo(msgspec.json.encode(view_json(view)) if form == "json" else line_text(view))
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
