"""Read start, wish, want and walk, each the tightest of all layers', and check that they follow in order."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any as Anything

import msgspec

from walkaway.language.codes import Code
from walkaway.language.diagnostics import Span
from walkaway.language.expr import infer, types
from walkaway.language.expr.tree import Number, facts_of
from walkaway.language.expr.types import Inferred, Lookup, Scope
from walkaway.language.source import Scalar
from walkaway.language.values import Kind, Unit, a_kind, finest, meaning, shorten
from walkaway.policy.lint.limits import Limit, Limited, by_row, margin, of_what, tighter
from walkaway.policy.model import THRESHOLDS, Issue, Row, Threshold
from walkaway.policy.order import NEVER_NEGATIVE
from walkaway.policy.parse.draft import Draft
from walkaway.policy.parse.section import Section, read_value

PER_DEAL = "per deal"


class ParsedLimits(msgspec.Struct, frozen=True):
    """The limits of an issue or of the package.

    Attributes:
        found: `wish`, `want`, `walk` and `per_deal` as fields of the record they belong to, where the policy has them.
        places: Where each that has a value stands.
    """

    found: Mapping[str, Anything]
    places: Mapping[str, Span]


def limits(
    section: Section, path: tuple[str, str], unit: Unit, limited: Limited | None, draft: Draft, notes: Inferred
) -> ParsedLimits:
    """Read wish, want and walk.

    Args:
        path: How `layers` knows the section.
        limited: What is limited, without its limits; none where it could not be read.
    """
    found: dict[str, Anything] = {}
    places: dict[str, Scalar] = {}
    amounts = _amounts(draft)
    for key in THRESHOLDS:
        for scalar in (section.scalar(key), *draft.below.get((*path, key), ())):
            if not isinstance(scalar, Scalar):
                continue
            if scalar.value == PER_DEAL:
                found |= _per_deal(section, key, scalar)
                continue
            limit = threshold(section, key, unit, scalar, draft.scope, notes)
            if limit is None or limited is None:
                continue
            if key in found:
                limit = _tightened(section, key, limited, (found[key], limit), scalar, amounts)
            found[key], places[key] = limit, scalar
    if limited is not None:
        _check_order(section, limited, found, places, draft, notes)
    return ParsedLimits(found, {key: scalar.span for key, scalar in places.items()})


def threshold(
    section: Section, key: str, unit: Unit, scalar: Scalar | None, scope: Scope, notes: Inferred
) -> Threshold:
    """Read a start, wish, want or walk: a constant, or an expression over the opening facts."""
    findings = section.findings
    if scalar is None:
        return None
    if not unit.is_numeric:
        return read_value(scalar, unit, findings)
    typed = infer.number(scalar, scope, notes)
    if typed is None:
        return None
    tree = types.accepts(typed, unit)
    if unit.kind is Kind.COUNT and infer.number_alone(scalar) and read_value(scalar, unit, findings) is None:
        return None
    if tree is None:
        what = f"`{key}` of {section.name} wants {a_kind(unit)}; `{shorten(scalar.value)}` is {a_kind(typed.unit)}"
        findings.add(Code.KINDS_DIFFER, what, scalar.span, meaning(scalar.value, unit))
        return None
    if types.is_constant(tree) and not _fits(tree, unit):
        what = f"`{shorten(scalar.value)}` has more digits than {a_kind(unit)} holds, or is beyond ±2^53"
        findings.add(Code.BAD_VALUE, what, scalar.span, finest(unit))
        return None
    notes.multipliers |= {n for n in facts_of(tree) if n.startswith("deal.")}
    for name in facts_of(tree):
        if name in scope.facts and scope.facts[name].optional:
            what = f"`{name}` may be missing, so `{key}` cannot rest on it"
            hint = f"remove `optional` from `{name}`, or give it a `default`"
            findings.add(Code.NOT_FIXED, what, scalar.span, hint)
    return tree


def _fits(tree: Number, unit: Unit) -> bool:
    value, (least, most) = types.constant(tree) * unit.scale, unit.span
    return value.denominator == 1 and least <= value <= most


def _per_deal(section: Section, key: str, scalar: Scalar) -> dict[str, bool]:
    """Read `per deal`, which only a walk value can be."""
    if key == "walk":
        return {"per_deal": True}
    hint = f"give it a value, or leave it to each deal by removing `{key}`"
    section.findings.add(Code.BAD_VALUE, f"only `walk` can be `{PER_DEAL}`", scalar.span, hint)
    return {}


def _tightened(
    section: Section,
    key: str,
    limited: Limited,
    layers: tuple[Limit, Limit],
    scalar: Scalar,
    amounts: frozenset[str],
) -> Limit:
    """Return the tighter of an upper layer's limit and a lower one's; a looser one is a finding."""
    limit = tighter(limited, *layers, amounts)
    if limit is None:
        what = f"{key} {shorten(scalar.value)} of {of_what(limited)} is looser than the layer above allows"
        hint = "give one that is better for us, or remove it"
        section.findings.add(Code.LOOSER_THAN_LAYER, what, scalar.span, hint)
        return layers[0]
    return limit


def _amounts(draft: Draft) -> frozenset[str]:
    """Return the deal facts that are never below 0."""
    return frozenset(f"deal.{d.name}" for d in draft.deal.values() if d.unit.kind in NEVER_NEGATIVE)


def _check_order(
    section: Section,
    limited: Limited,
    found: Mapping[str, Limit],
    places: Mapping[str, Scalar],
    draft: Draft,
    notes: Inferred,
) -> None:
    """Check that wish, want and walk follow in order, in every row of the tables they come from."""
    lookups, amounts = {n.name: n for n in notes.lookups}, _amounts(draft)
    if isinstance(limited, Issue) and _run_backwards(limited, found, lookups, draft):
        keys = [key for key in THRESHOLDS if key in found]
        what = f"{', '.join(keys[:-1])} and {keys[-1]} of {of_what(limited)} run the other way round from its `worth`"
        place = section.keys["worth"].span if "worth" in section.keys else section.place
        section.findings.add(Code.WALK_PAST_WANT, what, place, "turn the sign of `worth`, or turn the limits round")
        return
    for better, worse in (("wish", "want"), ("want", "walk"), ("wish", "walk")):
        if better not in found or worse not in found or (better == "wish" and worse == "walk" and "want" in found):
            continue
        for row, (first, second) in by_row((found[better], found[worse]), lookups, draft.tables):
            if margin(limited, first, second, amounts) == -1:
                _past(section, limited, better, worse, places, row)


def _run_backwards(limited: Issue, found: Mapping[str, Limit], lookups: Mapping[str, Lookup], draft: Draft) -> bool:
    """Return whether every limit is past the one before it, in every row: then it is the worth that is turned round."""
    pairs = [(a, b) for a, b in pairwise(key for key in THRESHOLDS if key in found)]
    past = [
        margin(limited, first, second, _amounts(draft))
        for better, worse in pairs
        for _, (first, second) in by_row((found[better], found[worse]), lookups, draft.tables)
    ]
    return len(pairs) > 1 and all(way == -1 for way in past)


def _past(
    section: Section, limited: Limited, better: str, worse: str, places: Mapping[str, Scalar], row: Row | None
) -> None:
    """Report that *worse* comes before *better*, in a row of a table or in the policy."""
    first, second = (f"{key} {shorten(places[key].value)}" for key in (better, worse))
    verb = "is reached before" if worse == "walk" else "is better for us than"
    where = f" in line {row.line} of `{shorten(row.span.file)}`" if row else ""
    what = f"{second} of {of_what(limited)} {verb} its {first}{where}"
    hint = "swap the two, or check the sign of `worth`"
    section.findings.add(Code.WALK_PAST_WANT, what, row.span if row else places[worse].span, hint)
