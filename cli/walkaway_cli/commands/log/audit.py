"""`walkaway log audit`: separation of duties over the whole log."""

from collections import Counter
from pathlib import Path

import click

from walkaway import Core, log
from walkaway.language import counted
from walkaway.log import Policies, audit
from walkaway_cli import exits
from walkaway_cli.options.stores import consulted, held_options, store_option
from walkaway_cli.render.remarks import remark


@click.command("audit")
@store_option
@held_options
def command(url: str, places: tuple[Path, ...], keys: tuple[str, ...]) -> int:
    """Find what was done against what was decided, one line each, in open deals too.

    Terms sent or accepted against their verdict, with who and by which rule; agreements not let through, and signed
    terms that are not the agreed ones; approvals by a mover, by nobody known or used after their end; a closed party
    dealt with again; a deal signed although `walk` was decided; facts stated there and back; voids; openings dated
    more than 400 days past the entry before. Exits 1 where there is a finding, or a deal that cannot be judged.

    \b
    walkaway log audit --store log.db
    """
    older = Counter[str]()
    with consulted(url, places, keys) as store:
        findings = list(audit(store, Policies(store, Core.PLAIN, lambda _: None), lambda r: older.update([r])))
        judged = len(log.deals(store))
    for finding in findings:
        click.echo(str(finding))
    for release, count in sorted(older.items()):
        how = "what was done there is reckoned under the meaning of this release"
        remark(f"decided under {release}, whose meaning was another: {counted(count, 'deal')}; {how}")
    click.echo(f"{counted(judged, 'deal')} judged, {counted(len(findings), 'finding')}", err=bool(findings))
    return exits.NO if findings else exits.YES
