"""The stage that reads `prove:`: what a policy claims of its own answers, for `walkaway prove` to prove or refute."""

from msgspec.structs import replace

from walkaway.events import On, Verdict
from walkaway.language import source
from walkaway.language.codes import Code
from walkaway.language.diagnostics import Findings
from walkaway.language.expr.linear import TooComplex, alternatives
from walkaway.language.expr.tree import facts_of, text_of
from walkaway.language.expr.types import FactType, Inferred, Scope
from walkaway.language.source import Scalar
from walkaway.language.values import Kind, Unit
from walkaway.policy.model import Claim
from walkaway.policy.parse.conditions import tree
from walkaway.policy.parse.draft import Draft, notes_for
from walkaway.policy.parse.fields import DOORS, RULE_NAME
from walkaway.policy.parse.rule import listens_to
from walkaway.policy.parse.section import Section, describe

ANSWER = {
    "verdict": Unit(Kind.CHOICE, choices=tuple(v.value for v in Verdict)),
    "door": Unit(Kind.CHOICE, choices=("none", *DOORS)),
    "event": Unit(Kind.CHOICE, choices=tuple(o.value for o in On)),
}
"""What only a claim may read, beside the facts: the answer, and the kind of event that is answered."""


def read_claims(draft: Draft, findings: Findings) -> Draft:
    """Read `prove:`."""
    answer = {name: FactType(unit) for name, unit in ANSWER.items()}
    defined = {n: d for n, d in draft.scope.defined.items() if n not in ANSWER}
    scope = replace(draft.scope, facts={**draft.scope.facts, **answer}, defined=defined)
    notes = notes_for(findings)
    read = [_claim(n, v, scope, draft, notes, findings) for n, v in draft.top.entries("prove", RULE_NAME)]
    return replace(draft.noting(notes), claims=tuple(c for c in read if c is not None))


def _claim(
    name: Scalar, node: source.Node, scope: Scope, draft: Draft, notes: Inferred, findings: Findings
) -> Claim | None:
    """Read one claim; none where something of it cannot be used."""
    hint = "write `never: verdict = proceed and …`, or `always: …`"
    if not isinstance(node, source.Mapping):
        what = f"claim `{name.value}` wants a mapping, not {describe(node)}"
        findings.add(Code.WRONG_SHAPE, what, name.span, hint)
        return None
    section = Section(node, "claim", f"claim `{name.value}`", findings, name.span)
    words = [w for w in ("always", "never") if w in section.nodes]
    if len(words) != 1:
        if words or not (section.meant or node.incomplete):
            what = f"claim `{name.value}` says {'both `always` and' if words else 'neither `always` nor'} `never`"
            findings.add(Code.EFFECT_INCOMPLETE, what, name.span, hint)
        return None
    condition = tree(section.nodes[words[0]], scope, notes, findings)
    on = listens_to(section) if "on" in section.nodes else None
    if condition is None or on == frozenset():
        return None
    known = [e.known for f in sorted(facts_of(condition)) if (e := draft.catalog.get(f)) is not None and e.known]
    heard = on if on is not None else frozenset(On).intersection(*known)
    try:
        alternatives(condition)
    except TooComplex:
        what = f"the condition of claim `{name.value}` has too many alternatives"
        findings.add(Code.TOO_COMPLEX, what, name.span, "split it into several claims")
        return None
    return Claim(name.value, words[0] == "always", condition, text_of(condition), heard, section.text("why"), name.span)
