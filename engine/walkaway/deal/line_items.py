"""The lines of a deal: how their values are written side by side, what they are worth, and what rules read of them.

The lines of an offer, and what a deal states of its lines, are one value each, a text that people read and type:
`A-1: discount 12%; B-2: discount 5%`. Lines stand in the order of their keys, and each says all that is negotiated of
it; so equal lines are equal texts. Nothing is rounded: what is computed from them is a whole number, or a fraction.

Source:
    docs/issues.md, the lines of a deal.
"""

from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache

import msgspec

from walkaway.deal.ratios import Compute, Known, Ratio, ratio
from walkaway.events import Terms
from walkaway.language.expr.tree import evaluate, truth
from walkaway.language.values import Exact, NotAValue, Unit, Value, exactly, format_value, parse_value, shorten
from walkaway.policy.model import LINES, Figure, Linear, LineItems, Policy, Reach

Cells = Mapping[str, Value]
"""What is said of one line, by name."""
Rows = Mapping[str, Cells]
"""Lines by their keys."""
Columns = tuple[tuple[str, Unit], ...]
"""What may be said of a line, in the order in which it is written."""
COUNT = "count"
"""The figure that every policy with lines has: how many the deal has."""
DEAL_LINES = f"deal.{LINES}"


def fact_columns(items: LineItems) -> Columns:
    """Return what a deal states of a line."""
    return tuple((name, fact.unit) for name, fact in items.facts.items())


def issue_columns(items: LineItems) -> Columns:
    """Return what is negotiated of a line."""
    return tuple((name, issue.unit) for name, issue in items.issues.items())


def text_of(rows: Rows, columns: Columns) -> str:
    """Write lines on one line, in the order of their keys: `A-1: list 100 USD; B-2: list 80 USD`."""

    def cells(row: Cells) -> str:
        return ", ".join(f"{name} {format_value(row[name], unit)}" for name, unit in columns if name in row)

    return "; ".join(f"{key}: {said}" if (said := cells(rows[key])) else f"{key}:" for key in sorted(rows))


@lru_cache(4_096)
def rows_of(text: str, columns: Columns) -> Rows:
    """Return the lines that `text_of` has written."""
    units, found = dict(columns), {}
    for line in text.split("; "):
        key, _, said = line.partition(":")
        cells = (cell.partition(" ") for cell in said.strip().split(", ")) if said.strip() else ()
        found[key] = {name: parse_value(value, units[name]) for name, _, value in cells}
    return found


def keys_of(text: str) -> list[str]:
    """Return the keys of lines that are written as `text_of` does."""
    return [line.partition(":")[0] for line in text.split("; ")]


class LineWorths(msgspec.Struct, frozen=True, array_like=True, tag="lines"):
    """What lines are worth over their start values, in units of the deal's valuation.

    Attributes:
        rates: Line → issue → worth of one smallest unit, or of each word.
        start: Issue → its start value.
    """

    columns: Columns
    rates: Mapping[str, Mapping[str, int | Mapping[Value, int]]]
    start: Cells

    def finer(self, times: int) -> "LineWorths":
        """Return the same worths in units that are so many times smaller."""
        rates = {
            key: {
                name: rate * times if isinstance(rate, int) else {word: of * times for word, of in rate.items()}
                for name, rate in row.items()
            }
            for key, row in self.rates.items()
        }
        return LineWorths(self.columns, rates, self.start)

    def tells_of(self, text: str) -> bool:
        """Return whether a text is the deal's lines, as they are written."""
        try:
            rows = rows_of(text, self.columns)
        except (KeyError, NotAValue):
            return False
        return rows.keys() == self.rates.keys() and text_of(rows, self.columns) == text

    def __getitem__(self, text: Value) -> int:
        """Return what lines are worth."""
        assert isinstance(text, str), "lines are a text"
        worth = 0
        for key, row in rows_of(text, self.columns).items():
            rates = self.rates[key]
            for name, value in row.items():
                begun, rate = self.start[name], rates[name]
                if value == begun:
                    continue
                if isinstance(rate, int):
                    worth += rate * (value - begun)  # type: ignore[operator]
                else:
                    worth += rate[value] - rate[begun]
        return worth


