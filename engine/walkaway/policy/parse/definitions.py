"""The stage that reads `define:`, names for conditions and quantities, each after those that it uses."""

from msgspec.structs import replace

from walkaway.language import source
from walkaway.language.codes import Code
from walkaway.language.diagnostics import Findings
from walkaway.language.expr import infer
from walkaway.language.expr.grammar import Syntax, SyntaxFinding, parse
from walkaway.language.expr.tree import Condition
from walkaway.language.expr.types import Inferred, Scope, Typed
from walkaway.language.source import Scalar
from walkaway.policy.lint.cycles import ordered, shown
from walkaway.policy.parse.conditions import tree
from walkaway.policy.parse.draft import Draft, notes_for
from walkaway.policy.parse.fields import NAME
from walkaway.policy.parse.names import RESERVED, broken, is_free
from walkaway.policy.parse.section import scalars


def read_definitions(draft: Draft, findings: Findings) -> Draft:
    """Read `define:`; a cycle is a finding that shows it."""
    taken = RESERVED | {n for n in draft.catalog if "." not in n}
    nodes = {n.value: (n, v) for n, v in draft.top.entries("define", NAME) if is_free(n, taken, findings)}
    uses = {name: {w for s in scalars(node) for w in _names(s)} & nodes.keys() for name, (_, node) in nodes.items()}
    names, circles = ordered(uses)
    for circle in circles:
        what = f"these definitions need each other: {shown(circle)}"
        findings.add(Code.DEFINE_CYCLE, what, nodes[circle[0]][0].span, "write one of them out")
    notes = notes_for(findings)
    done: dict[str, Condition | Typed] = {}
    for name in names:
        scope = replace(draft.scope, defined=done)
        found = _definition(nodes[name][1], scope, notes, findings) if uses[name] <= done.keys() else None
        if found is not None:
            done[name] = found
    unread = broken(draft.top, "pattern", _patterns(draft)) | broken(draft.top, "define", done)
    return replace(draft.noting(notes), scope=replace(draft.scope, defined=done, broken=draft.scope.broken | unread))


def _patterns(draft: Draft) -> frozenset[str]:
    """Return the names of patterns that the catalog has."""
    return frozenset(n.removeprefix("pattern.") for n in draft.catalog if n.startswith("pattern."))


def _definition(node: source.Node, scope: Scope, notes: Inferred, findings: Findings) -> Condition | Typed | None:
    """Read one definition: a condition, a tree of conditions, or a quantity."""
    if isinstance(node, Scalar) and node.value.strip():
        return infer.either(node, scope, notes)
    return tree(node, scope, notes, findings)


def _names(scalar: Scalar) -> set[str]:
    """Return every name in an expression; none where it is no expression, which is reported elsewhere."""
    try:
        return set(_words(parse(scalar.value)))
    except SyntaxFinding:
        return set()


def _words(syntax: Syntax) -> list[str]:
    own = [syntax.word] if syntax.form == "name" else []
    return own + [w for part in syntax.parts for w in _words(part)]
