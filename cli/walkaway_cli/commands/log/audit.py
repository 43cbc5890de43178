"""`walkaway log audit`: separation of duties over the whole log."""

from collections import Counter
from pathlib import Path

import click

from walkaway import Core
from walkaway.log import store as db
from walkaway.log.audit import audit
from walkaway.log.desk import Desk
from walkaway_cli import exits
from walkaway_cli.options.stores import consulted, held_options, store_option


@click.command("audit")
@store_option
@held_options
def command(url: str, places: tuple[Path, ...], keys: tuple[str, ...]) -> int:
    """Find what was done against what was decided, one line each.

    An approver who approved their own offer; an approval used after its end; a deal closed won beyond its walk,
    against its verdict, or with no decision on the accepted terms; a deal signed although `walk` was decided.
    Exits 1 where there is a finding, or a deal that cannot be judged.

    \b
    walkaway log audit --store log.db
    """
    older = Counter[str]()
    with consulted(url, places, keys) as store:
        findings = list(audit(store, Desk(store, Core.PLAIN, lambda _: None), lambda r: older.update([r])))
        judged = len(db.deals(store))
    for finding in findings:
        click.echo(str(finding))
    for release, count in sorted(older.items()):
        how = "what was done there is reckoned under the meaning of this release"
        deals = "1 deal" if count == 1 else f"{count:,} deals"
        click.echo(f"decided under {release}, whose meaning was another: {deals}; {how}", err=True)
    click.echo(f"{judged:,} deals judged, {len(findings):,} findings", err=True)
    return exits.NO if findings else exits.YES
