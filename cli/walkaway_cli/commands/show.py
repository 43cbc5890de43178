"""`walkaway show DEAL.jsonl`: the course of a deal, as a table and a chart."""

from pathlib import Path

import click
import msgspec

from walkaway import Core, DeadLetter, Engine, Stream
from walkaway.course import course
from walkaway_cli import exits
from walkaway_cli.policies import load_policy, policy_option
from walkaway_cli.render.course import course_text
from walkaway_cli.render.diagnostics import show_findings
from walkaway_cli.render.svg import course_svg


@click.command("show")
@policy_option
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How to answer."
)
@click.option("--deal-id", metavar="ID", help="Which deal, where the file holds several.")
@click.option(
    "--svg", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write the chart here too."
)
@click.argument("deal", type=click.Path(path_type=Path))
def command(path: Path, form: str, deal_id: str | None, svg: Path | None, deal: Path) -> int:
    """Show the course of the deal in DEAL, a file of JSON lines: what each move gave, got and is called.

    \b
    walkaway show rules/saas-discounting/deal.jsonl --policy rules/saas-discounting --svg deal.svg
    """
    engine = Engine(load_policy(path), Core.PLAIN)
    stream = Stream(engine)
    try:
        with deal.open("rb") as lines:
            dead = [a for a in stream.lines(lines, str(deal)) if isinstance(a, DeadLetter)]
    except OSError as problem:
        raise click.UsageError(f"{deal} cannot be read: {(problem.strerror or 'no such file').lower()}") from problem
    if deal_id is not None:  # of a file of many deals, only what could be this one's matters here
        dead = [letter for letter in dead if deal_id.encode() in letter.original]
    for letter in dead:
        show_findings(letter.findings)
    if deal_id is None and len(stream.deals) != 1:
        raise click.UsageError(f"{deal} holds {len(stream.deals)} deals: name one with --deal-id")
    wanted = deal_id or next(iter(stream.deals))
    if wanted not in stream.deals:
        raise click.UsageError(f"{deal} holds no deal `{wanted}`")
    found = course(engine, stream.deals[wanted].events.values())
    click.echo(msgspec.json.encode(found, order="sorted") if form == "json" else course_text(found))
    if svg is not None:
        _write(svg, course_svg(found))
    return exits.NO if dead else exits.YES


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8", newline="\n")
    except OSError as problem:
        raise click.UsageError(f"{file} cannot be written: {(problem.strerror or 'no').lower()}") from problem
