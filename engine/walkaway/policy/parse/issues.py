"""Stages that read what is negotiated: each issue with its worth and limits, then the package."""

from collections.abc import Iterator
from fractions import Fraction

from msgspec.structs import replace

from walkaway.language import source
from walkaway.language.codes import Code
from walkaway.language.diagnostics import Findings, Span
from walkaway.language.expr.tree import Const, Number, facts_of
from walkaway.language.expr.types import FactType, Inferred, Scope
from walkaway.language.source import Scalar
from walkaway.language.values import Kind, Unit
from walkaway.policy.model import THRESHOLDS, Issue, Linear, Package
from walkaway.policy.parse.bounds import bounds, check_listed, check_within, listed
from walkaway.policy.parse.draft import Draft, notes_for
from walkaway.policy.parse.fields import NAME
from walkaway.policy.parse.limits import limits, threshold
from walkaway.policy.parse.names import broken, is_free
from walkaway.policy.parse.section import Section, describe
from walkaway.policy.parse.units import unit_of
from walkaway.policy.parse.worths import direction, theirs, worth

OFFER_WORDS = frozenset({"worth", "first", "by", "role", "package", "beyond_walk", "short_of_want"})
"""Facts of the offer and of its room that are no issues."""
_LATER = frozenset(
    ["offer", "give", "asked", "get", "move", "room", "walk", "want", "wish", "ours", "theirs", "balance", "since"]
) | {"signals", "approved", "pattern", "batna", "missing", "left", "calendar", "fx"}
"""Groups of facts that a deal's opening does not fix."""


def name_opening_facts(draft: Draft, _: Findings) -> Draft:
    """Let expressions name what is known when a deal opens: its own facts and the tables."""
    facts = {
        f"deal.{d.name}": FactType(d.unit, fixed=not d.may_be_missing, optional=d.may_be_missing)
        for d in draft.deal.values()
    }
    unread = broken(draft.top, "deal", draft.deal) | broken(draft.top, "tables", draft.tables)
    return replace(draft, scope=Scope(facts, draft.currency, {}, draft.table_types, unread, _LATER))


def read_issues(draft: Draft, findings: Findings) -> Draft:
    """Read `issues:`."""
    notes = notes_for(findings)
    found: dict[str, Issue] = {}
    places: dict[str, Span] = {}
    for name, node in draft.top.entries("issues", NAME):
        read = _issue(name, node, draft, notes, findings) if is_free(name, OFFER_WORDS, findings) else None
        if read is not None:
            found[name.value], at = read
            places |= {f"issues.{name.value}.{key}": span for key, span in at.items()}
    return replace(draft.noting(notes), issues=found, limit_places=places)


def read_package(draft: Draft, findings: Findings) -> Draft:
    """Read `package:`, the base and limits of the whole."""
    mapping = draft.top.mapping("package")
    nothing = Const(Fraction(0))
    if mapping is None:
        return replace(draft, package=Package(nothing))
    notes = notes_for(findings)
    section = Section(mapping, "package", "the package", findings, draft.top.keys["package"].span)
    unit = Unit(Kind.MONEY, draft.currency)
    base = threshold(section, "base", unit, section.scalar("base"), draft.scope, notes)
    assert not isinstance(base, int | str)
    whole = Package(base or nothing)
    limited = limits(section, ("package", "package"), unit, whole, draft, notes)
    places = {f"package.package.{key}": span for key, span in limited.places.items()}
    return replace(
        draft.noting(notes),
        package=replace(whole, **limited.found),
        limit_places={**draft.limit_places, **places},
    )


def needed(draft: Draft) -> frozenset[str]:
    """Return the facts without which no offer has a worth: what worths, starts and the base of the package read."""
    return frozenset(name for tree in _valuing(draft) for name in facts_of(tree))


def _valuing(draft: Draft) -> Iterator[Number]:
    if draft.package is not None:
        yield draft.package.base
    for issue in draft.issues.values():
        if issue.start is not None and not isinstance(issue.start, int | str):
            yield issue.start
        for scale in (issue.worth, issue.theirs):
            if scale is not None:
                yield from (scale.rate,) if isinstance(scale, Linear) else scale.worths.values()


def _issue(
    name: Scalar, node: source.Node, draft: Draft, notes: Inferred, findings: Findings
) -> tuple[Issue, dict[str, Span]] | None:
    """Read one issue, with the places of its start and limits; none where something of it cannot be used."""
    title = f"issue `{name.value}`"
    if not isinstance(node, source.Mapping):
        what = f"{title} wants a mapping, not {describe(node)}"
        findings.add(Code.WRONG_SHAPE, what, name.span, "write `type:`, `start:` and `worth:` below it")
        return None
    section = Section(node, "issue", title, findings, name.span)
    unit = unit_of(section, draft.currency)
    if unit is None:
        return None
    ours = worth(section, unit, draft.scope, notes)
    first = section.scalar("start")
    start = threshold(section, "start", unit, first, draft.scope, notes)
    personal = section.flag("personal")
    step, other = _step(section, unit), theirs(section, unit, draft.scope, notes)
    values = listed(section, unit)
    least, most = (values[0], values[-1]) if values else bounds(section, unit)
    as_named = section.choice("approved", "or better") == "as named"
    if isinstance(start, Const):
        begun = int(start.value * unit.scale)
        if values:
            check_listed(section, "start", begun, unit, values)
        else:
            check_within(section, "start", begun, unit, (least, most))
    limited: Issue | None = None
    if ours is not None:
        better = direction(section, ours, bool(section.nodes.keys() & set(THRESHOLDS)))
        limited = Issue(name.value, unit, start, ours, better, personal=personal, step=step, theirs=other)
        limited = replace(limited, least=least, most=most, values=values, as_named=as_named)
    reached = limits(section, ("issues", name.value), unit, limited, draft, notes)
    for key, limit in reached.found.items():
        if isinstance(limit, Const):
            check_within(section, key, int(limit.value * unit.scale), unit, (least, most))
    if limited is None or start is None or first is None:
        return None
    return replace(limited, **reached.found), {"start": first.span, **reached.places}


def _step(section: Section, unit: Unit) -> int | None:
    """Read the step in which people offer it: a constant above zero, of the issue's own kind."""
    if "step" in section.nodes and not unit.is_numeric:
        what = f"{section.name} has no steps: its values are {unit}"
        section.findings.add(Code.BAD_VALUE, what, section.keys["step"].span, "remove `step`")
        return None
    value = section.value("step", unit.distance)
    if isinstance(value, int) and value <= 0:
        what = f"a step of {section.name} is above zero"
        hint = "write how far apart people's offers are, as in `12 months`, `0.5%` or `1,000 USD`"
        section.findings.add(Code.BAD_VALUE, what, section.nodes["step"].span, hint)
    return value if isinstance(value, int) else None
