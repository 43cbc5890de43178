"""Read `by:`, the issue by whose value worths, limits and the base of the package are told apart: the selector.

It has a list of values, and no order. For each of them a section is read with what it says there, in which the
selector's own name stands for that value; so nothing is left that multiplies two issues.

Source:
    docs/issues.md, worth across issues.
"""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from walkaway.language import source
from walkaway.language.codes import Code
from walkaway.language.diagnostics import Findings, Span, nearest
from walkaway.language.expr.tree import Const, Scaled
from walkaway.language.expr.types import Scope, Typed
from walkaway.language.source import Node, Scalar
from walkaway.language.values import Kind, NotAValue, Value, format_value, parse_value, shorten
from walkaway.policy.model import AT, THRESHOLDS, Graded, Issue, Linear, Package
from walkaway.policy.parse.draft import Draft
from walkaway.policy.parse.limits import PER_DEAL
from walkaway.policy.parse.section import Section, describe

MOST = 100
"""So many values a selector may have."""
TOLD_APART = ("worth", "base", *THRESHOLDS)
"""Keys that may say something for each value of the selector."""


Limited = TypeVar("Limited", Issue, Package)


class AtValue(msgspec.Struct, frozen=True):
    """A section as it is at one value of the selector."""

    value: Value
    node: source.Mapping
    draft: Draft


def selector_named(draft: Draft, findings: Findings) -> str:
    """Return the issue that the policy's sections name under `by`; empty where none does, or two name two."""
    issues = draft.top.nodes.get("issues")
    declared = [n.value for n, _ in issues.entries] if isinstance(issues, source.Mapping) else []
    chosen: Scalar | None = None
    for title, node in _sections(draft):
        by = node.get("by")
        if not isinstance(by, Scalar):
            if by is not None:
                what = f"`by` of {title} names one issue, and is not {describe(by)}"
                first = by.items[0] if isinstance(by, source.Sequence) and by.items else None
                named = first.value if isinstance(first, Scalar) and first.value in declared else "term"
                findings.add(Code.SELECTOR, what, by.span, f"write `by: {named}`")
        elif by.value not in declared:
            what = f"`{shorten(by.value)}` under `by` of {title} is no issue"
            findings.add(Code.SELECTOR, what, by.span, nearest(by.value, declared) or "declare it under `issues`")
        elif chosen is not None and by.value != chosen.value:
            what = f"{title} is told apart by `{by.value}`, and something before it by `{chosen.value}`"
            findings.add(Code.SELECTOR, what, by.span, f"write `by: {chosen.value}`: a policy has one such issue")
        else:
            chosen = chosen or by
    if chosen is None:
        return ""
    own = issues.get(chosen.value) if isinstance(issues, source.Mapping) else None
    if isinstance(own, source.Mapping) and (by := own.get("by")) is not None:
        what = f"others are told apart by `{chosen.value}`, so it is told apart by none itself"
        findings.add(Code.SELECTOR, what, by.span, "remove it")
        return ""
    return chosen.value


def _sections(draft: Draft) -> Iterator[tuple[str, source.Mapping]]:
    issues, package = draft.top.nodes.get("issues"), draft.top.nodes.get("package")
    for name, node in issues.entries if isinstance(issues, source.Mapping) else ():
        if isinstance(node, source.Mapping):
            yield f"issue `{shorten(name.value)}`", node
    if isinstance(package, source.Mapping):
        yield "the package", package


