"""`walkaway log count`: how many decisions fit, by whom, by rule, by quarter, and so on."""

import itertools
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import click
import msgspec

from walkaway import Core, log
from walkaway.language import instant_text, nearest, shorten
from walkaway.log import DecisionRow, Fired, LogQuestion, Policies, PolicyLost, Reports, Store
from walkaway_cli import exits
from walkaway_cli.options.questions import question, question_options, want_rule
from walkaway_cli.options.stores import consulted, held_options, store_option
from walkaway_cli.render.diagnostics import printable
from walkaway_cli.render.remarks import remark
from walkaway_cli.render.rows import cell, row

NOBODY = "nobody"


_DAY = 86_400 * 1_000_000


def _month(found: DecisionRow) -> str:
    """Return the month of a decision's event, in UTC."""
    return _month_of((found.entry.instant or 0) // _DAY)


@lru_cache(maxsize=100_000)
def _month_of(day: int) -> str:
    return instant_text(day * _DAY)[:7]


_OF_ROWS: Mapping[str, Callable[[DecisionRow], str]] = {
    "quarter": lambda r: f"{_month(r)[:4]}Q{(int(_month(r)[5:]) + 2) // 3}",
    "month": _month,
    "verdict": lambda r: r.entry.verdict or "",
    "on": lambda r: r.head.on,
    "deal": lambda r: r.deal,
    "policy": lambda r: r.head.policy.sha256[:12] if r.renderer is None else r.renderer.policy.called,
    "actor": lambda r: r.actor or NOBODY,
}
"""What a decision is counted by."""
_OF_RULES: Mapping[str, Callable[[DecisionRow, Fired], tuple[str, ...]]] = {
    "rule": lambda _, f: (f.rule,),
    "standing": lambda _, f: (f.standing,),
    "person": lambda _, f: f.people or (NOBODY,),
    "role": lambda r, f: (r.role(f) or NOBODY,),
}
"""What each of its rules is counted by: which, what became of it, who approved or lifted it, in which role."""


@click.command("count")
@store_option
@question_options
@click.option(
    "--by",
    multiple=True,
    metavar="WHAT",
    help=f"{', '.join((*_OF_ROWS, *_OF_RULES))}, or a fact of the deal, as in segment; may be repeated.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "csv"]),
    default="text",
    show_default=True,
    help="How to answer.",
)
@held_options
def command(
    url: str, by: tuple[str, ...], form: str, places: tuple[Path, ...], keys: tuple[str, ...], **asked: Any
) -> int:
    """Count the decisions that fit, and the deals that they are of, by what is asked for.

    A decision counts once for each rule, person and role that it is counted by. A person is who approved or lifted the
    rule, `nobody` where nobody did, and `sealed` where the name was erased; a quarter is one of UTC. Exits 1 where
    nothing fits.

    \b
    walkaway log count --by quarter --by verdict
    walkaway log count --rule cumulative-cap --overridden --by person
    """
    with consulted(url, places, keys) as store:
        wanted, reports = question(store, asked), Reports(store)
        _check(store, by)
        counts: dict[tuple[str, ...], tuple[int, set[str]]] = {}
        of_rules = any(name in _OF_RULES for name in by)
        for found in reports.rows(wanted):
            alone = () if of_rules else tuple(_words(found, None, name, reports)[0] for name in by)
            for group in set(_groups(found, wanted, by, reports)) if of_rules else (alone,):
                number, deals = counts.get(group, (0, set()))
                deals.add(found.deal)
                counts[group] = number + 1, deals
        if not counts:
            want_rule(store, wanted.rule)
    ordered = sorted(
        counts.items(), key=lambda each: (by[:1] not in (("quarter",), ("month",)) and -each[1][0], each[0])
    )
    _show(by, [(*group, f"{number}", f"{len(deals)}") for group, (number, deals) in ordered], form)
    if not counts:
        remark("no decision fits")
    return exits.YES if counts else exits.NO


def _check(store: Store, by: tuple[str, ...]) -> None:
    """Make sure that decisions can be counted by what was typed.

    Raises:
        UsageError: Where they cannot.
    """
    known = {*_OF_ROWS, *_OF_RULES}
    others = [name for name in by if name not in known]
    if len(set(by)) < len(by):
        raise click.UsageError("--by names one twice")
    if others:
        desk = Policies(store, Core.PLAIN, lambda _: None)
        for sha256 in log.policy_names(store):
            try:
                known |= desk.find(sha256).policy.deal.keys()
            except PolicyLost:
                continue
    for name in others:
        if name not in known:
            what = f"--by {shorten(name)}: it is no fact of a deal under a policy of the log"
            raise click.UsageError(f"{what}; {nearest(name, known, few=len(known))}")


def _groups(
    found: DecisionRow, wanted: LogQuestion, by: tuple[str, ...], reports: Reports
) -> Iterator[tuple[str, ...]]:
    """Return what a decision counts under, where its rules tell."""
    chosen = [*found.chosen(wanted)]
    for fired in chosen:
        yield from itertools.product(*(_words(found, fired, name, reports) for name in by))
    if not chosen:
        yield from itertools.product(*((NOBODY,) if n in _OF_RULES else _words(found, None, n, reports) for n in by))


def _words(found: DecisionRow, fired: Fired | None, name: str, reports: Reports) -> tuple[str, ...]:
    if name in _OF_ROWS:
        return (_OF_ROWS[name](found),)
    if name in _OF_RULES:
        assert fired is not None
        return _OF_RULES[name](found, fired)
    return (reports.openings.get(found.deal, {}).get(name, NOBODY),)


def _show(by: tuple[str, ...], rows: list[tuple[str, ...]], form: str) -> None:
    header = (*by, "decisions", "deals")
    if form == "json":
        for each in rows:
            numbers = {"decisions": int(each[-2]), "deals": int(each[-1])}
            click.echo(msgspec.json.encode(dict(zip(by, each, strict=False)) | numbers))
    elif form == "csv":
        click.echo("\n".join(row(map(cell, each)) for each in (header, *rows)))
    elif rows:
        shown = [[printable(text) for text in each] for each in (header, *rows)]
        widths = [max(len(each[i]) for each in shown) for i in range(len(header))]
        for line in shown:
            words = [text.ljust(widths[i]) for i, text in enumerate(line[:-2])]
            counts = [text.rjust(widths[i]) for i, text in enumerate(line[-2:], len(by))]
            click.echo("  ".join((*words, *counts)))
