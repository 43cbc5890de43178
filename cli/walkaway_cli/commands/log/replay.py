"""`walkaway log replay`: decide everything again."""

import click

from walkaway import Core
from walkaway.log import store as db
from walkaway.log.desk import Desk
from walkaway.log.replay import Difference, Unreplayed, replay
from walkaway_cli import exits
from walkaway_cli.options.formats import core_option
from walkaway_cli.options.stores import opened, store_option, want_deal
from walkaway_cli.progress import progress

_MOST = 50


@click.command("replay")
@store_option
@click.option("--deal", metavar="ID", help="Only this deal.")
@core_option
def command(url: str, deal: str | None, core: str) -> int:
    """Decide every event again, under the policy that its decision names, and compare the bytes.

    A difference names the event, the field, the old value and the new one. What rests on erased quantities is
    counted, and is no difference. Exits 0 where there is none.

    \b
    walkaway log replay --store log.db
    """
    same = erased = shown = other = 0
    with opened(url) as store, store.reading(), progress("replaying", db.size(store)) as tell:
        want_deal(store, deal)
        desk = Desk(store, Core(core), lambda incident: click.echo(f"incident: {incident.what}", err=True))
        entries = db.of_deal(store, deal) if deal is not None else db.entries(store)
        for done, found in enumerate(replay(store, desk, entries)):
            tell(done)
            match found:
                case None:
                    same += 1
                case Unreplayed(erased=True):
                    erased += 1
                    if erased == 1:
                        click.echo(f"not replayed: {found}", err=True)
                case Difference() | Unreplayed():
                    other += 1
                    if shown < _MOST:
                        shown += 1
                        click.echo(str(found))
    if other > shown:
        click.echo(f"and {other - shown:,} more")
    rest = f", {erased:,} rest on erased texts" if erased else ""
    click.echo(f"{same:,} entries replayed to the same bytes{rest}, {other:,} differences", err=bool(other))
    return exits.NO if other else exits.YES
