"""The stage that reads patterns: two events of one deal, the earlier first, and what they must satisfy together."""

from msgspec.structs import replace

from walkaway.events import BARGAINING, On
from walkaway.language import source
from walkaway.language.codes import Code
from walkaway.language.diagnostics import Findings, nearest
from walkaway.language.expr.linear import TooComplex, alternatives
from walkaway.language.expr.tree import facts_of
from walkaway.language.expr.types import FactType, Inferred, Scope
from walkaway.language.source import Scalar
from walkaway.language.spelling import counted
from walkaway.language.values import shorten
from walkaway.policy.model import Leg, Pattern
from walkaway.policy.parse.conditions import tree
from walkaway.policy.parse.draft import Draft, notes_for
from walkaway.policy.parse.fields import NAME
from walkaway.policy.parse.names import RESERVED, is_free
from walkaway.policy.parse.section import Section, describe


def read_patterns(draft: Draft, findings: Findings) -> Draft:
    """Read `pattern:`."""
    notes = notes_for(findings)
    read = [_pattern(n, v, draft, notes, findings) for n, v in draft.top.entries("pattern", NAME)]
    return replace(draft.noting(notes), patterns=tuple(p for p in read if p is not None))


def _pattern(name: Scalar, node: source.Node, draft: Draft, notes: Inferred, findings: Findings) -> Pattern | None:
    """Read one pattern: two legs, the earlier first, and `when`."""
    hint = "write `settled: their acceptance` and `demand: their offer`"
    if not isinstance(node, source.Mapping):
        what = f"pattern `{name.value}` wants a mapping, not {describe(node)}"
        findings.add(Code.WRONG_SHAPE, what, name.span, hint)
        return None
    section = Section(node, "pattern", f"pattern `{name.value}`", findings, name.span, open_keys=True)
    legs: list[tuple[str, On]] = []
    listens = {str(o): o for o in BARGAINING}
    keys = [(k, v) for k, v in node.entries if k.value != "when"]
    for key, value in keys:
        word = value.value if isinstance(value, Scalar) else describe(value)
        if not section.named(key, NAME) or not is_free(key, RESERVED, findings):
            continue
        if word in listens:
            legs.append((key.value, listens[word]))
            continue
        said = f"cannot listen to `{shorten(word)}`" if isinstance(value, Scalar) else f"wants an event, not {word}"
        place = value.span if isinstance(value, Scalar) and value.value else key.span
        findings.add(Code.PATTERN_SHAPE, f"leg `{key.value}` {said}", place, nearest(word, listens))
    if len(keys) != 2 and not node.incomplete:
        legs_found = counted(len(keys), "leg")
        what = f"pattern `{name.value}` has {legs_found}; it wants two, the earlier event first"
        findings.add(Code.PATTERN_SHAPE, what, name.span, hint)
    if len(legs) != 2 or len(keys) != 2:
        return None
    money = draft.catalog["offer.worth"].unit
    facts = {f"{leg}.{i.name}": FactType(i.unit) for leg, _ in legs for i in draft.issues.values()}
    facts |= {f"{leg}.worth": FactType(money, whole=False) for leg, _ in legs}
    broken = {f"{leg}.{w.removeprefix('offer.')}" for leg, _ in legs for w in draft.scope.broken if "offer." in w}
    scope = Scope(facts, draft.currency, broken=frozenset(broken))
    condition = tree(section.nodes.get("when"), scope, notes, findings)
    if condition is None:
        return None
    read = facts_of(condition)
    first, second = (
        Leg(leg, on, tuple(sorted(f.partition(".")[2] for f in read if f.startswith(f"{leg}.")))) for leg, on in legs
    )
    try:
        return Pattern(name.value, first, second, condition, alternatives(condition))
    except TooComplex:
        findings.add(Code.TOO_COMPLEX, f"the condition of pattern `{name.value}` has too many alternatives", name.span)
        return None