class LineOpener:
    """What of a deal's lines is the same in every deal of a policy: what computes their worths, and their start."""

    def __init__(self, policy: Policy) -> None:
        assert policy.lines is not None, "only a policy with lines has line items"
        self.items, money = policy.lines, policy.money.scale
        self.facts, self.issues = fact_columns(self.items), issue_columns(self.items)
        self.start = {name: issue.start for name, issue in self.items.issues.items()}
        self.worths: dict[str, Compute[Ratio | None] | dict[Value, Compute[Ratio | None]]] = {}
        for name, issue in self.items.issues.items():
            if isinstance(issue.worth, Linear):
                self.worths[name] = ratio(issue.worth.rate, Fraction(money, issue.worth.step))
            else:
                self.worths[name] = {word: ratio(rate, money) for word, rate in issue.worth.worths.items()}

    def start_of(self, known: Known) -> str | None:
        """Return the start value of a deal's lines; none where it has not stated them."""
        stated = known.get(DEAL_LINES)
        return None if not isinstance(stated, str) else text_of(dict.fromkeys(keys_of(stated), self.start), self.issues)

    def ratios(self, known: Known) -> "dict[str, dict[str, Ratio | dict[Value, Ratio]]] | None":
        """Return what a smallest unit, or each word, is worth in minor units of money, line by line.

        None where that rests on a missing fact.

        Raises:
            TurnsAround: Where more of an issue is worse for us in some line, and better in others.
        """
        stated = known.get(DEAL_LINES)
        if not isinstance(stated, str):
            return None
        found: dict[str, dict[str, Ratio | dict[Value, Ratio]]] = {}
        for key, row in rows_of(stated, self.facts).items():
            of_line = {**known, **{f"line.{name}": value for name, value in row.items()}}
            at = found[key] = {}
            for name, worth in self.worths.items():
                each = worth if isinstance(worth, dict) else {None: worth}
                reckoned = {word: compute(of_line) for word, compute in each.items()}
                if any(rate is None for rate in reckoned.values()):
                    return None
                if isinstance(worth, dict):
                    at[name] = reckoned  # type: ignore[assignment]
                else:
                    (rate,) = reckoned.values()
                    assert rate is not None, "it was looked at above"
                    if rate[0] * self.items.issues[name].better < 0:
                        raise TurnsAround(f"the worth of `{name}` of line `{shorten(key)}` turns its direction")
                    at[name] = rate
        return found

    def in_units(self, ratios: "Mapping[str, Mapping[str, Ratio | dict[Value, Ratio]]]", scale: int) -> LineWorths:
        """Return worths in units of which *scale* make one minor unit of money."""

        def scaled(rate: Ratio) -> int:
            return rate[0] * (scale // rate[1])

        rates = {
            key: {
                name: {word: scaled(of) for word, of in rate.items()} if isinstance(rate, dict) else scaled(rate)
                for name, rate in row.items()
            }
            for key, row in ratios.items()
        }
        return LineWorths(self.issues, rates, self.start)


class TurnsAround(Exception):
    """A line's worth turns against its declared direction."""


def denominators(ratios: "Mapping[str, Mapping[str, Ratio | dict[Value, Ratio]]]") -> list[int]:
    """Return the denominators of the worths of lines."""
    each = [rate for row in ratios.values() for rate in row.values()]
    return [below for rate in each for _, below in (rate.values() if isinstance(rate, dict) else (rate,))]


def figure_of(policy: Policy, name: str, terms: Terms, known: Mapping[str, Exact | None]) -> Exact | None:
    """Return what a figure of the lines on the table is, in its smallest unit; none where that hangs on the unknown.

    Any and every are Kleene's: one line that is so decides `any`, and one that is not `every`, whatever the rest.
    """
    items, said, stated = policy.lines, terms.get(LINES), known.get(DEAL_LINES)
    if items is None or not isinstance(said, str) or not isinstance(stated, str):
        return None
    opener = policy.once(LineOpener)
    rows = rows_of(said, opener.issues)
    if name == COUNT:
        return len(rows)
    facts, figure = rows_of(stated, opener.facts), items.figures[name]
    whole = dict(known)
    lines = []
    for key, row in rows.items():
        of_line = {f"line.{column}": value for column, value in (*facts[key].items(), *row.items())}
        lines.append({**whole, **of_line})
    return _over(figure, lines)


def _over(figure: Figure, lines: list[dict[str, Exact | None]]) -> Exact | None:
    """Return a figure of lines of which each has all that is known of it."""
    if figure.reach in (Reach.ANY, Reach.EVERY):
        settles = figure.reach is Reach.ANY
        found = [truth(figure.tree, line) for line in lines]  # type: ignore[arg-type]
        if settles in found:
            return int(settles)
        return None if None in found else int(not settles)
    values = [evaluate(figure.tree, line) for line in lines]  # type: ignore[arg-type]
    known = [value for value in values if value is not None]
    if not known or len(known) < len(values):
        return None
    if figure.reach is Reach.SUM:
        return exactly(sum(known, Fraction(0)) * figure.unit.scale)
    return exactly((min if figure.way > 0 else max)(known) * figure.unit.scale)
