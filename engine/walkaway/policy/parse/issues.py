"""Stages that read what is negotiated: each issue with its worth and limits, then the package."""

from collections.abc import Iterator
from fractions import Fraction

from msgspec.structs import replace

from walkaway.language import source
from walkaway.language.codes import Code
from walkaway.language.diagnostics import Findings, Severity, Span
from walkaway.language.expr.linear import sign
from walkaway.language.expr.tree import Const, Number, facts_of
from walkaway.language.expr.types import FactType, Inferred, Scope, Typed
from walkaway.language.source import Scalar
from walkaway.language.values import Kind, Unit, Value, format_value
from walkaway.policy.model import LINES, THRESHOLDS, Graded, Issue, Linear, Package
from walkaway.policy.parse import across
from walkaway.policy.parse.across import AtValue, selector_named
from walkaway.policy.parse.bounds import bounds, check_listed, check_within, listed
from walkaway.policy.parse.draft import Draft, notes_for
from walkaway.policy.parse.fields import NAME
from walkaway.policy.parse.limits import limits, threshold
from walkaway.policy.parse.names import broken, is_free
from walkaway.policy.parse.owed import check_owed, owed
from walkaway.policy.parse.section import Section, describe
from walkaway.policy.parse.units import unit_of
from walkaway.policy.parse.worths import direction, theirs, worth

OFFER_WORDS = frozenset({"worth", "first", "by", "role", "package", "beyond_walk", "short_of_want"})
"""Facts of the offer and of its room that are no issues."""
_BOTH = 2
_LATER = frozenset(
    ["offer", "give", "asked", "get", "move", "room", "walk", "want", "wish", "ours", "theirs", "balance", "since"]
) | {"signals", "approved", "pattern", "batna", "missing", "left", "calendar", "fx", "budget", "derived", "owed"}
_LATER |= {"lines"}
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
    """Read `issues:`; first the one by whose value others are told apart, if there is one."""
    notes = notes_for(findings)
    found: dict[str, Issue] = {}
    places: dict[str, Span] = {}
    named = selector_named(draft, findings)
    entries = draft.top.entries("issues", NAME)
    chosen: Issue | None = None
    for name, node in sorted(entries, key=lambda entry: entry[0].value != named):
        if not is_free(name, OFFER_WORDS, findings):
            continue
        if isinstance(node, source.Mapping) and name.value != named:
            path = ("issues", name.value)
            cases = across.cases_of(f"issue `{name.value}`", path, node, chosen, draft, findings)
            read = _told_apart(name, cases, chosen, notes, findings) if cases else None
            read = _issue(name, node, draft, notes, findings) if not cases else read
        else:
            plain = across.first_of(node) if isinstance(node, source.Mapping) else node
            read = _issue(name, plain, draft, notes, findings, selects=name.value == named)
        if read is not None:
            found[name.value], at = read
            places |= {f"issues.{name.value}.{key}": span for key, span in at.items()}
            chosen = found[name.value] if name.value == named else chosen
    issues = {name.value: found[name.value] for name, _ in entries if name.value in found}
    return replace(draft.noting(notes), issues=issues, limit_places=places, selector=named if chosen else "")


def _told_apart(
    name: Scalar, cases: tuple[AtValue, ...], selector: Issue | None, notes: Inferred, findings: Findings
) -> tuple[Issue, dict[str, Span]] | None:
    """Read an issue at each value of the selector; its worth has one sign, or is nothing, at all of them."""
    better = _one_way(name, cases, selector, findings)
    if better is _BOTH:
        return None
    found: dict[Value, Issue] = {}
    places: dict[Value, dict[str, Span]] = {}
    for case in cases:
        read = _issue(name, case.node, case.draft, notes, findings, better=better)
        if read is not None:
            found[case.value], places[case.value] = read
    if selector is None or found.keys() != set(selector.finite):
        return None
    issue = across.told_apart(found, selector)
    if len(set(map(_said, found.values()))) == 1 and not _is_refused(findings):
        what = f"issue `{name.value}` is the same at every value of `{selector.name}`, by which it is told apart"
        findings.warn(Code.SELECTOR, what, name.span, "remove `by`, or say what differs")
    assert isinstance(selector.start, int | str), "a selector starts at one of its values"
    return issue, across.places_of(issue, places, selector)


