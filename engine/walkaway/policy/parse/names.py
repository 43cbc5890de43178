"""Names that a policy declares: which of them it may choose, where each stands, and which could not be read."""

import re
from collections.abc import Collection

from walkaway.language import source
from walkaway.language.codes import Code
from walkaway.language.diagnostics import Findings, Span
from walkaway.language.expr.grammar import KEYWORDS
from walkaway.language.source import Scalar, Sequence
from walkaway.policy.model import LINES, Reach
from walkaway.policy.parse.section import Section

RESERVED = KEYWORDS | {"min", "max", "abs", "known"}
"""What an expression reads as something else than a name."""
_DUE = ("owed.open", "owed.late", "owed.days_left")
"""Groups of facts of what is owed of an issue."""
_NAMED_BY = {
    "deal": ("deal.{}",),
    "tables": ("tables.{}",),
    "issues": tuple(f"{g}.{{}}" for g in ("offer", "room", "walk", "want", "wish", "ours.last", "theirs.last", *_DUE)),
    "derived": ("derived.{}",),
    "signals": ("signals.{}",),
    "roles": ("approved.{}",),
    "pattern": ("pattern.{}",),
    "define": ("{}",),
}
"""Section → the facts, or names, by which expressions know what it declares."""
_PLACED = ("define", "pattern", "tables", "deal", "issues", "derived", "signals", "roles", "budgets")


def declared(node: source.Node | None) -> dict[str, Span]:
    """Return the names that a mapping or a list declares, with their places."""
    names = [n for n, _ in node.entries] if isinstance(node, source.Mapping) else []
    names += [n for n in node.items if isinstance(n, Scalar)] if isinstance(node, Sequence) else []
    return {n.value: n.span for n in names}


def places(top: Section) -> dict[str, Span]:
    """Return where each declared name stands, as `define.near_walk` or `signals.abuse`."""
    found = {f"{key}.{name}": span for key in _PLACED for name, span in declared(top.nodes.get(key)).items()}
    lines = top.nodes.get(LINES)
    figures = {reach.value for reach in Reach}
    for key, node in lines.entries if isinstance(lines, source.Mapping) else ():
        group = LINES if key.value in figures else "line"
        found |= {f"{group}.{name}": span for name, span in declared(node).items()}
    return found


def broken(top: Section, section: str, read: Collection[str]) -> frozenset[str]:
    """Return the facts and names that a section was to declare and, with a finding, did not."""
    node = top.nodes.get(section)
    missing = [n for n in declared(node) if n not in read]
    missing += [re.sub(r"[\s-]+", "_", n.strip().lower()) for n in missing]
    lists = isinstance(node, Sequence) if section in ("signals", "roles") else isinstance(node, source.Mapping)
    if section in top.meant or (node is not None and not lists) or getattr(node, "incomplete", False):
        missing.append("*")
    return frozenset(form.format(n) for n in missing for form in _NAMED_BY[section])


def undue(top: Section, due: Collection[str]) -> frozenset[str]:
    """Return the facts of issues that were to be owed and, with a finding, are not."""
    node = top.nodes.get("issues")
    said = node.entries if isinstance(node, source.Mapping) else ()
    names = [n.value for n, about in said if isinstance(about, source.Mapping) and about.get("owed") is not None]
    missing = [f"{g}.{n}" for n in names if n not in due for g in _DUE]
    return frozenset([*missing, "owed.open", "owed.late"] if missing else ())


def is_free(name: Scalar, taken: Collection[str], findings: Findings) -> bool:
    """Check that a name the policy chooses means nothing else."""
    if name.value in taken:
        what = f"`{name.value}` has a meaning of its own here"
        findings.add(Code.NAME_TAKEN, what, name.span, f"choose another name, as `our_{name.value}`")
    return name.value not in taken
