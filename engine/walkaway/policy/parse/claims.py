"""Read `prove:`: what a policy claims of its own answers, for `walkaway prove` to prove or refute."""

import msgspec

from walkaway.events import On, Verdict
from walkaway.language import source
from walkaway.language.codes import Code
from walkaway.language.expr.linear import TooComplex, alternatives
from walkaway.language.expr.tree import facts_of, text_of
from walkaway.language.expr.types import FactType
from walkaway.language.source import Scalar
from walkaway.language.values import Kind, Unit
from walkaway.policy.model import Claim
from walkaway.policy.parse.fields import DOORS, RULE_NAME
from walkaway.policy.parse.rules import Rules
from walkaway.policy.parse.section import Section, describe

ANSWER = {
    "verdict": Unit(Kind.CHOICE, choices=tuple(v.value for v in Verdict)),
    "door": Unit(Kind.CHOICE, choices=("none", *DOORS)),
    "event": Unit(Kind.CHOICE, choices=tuple(o.value for o in On)),
}
"""What only a claim may read, beside the facts: the answer, and the kind of event that is answered."""


class Claims(Rules):
    """The claims, on top of the rules."""

    def claims(self) -> tuple[Claim, ...]:
        """Read every claim."""
        answer = {name: FactType(unit) for name, unit in ANSWER.items()}
        known = self.scope
        defined = {n: d for n, d in known.defined.items() if n not in ANSWER}
        self.scope = msgspec.structs.replace(known, facts={**known.facts, **answer}, defined=defined)
        found = [self.claim(name, node) for name, node in self.top.entries("prove", RULE_NAME)]
        self.scope = known
        return tuple(c for c in found if c is not None)

    def claim(self, name: Scalar, node: source.Node) -> Claim | None:
        """Read one claim; none where something of it cannot be used."""
        hint = "write `never: verdict = proceed and …`, or `always: …`"
        if not isinstance(node, source.Mapping):
            what = f"claim `{name.value}` wants a mapping, not {describe(node)}"
            self.findings.add(Code.WRONG_SHAPE, what, name.span, hint)
            return None
        section = Section(node, "claim", f"claim `{name.value}`", self.findings, name.span)
        words = [w for w in ("always", "never") if w in section.nodes]
        if len(words) != 1:
            if words or not (section.meant or node.incomplete):
                what = f"claim `{name.value}` says {'both `always` and' if words else 'neither `always` nor'} `never`"
                self.findings.add(Code.EFFECT_INCOMPLETE, what, name.span, hint)
            return None
        condition = self.tree(section.nodes[words[0]], self.scope)
        on = self.on(section) if "on" in section.nodes else None
        if condition is None or on == frozenset():
            return None
        known = [e.known for f in sorted(facts_of(condition)) if (e := self.catalog.get(f)) is not None and e.known]
        heard = on if on is not None else frozenset(On).intersection(*known)
        try:
            alternatives(condition)
        except TooComplex:
            what = f"the condition of claim `{name.value}` has too many alternatives"
            self.findings.add(Code.TOO_COMPLEX, what, name.span, "split it into several claims")
            return None
        return Claim(
            name.value, words[0] == "always", condition, text_of(condition), heard, section.text("why"), name.span
        )
