"""A deal for the terminal: a table of its moves, and a chart of what both sides' offers are worth to us."""

import textwrap
from collections.abc import Mapping, Sequence
from itertools import count

import click

from walkaway.language import Kind, Unit, format_value
from walkaway.session import History, Turn
from walkaway_cli.render.decision import COLOURS, WIDTH
from walkaway_cli.render.diagnostics import printable

HEIGHT = 14
"""Rows of the chart at most, without its axis."""
MARKS = {"us": "●", "them": "○"}
LINES = {"wish": "·", "want": "-", "walk": "="}
"""How each threshold is drawn; its name stands at the right end."""
_BOTH = "◉"
_LEAST_WHAT = 16
_LEADING = (10, 15, 20, 25, 30, 40, 50, 60, 80)
"""How distances between round amounts begin."""


def course_text(course: History) -> str:
    """Return the table and the chart."""
    chart = chart_lines(course)
    legend = _legend(course)
    owed = [f"They owe {issue}, due on {day}." for issue, day in course.owed.items()]
    head = f"{click.style(printable(course.deal), bold=True)}  under {course.policy}, worths to us in {course.currency}"
    return "\n".join(
        [head, "", *table_lines(course), "", *(owed and [*owed, ""]), *legend, *(["", *chart] if chart else [])]
    )


def amount(course: History, value: int | None) -> str:
    """Write minor units as a number without its currency; empty where there is none."""
    if value is None:
        return ""
    return format_value(value, Unit(Kind.MONEY, course.currency)).removesuffix(f" {course.currency}")


def table_lines(course: History) -> list[str]:
    """Return the moves, oldest first; what changes takes the room that is left."""
    rows = [_row(course, number, turn) for number, turn in enumerate(course.turns)]
    head = ("", "who", "what", "give", "get", "balance", "verdict", "move")
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    widths[2] = max(_LEAST_WHAT, WIDTH - sum(widths) + widths[2] - 2 * (len(head) - 1))
    lines = [click.style(line, bold=True) for line in _line(head, widths, "")]
    for row, turn in zip(rows, course.turns, strict=True):
        lines += _line(row, widths, turn.verdict)
    return lines


def _row(course: History, number: int, turn: Turn) -> tuple[str, ...]:
    who = {"us": "we", "them": "they"}.get(turn.by, "")
    terms = ", ".join(f"{issue} {value}" for issue, value in turn.terms.items())
    if turn.by:
        what = terms if turn.what == "offer" else f"{turn.what}{f': {terms}' if terms else ''}"
        what = what or "the same again"
    else:
        what = turn.what
    amounts = [amount(course, value) for value in (turn.give, turn.get, turn.balance)]
    verdict = f"{turn.verdict}, {turn.door}" if turn.door else turn.verdict
    return (str(number), who, printable(what), *amounts, verdict, turn.label)


def _line(row: Sequence[str], widths: Sequence[int], verdict: str) -> list[str]:
    what = textwrap.wrap(row[2], widths[2], break_on_hyphens=False) or [""]
    lines = []
    for place, text in enumerate(what):
        cells = [c if place == 0 else "" for c in row]
        cells[2] = text
        padded = [
            c.rjust(w) if i in (0, 3, 4, 5) else c.ljust(w) for i, (c, w) in enumerate(zip(cells, widths, strict=True))
        ]
        line = "  ".join(padded).rstrip()
        if verdict and place == 0:
            at = sum(widths[:6]) + 2 * 6
            line = line[:at] + click.style(row[6], fg=COLOURS[verdict]) + line[at + len(row[6]) :]
        lines.append(line)
    return lines


def _legend(course: History) -> list[str]:
    text = "give leaves us, get comes to us, whoever moves; balance is what they have given more than we."
    if any(turn.label.endswith("?") for turn in course.turns):
        text += " ? is a move's name if it changes nothing for them: the policy may say what it does (theirs:)."
    return textwrap.wrap(text, WIDTH, break_on_hyphens=False)


