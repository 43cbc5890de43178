"""A line while it is decoded: its bytes, where it stands, and all that was found wrong with it."""

import re
from decimal import Decimal
from typing import NoReturn

import msgspec

from walkaway.language.codes import Code
from walkaway.language.diagnostics import Diagnostic, Findings, Span
from walkaway.language.values import shorten

MAX_LINE = 1024 * 1024
"""So many bytes an event has at most."""


class Unreadable(Exception):
    """The line has no event in it; its findings say why."""


class Reported:
    """One line, and the findings about it."""

    def __init__(self, line: bytes, file: str, number: int) -> None:
        self.line, self.file, self.number = line, file, number
        self.findings = Findings()

    def report(self, code: Code, message: str, hint: str = "", near: str = "") -> None:
        """Report a finding; the caret goes to *near* where the line holds it."""
        text = self.line[:4000].decode("utf-8", "replace").rstrip("\r\n")
        column = max(text.find(near), 0) if near else 0
        self.findings.append(
            Diagnostic(
                code,
                message,
                Span(self.file, self.number, column + 1, max(len(near), 1) if near in text else 1, text[:400]),
                hint,
            )
        )

    def stop(self, code: Code, message: str, hint: str = "", near: str = "") -> NoReturn:
        """Report a finding after which nothing more of the line can be read."""
        self.report(code, message, hint, near)
        raise Unreadable

    def stop_at_byte(self, problem: str) -> None:
        """Report what a JSON reader says, where it names a byte; nothing else of the line can be read then."""
        where = re.search(r"\(byte (\d+)\)", problem)
        if where is None:
            return
        text = self.line[:4000].decode("utf-8", "replace").rstrip("\r\n")
        column = len(self.line[: min(int(where[1]), len(self.line))].decode("utf-8", "replace"))
        span = Span(self.file, self.number, column + 1, 1, text[:400])
        self.findings.append(Diagnostic(Code.NOT_JSON, f"this is not JSON: {sentence(problem)}", span))
        raise Unreadable


def has_loose_keys(line: bytes) -> bool:
    """Return whether white space may stand between a key and its colon, where counting `":` does not see the key."""
    return b'" ' in line or b'"\t' in line or b'"\r' in line or b'"\n' in line


def shown(value: object) -> str:
    """Show a JSON value in a message, in its own spelling, shortened."""
    if isinstance(value, str):
        return f'`"{shorten(value)}"`'
    if isinstance(value, bool) or value is None:
        return f"`{msgspec.json.encode(value).decode()}`"
    if isinstance(value, dict):
        return f"an {'' if value else 'empty '}object"
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    return f"`{shorten(str(value))}`" if isinstance(value, Decimal) or abs(value) < 10**40 else "a huge number"  # type: ignore[arg-type]


def sentence(problem: str) -> str:
    """Return a library's message in our form: no capital at the start, no full stop, one line."""
    text = " ".join(problem.split()).rstrip(".")
    return shorten(text if text[1:2].isupper() else text[:1].lower() + text[1:], 160)
