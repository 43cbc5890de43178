"""Lines as events bring them: an object with one entry a line, or the text that people type."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from walkaway.deal.decode.reported import shown
from walkaway.deal.line_items import Columns, fact_columns, issue_columns, text_of
from walkaway.language.diagnostics import nearest
from walkaway.language.spelling import composed, is_written
from walkaway.language.values import Kind, NotAValue, Unit, Value, shorten
from walkaway.policy.model import DealFact, LineIssue, LineItems

LONGEST_KEY = 60
_FORM = 'write `{"A-1": {"NAME": "…"}}`, or `"A-1: NAME …; B-2: NAME …"`'
_KEYED = re.compile(r"[^:;\"]+")

Problems = list[tuple[NotAValue, str]]
"""What is wrong with lines, each with the text to which its caret goes; empty for the name of the whole."""
Said = list[tuple[str, object]]
"""What is said of a line, not yet read: name, value."""


class NotLines(NotAValue):
    """What was given for lines is none. The message is that of the first problem.

    Attributes:
        every: All of them.
    """

    def __init__(self, every: Problems) -> None:
        first = every[0][0]
        super().__init__(str(first), first.hint)
        self.every = every


class LinesReader:
    """Reads lines of one policy: what a deal states of them, or what terms say.

    Args:
        columns: What may be said of a line; *readers* reads each of them.
        required: What has to be said of each; *defaults* what stands for what is left out.
    """

    def __init__(
        self,
        columns: Columns,
        readers: Mapping[str, Callable[[object], Value]],
        required: frozenset[str],
        defaults: Mapping[str, Value],
        most: int,
    ) -> None:
        self.columns, self.readers, self.required, self.defaults, self.most = columns, readers, required, defaults, most
        self.known: dict[object, Value] = {}
        self.unit = Unit(Kind.TEXT)

    def read(self, value: object) -> str:
        """Return the lines as they are written.

        Raises:
            NotLines: With all that is wrong with them.
        """
        if isinstance(value, str) and (met := self.known.get(value)) is not None:
            return str(met)
        problems: Problems = []
        said = self._split(value, problems)
        rows: dict[str, dict[str, Value]] = {}
        for key, cells in said:
            name = composed(key)
            if name in rows:
                problems.append((NotAValue(f"line `{shorten(key)}` stands twice", "keep one of the two"), key))
            elif not _is_key(name):
                what = f"`{shorten(key)}` cannot be the key of a line"
                hint = f"use 1 to {LONGEST_KEY} printable characters, no colon, semicolon or double quote"
                problems.append((NotAValue(what, hint), key))
            else:
                rows[name] = self._row(key, cells, problems)
        if not problems and not rows:
            problems.append((NotAValue("there is no line", _FORM), ""))
        if len(rows) > self.most:
            what = f"there are {len(rows)} lines, more than {self.most}"
            problems.append((NotAValue(what, f"the policy takes {self.most} at most: make several deals of them"), ""))
        if problems:
            raise NotLines(problems)
        found = text_of(rows, self.columns)
        if isinstance(value, str) and len(value) <= _LONGEST_KNOWN and len(self.known) < _MAX_KNOWN:
            self.known[value] = found
        return found

    def _split(
        self, value: object, problems: list[tuple[NotAValue, str]]
    ) -> list[tuple[str, list[tuple[str, object]]]]:
        """Return the lines with what is said of each, not yet read."""
        if isinstance(value, dict):
            found = []
            for key, cells in value.items():
                if isinstance(cells, dict):
                    found.append((key, list(cells.items())))
                else:
                    what = f"line `{shorten(key)}` is an object, not {shown(cells)}"
                    problems.append((NotAValue(what, 'write `{"NAME": "…"}`'), key))
            return found
        if isinstance(value, str):
            return list(_typed(value, problems))
        problems.append((NotAValue(f"{shown(value)} is no lines", _FORM), ""))
        return []

    def _row(
        self, key: str, cells: list[tuple[str, object]], problems: list[tuple[NotAValue, str]]
    ) -> dict[str, Value]:
        """Read what is said of one line."""
        row: dict[str, Value] = {}
        for name, value in cells:
            reader = self.readers.get(name)
            if reader is None:
                what = f"line `{shorten(key)}` has no `{shorten(name)}`"
                problems.append((NotAValue(what, nearest(name, self.readers)), name))
            elif name in row:
                what = f"`{name}` of line `{shorten(key)}` stands twice"
                problems.append((NotAValue(what, "keep one of the two"), name))
            else:
                try:
                    row[name] = reader(value)
                except NotAValue as problem:
                    row[name] = 0  # it was said, and is not missing
                    problems.append((NotAValue(f"`{name}` of line `{shorten(key)}`: {problem}", problem.hint), name))
        for name in self.readers:
            if name in row:
                continue
            if name in self.defaults:
                row[name] = self.defaults[name]
            elif name in self.required:
                what = f"line `{shorten(key)}` lacks `{name}`"
                problems.append((NotAValue(what, f"say it of every line: `{name} …`"), key))
        return row


_MAX_KNOWN, _LONGEST_KNOWN = 1_000, 10_000
"""So many texts are remembered, and none that is longer."""


def _is_key(key: str) -> bool:
    return len(key) <= LONGEST_KEY and key == key.strip() and bool(_KEYED.fullmatch(key)) and is_written(key)


def _typed(text: str, problems: Problems) -> Iterator[tuple[str, Said]]:
    """Split lines as people type them: `A-1: discount 12%; B-2: discount 5%`."""
    for line in text.split(";"):
        if not line.strip():
            continue
        key, colon, said = line.partition(":")
        if not colon:
            what = f"`{shorten(line.strip())}` is no line"
            problems.append((NotAValue(what, "write its key, a colon, and what is said of it: `A-1: NAME …`"), ""))
            continue
        cells: Said = []
        for cell in said.split(", "):
            name, _, value = cell.strip().rstrip(",").partition(" ")
            if name:
                cells.append((name, value.strip()))
        yield key.strip(), cells


def readers_of(items: LineItems, reader: Callable[..., Any]) -> tuple[LinesReader, LinesReader]:
    """Return what reads the lines that a deal states, and what reads those of terms.

    Args:
        reader: Makes what reads values of a unit, between bounds.
    """

    def each(of: Mapping[str, DealFact] | Mapping[str, LineIssue]) -> dict[str, Callable[[object], Value]]:
        return {name: reader(one.unit, one.least, one.most).read for name, one in of.items()}

    needed = frozenset(name for name, fact in items.facts.items() if not fact.optional and fact.default is None)
    defaults = {name: fact.default for name, fact in items.facts.items() if fact.default is not None}
    return (
        LinesReader(fact_columns(items), each(items.facts), needed, defaults, items.most),
        LinesReader(issue_columns(items), each(items.issues), frozenset(items.issues), {}, items.most),
    )
