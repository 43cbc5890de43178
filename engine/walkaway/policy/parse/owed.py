"""Read `owed`: until when what was promised of an issue is to be delivered, counted from the close of the deal."""

import re

from walkaway.language.codes import Code
from walkaway.language.diagnostics import Findings
from walkaway.language.expr.linear import sign
from walkaway.language.expr.tree import Const
from walkaway.language.source import Scalar
from walkaway.language.values import Kind, NotAValue, Unit, parse_value, shorten
from walkaway.policy.model import Graded, Issue
from walkaway.policy.parse.section import Section

_DAYS = Unit(Kind.DAYS)
_FORM = re.compile(r"(.+?)\s+after\s+close", re.ASCII)
_SAID = re.compile(r"(\d[\d,]*)\s*(days?|weeks?)?(?=\s|$)", re.ASCII)
_EXAMPLE = "write `… days after close`, with a number of days"


def owed(section: Section) -> int | None:
    """Read after how many days what was promised is to be delivered; none where it is not owed.

    Diagnostics:
        WA204, WA207.
    """
    scalar = section.scalar("owed")
    return None if scalar is None else _days_of(scalar, section.findings)


def days_after_close(text: str) -> int | None:
    """Return how many days after the close a text says; none where it says none."""
    form = _FORM.fullmatch(" ".join(text.split()))
    try:
        found = parse_value(form[1], _DAYS) if form else None
    except NotAValue:
        return None
    return found if isinstance(found, int) and found >= 0 else None


def _days_of(scalar: Scalar, findings: Findings) -> int | None:
    found = days_after_close(scalar.value)
    if found is None:
        said = _SAID.match(scalar.value.strip())
        hint = _EXAMPLE
        if said is not None and "month" not in scalar.value and "year" not in scalar.value:
            hint = f"write `{said[1]} {said[2] or 'days'} after close`"
        what = f"`{shorten(scalar.value)}` does not say how many days after the close it is due"
        findings.add(Code.BAD_VALUE, what, scalar.span, hint)
    return found


def check_owed(section: Section, issue: Issue, *, selects: bool) -> None:
    """Report an issue of which nothing can be promised that is better for us than its start value.

    Diagnostics:
        WA207, WA219.
    """
    place = section.keys["owed"].span
    if selects:
        what = f"others are told apart by {section.name}, and so nothing of it can be owed"
        section.findings.add(Code.SELECTOR, what, place, "remove `owed`")
    elif _starts_at_the_best(issue):
        what = f"{section.name} starts at what is best for us, so nothing is promised of it that could be owed"
        section.findings.add(Code.BAD_VALUE, what, place, "remove `owed`, or correct `start`")


def _starts_at_the_best(issue: Issue) -> bool:
    """Return whether no value is better for us than the start value, as far as that is sure."""
    start = issue.start
    if isinstance(issue.worth, Graded):
        if issue.unit.kind is not Kind.YES_NO or not isinstance(start, int):
            return False
        way = sign(issue.worth.worths[1])
        return way == (1 if start else -1)
    best = issue.most if issue.better > 0 else issue.least
    return isinstance(start, Const) and best is not None and start.value * issue.unit.scale == best
