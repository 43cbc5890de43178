"""`walkaway log audit`: separation of duties over the whole log."""

import click

from walkaway import Core
from walkaway.log import store as db
from walkaway.log.audit import audit
from walkaway.log.desk import Desk
from walkaway_cli import exits
from walkaway_cli.options.stores import opened, store_option
from walkaway_cli.render.diagnostics import counted


@click.command("audit")
@store_option
def command(url: str) -> int:
    """Find what was done against what was decided, one line each.

    An approver who approved their own offer; an approval used after its end; a deal closed won beyond its walk,
    against its verdict, or with no decision on the accepted terms; a deal signed although `walk` was decided.
    Exits 1 where there is a finding, or a deal that cannot be judged.

    \b
    walkaway log audit --store log.db
    """
    with opened(url) as store, store.reading():
        findings = list(audit(store, Desk(store, Core.PLAIN, lambda _: None)))
        judged = len(db.deals(store))
    for finding in findings:
        click.echo(str(finding))
    click.echo(f"{counted(judged, 'deal')} judged, {counted(len(findings), 'finding')}", err=True)
    return exits.NO if findings else exits.YES
