"""The stage that reads rules: the policy's own, and the built-in ones with what it makes more severe of them."""

from functools import cache
from pkgutil import get_data

from msgspec.structs import replace

from walkaway.events import Verdict
from walkaway.language import source
from walkaway.language.codes import Code
from walkaway.language.diagnostics import Findings
from walkaway.language.expr.types import Inferred
from walkaway.language.source import Scalar
from walkaway.language.values import shorten
from walkaway.policy.model import Effect, Rule
from walkaway.policy.parse.draft import Draft, notes_for
from walkaway.policy.parse.fields import RULE_NAME
from walkaway.policy.parse.rule import concern, effect, rule, say_place
from walkaway.policy.parse.section import Section, describe

Named = tuple[Scalar, source.Node]
_BY_HIGHEST = ("loosened-limit", "voiding", "reopening")
"""Built-in rules that ask the highest role, and refuse where nobody has any."""
_UNVALUED = "unvalued"
"""The built-in rule on terms that nobody declared; `undeclared:` says what it answers, or switches it off."""


def read_rules(draft: Draft, findings: Findings) -> Draft:
    """Read `rules:` and the built-in rules."""
    notes = notes_for(findings)
    built_in = tuple((key.value.split()[0], key, node) for key, node in built_in_rules())
    ids = {rule_id for rule_id, _, _ in built_in}
    said: dict[str, Named] = {}
    found: list[Rule | None] = []
    for name, node in draft.top.entries("rules", RULE_NAME):
        if name.value in ids:
            said[name.value] = (name, node)
        else:
            found.append(rule(name, node, draft, notes, findings))
    severest: dict[str, Verdict] = {}
    for rule_id, key, node in built_in:
        own = _built_in((replace(key, value=rule_id), node), draft, notes, findings)
        if rule_id == _UNVALUED:
            if draft.undeclared == "ignore":
                continue
            own = replace(own, effect=Effect(Verdict[draft.undeclared.upper()]))
        if rule_id in _BY_HIGHEST and draft.roles:
            own = replace(own, effect=Effect(Verdict.ESCALATE, to=draft.roles[-1]))
        severest[rule_id] = max(own.effect.verdict or Verdict.PROCEED, severest.get(rule_id, Verdict.PROCEED))
        changed = rule_id in said
        if not changed:
            found.append(own)
            continue
        does = _changed(own, *said[rule_id], severest[rule_id], draft, findings)
        if does is not None and does.effect.to and does.effect != own.effect:
            found.append(own)  # an approval that meets the more severe effect leaves this one
        found.append(does)
    return replace(draft.noting(notes), rules=tuple(r for r in found if r is not None))


def _built_in(named: Named, draft: Draft, notes: Inferred, findings: Findings) -> Rule:
    read = rule(*named, draft, notes, findings)
    assert read is not None, f"built-in rule {named[0].value} is broken"
    return replace(read, built_in=True, span=source.Text("", ()).span(0, 0))


def _changed(
    rule: Rule, name: Scalar, node: source.Node, severest: Verdict, draft: Draft, findings: Findings
) -> Rule | None:
    """Apply what a policy says of a built-in rule: more severe, other words, or off where that is allowed."""
    if isinstance(node, Scalar):
        if node.value == "off" and rule.id == "short-of-want":
            return None
        off = node.value == "off"
        said = "cannot be switched off" if off else f"wants a mapping, not {describe(node)}"
        code = Code.MILDER_THAN_BUILT_IN if off else Code.WRONG_SHAPE
        findings.add(code, f"built-in rule `{rule.id}` {said}", name.span, "give it a more severe `then`")
        return rule
    if not isinstance(node, source.Mapping):
        what = f"built-in rule `{rule.id}` wants a mapping, not {describe(node)}"
        findings.add(Code.WRONG_SHAPE, what, name.span, "give it a more severe `then`")
        return rule
    section = Section(node, "rule", f"built-in rule `{rule.id}`", Findings(), name.span)
    section.findings = findings
    for key, place in section.keys.items():
        if key not in ("then", "door", "to", "why", "say", "source", "concern"):
            what = f"`{shorten(key)}` of built-in rule `{rule.id}` cannot be changed"
            hint = "only `then`, `to`, `door`, `why`, `say`, `source` and `concern` can"
            findings.add(Code.MILDER_THAN_BUILT_IN, what, place.span, hint)
    does = _changed_effect(rule, section, severest, draft)
    say, why, cited = section.text("say"), section.text("why"), section.text("source")
    said_at = say_place(section, name) if say else rule.said_at
    words = {"why": why or rule.why, "say": say or rule.say, "source": cited or rule.source}
    return replace(rule, effect=does, said_at=said_at, concern=concern(section) or rule.concern, **words)


def _changed_effect(rule: Rule, section: Section, severest: Verdict, draft: Draft) -> Effect:
    """Return what a built-in rule does: the more severe of its own verdict and the policy's."""
    assert rule.effect.verdict is not None
    for key in ("door", "to"):
        if key in section.nodes and "then" not in section.nodes:
            what = f"`{key}` stands without `then`"
            section.findings.add(Code.EFFECT_INCOMPLETE, what, section.keys[key].span, "add `then:` before it")
    asked = effect(section, draft) if "then" in section.nodes else None
    if asked is None:
        return rule.effect
    if asked.verdict is None or asked.verdict < rule.effect.verdict:
        word = f"`{asked.verdict}`" if asked.verdict is not None else "a conclusion"
        what = f"{word} is milder than the `{severest}` of built-in rule `{rule.id}`"
        place = section.nodes["then"].span
        section.findings.add(Code.MILDER_THAN_BUILT_IN, what, place, "give a more severe verdict, or remove it")
        return rule.effect
    return asked if asked.verdict > rule.effect.verdict else rule.effect


@cache
def built_in_rules() -> tuple[tuple[Scalar, source.Node], ...]:
    """Return the built-in rules' names and nodes."""
    data = get_data("walkaway.policy", "builtin.yaml")
    assert data is not None, "the built-in rules lie beside this module"
    root = source.read(data, "built-in rules").unwrap()
    assert isinstance(root, source.Mapping)
    return root.entries
