"""`walkaway log replay`: decide everything again."""

from pathlib import Path

import click

from walkaway import Core, log
from walkaway.language import counted
from walkaway.log import Difference, Policies, Rejudged, Unreplayed, replay
from walkaway_cli import exits
from walkaway_cli.options.formats import core_option
from walkaway_cli.options.stores import consulted, held_options, store_option, want_deal
from walkaway_cli.progress import progress
from walkaway_cli.render.remarks import remark

_MOST = 50


class Meant:
    """What became of the decisions of a release under which policies meant something else."""

    def __init__(self) -> None:
        self.count = self.other = self.unjudged = 0

    def take(self, found: Rejudged) -> None:
        """Count a decision, and show it where it would be another now."""
        self.count += 1
        self.other += bool(found.changes)
        self.unjudged += bool(found.why)
        if (found.changes or found.why) and self.other + self.unjudged <= _MOST:
            click.echo(str(found))

    def tell(self, release: str) -> None:
        """Say how many there were, and how many would be another now."""
        if self.other + self.unjudged > _MOST:
            click.echo(f"and {self.other + self.unjudged - _MOST:,} more")
        rest = f", {self.unjudged:,} cannot be decided now" if self.unjudged else ""
        click.echo(
            f"written by {release}, whose meaning was another:"
            f" {self.other:,} of {counted(self.count, 'decision')} would differ now{rest}"
        )


@click.command("replay")
@store_option
@click.option("--deal", metavar="ID", help="Only this deal.")
@core_option
@held_options
def command(url: str, deal: str | None, core: str, places: tuple[Path, ...], keys: tuple[str, ...]) -> int:
    """Decide every event again, under the policy that its decision names, and compare the bytes.

    A difference names the event, the field, the old value and the new one. What rests on erased quantities is
    counted, and is no difference. What a release decided under which policies meant something else is judged under
    this one's meaning beside it: each decision that would be another now is named, and is no difference either.
    Exits 0 where there is none.

    \b
    walkaway log replay --store log.db
    """
    same = erased = shown = other = 0
    meanings: dict[str, Meant] = {}
    with consulted(url, places, keys) as store, progress("replaying", log.size(store)) as tell:
        want_deal(store, deal)
        desk = Policies(store, Core(core), lambda incident: remark(f"incident: {incident.what}"))
        entries = log.of_deal(store, deal) if deal is not None else log.entries(store)
        for done, found in enumerate(replay(store, desk, entries)):
            tell(done)
            match found:
                case None:
                    same += 1
                case Rejudged():
                    meanings.setdefault(found.release, Meant()).take(found)
                case Unreplayed(erased=True):
                    erased += 1
                    if erased == 1:
                        remark(f"not replayed: {found}")
                case Difference() | Unreplayed():
                    other += 1
                    if shown < _MOST:
                        shown += 1
                        click.echo(str(found))
    if other > shown:
        click.echo(f"and {other - shown:,} more")
    for release, meant in meanings.items():
        meant.tell(release)
    rest = f", {erased:,} rest on erased texts" if erased else ""
    click.echo(
        f"{counted(same, 'entry')} replayed to the same bytes{rest}, {counted(other, 'difference')}", err=bool(other)
    )
    return exits.NO if other else exits.YES
