"""Read rules: the policy's own, and the built-in ones with what the policy makes more severe of them."""

from pkgutil import get_data

import msgspec

from walkaway.events import Door, On, Verdict
from walkaway.language import source
from walkaway.language.codes import Code
from walkaway.language.diagnostics import Findings, nearest
from walkaway.language.expr.tree import ALWAYS as HOLDS
from walkaway.language.expr.tree import All, Not
from walkaway.language.source import Scalar, Sequence
from walkaway.language.values import (
    shorten,
)
from walkaway.policy.catalog import ALWAYS
from walkaway.policy.model import (
    Effect,
    Enforcement,
    Rule,
)
from walkaway.policy.parse.conditions import Conditions
from walkaway.policy.parse.fields import NAME, RULE_NAME
from walkaway.policy.parse.section import Section, describe


class Rules(Conditions):
    """The rules, on top of all that they may name."""

    roles: tuple[str, ...]
    severest: dict[str, Verdict]
    """Built-in rule → the most severe of its verdicts."""

    def rules(self) -> tuple[Rule, ...]:
        """Read the policy's rules and the built-in ones, with what the policy makes more severe of these."""
        built_in = built_in_rules()
        ids = {key.value.split()[0] for key, _ in built_in}
        self.severest: dict[str, Verdict] = {}
        found: list[Rule] = []
        changes: dict[str, tuple[Scalar, source.Node]] = {}
        for name, node in self.top.entries("rules", RULE_NAME):
            if name.value in ids:
                changes[name.value] = (name, node)
                continue
            rule = self.rule(name, node)
            if rule is not None:
                found.append(rule)
        for key, node in built_in:
            rule_id = key.value.split()[0]
            rule = self.rule(msgspec.structs.replace(key, value=rule_id), node)
            assert rule is not None, f"built-in rule {rule_id} is broken"
            rule = msgspec.structs.replace(rule, built_in=True, span=source.Text("", ()).span(0, 0))
            self.severest[rule_id] = max(
                rule.effect.verdict or Verdict.PROCEED, self.severest.get(rule_id, Verdict.PROCEED)
            )
            changed = self.changed(rule, *changes[rule_id]) if rule_id in changes else rule
            if changed is not None:
                found.append(changed)
        return tuple(found)

    def changed(self, rule: Rule, name: Scalar, node: source.Node) -> Rule | None:
        """Apply what a policy says of a built-in rule: more severe, other words, or off where that is allowed."""
        if isinstance(node, Scalar):
            if node.value == "off" and rule.id == "short-of-want":
                return None
            off = node.value == "off"
            said = "cannot be switched off" if off else f"wants a mapping, not {describe(node)}"
            code = Code.MILDER_THAN_BUILT_IN if off else Code.WRONG_SHAPE
            self.findings.add(code, f"built-in rule `{rule.id}` {said}", name.span, "give it a more severe `then`")
            return rule
        if not isinstance(node, source.Mapping):
            what = f"built-in rule `{rule.id}` wants a mapping, not {describe(node)}"
            self.findings.add(Code.WRONG_SHAPE, what, name.span, "give it a more severe `then`")
            return rule
        section = Section(node, "rule", f"built-in rule `{rule.id}`", Findings(), name.span)
        section.findings = self.findings
        for key, place in section.keys.items():
            if key not in ("then", "door", "to", "why", "say", "source"):
                what = f"`{shorten(key)}` of built-in rule `{rule.id}` cannot be changed"
                hint = "only `then`, `to`, `door`, `why`, `say` and `source` can"
                self.findings.add(Code.MILDER_THAN_BUILT_IN, what, place.span, hint)
        effect = self.changed_effect(rule, section)
        say, why, cited = section.text("say"), section.text("why"), section.text("source")
        said_at = self.say_place(section, name) if say else rule.said_at
        words = {"why": why or rule.why, "say": say or rule.say, "source": cited or rule.source}
        return msgspec.structs.replace(rule, effect=effect, said_at=said_at, **words)

    def changed_effect(self, rule: Rule, section: Section) -> Effect:
        """Return what a built-in rule does: the more severe of its own verdict and the policy's."""
        assert rule.effect.verdict is not None
        for key in ("door", "to"):
            if key in section.nodes and "then" not in section.nodes:
                what = f"`{key}` stands without `then`"
                self.findings.add(Code.EFFECT_INCOMPLETE, what, section.keys[key].span, "add `then:` before it")
        asked = self.effect(section) if "then" in section.nodes else None
        if asked is None:
            return rule.effect
        if asked.verdict is None or asked.verdict < rule.effect.verdict:
            word = f"`{asked.verdict}`" if asked.verdict is not None else "a conclusion"
            what = f"{word} is milder than the `{self.severest[rule.id]}` of built-in rule `{rule.id}`"
            place = section.nodes["then"].span
            self.findings.add(Code.MILDER_THAN_BUILT_IN, what, place, "give a more severe verdict, or remove it")
            return rule.effect
        return asked if asked.verdict > rule.effect.verdict else rule.effect

    def rule(self, name: Scalar, node: source.Node) -> Rule | None:
        """Read one rule; none where something of it cannot be used."""
        title = f"rule `{name.value}`"
        if not isinstance(node, source.Mapping):
            self.findings.add(
                Code.WRONG_SHAPE,
                f"{title} wants a mapping, not {describe(node)}",
                name.span,
                "write `why:`, `on:`, `when:` and `then:` below it",
            )
            return None
        section = Section(node, "rule", title, self.findings, name.span)
        on = self.on(section)
        parts = [self.tree(section.nodes[k], self.scope) for k in ("when", "unless") if k in section.nodes]
        effect = self.effect(section)
        enforcement = Enforcement(section.choice("enforcement", "mandatory"))
        by = section.text("by")
        why, say, principle = (section.text(key) for key in ("why", "say", "source"))
        if "by" in section.nodes or enforcement is Enforcement.OVERRIDABLE:
            self.role(section, "by", by, "overridable", enforcement is Enforcement.OVERRIDABLE)
        if effect is not None and effect.concludes and enforcement is not Enforcement.MANDATORY:
            what = f"`enforcement` goes with a verdict; the conclusion `{effect.concludes}` is always drawn"
            self.findings.add(Code.EFFECT_INCOMPLETE, what, section.keys["enforcement"].span, "remove it")
        if any(p is None for p in parts) or effect is None or not on:
            return None
        conditions = [p for p in parts if p is not None]
        if "unless" in section.nodes:
            conditions[-1] = Not(conditions[-1])
        condition = conditions[0] if len(conditions) == 1 else All(tuple(conditions)) if conditions else HOLDS
        return Rule(
            name.value,
            why,
            on,
            condition,
            effect,
            say,
            principle,
            enforcement,
            by,
            name.span,
            self.say_place(section, name),
        )

    def say_place(self, section: Section, name: Scalar) -> Scalar:
        """Return the scalar under `say`, for carets; the rule's name where it says nothing."""
        node = section.nodes.get("say")
        return node if isinstance(node, Scalar) else name

    def on(self, section: Section) -> frozenset[On]:
        """Read what a rule listens to."""
        node = section.nodes.get("on")
        items = node.items if isinstance(node, Sequence) else (node,) if node is not None else ()
        if node is not None and (not items or (isinstance(node, Scalar) and not node.value)):
            hint = "write `on: our offer`, or what it listens to"
            self.findings.add(Code.WRONG_SHAPE, "`on` is empty", section.keys["on"].span, hint)
            return frozenset()
        found: set[On] = set()
        choices = section.fields["on"].choices
        for item in items:
            if not isinstance(item, Scalar):
                hint = "write `on: our offer`, or `on: [our offer, our acceptance]`"
                self.findings.add(Code.WRONG_SHAPE, f"`on` wants words, not {describe(item)}", item.span, hint)
            elif item.value == "any":
                found |= set(ALWAYS)
            elif item.value in choices:
                found.add(On(item.value))
            else:
                what = f"`{shorten(item.value)}` is nothing a rule can listen to"
                self.findings.add(Code.BAD_CHOICE, what, item.span, nearest(item.value, choices))
        return frozenset(found)

    def effect(self, section: Section) -> Effect | None:
        """Read `then`, with its `door` and `to`."""
        node = section.nodes.get("then")
        if isinstance(node, source.Mapping):
            inner = Section(node, "conclude", "`then`", self.findings, section.keys["then"].span)
            name = inner.scalar("conclude")
            for key in ("door", "to"):
                if key in section.nodes:
                    what = f"`{key}` goes with a verdict, not with a conclusion"
                    self.findings.add(Code.EFFECT_INCOMPLETE, what, section.keys[key].span, "remove it")
            if name is None or not inner.named(name, NAME):
                return None
            return Effect(concludes=name.value)
        word = section.choice("then")
        if not word:
            return None
        verdict = Verdict(word)
        if "door" in section.nodes and verdict is not Verdict.WALK:
            self.findings.add(
                Code.EFFECT_INCOMPLETE,
                f"`door` goes with `walk`, not with `{word}`",
                section.keys["door"].span,
                "remove it",
            )
        if "to" in section.nodes and verdict is not Verdict.ESCALATE:
            self.findings.add(
                Code.EFFECT_INCOMPLETE,
                f"`to` goes with `escalate`, not with `{word}`",
                section.keys["to"].span,
                "remove it",
            )
        to = section.text("to")
        if verdict is Verdict.ESCALATE:
            self.role(section, "to", to, "escalate", True)
        door = Door(section.choice("door", "open")) if verdict is Verdict.WALK else None
        return Effect(verdict, door=door, to=to if verdict is Verdict.ESCALATE else "")

    def role(self, section: Section, key: str, role: str, purpose: str, wanted: bool) -> None:
        """Check the role that `escalate` or `overridable` names."""
        if not wanted:
            what = f"`{key}` goes with `{purpose}`"
            self.findings.add(Code.EFFECT_INCOMPLETE, what, section.keys[key].span, "remove it")
        elif not role:
            if key not in section.nodes and key not in section.meant:
                what = f"{section.name} is to `{purpose}` but names no role"
                if purpose == "overridable":
                    what = f"{section.name} is `{purpose}` but does not say by whom"
                hint = f"add `{key}:` and one of `roles:`"
                self.findings.add(Code.EFFECT_INCOMPLETE, what, section.place, hint)
        elif role not in self.roles and self.scope.broken.isdisjoint((f"approved.{role}", "approved.*")):
            self.findings.add(
                Code.UNKNOWN_ROLE,
                f"`{shorten(role)}` is not under `roles:`",
                section.nodes[key].span,
                nearest(role, self.roles),
            )


def built_in_rules() -> tuple[tuple[Scalar, source.Node], ...]:
    """Return the built-in rules' names and nodes."""
    data = get_data("walkaway.policy", "builtin.yaml")
    assert data is not None, "the built-in rules lie beside this module"
    root = source.read(data, "built-in rules").unwrap()
    assert isinstance(root, source.Mapping)
    return root.entries