def selecting(section: Section, issue: Issue) -> Issue | None:
    """Return an issue as a selector: each of its values with its worth, and no order; none where it cannot be one.

    An approval covers the value of it alone that it names: the same terms cost another amount at another one.
    """
    findings, values = section.findings, issue.finite
    if not values or len(values) > MOST:
        what = f"others are told apart by the values of {section.name}, and " + (
            f"it has more than {MOST}" if values else "they are not listed"
        )
        hint = "list fewer" if values else "write `values: [12 months, 24 months]`, all that anybody may name"
        findings.add(Code.SELECTOR, what, section.place, hint)
        return None
    for key in THRESHOLDS:
        if key in section.nodes:
            what = f"{section.name}, by which others are told apart, has no order, and so no `{key}`"
            hint = "let a rule say at which of its values what is answered"
            findings.add(Code.SELECTOR, what, section.keys[key].span, hint)
    start = issue.start
    if not isinstance(start, int | str | Const):
        what = f"others are told apart by {section.name}, so its start is one of its values in every deal"
        findings.add(Code.SELECTOR, what, section.nodes["start"].span, "write one of its values")
        return None
    worth = issue.worth
    if isinstance(worth, Linear):
        worth = Graded({v: Scaled(Fraction(int(v), worth.step), worth.rate) for v in values})
    begun = int(start.value * issue.unit.scale) if isinstance(start, Const) else start
    return replace(issue, worth=worth, better=0, as_named=True, wish=None, want=None, walk=None, start=begun)


def unvalued(issue_values: tuple[Value, ...]) -> Graded:
    """Return the worth of a selector that is worth nothing by itself."""
    return Graded({value: Const(Fraction(0)) for value in issue_values})


def cases_of(
    title: str, path: tuple[str, str], node: source.Mapping, selector: Issue | None, draft: Draft, findings: Findings
) -> tuple[AtValue, ...]:
    """Return a section as it is at each value of the selector; none where it is not told apart.

    Args:
        path: How layers know the section.
        selector: None where the policy has none, or none that could be read.
    """
    by = node.get("by")
    apart = [(k, n) for k, n in node.entries if k.value in TOLD_APART and isinstance(n, source.Mapping)]
    below = [(k, n) for k in THRESHOLDS for n in draft.below.get((*path, k), ()) if isinstance(n, source.Mapping)]
    if by is None:
        for key, _ in apart:
            what = f"`{key.value}` of {title} says something for each value of another issue, and not of which"
            findings.add(Code.SELECTOR, what, key.span, "add `by:` with that issue, as in `by: term`")
        for _, inner in below:
            what = f"{title} is not told apart by another issue in the layer above"
            findings.add(Code.SELECTOR, what, inner.span, "write one limit")
        return (AtValue(0, first_of(node), draft),) if apart or below else ()
    if selector is None or not isinstance(by, Scalar) or by.value != selector.name:
        return (AtValue(0, first_of(node), _plain(path, draft)),)
    written = {value: format_value(value, selector.unit) for value in selector.finite}
    listed = [(key.value, key.span, inner) for key, inner in apart]
    listed += [(key, inner.span, inner) for key, inner in below]
    for key_name, span, inner in listed:
        _check_values(title, key_name, span, inner, selector, written, findings)
    found: list[AtValue] = []
    first = first_of(node)
    for value in selector.finite:
        said = {k.value: _at(n, value, selector) for k, n in apart}
        kept = tuple((k, said.get(k.value) or n) for k, n in first.entries)
        scope = _naming(draft.scope, selector, value)
        lower = {
            p: tuple(limit for n in nodes if isinstance(limit := _at(n, value, selector), Scalar))
            for p, nodes in draft.below.items()
        }
        at = msgspec.structs.replace(node, entries=kept)
        found.append(AtValue(value, at, replace(draft, scope=scope, below=lower)))
    return tuple(found)


