"""`walkaway diff`: where the verdict changes from one policy to another, by which rule, or a proof that it does not."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from walkaway import Changed, DeadLetter, Decision, Engine, Policy, Stream
from walkaway.language import counted
from walkaway_cli import exits
from walkaway_cli.options import solver as solving
from walkaway_cli.options.formats import format_option
from walkaway_cli.options.policies import load_policy
from walkaway_cli.render.decision import wrapped
from walkaway_cli.render.remarks import remark
from walkaway_edge.files.names import shown_name
from walkaway_edge.open import read_events

if TYPE_CHECKING:
    from walkaway.proof import Comparison, Flip, Region

_EVERY = 12


@click.command("diff")
@click.option(
    "--events",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Events, or what `log export` writes as JSON lines: count which decisions would be others; may be repeated.",
)
@click.option(
    "--mandatory", is_flag=True, help="Only where NEW is milder than the mandatory rules and walk values of OLD."
)
@click.option("--timeout", type=click.FloatRange(0.1), default=300.0, show_default=True, help="Seconds in all.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write a deal of each region here, as a file of events.",
)
@format_option
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
def command(
    old: Path, new: Path, events: tuple[Path, ...], mandatory: bool, timeout: float, out: Path | None, form: str
) -> int:
    """Show in which offers the verdict changes from policy OLD to policy NEW, from what to what, by which rule.

    Each region has a deal that `walkaway check` decides so under both. Exits 0 only if it is proved that no verdict
    changes, and with --events, that no past decision does.

    \b
    walkaway diff rules/saas-discounting my-policy
    walkaway diff --events deals.jsonl --out changed rules/saas-discounting my-policy
    walkaway log export --to past.jsonl
    walkaway diff --events past.jsonl rules/saas-discounting my-policy
    """
    room, tell = solving.analysis("diff"), solving.analysis("counterexamples.render").render
    policies = load_policy(old), load_policy(new)
    found: Comparison = room.compare(*policies, time.monotonic, timeout, milder=mandatory)
    flips = None
    if events:
        pairs = _pairs(room.in_force_together(*policies), events)
        first = next(pairs, None)
        if first is None:
            raise click.UsageError(
                f"no past decision was read from {', '.join(map(shown_name, events))}: no line is an event that both"
                " policies decide"
            )
        flips = room.flips(chain([first], pairs))
    files = [_write(region, place, out) for place, region in enumerate(found.regions, 1)]
    FORMATS[form](found, flips, files, tell, mandatory)
    return exits.YES if found.is_same and not flips else exits.NO


def _pairs(policies: tuple[Policy, Policy], files: Sequence[Path]) -> Iterator[tuple[Decision, Decision]]:
    """Decide past events under both policies; those that either cannot decide are counted on stderr."""
    streams = [Stream(Engine(p)) for p in policies]
    unread, sealed = 0, False
    for file in files:
        for line in chain.from_iterable(read_events(file)):
            event = _event_of(line.data)
            sealed = sealed or (event is not line.data and _SEALED in event)
            answers = [] if line.piece else [_last(s.line(event, line.file, line.number)) for s in streams]
            if all(isinstance(a, Decision) for a in answers) and answers:
                yield answers[0], answers[1]  # type: ignore[misc]
            else:
                unread += line.piece <= 1
    if unread:
        remark(f"{counted(unread, 'event')} could not be decided under both policies")
    if sealed and any(p.people for p in policies):
        remark("sealed names are nobody's whom `people:` declares: no approval counted; export with `--personal`")


class _Exported(msgspec.Struct, frozen=True):
    """A recorded decision as `log export` and `log show` write it."""

    entry: int
    event: msgspec.Raw
    decision: msgspec.Raw


_exported = msgspec.json.Decoder(_Exported).decode
_SEALED = b'"sealed:'


def _event_of(line: bytes) -> bytes:
    """Return the event of a recorded decision that was exported; another line as it is."""
    if b'"decision"' not in line:
        return line
    try:
        return bytes(_exported(line).event)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return line


def _last(answers: Iterator[Decision | DeadLetter | Changed]) -> Decision | DeadLetter | Changed | None:
    return next((a for a in answers if isinstance(a, Decision | DeadLetter)), None)


def _write(region: "Region", place: int, out: Path | None) -> str:
    """Write a region's deal, and give the file's name."""
    return "" if out is None else solving.write_deal(out / f"region-{place}.jsonl", region.deals[0].lines)


Tell = Callable[[Any], str]


def text(
    found: "Comparison", flips: Mapping["Flip", int] | None, files: Sequence[str], tell: Tell, mandatory: bool
) -> None:
    """Print each region with its deal, then what was not compared or not decided, then past decisions."""
    for region, file in zip(found.regions, files, strict=True):
        on = "every event" if len(region.on) == _EVERY else ", ".join(region.on)
        by = f"by `{region.rule}`" if region.of_new else f"no longer by `{region.rule}`"
        change = f"{region.old.word} → {region.new.word}"
        told = "\n".join(wrapped(f"{change} {by} ({on})", "", "    "))
        click.echo(told.replace(change, click.style(change, bold=True), 1))
        told = tell(region.deals[0]).rpartition(" → ")[0]
        click.echo("\n".join(wrapped(f"for example: {told}", "    ", "      ")))
        if file:
            click.echo(f"    {file}")
    if found.lifted:
        lifted = "no day has both policies in force: compared as if both always were; `check` decides the examples so"
        click.echo("\n".join(wrapped(f"{lifted} with --as-of and a day of each policy", "", "  ")))
    if found.unknown:
        click.echo("\n".join(wrapped(f"not decided: {', '.join(found.unknown)}", "", "  ")))
    if found.apart:
        click.echo(
            "\n".join(wrapped(f"not compared, since one policy alone knows it: {', '.join(found.apart)}", "", "  "))
        )
    proved = "nothing mandatory is loosened: proved" if mandatory else "no verdict changes: proved"
    click.echo(proved if found.is_same else f"{counted(len(found.regions), 'region')}")
    if flips is not None:
        for flip, number in flips.items():
            click.echo(f"{counted(number, 'past decision')}: {flip.old} → {flip.new} (`{flip.rule}`)")
        click.echo(f"{counted(sum(flips.values()), 'past decision')} would be another")


def as_json(
    found: "Comparison", flips: Mapping["Flip", int] | None, files: Sequence[str], tell: Tell, mandatory: bool
) -> None:
    """Print one JSON object."""
    regions = [
        {
            "events": [msgspec.json.decode(line) for line in region.deals[0].lines],
            "file": file or None,
            "new": region.new.word,
            "old": region.old.word,
            "on": [o.value for o in region.on],
            "rule": region.rule,
            "side": "new" if region.of_new else "old",
        }
        for region, file in zip(found.regions, files, strict=True)
    ]
    answer: dict[str, Any] = {
        "apart": list(found.apart),
        "as_if_in_force": found.lifted,
        "only_mandatory": mandatory,
        "proved_same": found.is_same,
        "regions": regions,
        "unknown": [o.value for o in found.unknown],
    }
    if flips is not None:
        answer["flips"] = [{"count": n, "new": f.new, "old": f.old, "rule": f.rule} for f, n in flips.items()]
    click.echo(msgspec.json.format(msgspec.json.encode(answer), indent=2))


FORMATS: dict[str, Callable[["Comparison", Mapping["Flip", int] | None, Sequence[str], Tell, bool], None]] = {
    "text": text,
    "json": as_json,
}
