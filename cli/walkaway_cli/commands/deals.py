"""`walkaway deals`: the deals of the log."""

from pathlib import Path

import click
import msgspec

from walkaway import log
from walkaway.language import counted
from walkaway.log import Views
from walkaway_cli import exits
from walkaway_cli.options.formats import format_option
from walkaway_cli.options.stores import consulted, held_options, store_option
from walkaway_cli.render.decision import verdict_text
from walkaway_cli.render.remarks import remark


@click.command("deals")
@store_option
@format_option
@held_options
def command(url: str, form: str, places: tuple[Path, ...], keys: tuple[str, ...]) -> int:
    """List the deals of the log, the one that moved last at the end: its last event and verdict, and its outcome.

    \b
    walkaway deals --store log.db
    """
    with consulted(url, places, keys) as store:
        views = Views(store)
        if not log.size(store):
            remark("the log has no deals")
        for count, entry in log.last_of_deals(store):
            view = views.view(entry)
            head, outcome = view.head, str(view.event.get("outcome", ""))
            if form == "json":
                found = {"at": head.at, "deal": head.deal, "entries": count, "entry": entry.n, "event": head.event}
                found |= {"on": head.on, "outcome": outcome, "policy": head.policy.name, "verdict": head.verdict}
                click.echo(msgspec.json.encode(found))
            else:
                how = f"closed {outcome}" if outcome else head.on
                click.echo(f"{head.deal}  {counted(count, 'event')}  {head.at}  {how}  {verdict_text(head.verdict)}")
    return exits.YES
