"""A backtest, or a sweep, as one HTML page with pictures: no scripts, nothing fetched, the same bytes everywhere."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from html import escape

from walkaway.backtest import (
    NO_CAUSE,
    Backtest,
    Estimate,
    RuleRow,
    Sweep,
    changes,
    pairs,
    reasons,
    roles,
    rules,
    total,
    verdicts,
)
from walkaway.language import counted, format_value
from walkaway_cli.render.diagnostics import printable

_WIDTH = 720
_BAR = 22
_LABEL = 210
_SHOWN = 200
"""So many changed events are listed."""
OLD, NEW, STRICTER, MILDER = "#9aa5b1", "#1b6ac9", "#b3261e", "#2e7d32"
_STYLE = (
    "body{font:15px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em;color:#1c1c1c}"
    "table{border-collapse:collapse;margin:1em 0}td,th{padding:.2em .8em;text-align:right;border-bottom:1px solid #ddd}"
    "td:first-child,th:first-child{text-align:left}caption{text-align:left;font-weight:bold;padding:.3em 0}"
    "figure{margin:1em 0}figcaption{font-weight:bold}svg{max-width:100%;height:auto}"
)
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def page(title: str, parts: Sequence[str]) -> str:
    """Return a whole page."""
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>{_text(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<h1>{_text(title)}</h1>\n"
        + "\n".join(parts)
        + "\n</body>\n</html>\n"
    )


def backtest_page(found: Backtest) -> str:
    """Return the page of a backtest."""
    new, old = found.sides
    against = f" against {old}" if found.old else " against the log" if found.compared else ""
    return page(f"{new}{against}", list(_parts(found)))


def _parts(found: Backtest) -> Iterator[str]:
    sums = found.sums
    yield f"<p>{counted(sums.events, 'event')} of {counted(sums.deals, 'deal')}, decided again from their openings.</p>"
    left = [f"{counted(d, 'deal')} one by one ({counted(e, 'event')}): {reason}" for reason, d, e in reasons(found)]
    if sums.unread:
        left.append(f"{counted(sums.unread, 'line')} left out: not read, or not fitting its deal, on some side")
    if left:
        yield "<ul>" + "".join(f"<li>{_text(line)}</li>" for line in left) + "</ul>"
    answers = verdicts(found)
    yield bars(
        "Answers before (grey) and now (blue)" if found.compared else "Answers",
        [(word, ((old, OLD), (new, NEW))) for word, old, new in answers],
        found.compared,
    )
    if found.compared:
        yield from _changes(found)
    yield from _rules(found)


def _changes(found: Backtest) -> Iterator[str]:
    sums, every = found.sums, total(found)
    yield f"<h2>{counted(every.changed, 'answer')} would be another, in {counted(sums.changed_deals, 'deal')}</h2>"
    yield table("From what to what", ("answer", "events"), [(f"{a} → {b}", f"{n:,}") for a, b, n in pairs(found)])
    for by in ("rule", "role", "segment", "quarter"):
        rows = changes(found, by)
        if rows:
            shown = [(row.name or "(no rule)", ((row.stricter, STRICTER), (row.milder, MILDER))) for row in rows[:20]]
            yield bars(f"By {by}: stricter (red, above) and milder (green)", shown, True)
            heads = (by, "stricter", "milder", "give stopped", "get stopped", "give freed", "get freed")
            amounts = [(r.give_stopped, r.get_stopped, r.give_freed, r.get_freed) for r in rows]
            cells = [
                (r.name or "(no rule)", f"{r.stricter:,}", f"{r.milder:,}", *(_money(found, a) for a in some))
                for r, some in zip(rows, amounts, strict=True)
            ]
            yield table("", heads, cells)
    yield f"<p>Approvals: {sums.added:,} asked for more, {sums.saved:,} saved.</p>"
    shares = [(r.role, f"{r.before / sums.deals:.1%}", f"{r.now / sums.deals:.1%}") for r in roles(found)]
    if shares:
        yield table("Share of deals in which a role is asked", ("role", "before", "now"), shares)
    listed = [(c.deal, c.event, c.at, f"{c.old} → {c.new}", c.rule) for c in sums.changed[:_SHOWN]]
    if listed:
        caption = "Changed answers" if every.changed <= _SHOWN else f"The first {_SHOWN} changed answers"
        yield table(caption, ("deal", "event", "at", "answer", "by"), listed)


def _rules(found: Backtest) -> Iterator[str]:
    every = rules(found)
    yield "<h2>What each rule did</h2>"
    yield bars(
        "How often each fired (grey), and how often it decided (blue)",
        [_fired(row) for row in every if row.fires],
        True,
    )
    heads = ("rule", "effect", "kind", "fires", "of moves", "decides", "alone", "never without")
    rows = [
        (
            row.rule, row.effect, row.enforcement, f"{row.fires:,}",
            "" if row.of_moves is None else f"{float(row.of_moves):.1%}", f"{row.decides:,}", f"{row.alone:,}",
            ", ".join(row.redundant_with),
        )
        for row in every
    ]  # fmt: skip
    yield table("", heads, rows)
    loud = [row.rule for row in every if row.is_loud]
    if loud:
        yield f"<p>More than 40 % of the moves that they hear: {_text(', '.join(loud))}.</p>"
    if found.sums.outcomes.agreed:
        yield "<h2>Outcomes beside it</h2>"
        outcomes = [
            (row.rule, *map(_interval, (row.agreed, row.agreed_without, row.closing, row.closing_without)))
            for row in every
            if row.agreed is not None
        ]
        caption = "Deals in which a rule fired, and the others, with intervals of 95 %"
        yield table(caption, ("rule", "agreed", "without", "closing", "without"), outcomes)
        yield f"<p>{_text(NO_CAUSE)}</p>"


def _fired(row: RuleRow) -> tuple[str, tuple[tuple[int, str], ...]]:
    return row.rule, ((row.fires, OLD), (row.decides, NEW))


def sweep_page(found: Sweep) -> str:
    """Return the page of a sweep: a curve for one parameter, a map for two."""
    names = " and ".join(p.name for p in found.parameters)
    title = f"{found.policy.called} with {names}, against {found.against.strip('`')}"
    picture = curve(found) if len(found.parameters) == 1 else heat_map(found)
    heads = (*(p.name for p in found.parameters), "stricter", "milder", "deals", "give stopped", "give freed")
    rows = [
        (
            *(p.told(v) for p, v in zip(found.parameters, row.values, strict=True)),
            f"{row.tally.stricter:,}", f"{row.tally.milder:,}", f"{row.tally.deals:,}",
            format_value(round(row.tally.give_stopped), found.policy.money),
            format_value(round(row.tally.give_freed), found.policy.money),
        )
        for row in found.rows
    ]  # fmt: skip
    return page(title, [picture, table("", heads, rows)])


def curve(found: Sweep) -> str:
    """Return how many answers become stricter and milder, value by value."""
    parameter, rows = found.parameters[0], found.rows
    most = max(1, *(max(r.tally.stricter, r.tally.milder) for r in rows))
    high, left, step = 260, 70, (_WIDTH - 90) / max(1, len(rows) - 1)
    body = [f'<line x1="{left}" x2="{_WIDTH - 20}" y1="{high}" y2="{high}" stroke="#888"/>']
    body.append(f'<text x="{left - 8}" y="24" text-anchor="end">{most:,}</text>')
    for name, colour in (("stricter", STRICTER), ("milder", MILDER)):
        points = [(left + n * step, high - (high - 20) * getattr(row.tally, name) / most) for n, row in enumerate(rows)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        dashes = "" if name == "stricter" else ' stroke-dasharray="6 4"'
        body.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"{dashes}/>')
        for (x, y), row in zip(points, rows, strict=True):
            label = f"{parameter.told(row.values[0])}: {getattr(row.tally, name):,} {name}"
            body.append(
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"><title>{_text(label)}</title></circle>'
            )
    every = -(-len(rows) // 12)
    for n, row in enumerate(rows):
        if n % every == 0:
            told = _text(parameter.told(row.values[0]))
            body.append(f'<text x="{left + n * step:.1f}" y="{high + 20}" text-anchor="middle">{told}</text>')
    return _figure("Answers that become stricter (red) and milder (green, dashed)", high + 36, body)


def heat_map(found: Sweep) -> str:
    """Return how many answers change for each pair of values, the more the darker."""
    first, second = found.parameters
    most = max(1, *(row.tally.changed for row in found.rows))
    wide = (_WIDTH - 110) / len(second.values)
    body = []
    for n, row in enumerate(found.rows):
        down, across = divmod(n, len(second.values))
        x, y, share = 100 + across * wide, 30 + down * 26, row.tally.changed / most
        label = f"{first.told(row.values[0])}, {second.told(row.values[1])}: {row.tally.changed:,}"
        colour = f"rgb({round(255 - 228 * share)},{round(255 - 149 * share)},{round(255 - 54 * share)})"
        body.append(
            f'<rect x="{x:.1f}" y="{y}" width="{wide:.1f}" height="26" fill="{colour}" stroke="#fff">'
            f"<title>{_text(label)}</title></rect>"
        )
        if wide >= 44:
            ink = "#fff" if share > 0.5 else "#1c1c1c"
            place = f'x="{x + wide / 2:.1f}" y="{y + 18}" text-anchor="middle" fill="{ink}"'
            body.append(f"<text {place}>{row.tally.changed:,}</text>")
    for down, value in enumerate(first.values):
        body.append(f'<text x="92" y="{48 + down * 26}" text-anchor="end">{_text(first.told(value))}</text>')
    every = -(-len(second.values) // 12)
    for across, value in enumerate(second.values):
        if across % every == 0:
            x = 100 + (across + 0.5) * wide
            body.append(f'<text x="{x:.1f}" y="20" text-anchor="middle">{_text(second.told(value))}</text>')
    caption = f"Answers that change; down {first.name}, across {second.name}"
    return _figure(caption, 44 + 26 * len(first.values), body)


Bars = Sequence[tuple[str, Sequence[tuple[int, str]]]]


def bars(caption: str, rows: Bars, both: bool) -> str:
    """Return horizontal bars, a group for each row; of each group the last alone, where there is nothing to compare."""
    if not rows:
        return ""
    most = max(1, *(count for _, counts in rows for count, _ in counts))
    body, y, thick = [], 6, 9 if both else 16
    for label, counts in rows:
        body.append(f'<text x="{_LABEL - 8}" y="{y + 14}" text-anchor="end">{_text(_short(label))}</text>')
        for n, (count, colour) in enumerate(counts if both else counts[-1:]):
            wide = (_WIDTH - _LABEL - 90) * count / most
            at = y + n * (thick + 1)
            body.append(f'<rect x="{_LABEL}" y="{at}" width="{wide:.1f}" height="{thick}" fill="{colour}"/>')
            body.append(f'<text x="{_LABEL + wide + 6:.1f}" y="{at + thick}" font-size="10">{count:,}</text>')
        y += _BAR + 4
    return _figure(caption, y + 4, body)


def _figure(caption: str, high: int, body: Sequence[str]) -> str:
    return (
        f"<figure><figcaption>{_text(caption)}</figcaption>\n"
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {high}" width="{_WIDTH}" height="{high}" '
        f'font-family="sans-serif" font-size="12" role="img" aria-label="{_text(caption)}">\n'
        + "\n".join(body)
        + "\n</svg></figure>"
    )


def table(caption: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table."""
    head = "".join(f'<th scope="col">{_text(cell)}</th>' for cell in heads)
    body = "\n".join("<tr>" + "".join(f"<td>{_text(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    told = f"<caption>{_text(caption)}</caption>" if caption else ""
    return f"<table>{told}<thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table>"


def _short(label: str) -> str:
    return label if len(label) <= 30 else f"{label[:29]}…"


def _text(text: str) -> str:
    return escape(printable(text))


def _money(found: Backtest, amount: Fraction) -> str:
    return format_value(round(amount), found.new.money)


def _interval(share: Estimate | None) -> str:
    return "" if share is None else f"{share.value:.0%} ({share.low:.0%} to {share.high:.0%})"
