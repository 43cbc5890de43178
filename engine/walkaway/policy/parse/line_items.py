"""The stage that reads `lines:`: what a deal states and negotiates of each of its lines, and what rules read of them.

How many lines a deal has no policy knows. So rules read figures of all of them together: whether something is so of any
or of every one, what a number comes to in sum, and the value of the worst. To the ledger the lines are one issue,
`lines`, whose value is that of all of them; what they are worth is the sum over lines.

Source:
    docs/issues.md, the lines of a deal.
"""

from collections.abc import Callable, Iterator, Mapping

from msgspec.structs import replace

from walkaway.language import source
from walkaway.language.codes import Code
from walkaway.language.diagnostics import Findings, Span
from walkaway.language.expr import infer
from walkaway.language.expr.grammar import SyntaxFinding, names_in, parse
from walkaway.language.expr.linear import sign
from walkaway.language.expr.tree import Condition, Fact, facts_of, push_not_inwards
from walkaway.language.expr.types import FactType, Inferred, Scope, Typed
from walkaway.language.source import Scalar
from walkaway.language.values import Kind, Unit, shorten
from walkaway.policy.catalog import DerivedShape
from walkaway.policy.lint.guards import unguarded
from walkaway.policy.model import (
    LINES,
    MOST_LINES,
    DealFact,
    Figure,
    Graded,
    Issue,
    Linear,
    LineIssue,
    LineItems,
    Reach,
)
from walkaway.policy.parse.bounds import bounds, check_within
from walkaway.policy.parse.draft import Draft, notes_for
from walkaway.policy.parse.fields import NAME
from walkaway.policy.parse.names import declared, is_free
from walkaway.policy.parse.section import Section, describe
from walkaway.policy.parse.units import unit_named, unit_of
from walkaway.policy.parse.worths import worth

_LATER = frozenset(
    ["offer", "give", "asked", "get", "move", "room", "walk", "want", "wish", "ours", "theirs", "balance", "since"]
) | {"signals", "approved", "pattern", "batna", "missing", "left", "calendar", "fx", "budget", "derived", "lines"}
"""Groups of facts that are neither stated nor negotiated of a line."""
_PARTING = frozenset(",;:")
"""What parts lines, and what is said of one, where people write them on one line."""
COUNT = "count"
"""The figure that every policy with lines has: how many the deal has."""


def read_lines(draft: Draft, findings: Findings) -> Draft:
    """Read `lines:`."""
    mapping = draft.top.mapping(LINES)
    if mapping is None:
        return draft
    place = draft.top.keys[LINES].span
    section = Section(mapping, LINES, "`lines`", findings, place)
    before = len(findings)
    _alone(draft, place, findings)
    notes = notes_for(findings)
    facts = {f.name: f for n, v in section.entries("facts", NAME) if (f := _fact(n, v, draft.currency, findings))}
    scope = _scope(draft, facts, {}, section)
    issues: dict[str, LineIssue] = {}
    for name, node in section.entries("issues", NAME):
        if is_free(name, facts, findings) and (issue := _issue(name, node, draft.currency, scope, notes, findings)):
            issues[name.value] = issue
    if (
        isinstance(section.nodes.get("issues"), source.Mapping)
        and not section.node.incomplete
        and not declared(section.nodes["issues"])
    ):
        findings.add(Code.LINES, "nothing is negotiated of a line", section.keys["issues"].span, "declare an issue")
    most = _most(section, findings)
    figures = _figures(section, _scope(draft, facts, issues, section), issues, notes, findings)
    if len(findings) > before and (not issues or most is None):
        return draft.noting(notes)
    items = LineItems(facts, issues, figures, most or MOST_LINES)
    text = Unit(Kind.TEXT)
    return replace(
        draft.noting(notes),
        lines=items,
        deal={**draft.deal, LINES: DealFact(LINES, text, meaning="its lines, with what is stated of each")},
        issues={**draft.issues, LINES: Issue(LINES, text, None, Graded({}), 0, as_named=True)},
    )