def _is_refused(findings: Findings) -> bool:
    """Return whether there is an error in what is told apart."""
    return any(f.code is Code.SELECTOR and f.severity is Severity.ERROR for f in findings)


def _said(limited: Issue | Package) -> object:
    """Return what of an issue, or of the package, may be told apart."""
    worth: object = limited.base if isinstance(limited, Package) else limited.worth
    if isinstance(worth, Graded):
        worth = tuple(worth.worths.items())
    return worth, *(getattr(limited, threshold) for threshold in THRESHOLDS)


def _one_way(name: Scalar, cases: tuple[AtValue, ...], selector: Issue | None, findings: Findings) -> int | None:
    """Return which way is better for us at every value of the selector; none where that is for each to say, and
    `_BOTH`, with a finding, where they do not say the same.
    """
    ways: dict[int, Value] = {}
    for case in cases:
        scratch = Findings()
        section = Section(case.node, "issue", name.value, scratch, name.span)
        unit = unit_of(section, case.draft.currency)
        scale = worth(section, unit, case.draft.scope, notes_for(scratch)) if unit is not None else None
        if isinstance(scale, Linear) and (way := sign(scale.rate)):
            ways.setdefault(way, case.value)
    if len(ways) > 1 and selector is not None:
        up, down = (format_value(ways[way], selector.unit) for way in (1, -1))
        what = f"more of issue `{name.value}` is better for us at {up} and worse at {down}"
        hint = "make two issues of it: each is better for us in one direction"
        findings.add(Code.SELECTOR, what, name.span, hint)
        return _BOTH
    return next(iter(ways), None)


def read_package(draft: Draft, findings: Findings) -> Draft:
    """Read `package:`, the base and limits of the whole; at each value of the selector where it is told apart."""
    mapping = draft.top.mapping("package")
    nothing = Const(Fraction(0))
    if mapping is None:
        return replace(draft, package=Package(nothing))
    notes = notes_for(findings)
    chosen = draft.issues.get(draft.selector)
    cases = across.cases_of("the package", ("package", "package"), mapping, chosen, draft, findings)
    found: dict[Value, Package] = {}
    places: dict[Value, dict[str, Span]] = {}
    for case in cases or (AtValue(0, mapping, draft),):
        found[case.value], places[case.value] = _package(case.node, case.draft, notes, findings)
    whole, at = next(iter(found.values())), next(iter(places.values()))
    if cases and chosen is not None and found.keys() == set(chosen.finite):
        whole = across.told_apart(found, chosen)
        if len(set(map(_said, found.values()))) == 1 and not _is_refused(findings):
            what = f"the package is the same at every value of `{chosen.name}`, by which it is told apart"
            findings.warn(Code.SELECTOR, what, draft.top.keys["package"].span, "remove `by`, or say what differs")
        at = across.places_of(whole, places, chosen)
    held = {f"package.package.{key}": span for key, span in at.items()}
    return replace(draft.noting(notes), package=whole, limit_places={**draft.limit_places, **held})


def _package(
    node: source.Mapping, draft: Draft, notes: Inferred, findings: Findings
) -> tuple[Package, dict[str, Span]]:
    """Read the package, in whose limits `package.base` is its base; with the places of its limits."""
    section = Section(node, "package", "the package", findings, draft.top.keys["package"].span)
    unit = Unit(Kind.MONEY, draft.currency)
    base = threshold(section, "base", unit, section.scalar("base"), draft.scope, notes)
    assert not isinstance(base, int | str)
    whole = Package(base or Const(Fraction(0)))
    of_base = {"package.base": Typed(whole.base, unit, frozenset({Kind.MONEY}))}
    inner = replace(draft, scope=replace(draft.scope, defined={**draft.scope.defined, **of_base}))
    limited = limits(section, ("package", "package"), unit, whole, inner, notes)
    return replace(whole, **limited.found), dict(limited.places)


