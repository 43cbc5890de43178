"""The lines that are tried in place of those asked about: less of what is given, on all lines or on some."""

from collections.abc import Iterator, Mapping

from walkaway.deal.line_items import LineOpener, rows_of, text_of
from walkaway.events import Terms
from walkaway.language.values import Kind, Unit, Value
from walkaway.policy.model import LINES, Policy

_PARTS = 20
"""Into so many parts the way is divided between what was let through and what is asked about."""
_Lines = Mapping[str, Mapping[str, Value]]


def lines_tried(policy: Policy, offered: Terms, cleared: Terms, start: Terms, theirs: Terms) -> tuple[str, ...]:
    """Return the lines that are tried: between ours that were let through and those asked about, each once.

    On all lines by the same part of the way; on every line no further than some value; on one line not at all.

    Args:
        offered: The package asked about; *cleared* ours as it was last let through, *theirs* what they have named.
    """
    opener = policy.once(LineOpener)
    texts = (str(cleared[LINES]), str(offered[LINES]))
    before, asked = (rows_of(text, opener.issues) for text in texts)
    found = dict.fromkeys((*texts, str(start[LINES]), *([str(theirs[LINES])] if LINES in theirs else ())))
    for rows in (*_parts(before, asked, opener), *_capped(before, asked, opener), *_without(before, asked)):
        found.setdefault(text_of(rows, opener.issues))
    return tuple(found)


def lines_given(policy: Policy, start: str) -> tuple[str, ...]:
    """Return lines on the way from the start values to the worst for us that may be named, by equal parts on all."""
    opener = policy.once(LineOpener)
    issues = opener.items.issues
    ends = {name: issue.most if issue.better < 0 else issue.least for name, issue in issues.items() if issue.better}
    before = rows_of(start, opener.issues)
    worst = {key: {**row, **{n: v for n, v in ends.items() if v is not None}} for key, row in before.items()}
    every = (before, *_parts(before, worst, opener), worst)
    return tuple(dict.fromkeys(text_of(rows, opener.issues) for rows in every))


def _parts(before: _Lines, asked: _Lines, opener: LineOpener) -> Iterator[_Lines]:
    """Yield lines that go a part of the way, rounded towards what is better for us."""
    for part in range(1, _PARTS):
        yield {
            key: {
                name: _on_the_way(old, asked[key][name], part, opener, name) for name, old in row.items()
            }
            for key, row in before.items()
        }  # fmt: skip


def _on_the_way(old: Value, new: Value, part: int, opener: LineOpener, name: str) -> Value:
    issue = opener.items.issues[name]
    if not isinstance(old, int) or not isinstance(new, int) or not issue.better:
        return old
    grain, way = grain_of(issue.unit), (new - old) * part
    there = old + way // _PARTS if issue.better < 0 else old - -way // _PARTS
    stepped = there // grain * grain if issue.better < 0 else -(-there // grain) * grain
    return min(max(stepped, min(old, new)), max(old, new))


def _capped(before: _Lines, asked: _Lines, opener: LineOpener) -> Iterator[_Lines]:
    """Yield lines of which none goes further than some value: every whole step down to what was let through."""
    for name, issue in opener.items.issues.items():
        values = [v for row in asked.values() if isinstance(v := row[name], int)]
        olds = [v for row in before.values() if isinstance(v := row[name], int)]
        if not issue.better or not values:
            continue
        worst, best = (max(values), min(olds)) if issue.better < 0 else (min(values), max(olds))
        grain = grain_of(issue.unit) * 10
        for step in range(1, _PARTS + 1):
            cap = worst + issue.better * step * grain
            cap = cap // grain * grain if issue.better < 0 else -(-cap // grain) * grain
            if (cap - best) * issue.better > 0:
                break
            nearer = min if issue.better < 0 else max
            yield {key: {**row, name: nearer(row[name], cap)} for key, row in asked.items()}


def _without(before: _Lines, asked: _Lines) -> Iterator[_Lines]:
    """Yield lines of which one is as it was let through."""
    for key, row in before.items():
        if row != asked[key]:
            yield {**asked, key: row}


def grain_of(unit: Unit) -> int:
    """Return how far apart values of a unit lie that are tried, in smallest units: a tenth of a percent, or one."""
    return unit.scale // 10 if unit.kind is Kind.PERCENT else unit.scale