def _alone(draft: Draft, place: Span, findings: Findings) -> None:
    """Report what a policy with lines does not have beside them."""
    for key, names in (("issues", draft.issues), ("deal", draft.deal)):
        if LINES in names:
            at = declared(draft.top.nodes[key])[LINES]
            findings.add(Code.NAME_TAKEN, f"`{LINES}` has a meaning of its own here", at, f"write `our_{LINES}`")
    if draft.selector:
        what = f"the lines of a deal stand beside `{draft.selector}`, by whose value worths are told apart"
        findings.add(Code.LINES, what, place, "remove `by`, or declare an issue for each line")
    if "mandates" in draft.top.nodes:
        what = "the lines of a deal stand beside `mandates`, which say nothing of lines"
        findings.add(Code.LINES, what, place, "write rules on `lines.…` that escalate `to` a role")
    if draft.exchange is not None:
        what = "the lines of a deal stand beside `currencies`, and amounts of a line are in the policy's own"
        findings.add(Code.LINES, what, place, "write a policy for each currency, or declare an issue for each line")


def check_layers(root: source.Mapping, extends: bool, findings: Findings) -> None:
    """Report lines in a policy that is laid over others."""
    place = declared(root).get(LINES)
    if extends and place is not None:
        what = "a policy that extends others has no lines, and none of these does"
        findings.add(Code.LINES, what, place, "let the policy with `lines` stand alone")


def _scope(draft: Draft, facts: Mapping[str, DealFact], issues: Mapping[str, LineIssue], section: Section) -> Scope:
    """Return what may be named of a line: what is stated and negotiated of it, and what the deal states."""
    known = {f"line.{f.name}": FactType(f.unit, not f.may_be_missing, f.may_be_missing) for f in facts.values()}
    known |= {f"line.{i.name}": FactType(i.unit) for i in issues.values()}
    known |= {name: fact for name, fact in draft.scope.facts.items() if name.startswith("deal.")}
    unread = {f"line.{name}" for key, read in (("facts", facts), ("issues", issues)) if key in section.nodes
              for name in declared(section.nodes[key]) if name not in read}  # fmt: skip
    if "issues" not in section.nodes or ("facts" not in section.nodes and section.meant):
        unread.add("line.*")
    return Scope(known, draft.currency, broken=draft.scope.broken | unread, multiplies=True)


def _fact(name: Scalar, node: source.Node, currency: str, findings: Findings) -> DealFact | None:
    """Read what is stated of a line: a type alone, or a mapping."""
    title = f"line fact `{name.value}`"
    if isinstance(node, Scalar):
        unit = unit_named(node, title, currency, findings)
        return DealFact(name.value, unit) if unit is not None and _is_of_lines(unit, name, title, findings) else None
    if not isinstance(node, source.Mapping):
        what = f"{title} wants a type, not {describe(node)}"
        findings.add(Code.WRONG_SHAPE, what, node.span, f"write `{name.value}: money`")
        return None
    section = Section(node, "line_fact", title, findings, name.span)
    unit = unit_of(section, currency)
    optional, meaning = section.flag("optional"), section.text("meaning")
    if unit is None or not _is_of_lines(unit, name, title, findings):
        return None
    default, limits = section.value("default", unit), bounds(section, unit)
    check_within(section, "default", default, unit, limits)
    return DealFact(name.value, unit, optional, default, meaning=meaning, least=limits[0], most=limits[1])


def _is_of_lines(unit: Unit, name: Scalar, title: str, findings: Findings) -> bool:
    """Check that people can write values of a unit side by side, one line behind another."""
    if unit.kind in (Kind.TEXT, Kind.DAY):
        what = f"{title} is {'a text' if unit.kind is Kind.TEXT else 'a day'}, and no fact of a line can be that"
        findings.add(Code.LINES, what, name.span, "have the deal state it, or write its words under `one of`")
        return False
    for word in unit.choices:
        if not _PARTING.isdisjoint(word):
            what = f"a comma, a semicolon or a colon stands in `{word}`, and these part lines"
            findings.add(Code.LINES, what, name.span, "choose another word")
            return False
    return True


