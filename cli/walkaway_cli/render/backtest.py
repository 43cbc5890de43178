"""A backtest in text of 80 columns, and as JSON; both of the same rows."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

import click
import msgspec

from walkaway.backtest import (
    NO_CAUSE,
    Backtest,
    ChangeRow,
    Estimate,
    RuleRow,
    changes,
    pairs,
    reasons,
    roles,
    rules,
    total,
    verdicts,
)
from walkaway.language import counted, format_value
from walkaway_cli.render.decision import wrapped

MOST = 20
"""So many rows of a kind are shown in text; the rest are counted. JSON has all of them."""
_EVENTS = 10


def text(found: Backtest) -> None:
    """Print it for people."""
    click.echo("\n".join(lines(found)))


def lines(found: Backtest) -> Iterator[str]:
    """Return the lines of text."""
    yield from head(found)
    yield from _answers(found)
    yield from _carried(found)
    if found.compared:
        yield from _changed(found)
    yield from _rules(found)
    yield from _outcomes(found)


def head(found: Backtest) -> Iterator[str]:
    """Return what was decided, by what, and what was not."""
    sums, (new, old) = found.sums, found.sides
    against = f"against `{old}`" if found.old else "against the log" if found.compared else ""
    what = f"{counted(sums.events, 'event')} of {counted(sums.deals, 'deal')} under `{new}`"
    yield from wrapped(f"{what} {against}".rstrip(), "", "  ")
    for reason, deals, events in reasons(found):
        yield from wrapped(f"{counted(deals, 'deal')} one by one ({counted(events, 'event')}): {reason}", "  ", "    ")
    if sums.unread:
        what = f"{counted(sums.unread, 'line')} left out: not read, or not fitting its deal, on some side"
        yield from wrapped(what, "  ", "    ")


def _answers(found: Backtest) -> Iterator[str]:
    yield ""
    rows = [(word, f"{old:,}", f"{new:,}") for word, old, new in verdicts(found)]
    if found.compared:
        yield from table(("answer", "before", "now"), rows)
    else:
        yield from table(("answer", "events"), [(word, new) for word, _, new in rows])


def _carried(found: Backtest) -> Iterator[str]:
    """Return in how many of the deals each role's approval is asked for."""
    every, deals = roles(found), found.sums.deals
    if not every or not deals:
        return
    yield ""
    if found.compared:
        rows = [
            (r.role, f"{r.before:,}", _percent(r.before / deals), f"{r.now:,}", _percent(r.now / deals)) for r in every
        ]
        yield from table(("asked to approve", "before", "of deals", "now", "of deals"), rows)
    else:
        yield from table(
            ("asked to approve", "deals", "of deals"), [(r.role, f"{r.now:,}", _percent(r.now / deals)) for r in every]
        )


def _changed(found: Backtest) -> Iterator[str]:
    sums, every = found.sums, total(found)
    yield ""
    if not sums.flips:
        yield "no answer changes"
        return
    yield f"{counted(every.changed, 'answer')} would be another, in {counted(sums.changed_deals, 'deal')}"
    rows = [(f"{old} → {new}", f"{count:,}") for old, new, count in pairs(found)]
    yield from table(("", "events"), rows[:MOST])
    for by in ("rule", "role", "segment", "quarter"):
        grouped = changes(found, by)
        if grouped:
            yield ""
            yield from table(
                (f"by {by}", "stricter", "milder", "give stopped", "get stopped", "give freed"), _cells(found, grouped)
            )
    yield ""
    yield from wrapped(
        f"stopped: terms of ours that were let through, and would not be: {_money(found, every.give_stopped)} given for"
        f" {_money(found, every.get_stopped)}; freed: {_money(found, every.give_freed)} for"
        f" {_money(found, every.get_freed)}",
        "", "  ",
    )  # fmt: skip
    yield from wrapped(f"approvals: {sums.added:,} asked for more, {sums.saved:,} saved", "", "  ")
    yield ""
    yield from table(
        ("deal", "event", "answer", "by"),
        [(c.deal, c.event, f"{c.old} → {c.new}", c.rule) for c in sums.changed[:_EVENTS]],
    )
    if every.changed > _EVENTS:
        yield f"  and {every.changed - _EVENTS:,} more: --format json"


def _cells(found: Backtest, rows: Sequence[ChangeRow]) -> list[tuple[str, ...]]:
    cells = [
        (
            row.name or "(no rule)",
            f"{row.stricter:,}",
            f"{row.milder:,}",
            *(_short(found, amount) for amount in (row.give_stopped, row.get_stopped, row.give_freed)),
        )
        for row in rows[:MOST]
    ]
    return cells if len(rows) <= MOST else [*cells, (f"and {len(rows) - MOST} more", "", "", "", "", "")]


