"""A deal's chart as SVG: both sides' worth to us by move, with wish, want and walk. One file, nothing fetched."""

from collections.abc import Iterator
from xml.sax.saxutils import escape

from walkaway.course import Course
from walkaway_cli.render.course import amount, heights, points, span

WIDTH, HEIGHT = 860, 420
LEFT, RIGHT, TOP, BOTTOM = 90, 80, 50, 50
_TICKS = 6
_SIDES = {"us": ("we", "#1b6ac9"), "them": ("they", "#c2571a")}
_LIMITS = {"wish": ("#2e7d32", "2 4"), "want": ("#8a6d00", "6 4"), "walk": ("#b3261e", "none")}


def course_svg(course: Course) -> str:
    """Give the chart as an SVG document."""
    body = "\n".join(_body(course))
    title = escape(f"{course.deal} under {course.policy}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'font-family="sans-serif" font-size="12" role="img" aria-label="{title}">\n'
        f"<title>{title}</title>\n"
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>\n'
        f'<text x="{LEFT}" y="24" font-size="15">{title}: worth to us in {escape(course.currency)}</text>\n'
        f"{body}\n</svg>\n"
    )


def _body(course: Course) -> Iterator[str]:
    shown = points(course)
    if not shown:
        yield f'<text x="{LEFT}" y="{HEIGHT // 2}">No worth is known yet.</text>'
        return
    low, high = span(course, shown)
    last = max(number for number, _, _ in shown)

    def x(number: int) -> str:
        return _rounded(LEFT + (WIDTH - LEFT - RIGHT) * number / max(1, last))

    def y(worth: float) -> str:
        return _rounded(TOP + (HEIGHT - TOP - BOTTOM) * (high - worth) / (high - low))

    for worth in heights(course, low, high, _TICKS):
        yield f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(worth)}" y2="{y(worth)}" stroke="#eee"/>'
        yield f'<text x="{LEFT - 8}" y="{y(worth)}" dy="4" text-anchor="end">{amount(course, worth)}</text>'
    for number in range(0, last + 1, max(1, last // 12)):
        yield f'<text x="{x(number)}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle">{number}</text>'
    for name, worth in course.limits.items():
        colour, dashes = _LIMITS[name]
        yield (
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(worth)}" y2="{y(worth)}" stroke="{colour}" '
            f'stroke-dasharray="{dashes}"/>'
        )
        yield f'<text x="{WIDTH - RIGHT + 6}" y="{y(worth)}" dy="4" fill="{colour}">{name}</text>'
    for place, (by, (who, colour)) in enumerate(_SIDES.items()):
        own = [(number, worth) for number, side, worth in shown if side == by]
        path = " ".join(f"{x(number)},{y(worth)}" for number, worth in own)
        yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
        for number, worth in own:
            terms = ", ".join(f"{issue} {value}" for issue, value in course.turns[number].terms.items())
            label = escape(f"{number}: {who} {terms}, worth {amount(course, worth)} {course.currency}")
            yield f'<circle cx="{x(number)}" cy="{y(worth)}" r="4" fill="{colour}"><title>{label}</title></circle>'
        yield f'<text x="{LEFT + 70 * place}" y="{HEIGHT - 10}" fill="{colour}">● {who}</text>'


def _rounded(number: float) -> str:
    return f"{number:.1f}"