def _issue(
    name: Scalar, node: source.Node, currency: str, scope: Scope, notes: Inferred, findings: Findings
) -> LineIssue | None:
    """Read what is negotiated of each line."""
    title = f"line issue `{name.value}`"
    if not isinstance(node, source.Mapping):
        what = f"{title} wants a mapping, not {describe(node)}"
        findings.add(Code.WRONG_SHAPE, what, name.span, "write `type:`, `start:` and `worth:` below it")
        return None
    section = Section(node, "line_issue", title, findings, name.span)
    unit = unit_of(section, currency)
    if unit is None or not _is_of_lines(unit, name, title, findings):
        return None
    start, limits = section.value("start", unit), bounds(section, unit)
    check_within(section, "start", start, unit, limits)
    scale = worth(section, unit, scope, notes)
    if scale is None or start is None:
        return None
    way = sign(scale.rate) if isinstance(scale, Linear) else 0
    if way is None:
        what = f"the worth of {title} could be positive or negative, so no direction is better for us"
        findings.add(Code.WORTH_SHAPE, what, section.keys["worth"].span, "give it a worth with one sign")
        return None
    return LineIssue(name.value, unit, start, scale, way, *limits)


def _most(section: Section, findings: Findings) -> int | None:
    """Return how many lines a deal may have; none where that cannot be used."""
    scalar = section.scalar("at most")
    if scalar is None:
        return MOST_LINES
    if scalar.value.isascii() and scalar.value.isdigit() and 0 < int(scalar.value[:9]) <= MOST_LINES:
        return int(scalar.value)
    what = f"a deal has 1 to {MOST_LINES} lines"
    findings.add(Code.LINES, what, scalar.span, "write a smaller number, and make several deals of a longer quote")
    return None


def _figures(
    section: Section, scope: Scope, issues: Mapping[str, LineIssue], notes: Inferred, findings: Findings
) -> dict[str, Figure]:
    """Read what rules read of all lines together."""
    found: dict[str, Figure] = {}
    places: dict[str, Span] = {COUNT: section.place}
    for name, reach, node in _said(section):
        if name.value in places:
            what = f"`{LINES}.{name.value}` is said twice"
            if name.value == COUNT:
                what = f"`{LINES}.{COUNT}` is how many lines a deal has"
            findings.add(Code.NAME_TAKEN, what, name.span, f"choose another name, as `our_{name.value}`")
            continue
        places[name.value] = name.span
        if not isinstance(node, Scalar) or not node.value.strip():
            what = f"`{LINES}.{name.value}` wants an expression, not {describe(node)}"
            findings.add(Code.WRONG_SHAPE, what, name.span, _EXAMPLES[reach])
            continue
        if _is_of_the_offer(name, node, findings):
            continue
        figure = _figure(name, reach, node, scope, issues, notes, findings)
        if figure is not None and _reads_lines(figure, name, node, findings):
            found[name.value] = figure
    return found


def _is_of_the_offer(name: Scalar, node: Scalar, findings: Findings) -> bool:
    """Report what is no matter of a line: what the offer comes to, and what happened before."""
    try:
        read = names_in(parse(node.value))
    except SyntaxFinding:
        return False  # that is reported where it is inferred
    before = len(findings)
    for part in read:
        if part.word.partition(".")[0] in _LATER:
            what = f"`{LINES}.{name.value}` rests on `{shorten(part.word)}`, which is no matter of a line"
            place = node.at(part.start, part.end - part.start)
            findings.add(Code.LINES, what, place, f"compare it in a rule, beside `{LINES}.{name.value}`")
    return len(findings) > before


_EXAMPLES = {
    Reach.ANY: "write a condition, as `line.discount > 30%`",
    Reach.EVERY: "write a condition, as `line.discount <= 30%`",
    Reach.SUM: "write a number, as `(100% - line.discount) of line.list`",
    Reach.WORST: "write an issue of a line, as `line.discount`",
}


def _said(section: Section) -> Iterator[tuple[Scalar, Reach, source.Node]]:
    for reach in Reach:
        for name, node in section.entries(reach.value, NAME):
            yield name, reach, node


def _figure(
    name: Scalar,
    reach: Reach,
    node: Scalar,
    scope: Scope,
    issues: Mapping[str, LineIssue],
    notes: Inferred,
    findings: Findings,
) -> Figure | None:
    """Read one figure."""
    if reach in (Reach.ANY, Reach.EVERY):
        condition = infer.condition(node, scope, notes)
        if condition is None or not _is_guarded(condition, scope, findings):
            return None
        return Figure(name.value, reach, Unit(Kind.YES_NO), condition)
    typed = infer.number(node, scope, notes)
    if typed is None:
        return None
    optional = any(scope.facts[fact].optional for fact in facts_of(typed.tree))
    if reach is Reach.WORST:
        return _worst(name, node, typed, issues, findings)
    return Figure(name.value, reach, typed.unit, typed.tree, optional=optional)


