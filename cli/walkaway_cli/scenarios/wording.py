"""Read what sentences and tables name: terms in a line, terms in a table, limits in a table. Values stay text."""

import re
from collections.abc import Iterable, Mapping, Sequence

from walkaway.language import nearest
from walkaway_cli.scenarios.problems import Misunderstood

Table = Sequence[Sequence[str]]
"""The rows of a Gherkin table."""

_HEADERS = ({"issue", "value"}, {"fact", "value"}, {"name", "value"})
_LIMITS = ("wish", "want", "walk")


def spelled(name: str) -> str:
    """Return a name as policies spell it: `list price` is `list_price`."""
    return name.strip().strip("`").replace(" ", "_")


def named(line: str | None, table: Table | None, known: Iterable[str], what: str) -> dict[str, str]:
    """Return name → value, from the line or from its table, whichever is there.

    Args:
        known: The names a line may use; a table is taken as it stands, so that a wrong one becomes a dead letter.
        what: What the names are, as in `issue`.

    Raises:
        Misunderstood: Where there is neither or both, a name stands twice, or the line names what is not known.
    """
    if (line is None) == (table is None):
        raise Misunderstood("this sentence wants its values in the line, or in a table below it, and not in both")
    return in_line(line, tuple(known), what) if line is not None else in_table(table or ())


def in_table(table: Table) -> dict[str, str]:
    """Return name → value of a table with two columns; a row `issue | value` at the top is a heading."""
    rows = [[cell.strip() for cell in row] for row in table]
    if rows and {cell.lower() for cell in rows[0]} in _HEADERS:
        rows = rows[1:]
    if not rows or any(len(row) != 2 for row in rows):
        raise Misunderstood("this table wants two columns, a name and a value, and at least one row")
    found = {spelled(name): value for name, value in rows}
    if len(found) < len(rows):
        raise Misunderstood("this table names something twice")
    return found


def in_line(line: str, known: Sequence[str], what: str) -> dict[str, str]:
    """Return name → value of words like `a discount of 12%, term 24 months and prepay yes`."""
    names = "|".join(re.escape(n).replace("_", "[ _]") for n in sorted(known, key=len, reverse=True))
    start = re.compile(rf"(?:^|, and |, | and )(?:an? |the )?(?P<name>{names})(?: of| at| is|:)? (?=\S)")
    starts = list(start.finditer(line)) if known else []
    if not starts or starts[0].start() > 0:
        raise Misunderstood(f"`{line}` does not begin with an {what} and its value. {nearest(line.split()[0], known)}")
    found: dict[str, str] = {}
    for match, following in zip(starts, [*starts[1:], None], strict=True):
        name = spelled(match["name"])
        if name in found:
            raise Misunderstood(f"`{name}` stands twice in this line")
        found[name] = line[match.end() : following.start() if following else None].strip()
        unread = re.search(r" and (?:an? |the )?(\w+)", found[name])
        if unread:
            raise Misunderstood(f"`{unread[1]}` is no {what} of this policy. {nearest(unread[1], known)}")
    return found


def listed(line: str) -> list[str]:
    """Return the names in words like `discount, term and prepay`."""
    return [spelled(re.sub("^(?:an?|the) ", "", name)) for name in re.split(", and |, | and ", line)]


def limits_of(table: Table | None) -> dict[str, dict[str, str]]:
    """Return issue → threshold → value of a table headed `issue | wish | want | walk`; an empty cell says nothing."""
    heading, *rows = [[cell.strip() for cell in row] for row in table or [[]]]
    if not rows or heading[0].lower() != "issue" or not set(heading[1:]) <= set(_LIMITS):
        raise Misunderstood("this sentence wants a table headed `issue`, and any of `wish`, `want` and `walk`")
    return {spelled(row[0]): {h: cell for h, cell in zip(heading[1:], row[1:], strict=True) if cell} for row in rows}


def merged(old: Mapping[str, Mapping[str, str]], new: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """Return the limits of *old* with those of *new* over them."""
    return {name: {**old.get(name, {}), **new.get(name, {})} for name in (*old, *new)}