def _rules(found: Backtest) -> Iterator[str]:
    every = rules(found)
    rows = [
        (
            row.rule if row.enforcement in ("mandatory", "overridable") else f"{row.rule} ({row.enforcement})",
            f"{row.fires:,}", "" if row.of_moves is None else _percent(float(row.of_moves)), f"{row.decides:,}",
            f"{row.alone:,}",
        )
        for row in every
        if row.fires
    ]  # fmt: skip
    yield ""
    yield from table(("rule", "fires", "of moves", "decides", "alone"), rows)
    silent = [row.rule for row in every if not row.fires]
    if silent:
        yield from wrapped(f"never fired: {', '.join(silent)}", "  ", "    ")
    for row in every:
        if row.redundant_with:
            what = f"`{row.rule}` never fires without {', '.join(f'`{name}`' for name in row.redundant_with)}"
            yield from wrapped(what, "  ", "    ")
    for row in every:
        if row.is_loud:
            share = _percent(float(row.of_moves or 0))
            yield from wrapped(
                f"`{row.rule}` fires on {share} of the moves it hears; what fires that often is not heeded long",
                "  ",
                "    ",
            )


def _outcomes(found: Backtest) -> Iterator[str]:
    if not found.sums.outcomes.agreed:
        yield ""
        yield "none of these deals was agreed"
        return
    yield ""
    yield "deals in which a rule fired, and those in which it did not (95 % intervals)"
    rows = [
        (row.rule, f"{row.agreed.of:,}", _interval(row.agreed), _interval(row.agreed_without), _interval(row.closing),
         _interval(row.closing_without))
        for row in rules(found)
        if row.agreed is not None
    ]  # fmt: skip
    yield from table(("rule", "deals", "agreed", "without", "closing", "without"), rows)
    yield from wrapped("closing: what the agreed terms are worth, of what the start terms are.", "  ", "  ")
    yield from wrapped(NO_CAUSE, "  ", "  ")


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Return rows in columns, numbers to the right; no line is longer than 80 columns."""
    widths = [max(len(row[n]) for row in (heads, *rows)) for n in range(len(heads))]
    widths[0] = min(widths[0], 78 - sum(widths[1:]) - 2 * (len(heads) - 1))
    signs = ["<" if any(row[n][:1].isalpha() for row in rows) else ">" for n in range(len(heads))]
    for row in (heads, *rows):
        first = row[0] if len(row[0]) <= widths[0] else f"{row[0][: widths[0] - 1]}…"
        rest = zip(row[1:], signs[1:], widths[1:], strict=True)
        yield f"  {first:<{widths[0]}}{''.join(f'  {c:{sign}{width}}' for c, sign, width in rest)}".rstrip()


def _percent(share: float) -> str:
    return f"{share:.1%}"


def _interval(share: Estimate | None) -> str:
    """Return a share in percent with its interval; one case has none."""
    if share is None:
        return ""
    value, low, high = (round(100 * part) for part in (share.value, share.low, share.high))
    return f"{value}%" if share.low == share.high else f"{value}% ({low}-{high})"


def _money(found: Backtest, amount: Fraction) -> str:
    return format_value(round(amount), found.new.money)


def _short(found: Backtest, amount: Fraction) -> str:
    """Return an amount in whole units of money, without the currency."""
    return f"{round(amount / found.new.money.scale):,}"


def as_json(found: Backtest) -> None:
    """Print one JSON object, with all that is told; amounts as they are written in events."""
    click.echo(msgspec.json.format(msgspec.json.encode(plain(found)), indent=2))


def plain(found: Backtest) -> dict[str, Any]:
    """Return it as JSON has it."""
    sums = found.sums
    return {
        "against": found.sides[1] or None,
        "approvals": {"added": sums.added, "saved": sums.saved},
        "changed": [msgspec.to_builtins(c) for c in sums.changed] if found.compared else None,
        "changes": {
            by: [_change(found, r) for r in changes(found, by)] for by in ("rule", "role", "segment", "quarter")
        },
        "deals": sums.deals,
        "deals_changed": sums.changed_deals,
        "events": sums.events,
        "one_by_one": [{"deals": d, "events": e, "reason": reason} for reason, d, e in reasons(found)],
        "outcomes": {"agreed": sums.outcomes.agreed, "deals": sums.outcomes.deals, "note": NO_CAUSE},
        "pairs": [{"count": count, "new": new, "old": old} for old, new, count in pairs(found)],
        "policy": found.sides[0],
        "roles": [{"before": r.before, "now": r.now, "role": r.role} for r in roles(found)],
        "rules": [_rule(row) for row in rules(found)],
        "segment": found.segment or None,
        "unread": sums.unread,
        "verdicts": [{"before": old, "now": new, "verdict": word} for word, old, new in verdicts(found)],
    }


def _change(found: Backtest, row: ChangeRow) -> dict[str, Any]:
    amounts = ("give_stopped", "get_stopped", "give_freed", "get_freed")
    said: dict[str, Any] = {name: _money(found, getattr(row, name)) for name in amounts}
    return {**said, "changed": row.changed, "milder": row.milder, "name": row.name, "stricter": row.stricter}


def _rule(row: RuleRow) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(row, builtin_types=(Fraction,))
    share = row.of_moves
    return {**found, "of_moves": None if share is None else round(float(share), 6), "loud": row.is_loud}
