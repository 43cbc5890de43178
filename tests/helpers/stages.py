"""Stages for the cores, from expressions as authors write them: no policy, no deal, only rules and facts."""

import re
from collections.abc import Iterable, Mapping

from walkaway.decide.core.program import CONCLUDED, CoreRule, Stage
from walkaway.language import source
from walkaway.language.expr import infer
from walkaway.language.expr.linear import alternatives
from walkaway.language.expr.tree import Condition, facts_of
from walkaway.language.expr.types import FactType, Inferred, Scope
from walkaway.language.values import Kind, Unit

UNITS = {
    "count": Unit(Kind.COUNT),
    "number": Unit(Kind.NUMBER),
    "money": Unit(Kind.MONEY, "USD"),
    "worth": Unit(Kind.MONEY, "USD"),
    "percent": Unit(Kind.PERCENT),
    "flag": Unit(Kind.YES_NO),
    "word": Unit(Kind.CHOICE, choices=("red", "green", "two words")),
    "text": Unit(Kind.TEXT),
    "concluded": Unit(Kind.YES_NO),
}
"""A fact's unit by its first part: `money.list` is money, `count.a` a count; `worth.a` may lie between two cents.

All are fixed at the opening.
"""


def condition(text: str) -> Condition:
    """Read a condition; whatever it names is a fact."""
    names = re.findall(r"\b([a-z]+)\.([a-z0-9_]+)", text)
    facts = {f"{kind}.{name}": FactType(UNITS[kind], fixed=True, whole=kind != "worth") for kind, name in names}
    notes = Inferred.empty()
    scalar = source.Scalar(text, source.Text("rules", (text,)), (0, 0), (0, len(text)))
    found = infer.condition(scalar, Scope(facts, "USD"), notes)
    assert found is not None, notes.findings
    return found


def stage(rules: Mapping[str, str | tuple[str, str]], uncertain: Iterable[str] = ()) -> Stage:
    """Return a stage of *rules*: id → condition, or condition and what it concludes."""
    texts = {name: (rule, "") if isinstance(rule, str) else rule for name, rule in rules.items()}
    conditions = {name: condition(text) for name, (text, _) in texts.items()}
    reads = {name: facts_of(tree) for name, tree in conditions.items()}

    def stratum(name: str) -> int:
        below = [n for n, (_, concludes) in texts.items() if CONCLUDED + concludes in reads[name]]
        return max((1 + stratum(n) for n in below), default=0)

    found = [CoreRule(n, c, alternatives(c), texts[n][1], stratum(n)) for n, c in conditions.items()]
    return Stage(tuple(sorted(found, key=lambda r: (r.stratum, r.id))), frozenset(uncertain))
