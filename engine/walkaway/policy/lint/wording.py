"""The check that what may be said to the other side tells no limit."""

import re
from collections.abc import Iterator

from walkaway.language.codes import Code
from walkaway.language.diagnostics import Diagnostic, nearest
from walkaway.language.expr.types import constant, is_constant
from walkaway.language.template import places
from walkaway.language.values import format_value, shorten
from walkaway.policy.model import THRESHOLDS, Policy

LIMIT_GROUPS = ("walk", "want", "wish", "room", "batna", "balance")


def said(policy: Policy) -> Iterator[Diagnostic]:
    """Find texts for the other side that tell our limits, or name what is no fact."""
    amounts = _limit_texts(policy)
    for rule in policy.rules:
        if not rule.say or rule.said_at is None:
            continue
        place = rule.said_at
        for shown in places(place.value):
            name, span = shown.fact, place.at(shown.start, shown.length)
            if name not in policy.catalog:
                hint = nearest(name, policy.catalog) or "write `{{` and `}}` where the brackets themselves are meant"
                yield Diagnostic(Code.UNKNOWN_FACT, f"`{shorten(name)}` is not a fact", span, hint)
            elif name.split(".")[0] in LIMIT_GROUPS:
                yield Diagnostic(
                    Code.SAY_TELLS_LIMIT,
                    f"`{name}` tells our limits to the other side",
                    span,
                    "leave it out of `say`; `why` is for colleagues",
                )
        for text, what in amounts.items():
            found = re.search(rf"(?<![\d.,]){re.escape(text)}(?![\d])", place.value)
            if found:
                yield Diagnostic(
                    Code.SAY_TELLS_LIMIT,
                    f"`{text}` is the {what}, and `say` tells it to the other side",
                    place.at(found.start(), len(text)),
                    "leave the number out of `say`",
                )


def called(policy: Policy) -> Iterator[Diagnostic]:
    """Find labels that tell our limits: the other side reads them."""
    amounts = _limit_texts(policy)
    for key, texts in policy.labels.items():
        for label in texts.values():
            for text, what in amounts.items():
                if re.search(rf"(?<![\d.,]){re.escape(text)}(?![\d])", label):
                    told = f"`{text}` is the {what}, and a label tells it to the other side"
                    yield Diagnostic(Code.SAY_TELLS_LIMIT, told, policy.places[f"labels.{key}"], "leave the number out")


def _limit_texts(policy: Policy) -> dict[str, str]:
    """Return the constant thresholds as people write them, with what they are."""
    found: dict[str, str] = {}
    limited = [(f"`{i.name}`", i.unit, i) for i in policy.issues.values() if i.unit.is_numeric]
    for name, unit, limits in (*limited, ("the package", policy.money, policy.package)):
        for threshold in THRESHOLDS:
            limit = getattr(limits, threshold)
            if limit is None or isinstance(limit, int | str) or not is_constant(limit):
                continue
            if value := int(constant(limit) * unit.scale):
                found[format_value(value, unit)] = f"{threshold} value of {name}"
    return found
