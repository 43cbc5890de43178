"""Findings about an input, as values: where, what, and what to type instead. Must not know any room above it."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Generic, TypeVar

import msgspec

from walkaway.language.codes import Code
from walkaway.language.spelling import composed, is_shown

T = TypeVar("T")

MOST = 500
"""Findings of each severity at most about one input; the search ends there."""
_MANY = 2_000


class Span(msgspec.Struct, frozen=True, order=True):
    """A stretch of one line of an input.

    Attributes:
        file: As the user named it.
        line: Counted from 1.
        column: Counted in characters from 1.
        length: Characters underlined, at least 1.
        text: The whole line, without its line break.
    """

    file: str
    line: int
    column: int
    length: int = 1
    text: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Severity(StrEnum):
    """How much a finding weighs: an error leaves nothing to run, a warning does, a note may be just what is meant."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Diagnostic(msgspec.Struct, frozen=True):
    """One finding.

    Attributes:
        message: One sentence, no capital, no full stop, user text in backticks.
        hint: What to type; empty where nothing helps.
    """

    code: Code
    message: str
    span: Span
    hint: str = ""
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        return f"{self.span}: {self.severity}[{self.code}]: {self.message}"


class Checked(msgspec.Struct, Generic[T], frozen=True):
    """A value, or none, with all findings about its input, sorted by place."""

    value: T | None
    findings: tuple[Diagnostic, ...] = ()

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """Return the findings that leave nothing to run."""
        return tuple(f for f in self.findings if f.severity is Severity.ERROR)

    def unwrap(self) -> T:
        """Return the value.

        Raises:
            InvalidInput: With all findings, where one of them is an error.
        """
        if self.value is None or self.errors:
            raise InvalidInput(self.findings)
        return self.value


class Enough(Exception):
    """There are `MOST` errors; what follows is not looked at."""


class Findings(list[Diagnostic]):
    """All findings about one input, in the order they were made; at most `MOST` errors and `MOST` warnings."""

    def append(self, finding: Diagnostic) -> None:
        """Add a finding; a warning too many is left out.

        Raises:
            Enough: With the last error that is kept, which says so.
        """
        before = sum(f.severity is finding.severity for f in self) if len(self) >= MOST - 1 else 0
        if before == MOST - 1:
            last = f"these are {MOST} findings, and more may follow: mend them and look again"
            finding = msgspec.structs.replace(finding, hint=f"{finding.hint}; {last}" if finding.hint else last)
        if before < MOST:
            super().append(finding)
        if before >= MOST - 1 and finding.severity is Severity.ERROR:
            raise Enough

    def add(self, code: Code, message: str, span: Span, hint: str = "") -> None:
        """Add an error."""
        self.append(Diagnostic(code, message, span, hint))

    def warn(self, code: Code, message: str, span: Span, hint: str = "") -> None:
        """Add a warning."""
        self.append(Diagnostic(code, message, span, hint, Severity.WARNING))


class InvalidInput(Exception):
    """An input that cannot be used, with every finding about it."""

    def __init__(self, findings: Sequence[Diagnostic]) -> None:
        super().__init__("; ".join(map(str, findings)))
        self.findings = tuple(findings)


def by_place(findings: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Sort findings by file, line, column, then code; the same finding at the same place counts once."""
    return tuple(sorted(dict.fromkeys(findings), key=lambda f: (f.span, f.code, f.message)))


def closest(word: str, known: Iterable[str]) -> str:
    """Return the known word that *word* is probably meant to be; empty where none is close."""
    from difflib import get_close_matches  # only where there is a mistake: it takes long to import

    word, words = composed(word), sorted(set(known))
    if len(words) > _MANY:
        words = [w for w in words if w[:1].lower() == word[:1].lower()][:_MANY]
    lower = {w.lower(): w for w in reversed(words)}
    near = get_close_matches(word[:100].lower(), lower, n=1, cutoff=0.6)
    return next((lower[w] for w in near if lower[w] != word), "")


def nearest(word: str, known: Iterable[str], few: int = 12) -> str:
    """Return the hint that names the known word closest to *word*, or lists those there are, at most *few*."""
    words = sorted(set(known))
    if close := closest(word, words):
        return f"did you mean `{close}`?"
    if words and len(words) <= few:
        return "known here: " + ", ".join(f"`{w}`" for w in words)
    return ""


def shorten(text: str, most: int = 40) -> str:
    """Return *text* fit for a message: one line, printable, at most *most* characters."""
    clean = "".join(c if is_shown(c) else "\N{REPLACEMENT CHARACTER}" for c in text[: most + 1])
    return clean if len(clean) <= most else clean[: most - 1] + "…"
