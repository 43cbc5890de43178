"""A table's file as lines of cells that know their place; what spreadsheets make of a file is told as what it is."""

import csv
import io
import re
from collections.abc import Iterator

import msgspec

from walkaway.language.codes import Code
from walkaway.language.diagnostics import Findings, Span
from walkaway.language.spelling import composed
from walkaway.language.values import NotAValue, Unit, form, shorten

MAX_ROWS = 10_000
MAX_SHOWN = 400
"""No more of a line is kept for showing, unless a caret stands behind it."""

_BREAK = re.compile("\r\n|\r|\n")
_SAVE = "save it as CSV in UTF-8, with commas; spreadsheets call it `CSV UTF-8`"
_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}
_PARTS = "part it into several files"
_RANGES = "give ranges, as `0..10`, in place of single values"
_COMMAS = "put commas between cells; a spreadsheet in a language with decimal commas writes another sign"


class CsvLine(msgspec.Struct, frozen=True):
    """One row of a table's file.

    Attributes:
        cells: Without the spaces around them.
        raw: The row as it stands in the file, of several lines where a quoted cell has line breaks.
        number: Its first line, from 1.
    """

    file: str
    number: int
    cells: tuple[str, ...]
    raw: str

    @property
    def span(self) -> Span:
        """Return the place of the row: all of its first line."""
        return _place(self.file, self.number, self.raw, 0, len(self.raw))

    def at(self, index: int) -> Span:
        """Return the place of a cell, without its quotes and the spaces around it."""
        start, end = list(_stretches(self.raw))[index]
        cell = self.raw[start:end]
        return _place(self.file, self.number, self.raw, start + len(cell) - len(cell.lstrip()), len(cell.strip()))


def _stretches(raw: str) -> Iterator[tuple[int, int]]:
    """Return where each cell begins and ends, without its quotes; only a cell that begins with one is quoted."""
    start, inside = 0, False
    for i, char in enumerate(f"{raw},"):
        if char == '"' and raw[start] == '"':
            inside = not inside
        elif char == "," and not inside:
            is_quoted = raw[start : start + 1] == '"'
            yield start + is_quoted, max(i - is_quoted, start + is_quoted)
            start = i + 1


def _place(file: str, number: int, text: str, start: int, length: int) -> Span:
    """Return the place of a stretch of *text*, which begins on line *number* of a file; of several lines, the first."""
    breaks = [0, *(m.end() for m in _BREAK.finditer(text, 0, start))]
    line = _BREAK.split(text[breaks[-1] :], maxsplit=1)[0]
    column = start - breaks[-1]
    length = max(min(length, len(line) - column), 1)
    return Span(file, number + len(breaks) - 1, column + 1, length, line[: max(MAX_SHOWN, column + length)])


class _NoLines(Exception):
    """A file gives no lines; `start` and `length` are the place in its text."""

    def __init__(self, message: str, hint: str, text: str, start: int = 0, length: int = 1) -> None:
        super().__init__(message)
        self.hint, self.text, self.start, self.length = hint, text, start, length


def read_lines(
    data: bytes, file: str, findings: Findings, most: int = MAX_ROWS, what: str = "table file"
) -> list[CsvLine] | None:
    """Return the lines that are not blank, the header first; none, with a finding, where there are none.

    Empty columns at the end, as spreadsheets leave them, are left out.

    Args:
        most: Rows below the header that there may be.
        what: What findings call the file.

    Diagnostics:
        WA401.
    """
    try:
        text = _text(data)
        _check_separator(text)
        lines = list(_rows(text, file, most))
        if not lines:
            raise _NoLines("is empty", "write a header that names the columns, and rows below it", text)
    except _NoLines as problem:
        span = _place(file, 1, problem.text, problem.start, problem.length)
        findings.add(Code.TABLE_NOT_READABLE, f"{what} `{shorten(file, 80)}` {problem}", span, problem.hint)
        return None
    width = _width(lines[0].cells)
    return [msgspec.structs.replace(n, cells=n.cells[: max(width, _width(n.cells))]) for n in lines]


def _width(cells: tuple[str, ...]) -> int:
    """Return how many cells there are up to the last that is not empty."""
    return max((i for i, cell in enumerate(cells, 1) if cell), default=0)


