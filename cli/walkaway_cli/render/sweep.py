"""A sweep in text, as a curve or as a map, and as JSON."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import click
import msgspec

from walkaway.backtest import Sweep, SweepRow
from walkaway.language import counted, format_value
from walkaway_cli.render.backtest import table
from walkaway_cli.render.decision import wrapped

_ACROSS = 8
"""So many values of the second parameter stand side by side."""


def text(found: Sweep) -> None:
    """Print it for people."""
    click.echo("\n".join(lines(found)))


def lines(found: Sweep) -> Iterator[str]:
    """Return the lines of text."""
    events, names = found.rows[0].tally.events, " and ".join(f"`{p.name}`" for p in found.parameters)
    yield from wrapped(
        f"{counted(events, 'event')} under `{found.policy.called}` with {names}, against {found.against}", "", "  "
    )
    yield ""
    if len(found.parameters) == 1:
        yield from table(
            (found.parameters[0].name, "stricter", "milder", "deals", "give stopped", "give freed", "approvals"),
            [_row(found, row) for row in found.rows],
        )
        return
    yield from wrapped("answers that change; down: the first parameter, across: the second", "", "  ")
    first, second = found.parameters
    by_values = {row.values: row for row in found.rows}
    for start in range(0, len(second.values), _ACROSS):
        across = second.values[start : start + _ACROSS]
        yield ""
        yield from table(
            ("", *map(second.told, across)),
            [(first.told(a), *(f"{by_values[a, b].tally.changed:,}" for b in across)) for a in first.values],
        )


def _row(found: Sweep, row: SweepRow) -> tuple[str, ...]:
    tally = row.tally
    return (
        found.parameters[0].told(row.values[0]), f"{tally.stricter:,}", f"{tally.milder:,}", f"{tally.deals:,}",
        _short(found, tally.give_stopped), _short(found, tally.give_freed), f"{tally.added - tally.saved:+,}",
    )  # fmt: skip


def _short(found: Sweep, amount: Fraction) -> str:
    return f"{round(amount / found.policy.money.scale):,}"


def as_json(found: Sweep) -> None:
    """Print one JSON object; values and amounts are written as in events."""
    click.echo(msgspec.json.format(msgspec.json.encode(plain(found)), indent=2))


def plain(found: Sweep) -> dict[str, Any]:
    """Return it as JSON has it."""
    return {
        "against": found.against.strip("`"),
        "parameters": [p.name for p in found.parameters],
        "policy": found.policy.called,
        "rows": [_plain(found, row) for row in found.rows],
    }


def _plain(found: Sweep, row: SweepRow) -> dict[str, Any]:
    tally, money = row.tally, found.policy.money
    amounts = ("give_stopped", "get_stopped", "give_freed", "get_freed")
    return {
        **{name: format_value(round(getattr(tally, name)), money) for name in amounts},
        "approvals": {"added": tally.added, "saved": tally.saved},
        "changed": tally.changed,
        "deals": tally.deals,
        "events": tally.events,
        "milder": tally.milder,
        "stricter": tally.stricter,
        "values": [p.told(value) for p, value in zip(found.parameters, row.values, strict=True)],
        "verdicts": dict(tally.verdicts),
    }