def points(course: History) -> list[tuple[int, str, int]]:
    """Return what the chart shows: a move's number, whose it is, and what its terms are worth to us after it."""
    found = []
    for number, turn in enumerate(course.turns):
        worth = {"us": turn.ours, "them": turn.theirs}.get(turn.by)
        if worth is not None:
            found.append((number, turn.by, worth))
    return found


def chart_lines(course: History) -> list[str]:
    """Return the chart: worth upwards, moves to the right; none where nothing has a worth."""
    shown = points(course)
    if not shown:
        return []
    scale = ticks(course, shown, HEIGHT)
    names = _names_at(course, scale)
    labels = [amount(course, worth) for worth in scale]
    margin = max(map(len, labels))
    numbers = sorted({number for number, _, _ in shown})
    width = WIDTH - margin - 3 - max(map(len, names.values()), default=0)
    stride = max(1, min(6, width // len(numbers)))
    width = min(width, stride * len(numbers))
    places = {n: width * i // len(numbers) for i, n in enumerate(numbers)}
    rows = _lines_drawn(course, scale, width)
    for number, by, worth in shown:
        row, place = rows[_height(worth, scale)], places[number] + stride // 2
        row[place] = MARKS[by] if row[place] not in MARKS.values() or row[place] == MARKS[by] else _BOTH
    lines = [
        f"{label:>{margin}} ┤{''.join(row)} {names.get(place, '')}".rstrip()
        for place, (label, row) in enumerate(zip(labels, rows, strict=True))
    ]
    return [
        *lines,
        f"{'':>{margin}} └{'─' * width}",
        f"{'':>{margin}}  {_numbered(places, stride, width)}".rstrip(),
        *(f"{'':>{margin}}  {note}" for note in _notes(course)),
    ]


def _notes(course: History) -> list[str]:
    """Say what the marks are, and what the lines are worth, which stand at the nearest height."""
    limits = " · ".join(f"{name} {amount(course, worth)}" for name, worth in course.limits.items())
    return [f"{MARKS['us']} we, {MARKS['them']} they, by number of the move", *([limits] if limits else [])]


def ticks(course: History, shown: Sequence[tuple[int, str, int]], most: int) -> list[int]:
    """Return worths to write beside a chart, from the highest: round ones, at least two, which enclose all it shows.

    Their distance is the least with which they are no more than *most*.
    """
    values = [worth for _, _, worth in shown] + list(course.limits.values())
    low, high = min(values), max(values)
    for step in (leading * 10**power // 10 for power in count() for leading in _LEADING):
        top, bottom = -(-high // step) * step, low // step * step
        if top == bottom:
            top += step
        if (top - bottom) // step < most:
            return [*range(top, bottom - 1, -step)]
    raise AssertionError("every distance is passed by some power of ten")


def _height(worth: int, scale: Sequence[int]) -> int:
    """Return the row of a worth, 0 at the top."""
    return round((scale[0] - worth) / (scale[0] - scale[1]))


def _lines_drawn(course: History, scale: Sequence[int], width: int) -> list[list[str]]:
    rows = [[" "] * width for _ in scale]
    for name, worth in course.limits.items():
        rows[_height(worth, scale)] = [LINES[name]] * width
    return rows


def _names_at(course: History, scale: Sequence[int]) -> Mapping[int, str]:
    found: dict[int, str] = {}
    for name, worth in course.limits.items():
        row = _height(worth, scale)
        found[row] = f"{found[row]}/{name}" if row in found else name
    return found


def _numbered(places: Mapping[int, int], stride: int, width: int) -> str:
    """Write the moves' numbers below their marks, as far as they fit."""
    text = [" "] * (width + 4)
    free = 0
    for number, place in places.items():
        at = place + stride // 2
        if at >= free:
            text[at : at + len(str(number))] = str(number)
            free = at + len(str(number)) + 1
    return "".join(text)