def _is_guarded(condition: Condition, scope: Scope, findings: Findings) -> bool:
    """Check that what may be unknown of a line is asked for only where it is known."""
    uncertain = frozenset(name for name, fact in scope.facts.items() if fact.optional)
    before = len(findings)
    for fact, leaf in unguarded(push_not_inwards(condition), uncertain, frozenset()):
        hint = f"add `known({fact})` with `and` before it"
        findings.add(Code.UNGUARDED, f"`{fact}` may be unknown here", leaf.span, hint)
    return len(findings) == before


def _worst(
    name: Scalar, node: Scalar, typed: Typed, issues: Mapping[str, LineIssue], findings: Findings
) -> Figure | None:
    """Read the figure that is the worst value of an issue; it has a direction."""
    tree = typed.tree
    issue = issues.get(tree.name.removeprefix("line.")) if isinstance(tree, Fact) else None
    if issue is None:
        what = f"`{LINES}.{name.value}` is no issue of a line, and only of these one is worse for us than another"
        findings.add(Code.LINES, what, node.span, f"write {' or '.join(f'`line.{i}`' for i in issues) or '`line.…`'}")
        return None
    if not issue.better:
        what = f"no value of `line.{issue.name}` is the worse one: it is worth nothing, or has no order"
        findings.add(Code.LINES, what, node.span, "ask with `any` for the values that are bad")
        return None
    return Figure(name.value, Reach.WORST, issue.unit, tree, way=issue.better)


def _reads_lines(figure: Figure, name: Scalar, node: Scalar, findings: Findings) -> bool:
    """Check that a figure hangs on the lines at all."""
    if any(fact.startswith("line.") for fact in facts_of(figure.tree)):
        return True
    what = f"`{LINES}.{name.value}` reads nothing of a line"
    findings.add(Code.LINES, what, node.span, "write `line.` before what is stated or negotiated of a line")
    return False


def written(top: Section, name: str) -> str:
    """Return what a figure is, as its author wrote it, on one line."""
    node = top.nodes.get(LINES)
    for reach in Reach:
        said = node.get(reach.value) if isinstance(node, source.Mapping) else None
        scalar = said.get(name) if isinstance(said, source.Mapping) else None
        if isinstance(scalar, Scalar):
            return _MEANINGS[reach](" ".join(scalar.value.split()))
    return ""


_MEANINGS: Mapping[Reach, Callable[[str], str]] = {
    Reach.ANY: lambda text: f"whether `{text}` of any line of the offer judged",
    Reach.EVERY: lambda text: f"whether `{text}` of every line of the offer judged",
    Reach.SUM: lambda text: f"`{text}` in sum over the lines of the offer judged",
    Reach.WORST: lambda text: f"`{text}` of the line of the offer judged that is worst for us",
}


def figure_shapes(draft: Draft) -> dict[str, DerivedShape]:
    """Return what the catalog must know of the figures."""
    if draft.lines is None:
        return {}
    found = {COUNT: DerivedShape(Unit(Kind.COUNT), "how many lines the offer judged has")}
    for figure in draft.lines.figures.values():
        whole = figure.reach is not Reach.SUM
        found[figure.name] = DerivedShape(figure.unit, written(draft.top, figure.name), figure.optional, whole)
    return found


def unread_figures(draft: Draft) -> frozenset[str]:
    """Return the figures that were to be declared and, with a finding, were not."""
    node = draft.top.nodes.get(LINES)
    if node is None:
        return frozenset()
    if draft.lines is None or not isinstance(node, source.Mapping):
        return frozenset({f"{LINES}.*"})
    named = {name for reach in Reach for name in declared(node.get(reach.value))}
    unread = frozenset(f"{LINES}.{name}" for name in named if name not in draft.lines.figures)
    known = {"facts", "issues", "at most", *(reach.value for reach in Reach)}
    misspelt = any(key.value not in known for key, _ in node.entries)
    return unread | {f"{LINES}.*"} if misspelt else unread
