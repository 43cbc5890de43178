"""`walkaway show DEAL`: the course of a deal, as a table and a chart."""

from collections.abc import Sequence
from itertools import chain
from pathlib import Path

import click
import msgspec

from walkaway import Core, DeadLetter, Decision, Engine, Stream
from walkaway.language import Diagnostic
from walkaway.log import Unshown, recorded_history
from walkaway.session import History, history_of
from walkaway_cli import exits
from walkaway_cli.asking.deals import the_deal
from walkaway_cli.options.formats import format_option
from walkaway_cli.options.policies import load_policies
from walkaway_cli.options.stores import consulted, held_options, store_option, want_deal
from walkaway_cli.render.course import course_text
from walkaway_cli.render.diagnostics import show_findings
from walkaway_cli.render.remarks import remark
from walkaway_cli.render.svg import course_svg
from walkaway_edge.files.names import reason, shown_name
from walkaway_edge.open import read_events


@click.command("show")
@store_option
@click.option(
    "--policy",
    "-p",
    "paths",
    multiple=True,
    metavar="DIR_OR_FILE",
    type=click.Path(path_type=Path),
    help="Read the deal from a file, under this policy, and not from the log; repeated, versions of it.",
)
@format_option
@held_options
@click.option("--deal-id", metavar="ID", help="With --policy: which deal, where the file holds several.")
@click.option(
    "--svg", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write the chart here too."
)
@click.option("--deal", "named", metavar="ID", help="The deal of the log, in place of DEAL.")
@click.argument("deal", required=False)
def command(
    url: str,
    paths: tuple[Path, ...],
    form: str,
    places: tuple[Path, ...],
    keys: tuple[str, ...],
    deal_id: str | None,
    svg: Path | None,
    named: str | None,
    deal: str | None,
) -> int:
    """Show the course of DEAL: what each move gave, got and is called.

    DEAL is a deal of the log, shown under the policy it was decided under; with --policy it is a file of JSON lines.

    \b
    walkaway show --store log.db --deal D-1042
    walkaway show rules/saas-discounting/deal.jsonl \\
        --policy rules/saas-discounting --svg deal.svg
    """
    status = exits.YES
    if (deal is None) == (named is None):
        raise click.UsageError("name one deal: DEAL, or --deal ID")
    if named is not None and paths:
        raise click.UsageError("--deal names a deal of the log; with --policy give a file, and --deal-id")
    deal = deal if deal is not None else named or ""
    if paths:
        if places or keys:
            raise click.UsageError("--checkpoint and --key go with a deal of the log, and not with --policy")
        found, status = _of_file(Path(deal), paths, deal_id)
    elif deal_id is not None:
        raise click.UsageError("--deal-id goes with --policy")
    elif _is_file(deal):
        raise click.UsageError(f"{shown_name(Path(deal))} is a file: say under which policy it is shown, with --policy")
    else:
        try:
            with consulted(url, places, keys) as store:
                want_deal(store, deal)
                found = recorded_history(store, deal)
        except Unshown as problem:
            remark(str(problem))
            return exits.NO
    if svg is not None:
        _write(svg, course_svg(found))
    click.echo(msgspec.json.encode(found, order="sorted") if form == "json" else course_text(found))
    return status


def _is_file(name: str) -> bool:
    """Return whether a name is that of a file; one that no system can have is none."""
    try:
        return Path(name).is_file()
    except (OSError, ValueError):
        return False


def _of_file(file: Path, paths: Sequence[Path], deal_id: str | None) -> tuple[History, int]:
    """Return the course of a deal in a file, and whether every line of it could be decided."""
    stream = Stream(*(Engine(policy, Core.PLAIN) for policy in load_policies(paths)))
    name = shown_name(file)
    findings: list[Diagnostic] = []
    given: dict[str, tuple[str, str | None]] = {}
    for answer in stream.each(chain.from_iterable(read_events(file))):
        if isinstance(answer, DeadLetter):
            if deal_id is None or deal_id.encode() in answer.original:  # of many deals, what could be this one's
                findings += answer.findings
        elif isinstance(answer, Decision) and deal_id in (None, answer.deal):
            given[answer.event] = answer.verdict, answer.door
    show_findings(findings)
    wanted = the_deal(stream.deals, deal_id, name)
    followed = stream.deals[wanted]
    engine, events, moved = followed.version.engine, followed.events.values(), followed.position.moved_at
    then = followed.position.others_then
    found = history_of(engine, events, moved, given, followed.rates_then, then)
    return found, exits.MISUNDERSTOOD if findings else exits.YES


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8", newline="\n")
    except OSError as problem:
        raise click.UsageError(f"{shown_name(file)} cannot be written: {reason(problem)}") from problem