def needed(draft: Draft) -> frozenset[str]:
    """Return the facts without which no offer has a worth: what worths, starts and the base of the package read."""
    found = {name for tree in _valuing(draft) for name in facts_of(tree)}
    return frozenset(name for name in found if not name.startswith("line.")) | (
        frozenset() if draft.lines is None else {f"deal.{LINES}"}
    )


def _valuing(draft: Draft) -> Iterator[Number]:
    if draft.package is not None:
        yield from (at.base for at in (draft.package, *draft.package.by.values()))
    for issue in draft.issues.values():
        yield from valuing_of(issue)
    for of_lines in () if draft.lines is None else draft.lines.issues.values():
        yield from _rates(of_lines.worth)


def valuing_of(issue: Issue) -> Iterator[Number]:
    """Return the numbers on which an issue's start and worths rest, at every value of the selector."""
    for at in (issue, *issue.by.values()):
        if at.start is not None and not isinstance(at.start, int | str):
            yield at.start
        yield from (rate for scale in (at.worth, at.theirs) for rate in _rates(scale))


def _rates(scale: Linear | Graded | None) -> Iterator[Number]:
    if scale is not None:
        yield from (scale.rate,) if isinstance(scale, Linear) else scale.worths.values()


def _issue(
    name: Scalar,
    node: source.Node,
    draft: Draft,
    notes: Inferred,
    findings: Findings,
    *,
    selects: bool = False,
    better: int | None = None,
) -> tuple[Issue, dict[str, Span]] | None:
    """Read one issue, with the places of its start and limits; none where something of it cannot be used.

    Args:
        selects: Whether others are told apart by it.
        better: Which way is better for us, where its worth does not say so here.
    """
    title = f"issue `{name.value}`"
    if not isinstance(node, source.Mapping):
        what = f"{title} wants a mapping, not {describe(node)}"
        findings.add(Code.WRONG_SHAPE, what, name.span, "write `type:`, `start:` and `worth:` below it")
        return None
    section = Section(node, "issue", title, findings, name.span)
    unit = unit_of(section, draft.currency)
    if unit is None:
        return None
    values = listed(section, unit)
    is_plain = selects and "worth" not in section.nodes and (bool(values) or unit.kind in (Kind.YES_NO, Kind.CHOICE))
    if is_plain and not isinstance(section.nodes.get("one of"), source.Mapping):
        ours: Linear | Graded | None = across.unvalued(values or unit.choices or (0, 1))
    else:
        ours = worth(section, unit, draft.scope, notes)
    first = section.scalar("start")
    start = threshold(section, "start", unit, first, draft.scope, notes)
    personal = section.flag("personal")
    step, other = _step(section, unit), theirs(section, unit, draft.scope, notes)
    least, most = (values[0], values[-1]) if values else bounds(section, unit)
    as_named, due = section.choice("approved", "or better") == "as named", owed(section)
    if isinstance(start, Const):
        begun = int(start.value * unit.scale)
        if values:
            check_listed(section, "start", begun, unit, values)
        else:
            check_within(section, "start", begun, unit, (least, most))
    limited: Issue | None = None
    if ours is not None:
        has_limits = bool(section.nodes.keys() & set(THRESHOLDS)) and not selects
        way = better if better is not None else 0 if selects else direction(section, ours, has_limits)
        limited = Issue(name.value, unit, start, ours, way, personal=personal, step=step, theirs=other)
        limited = replace(limited, least=least, most=most, values=values, as_named=as_named, owed=due)
        if due is not None:
            check_owed(section, limited, selects=selects)
    if selects:
        chosen = None if limited is None or start is None or first is None else across.selecting(section, limited)
        return None if chosen is None or first is None else (chosen, {"start": first.span})
    reached = limits(section, ("issues", name.value), unit, limited, draft, notes)
    for key, limit in reached.found.items():
        if isinstance(limit, Const):
            check_within(section, key, int(limit.value * unit.scale), unit, (least, most))
    if limited is None or start is None or first is None:
        return None
    said: dict[str, Span] = {key: section.nodes[key].span for key in ("approved", "owed") if key in section.nodes}
    return replace(limited, **reached.found), {"start": first.span, **said, **reached.places}


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