def _check_values(
    title: str, key: str, span: Span, node: source.Mapping, selector: Issue, written: Mapping[Value, str],
    findings: Findings,
) -> None:  # fmt: skip
    """Report values that are none of the selector's, and those of which nothing is said."""
    said = set()
    for name, inner in node.entries:
        value = _read(name, selector)
        if value is None or value not in written:
            what = f"`{shorten(name.value)}` is no value of `{selector.name}`, by which {title} is told apart"
            hint = nearest(name.value, written.values()) or f"its values are {_listed(written.values())}"
            findings.add(Code.SELECTOR, what, name.span, hint)
        elif value in said:
            what = f"{written[value]} stands twice"
            findings.add(Code.DUPLICATE_KEY, what, name.span, "keep one of the two")
        elif isinstance(inner, Scalar) and inner.value == PER_DEAL:
            what = f"`{key}` of {title} is brought by each deal at all values of `{selector.name}`, or at none"
            findings.add(Code.SELECTOR, what, inner.span, f"write `{key}: {PER_DEAL}`, or a limit here")
        elif not isinstance(inner, Scalar) or not inner.value.strip():
            what = f"`{key}` of {title} wants a single value at {written[value]}, not {describe(inner)}"
            findings.add(Code.SELECTOR, what, name.span, "write what it is there")
        said.add(value)
    missing = [text for value, text in written.items() if value not in said]
    if missing and not node.incomplete:
        what = f"`{key}` of {title} says nothing at {_listed(missing)}"
        findings.add(Code.SELECTOR, what, span, f"give it something for each value of `{selector.name}`")


def _listed(texts: object) -> str:
    *most, last = [str(t) for t in texts]  # type: ignore[attr-defined]
    return f"{', '.join(most)} and {last}" if most else last


def _read(name: Scalar, selector: Issue) -> Value | None:
    try:
        return parse_value(name.value, selector.unit)
    except NotAValue:
        return None


def _at(node: Node, value: Value, selector: Issue) -> Node | None:
    """Return what stands there at a value of the selector: alike at all of them where it is a single value."""
    if not isinstance(node, source.Mapping):
        return node
    found = next((inner for name, inner in node.entries if _read(name, selector) == value), None)
    return found if isinstance(found, Scalar) else None


def first_of(node: source.Mapping) -> source.Mapping:
    """Return a section with the first of what is told apart, so that the rest of it can be read."""
    entries: list[tuple[Scalar, Node]] = []
    for key, inner in node.entries:
        if key.value in TOLD_APART and isinstance(inner, source.Mapping):
            first = next((n for _, n in inner.entries if isinstance(n, Scalar)), None)
            if first is not None:
                entries.append((key, first))
        elif key.value != "by":
            entries.append((key, inner))
    return msgspec.structs.replace(node, entries=tuple(entries))


def _plain(path: tuple[str, str], draft: Draft) -> Draft:
    below = {p: tuple(n for n in nodes if isinstance(n, Scalar)) for p, nodes in draft.below.items()}
    return replace(draft, below=below)


def _naming(scope: Scope, selector: Issue, value: Value) -> Scope:
    """Let expressions name the selector: it stands for one of its values."""
    if not selector.unit.is_numeric or not isinstance(value, int):
        return scope
    kind = selector.unit.kind
    kinds = frozenset({Kind.COUNT, Kind.NUMBER} if kind in (Kind.COUNT, Kind.NUMBER) else {kind})
    typed = Typed(Const(Fraction(value, selector.unit.scale)), selector.unit, kinds)
    return replace(scope, defined={**scope.defined, selector.name: typed}, selector=selector.name)


def told_apart(cases: Mapping[Value, Limited], selector: Issue) -> Limited:
    """Return an issue, or the package, with what it is at each value of the selector."""
    begun = selector.start
    assert isinstance(begun, int | str), "a selector starts at one of its values"
    differing = {t: None for t in THRESHOLDS if len({getattr(case, t) for case in cases.values()}) > 1}
    return replace(cases[begun], by=cases, **differing)


def places_of(whole: Limited, places: Mapping[Value, Mapping[str, Span]], selector: Issue) -> dict[str, Span]:
    """Return where each limit stands; one that hangs on the selector for each of its values, as `walk@12 months`."""
    found: dict[str, Span] = {}
    for value, at in places.items():
        for key, span in at.items():
            hangs = key in THRESHOLDS and len({getattr(case, key) for case in whole.by.values()}) > 1
            found.setdefault(f"{key}{AT}{format_value(value, selector.unit)}" if hangs else key, span)
    return found
