"""`walkaway notify`: webhooks out, from the log."""

import time
from collections.abc import Callable
from pathlib import Path

import click
import msgspec

from walkaway import log
from walkaway.events import Verdict
from walkaway.language import counted
from walkaway.log import LogEntry, Store, Views
from walkaway_cli import exits
from walkaway_cli.commands.log.show import view_json
from walkaway_cli.options.held import held_options
from walkaway_cli.options.stores import hold, keep_apart, opened, store_option
from walkaway_cli.render.remarks import remark
from walkaway_cli.running.loop import stoppable
from walkaway_edge.webhooks import signing as secret_keys
from walkaway_edge.webhooks.delivery import Delivery
from walkaway_edge.webhooks.receiver import Receiver

_LOOK_S = 0.2
_EVERY_S = 1.0


@click.command("notify")
@store_option
@click.option("--to", metavar="URL", help="Who is told: https://…, or http:// on this machine.")
@click.option(
    "--secret-file",
    "secrets",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The secrets that sign, one a line, `whsec_…`; for you alone.",
)
@click.option(
    "--place",
    type=click.Path(path_type=Path),
    default=Path("walkaway.notified"),
    show_default=True,
    metavar="FILE",
    help="Keeps how far the receiver has come.",
)
@click.option(
    "--verdict",
    "verdicts",
    multiple=True,
    type=click.Choice([v.value for v in Verdict]),
    help="Tell only decisions of this verdict; may be repeated.",
)
@click.option("--personal", is_flag=True, help="Put personal texts in; an erasure does not reach what was told.")
@click.option("--once", is_flag=True, help="End once all is told, in place of waiting for more.")
@click.option("--new-secret", is_flag=True, help="Print a new secret, and end.")
@held_options
def command(
    url: str,
    to: str | None,
    secrets: Path | None,
    place: Path,
    verdicts: tuple[str, ...],
    personal: bool,
    once: bool,
    new_secret: bool,
    places: tuple[Path, ...],
    keys: tuple[str, ...],
) -> int:
    """Tell a receiver every decision of the log by webhook, in their order, until SIGTERM.

    A message is sent until the receiver answers with a status of 200 to 299, at longer and longer intervals; then the
    place is kept, and the next one is sent. It is signed as Standard Webhooks says, and its id stays the same. Exits 0
    if all was told.

    \b
    walkaway notify --new-secret > hook.secret && chmod 600 hook.secret
    walkaway notify --to https://crm.example/hook --secret-file hook.secret --verdict escalate
    """
    if new_secret:
        click.echo(secret_keys.new_secret())
        return exits.YES
    if to is None or secrets is None:
        raise click.UsageError("give --to and --secret-file; `--new-secret` prints a secret")
    keep_apart(url, place)
    receiver, signing = Receiver(to), secret_keys.read_secrets(secrets)
    with opened(url, make=False) as store, stoppable() as stop:
        hold(store, places, keys)

        def wait(seconds: float) -> bool:
            until = time.monotonic() + seconds
            while not stop.is_asked and (left := until - time.monotonic()) > 0:
                time.sleep(min(_LOOK_S, left))
            return not stop.is_asked

        told = _bodies(store, frozenset(verdicts), personal)
        delivery = Delivery(receiver, signing, place, told, time.time, wait, _report)
        while delivery.catch_up(store) and not once and wait(_EVERY_S):
            pass
        is_told = delivery.done.next >= log.size(store)
    remark(f"{counted(delivery.sent, 'message')} taken")
    return exits.YES if is_told else exits.NO


def _bodies(store: Store, verdicts: frozenset[str], personal: bool) -> Callable[[LogEntry], bytes | None]:
    """Return what writes the message of an entry; none of an erasure, and of what is not to be told."""
    views = Views(store, personal=personal)

    def body(entry: LogEntry) -> bytes | None:
        if entry.deal is None or (verdicts and entry.verdict not in verdicts):
            return None
        view = views.view(entry)
        data = {name: value for name, value in view_json(view).items() if name != "evidence"}
        return msgspec.json.encode({"data": data, "timestamp": view.head.at, "type": f"decision.{view.head.verdict}"})

    return body


def _report(entry: LogEntry, why: str, again: float) -> None:
    remark(f"entry {entry.n} was not taken: {why}; sent again in {again:g} s")
