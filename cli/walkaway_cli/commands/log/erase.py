"""`walkaway log erase`: erase personal texts, and record that."""

import click

from walkaway.language import counted
from walkaway.log import RELEASE, NothingToErase, SealedText, erase, texts_of_deal, texts_of_event, texts_of_person
from walkaway_cli import exits
from walkaway_cli.options.instants import instant
from walkaway_cli.options.stores import opened, store_option, want_deal
from walkaway_cli.render.remarks import remark
from walkaway_edge.salts import salt


@click.command("erase")
@store_option
@click.option("--deal", metavar="ID", help="Every personal text of this deal.")
@click.option("--event", metavar="ID", help="With --deal: only those of this event.")
@click.option("--person", metavar="NAME", help="This name, wherever it stands as actor or approver.")
@click.option("--by", required=True, metavar="NAME", help="Who erases.")
@click.option("--reason", required=True, help="Why.")
@click.option("--at", required=True, type=instant, metavar="INSTANT", help="When, as 2026-11-22T09:30:00Z.")
def command(
    url: str, deal: str | None, event: str | None, person: str | None, by: str, reason: str, at: tuple[str, int]
) -> int:
    """Erase personal texts with their salts. Proofs still hold, and the erasure is an entry of its own.

    A name is erased in the whole deal. With a personal quantity, the reasoning of all decisions of its deal goes too.

    \b
    walkaway log erase --deal D-1042 --by "Data protection" --reason "asked by the customer" \\
        --at "$(date -u +%Y-%m-%dT%H:%M:%SZ)"
    """
    if (deal is None) == (person is None) or (event is not None and deal is None):
        raise click.UsageError("say what to erase: --deal, --deal with --event, or --person")
    if not by.strip() or not reason.strip():
        raise click.UsageError("--by and --reason want a name and a reason")
    with opened(url, writable=True, make=False) as store:
        want_deal(store, deal)

        def choose() -> list[tuple[str, SealedText]]:
            if person is not None:
                return texts_of_person(store, person)
            assert deal is not None
            return texts_of_event(store, deal, event) if event is not None else texts_of_deal(store, deal)

        try:
            number, count = erase(store, choose, at[0], by, reason, salt, RELEASE)
        except NothingToErase as problem:
            remark(str(problem))
            return exits.NO
    texts = counted(count, "personal text")
    click.echo(f"{texts} erased; this is entry {number} of the log")
    return exits.YES
