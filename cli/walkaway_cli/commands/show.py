"""`walkaway show DEAL`: the course of a deal, as a table and a chart."""

from pathlib import Path

import click
import msgspec

from walkaway import Core, DeadLetter, Engine, Stream
from walkaway.course import Course, course
from walkaway.log.views import Unshown, recorded_course
from walkaway_cli import exits
from walkaway_cli.asking import the_deal
from walkaway_cli.inputs import event_lines, open_events, reason, shown_name
from walkaway_cli.options import format_option
from walkaway_cli.policies import load_policy
from walkaway_cli.render.course import course_text
from walkaway_cli.render.diagnostics import show_findings
from walkaway_cli.render.svg import course_svg
from walkaway_cli.stores import opened, store_option


@click.command("show")
@store_option
@click.option(
    "--policy",
    "-p",
    "path",
    metavar="DIR_OR_FILE",
    type=click.Path(path_type=Path),
    help="Read the deal from a file, under this policy, and not from the log.",
)
@format_option
@click.option("--deal-id", metavar="ID", help="With --policy: which deal, where the file holds several.")
@click.option(
    "--svg", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write the chart here too."
)
@click.argument("deal")
def command(url: str, path: Path | None, form: str, deal_id: str | None, svg: Path | None, deal: str) -> int:
    """Show the course of DEAL: what each move gave, got and is called.

    DEAL is a deal of the log, shown under the policy it was decided under; with --policy it is a file of JSON lines.

    \b
    walkaway show D-1042 --store log.db
    walkaway show rules/saas-discounting/deal.jsonl --policy rules/saas-discounting --svg deal.svg
    """
    status = exits.YES
    if path is not None:
        found, status = _of_file(Path(deal), path, deal_id)
    elif deal_id is not None:
        raise click.UsageError("--deal-id goes with --policy")
    else:
        try:
            with opened(url) as store, store.reading():
                found = recorded_course(store, deal)
        except Unshown as problem:
            click.echo(str(problem), err=True)
            return exits.NO
    if svg is not None:
        _write(svg, course_svg(found))
    click.echo(msgspec.json.encode(found, order="sorted") if form == "json" else course_text(found))
    return status


def _of_file(file: Path, path: Path, deal_id: str | None) -> tuple[Course, int]:
    """Give the course of a deal in a file, and whether every line of it could be decided."""
    engine = Engine(load_policy(path), Core.PLAIN)
    stream = Stream(engine)
    name = shown_name(file)
    with open_events(file) as lines:
        dead = [a for a in stream.lines(event_lines(lines), name) if isinstance(a, DeadLetter)]
    if deal_id is not None:  # of a file of many deals, only what could be this one's matters here
        dead = [letter for letter in dead if deal_id.encode() in letter.original]
    for letter in dead:
        show_findings(letter.findings)
    wanted = the_deal(stream.deals, deal_id, name)
    found = course(engine, stream.deals[wanted].events.values())
    return found, exits.NO if dead else exits.YES


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8", newline="\n")
    except OSError as problem:
        raise click.UsageError(f"{shown_name(file)} cannot be written: {reason(problem)}") from problem
