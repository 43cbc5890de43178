"""A deal's chart as SVG: both sides' worth to us by move, with wish, want and walk. One file, nothing fetched."""

from collections.abc import Callable, Iterator, Sequence
from xml.sax.saxutils import escape, quoteattr

from walkaway.session import History
from walkaway_cli.render.course import amount, points, ticks
from walkaway_cli.render.diagnostics import printable

WIDTH, HEIGHT = 860, 440
TOP, BOTTOM = 50, 70
_TICKS = 9
_DIGIT = 7
"""Width of a character, about, at the size of labels."""
_LABEL = 14
"""Height of a label."""
_LONGEST = 90
"""Characters of a heading."""
_MANY = 80
"""Moves beyond which marks are small."""
_SIDES = {"us": ("we", "#1b6ac9"), "them": ("they", "#c2571a")}
_LIMITS = {"wish": ("#2e7d32", "2 4"), "want": ("#8a6d00", "6 4"), "walk": ("#b3261e", "none")}

Place = Callable[[int], str]


def course_svg(course: History) -> str:
    """Return the chart as an SVG document."""
    title = printable(f"{course.deal} under {course.policy}")
    heading = title if len(title) <= _LONGEST else f"{title[: _LONGEST - 1]}…"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'font-family="sans-serif" font-size="12" role="img" aria-label={quoteattr(title)}>\n'
        f"<title>{escape(title)}</title>\n"
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>\n'
        f'<text x="20" y="24" font-size="15">{escape(heading)}: worth to us in {escape(course.currency)}</text>\n'
        + "\n".join(_body(course))
        + "\n</svg>\n"
    )


def _body(course: History) -> Iterator[str]:
    shown = points(course)
    if not shown:
        yield f'<text x="20" y="{HEIGHT // 2}">No worth is known yet.</text>'
        return
    scale = ticks(course, shown, _TICKS)
    limits = {name: f"{name} {amount(course, worth)}" for name, worth in course.limits.items()}
    left = 28 + _DIGIT * max(len(amount(course, worth)) for worth in scale)
    right = WIDTH - 20 - _DIGIT * max(map(len, limits.values()), default=0)
    last = max(number for number, _, _ in shown)

    def x(number: int) -> str:
        return f"{left + (right - left) * number / max(1, last):.1f}"

    def y(worth: int) -> str:
        return f"{TOP + (HEIGHT - TOP - BOTTOM) * (scale[0] - worth) / (scale[0] - scale[-1]):.1f}"

    for worth in scale:
        yield _across(left, right, y(worth), 'stroke="#e4e4e4"')
        yield f'<text x="{left - 8}" y="{y(worth)}" dy="4" text-anchor="end">{amount(course, worth)}</text>'
    for number in range(0, last + 1, -(-(last + 1) // 20)):
        yield f'<text x="{x(number)}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle">{number}</text>'
    yield from _limits(course, limits, left, right, y)
    for by in _SIDES:
        yield from _side(course, by, [(n, worth) for n, side, worth in shown if side == by], x, y)
    yield from _legend(left)


def _across(left: int, right: int, y: str, style: str) -> str:
    return f'<line x1="{left}" x2="{right}" y1="{y}" y2="{y}" {style}/>'


def _limits(course: History, labels: dict[str, str], left: int, right: int, y: Place) -> Iterator[str]:
    """Draw the thresholds; a label that would lie on another one moves below it."""
    below = 0.0
    for name, worth in sorted(course.limits.items(), key=lambda item: -item[1]):
        colour, dashes = _LIMITS[name]
        yield _across(left, right, y(worth), f'stroke="{colour}" stroke-dasharray="{dashes}"')
        below = max(float(y(worth)), below)
        yield f'<text x="{right + 6}" y="{below:.1f}" dy="4" fill="{colour}">{labels[name]}</text>'
        below += _LABEL


def _side(course: History, by: str, own: Sequence[tuple[int, int]], x: Place, y: Place) -> Iterator[str]:
    """Draw one side's line, and a mark for each of its moves that tells its terms."""
    who, colour = _SIDES[by]
    path = " ".join(f"{x(number)},{y(worth)}" for number, worth in own)
    yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
    for number, worth in own:
        terms = ", ".join(f"{issue} {value}" for issue, value in course.turns[number].terms.items())
        label = escape(printable(f"{number}: {who} {terms}, worth {amount(course, worth)} {course.currency}"))
        mark = _mark(by, x(number), y(worth), 4 if len(course.turns) <= _MANY else 2)
        yield f"{mark}<title>{label}</title></circle>"


def _mark(by: str, x: str, y: str, radius: int) -> str:
    """Return a disc for us and a ring for them, so that they differ without colour too; its element stays open."""
    colour = _SIDES[by][1]
    fill = colour if by == "us" else "#fff"
    return f'<circle cx="{x}" cy="{y}" r="{radius}" fill="{fill}" stroke="{colour}" stroke-width="2">'


def _legend(left: int) -> Iterator[str]:
    at = HEIGHT - 16
    for place, (by, (who, colour)) in enumerate(_SIDES.items()):
        yield f"{_mark(by, str(left + 70 * place + 4), str(at - 4), 4)}</circle>"
        yield f'<text x="{left + 70 * place + 14}" y="{at}" fill="{colour}">{who}</text>'
    yield f'<text x="{left + 140}" y="{at}">by number of the move</text>'