def _text(data: bytes) -> str:
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise _NoLines("is a spreadsheet, not CSV", _SAVE, "")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or 0 in data[:2]:
        raise _NoLines("is UTF-16 text, not UTF-8", _SAVE, "")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8-sig")
        shown = before + data[error.start :].decode("utf-8", "replace")
        raise _NoLines("is not UTF-8 text", _SAVE, shown, len(before)) from error
    if "\0" in text:
        raise _NoLines("holds a NUL character", "remove it", text, text.index("\0"))
    return text


def _check_separator(text: str) -> None:
    """Refuse a file whose header shows that something else than commas separates its cells."""
    start = len(text) - len(text.lstrip("\r\n"))
    header = _BREAK.split(text[start:], maxsplit=1)[0]
    if header.lower().startswith("sep="):
        raise _NoLines("begins with a line that only spreadsheets know", "remove it", text, start, len(header))
    for sign, name in _SEPARATORS.items():
        if sign in header and "," not in header:
            raise _NoLines(f"separates its cells by {name}", _COMMAS, text, text.index(sign, start))


def _rows(text: str, file: str, most: int) -> Iterator[CsvLine]:
    lines = list(io.StringIO(text, newline=""))
    reader, count, start = csv.reader(lines, strict=True), 0, 0
    try:
        for cells in reader:
            raw = "".join(lines[start : reader.line_num]).rstrip("\r\n")
            if any(c.strip() for c in cells):
                count += 1
                if count > most + 1:
                    hint = _RANGES if most == MAX_ROWS else _PARTS
                    before = len("".join(lines[:start]))
                    raise _NoLines(f"has more than {most:,} rows", hint, text, before, len(raw))
                yield CsvLine(file, start + 1, tuple(composed(c.strip()) for c in cells), raw)
            start = reader.line_num
    except csv.Error as error:
        raise _no_csv(error, text, lines, start) from error


def _no_csv(error: csv.Error, text: str, lines: list[str], start: int) -> _NoLines:
    """Say what is wrong with quotes, at the cell where they begin."""
    before, row = len("".join(lines[:start])), "".join(lines[start:])
    if "field limit" in str(error):
        return _NoLines("has a cell that is too long", "keep cells below 100,000 characters", text, before)
    cells = list(_stretches(row if "end of data" in str(error) else lines[start].rstrip("\r\n")))
    quoted = [begin - 1 for begin, _ in cells if begin and row[begin - 1] == '"']
    if "end of data" in str(error):
        opened = quoted[-1] if quoted else row.find('"')
        return _NoLines("has a quote that is never closed", "close it, or remove it", text, before + opened)
    where = before + (quoted[0] if quoted else 0)
    return _NoLines("has text behind a closing quote", 'write a quote inside a quoted cell twice: `""`', text, where)


_DATE = re.compile(r"\d{1,2}[-/. ]?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*", re.IGNORECASE)
_NUMBER = r"[\d.,]*\d\s?%?"
# What people and spreadsheets write into cells, and what to write instead: the first that fits is the hint, of which
# the second group is what stands behind the sign.
_INSTEAD = (
    (re.compile("#.*"), "a spreadsheet wrote this in place of a value: mend it there, and save the table again"),
    (re.compile(r"(?:=<|≤|\.\.)\s*(.+)"), "write `<= {}`"),
    (re.compile(r"(?:=>|≥)\s*(.+)"), "write `>= {}`"),
    (re.compile("=.*"), "write what the formula gives; a single value needs no sign"),
    (re.compile(r"(.*\d.*)\.\.\s*"), "write `>= {}`"),
    (re.compile(rf"({_NUMBER})\s?[-–—]\s?({_NUMBER})"), "write a range as `{}..{}`"),
    (re.compile(r"[\[(]\s*(.*\.\..*?)\s*[\])]"), "write `{}`, without brackets"),
)  # fmt: skip


def told(cell: str, problem: NotAValue, unit: Unit | None) -> tuple[str, str]:
    """Return what is wrong with a cell, and the hint that fits what stands there.

    Args:
        unit: What the column takes; none for days.
    """
    if not cell:
        return "the cell is empty", "every row needs a value here"
    found = next(((f, hint) for pattern, hint in _INSTEAD if (f := pattern.fullmatch(cell))), None)
    if found is not None:
        return str(problem), found[1].format(*found[0].groups())
    if unit is not None and _DATE.fullmatch(cell):
        return str(problem), f"a spreadsheet made a date of it: {form(unit)}, and keep the column as text there"
    return str(problem), problem.hint
