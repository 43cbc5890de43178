"""Read a condition: an expression, or a tree of `all:`, `any:` and `none:` with a list of conditions each."""

from walkaway.language import source
from walkaway.language.codes import Code
from walkaway.language.diagnostics import Findings
from walkaway.language.expr import infer, types
from walkaway.language.expr.tree import All, Any, Condition, Not, is_within
from walkaway.language.expr.types import Inferred, Scope
from walkaway.language.source import Scalar, Sequence
from walkaway.policy.parse.section import Section, describe


def tree(node: source.Node | None, scope: Scope, notes: Inferred, findings: Findings) -> Condition | None:
    """Read a condition: an expression, or a mapping of `all`, `any`, `none` with lists."""
    if node is None:
        return None
    if isinstance(node, Scalar):
        if not node.value.strip():
            place = node.text.span(node.start[0], 0, len(node.text.lines[node.start[0]]))
            findings.add(Code.WRONG_SHAPE, "the condition is empty", place, "write what must hold")
            return None
        return infer.condition(node, scope, notes)
    if isinstance(node, Sequence):
        hint = "write `all:`, `any:` or `none:` before the list"
        findings.add(Code.WRONG_SHAPE, "a list of conditions must say how they join", node.span, hint)
        return None
    section = Section(node, "condition", "the condition", findings)
    found = [_branch(k, v, scope, notes, findings) for k, v in node.entries if k.value in section.fields]
    if not node.entries and not node.incomplete:
        findings.add(Code.WRONG_SHAPE, "the condition is empty", node.span, "write what must hold")
    complete = tuple(f for f in found if f is not None)
    if len(complete) < len(found) or not complete:
        return None
    return complete[0] if len(complete) == 1 else All(complete)


def _branch(key: Scalar, node: source.Node, scope: Scope, notes: Inferred, findings: Findings) -> Condition | None:
    """Read `all`, `any` or `none` and its list."""
    if not isinstance(node, Sequence) or not node.items:
        what = f"`{key.value}` wants a list, not {describe(node)}"
        if isinstance(node, Sequence):
            what = f"the list of `{key.value}` is empty"
        findings.add(Code.WRONG_SHAPE, what, key.span, "begin each condition with `- `")
        return None
    parts = [tree(item, scope, notes, findings) for item in node.items]
    known = tuple(p for p in parts if p is not None)
    if len(known) < len(parts):
        return None
    joined = All(known) if key.value == "all" else Any(known)
    if not is_within(joined, types.MAX_PARTS, types.MAX_DEPTH):
        what = f"with its definitions written out, `{key.value}` has more than {types.MAX_PARTS:,} parts"
        findings.add(Code.TOO_COMPLEX, what, key.span, "let a rule conclude a part of it")
        return None
    return Not(joined) if key.value == "none" else joined
