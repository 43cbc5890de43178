"""`walkaway open`, `offer`, `accept` and so on: write an event once its verdict was seen. A command for each kind."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from walkaway import DeadLetter, Decision, encode
from walkaway.language import Code, Diagnostic, nearest, shorten
from walkaway_cli import exits
from walkaway_cli.clock import instant
from walkaway_cli.kinds import KINDS, EventKind, parameters
from walkaway_cli.options.formats import format_option
from walkaway_cli.options.policies import load_policies
from walkaway_cli.options.stores import DEFAULT, held_options
from walkaway_cli.render.decision import decision_text, verdict_text
from walkaway_cli.render.diagnostics import show_findings
from walkaway_cli.render.remarks import remark
from walkaway_cli.writing.places import Held, InFile, InLog, Place
from walkaway_cli.writing.typed import TypedEvent, event_id

_COMMON = (
    click.option(
        "--policy",
        "-p",
        "paths",
        multiple=True,
        metavar="DIR_OR_FILE",
        type=click.Path(path_type=Path),
        help="The policy; repeated, versions of it. A deal of a log goes on under its own without it.",
    ),
    click.option(
        "--to", type=click.Path(path_type=Path), metavar="FILE", help="Append the event to this file of JSON lines."
    ),
    click.option("--store", "-s", "url", metavar="URL", help=f"Record the event in this log; {DEFAULT}, without --to."),
    click.option("--actor", default="", envvar="WALKAWAY_ACTOR", metavar="NAME", help="Who does it."),
    click.option("--at", metavar="INSTANT", help="When it happened; now, if left out."),
    click.option("--id", "event", metavar="ID", help="The event's id; the next of its deal, if left out."),
    click.option("--yes", "-y", is_flag=True, help="Write it whatever the verdict is."),
    click.option("--dry-run", is_flag=True, help="Show the verdict, and write nothing."),
)
_ABOUT = """\
The verdict is shown first, and an event that is not decided `proceed` is written only on a yes. Exits 0 where it was
decided `proceed`, 1 where it was not, or where nobody said yes, and 2 where nothing could be decided."""
_CONFIRMED = click.option("--confirmed", is_flag=True, help="It is as far ahead of its deal as it seems.")


def _command(sort: str, kind: EventKind) -> click.Command:
    """Return the command of a kind of event."""

    def run(deal: str, **given: Any) -> int:
        return _write(sort, kind, deal, given)

    example = f"\b\nwalkaway {kind.example} \\\n    --policy rules/saas-discounting --to deals.jsonl"
    run.__doc__ = "\n\n".join(part for part in (kind.line, kind.about, _ABOUT, example) if part)
    options = [*_COMMON, *(() if sort == "signal" else (_CONFIRMED,))]
    for add in reversed([click.argument("deal"), *parameters(kind), *options, format_option, held_options]):
        run = add(run)
    return click.command(sort)(run)


def _write(sort: str, kind: EventKind, deal: str, given: Mapping[str, Any]) -> int:
    typed = TypedEvent(sort, kind, deal, given["actor"], given)
    if given.get("confirmed"):
        typed.put("confirmed", True, "--confirmed")
    typed.at(given["at"], given["event"])
    with _place(sort, deal, given) as place:
        standing = place.standing(deal)
        event = given["event"] if given["event"] is not None else event_id(standing.events)
        line = typed.line(deal, event, given["at"] if given["at"] is not None else instant(standing.last))
        slips = _slips(typed, standing.policy.issues, standing.policy.name)
        decision = place.decide(line)
        if isinstance(decision, DeadLetter) or slips:
            dead = decision.findings if isinstance(decision, DeadLetter) else ()
            told = {slip.message for slip in slips}
            show_findings([*slips, *(typed.as_typed(f, line) for f in dead if f.message not in told)])
            return exits.MISUNDERSTOOD
        form = given["form"]
        if form == "text":
            click.echo(decision_text(decision, of_several=len(given["paths"]) > 1))
        if event in standing.events:
            return _told(decision, form, f"Event {event} is there already; nothing is written.")
        if given["dry_run"]:
            return _told(decision, form, "Nothing is written: this is a dry run.")
        if not decision.is_yes and not given["yes"] and not _agreed(decision):
            remark("Nothing is written.")
            return exits.NO
        return _told(decision, form, place.write(line, decision))


def _place(sort: str, deal: str, given: Mapping[str, Any]) -> Place:
    """Return where the event is written.

    Raises:
        click.UsageError: Where that cannot be told.
    """
    to, url, paths = given["to"], given["url"], given["paths"]
    held: Held = given["places"], given["keys"]
    if to is None:
        return InLog(url if url is not None else DEFAULT, paths, deal, sort == "open", held)
    if url is not None:
        raise click.UsageError("give --to or --store: an event is written to one place")
    if any(held):
        raise click.UsageError("--checkpoint and --key go with --store")
    if not paths:
        raise click.UsageError("--to wants --policy: a file does not say under which one its deals are")
    if str(to) == "-":
        raise click.UsageError("--to wants a file: an event is decided by those before it in there")
    if sort != "open" and not to.exists():
        raise click.UsageError(f"--to {to}: there is no such file; `walkaway open` makes it")
    return InFile(to, load_policies(paths))


def _slips(typed: TypedEvent, issues: Mapping[str, object], policy: str) -> list[Diagnostic]:
    """Return the findings on what was named as an issue and is none: as an event it would be an undeclared term."""
    found = []
    for word in typed.terms:
        if word.key not in issues:
            what = f"`{shorten(word.key)}` is no issue of policy `{policy}`"
            near = nearest(word.key, issues)
            hint = f"{near} A term without an issue is --other" if near.endswith("?") else near
            found.append(Diagnostic(Code.UNKNOWN_ISSUE, what, word.span(of_name=True), hint))
    return found


def _agreed(decision: Decision) -> bool:
    """Ask whether an event is written that was not let through.

    Raises:
        click.ClickException: Where nobody can be asked.
    """
    if not has_terminal():
        what = f"the verdict is `{decision.verdict}`, and nobody is there to ask"
        raise click.ClickException(f"{what}: nothing is written; give --yes to write it all the same")
    return click.confirm(f"The verdict is {verdict_text(decision.verdict)}. Write it all the same?", err=True)


def has_terminal() -> bool:
    """Return whether somebody is there who can be asked."""
    return sys.stdin.isatty()


def _told(decision: Decision, form: str, what: str) -> int:
    """Say what became of the event, and give the exit."""
    if form == "json":
        click.echo(encode(decision))
        remark(what)
    else:
        click.echo(f"\n{what}")
    return exits.YES if decision.is_yes else exits.NO


commands = {sort: _command(sort, kind) for sort, kind in KINDS.items()}
"""The commands, by name."""
