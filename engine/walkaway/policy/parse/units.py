"""Read what sort of value a deal fact or an issue has: `type`, or the words under `one of`."""

import re

from walkaway.language.codes import Code
from walkaway.language.diagnostics import Findings, Span, nearest
from walkaway.language.source import Scalar
from walkaway.language.values import Kind, Unit, shorten
from walkaway.policy.parse.names import declared
from walkaway.policy.parse.section import Section, comma_hint

_TYPES = {
    **dict.fromkeys(("bool", "boolean", "flag", "yesno", "yes_no", "yes-no"), "yes/no"),
    **dict.fromkeys(("int", "integer", "whole"), "count"),
    **dict.fromkeys(("float", "decimal", "double", "numeric", "real"), "number"),
    **dict.fromkeys(("string", "str"), "text"),
    **dict.fromkeys(("%", "percentage", "rate", "ratio"), "percent"),
    **dict.fromkeys(("amount", "price", "currency", "cash"), "money"),
    **dict.fromkeys(("month", "year", "years"), "months"),
    **dict.fromkeys(("weeks", "week"), "days"),
    **dict.fromkeys(("date", "calendar day", "datetime", "timestamp"), "day"),
    **dict.fromkeys(("hours", "time", "timespan", "minutes"), "duration"),
}
"""What other languages and people call a type → its name here."""
_SYMBOL = re.compile(r"[^\x00-\x1f\x7f\"]{1,100}")


def unit_of(section: Section, currency: str) -> Unit | None:
    """Return the unit of a section with `type` or `one of`."""
    findings = section.findings
    if ("type" in section.nodes) == ("one of" in section.nodes):
        if "type" in section.nodes:
            what = f"{section.name} has both `type` and `one of`"
            findings.add(Code.MISSING_KEY, what, section.keys["type"].span, "keep one of the two")
        elif section.meant.isdisjoint(("type", "one of")) and not section.node.incomplete:
            what = f"{section.name} lacks `type` or `one of`"
            findings.add(Code.MISSING_KEY, what, section.place, "add `type: percent`, or what it is")
        return None
    if "type" in section.nodes:
        scalar = section.scalar("type")
        return unit_named(scalar, section.name, currency, findings) if scalar else None
    words = declared(section.nodes["one of"])
    choices = tuple(w for w in words if _is_symbol(w, words[w], findings))
    if not words:
        what, hint = f"`one of` of {section.name} wants words", "write `one of: [smb, enterprise]`"
        findings.add(Code.WRONG_SHAPE, what, section.keys["one of"].span, hint)
    if not choices:
        return None
    return Unit(Kind.CHOICE, choices=choices)


def unit_named(scalar: Scalar, title: str, currency: str, findings: Findings) -> Unit | None:
    """Return the unit that a type's name stands for."""
    kinds = {str(k): k for k in Kind if k is not Kind.CHOICE}
    kind = kinds.get(scalar.value)
    if kind is None:
        hint = (
            "write `{one of: [..]}` for a choice of words"
            if scalar.value in ("choice", "enum")
            else f"write `{_TYPES[scalar.value.lower()]}`"
            if scalar.value.lower() in _TYPES
            else nearest(scalar.value, kinds)
        )
        findings.add(Code.BAD_CHOICE, f"`{shorten(scalar.value)}` is no type for {title}", scalar.span, hint)
        return None
    return Unit(kind, currency if kind is Kind.MONEY else "")


def _is_symbol(word: str, place: Span, findings: Findings) -> bool:
    """Check one word of a choice."""
    hint = comma_hint(word) if " " in word else ""
    if _SYMBOL.fullmatch(word) and not hint:
        return True
    hint = hint or "use 1 to 100 characters on one line, no double quotes"
    findings.add(Code.BAD_NAME, f"`{shorten(word)}` cannot be a choice", place, hint)
    return False
