"""Read one rule: what it listens to, its condition, and its effect."""

import re

from walkaway.events import OUR_TERMS, Door, On, Verdict
from walkaway.language import source
from walkaway.language.codes import Code
from walkaway.language.diagnostics import Findings, nearest
from walkaway.language.expr.tree import ALWAYS as HOLDS
from walkaway.language.expr.tree import All, Not
from walkaway.language.expr.types import Inferred
from walkaway.language.source import Scalar, Sequence
from walkaway.language.values import shorten
from walkaway.policy.catalog import ALWAYS
from walkaway.policy.model import Concern, Effect, Enforcement, Rule
from walkaway.policy.parse.conditions import tree
from walkaway.policy.parse.draft import Draft
from walkaway.policy.parse.fields import NAME
from walkaway.policy.parse.section import Section, describe


def rule(name: Scalar, node: source.Node, draft: Draft, notes: Inferred, findings: Findings) -> Rule | None:
    """Read one rule; none where something of it cannot be used."""
    title = f"rule `{name.value}`"
    if not isinstance(node, source.Mapping):
        findings.add(
            Code.WRONG_SHAPE,
            f"{title} wants a mapping, not {describe(node)}",
            name.span,
            "write `why:`, `on:`, `when:` and `then:` below it",
        )
        return None
    section = Section(node, "rule", title, findings, name.span)
    on = listens_to(section)
    parts = [tree(section.nodes[k], draft.scope, notes, findings) for k in ("when", "unless") if k in section.nodes]
    does = effect(section, draft)
    enforcement = Enforcement(section.choice("enforcement", "mandatory"))
    by = section.text("by")
    why, say, principle = (section.text(key) for key in ("why", "say", "source"))
    if "by" in section.nodes or enforcement is Enforcement.OVERRIDABLE:
        check_role(section, "by", by, "overridable", enforcement is Enforcement.OVERRIDABLE, draft)
    if does is not None and does.concludes and enforcement is not Enforcement.MANDATORY:
        what = f"`enforcement` goes with a verdict; the conclusion `{does.concludes}` is always drawn"
        findings.add(Code.EFFECT_INCOMPLETE, what, section.keys["enforcement"].span, "remove it")
    about = concern(section)
    if any(p is None for p in parts) or does is None or not on:
        return None
    if not parts and section.meant.isdisjoint(("when", "unless")) and not node.incomplete:
        what = f"{title} has no `when` and no `unless`, so it fires at every event it listens to"
        hint = "add `when:` and what must hold; `when: yes` says it is meant"
        findings.warn(Code.UNCONDITIONAL, what, name.span, hint)
    conditions = [p for p in parts if p is not None]
    if "unless" in section.nodes:
        conditions[-1] = Not(conditions[-1])
    condition = conditions[0] if len(conditions) == 1 else All(tuple(conditions)) if conditions else HOLDS
    return Rule(
        name.value,
        why,
        on,
        condition,
        does,
        say,
        principle,
        enforcement,
        by,
        name.span,
        say_place(section, name),
        concern=about,
    )


def concern(section: Section) -> Concern | None:
    """Read what a rule is about; none where it does not say."""
    word = section.choice("concern")
    return Concern(word) if word else None


def say_place(section: Section, name: Scalar) -> Scalar:
    """Return the scalar under `say`, for carets; the rule's name where it says nothing."""
    node = section.nodes.get("say")
    return node if isinstance(node, Scalar) else name


def listens_to(section: Section) -> frozenset[On]:
    """Read what a rule listens to."""
    node = section.nodes.get("on")
    items = node.items if isinstance(node, Sequence) else (node,) if node is not None else ()
    if node is not None and (not items or (isinstance(node, Scalar) and not node.value)):
        hint = "write `on: our offer`, or what it listens to"
        section.findings.add(Code.WRONG_SHAPE, "`on` is empty", section.keys["on"].span, hint)
        return frozenset()
    found: set[On] = set()
    choices = section.fields["on"].choices
    for item in items:
        if not isinstance(item, Scalar):
            hint = "write `on: our offer`, or `on: [our offer, our acceptance]`"
            section.findings.add(Code.WRONG_SHAPE, f"`on` wants words, not {describe(item)}", item.span, hint)
        elif item.value == "any":
            found |= set(ALWAYS)
        elif item.value == "our terms":
            found |= OUR_TERMS
        elif item.value in choices:
            found.add(On(item.value))
        else:
            what = f"`{shorten(item.value)}` is nothing a rule can listen to"
            section.findings.add(Code.BAD_CHOICE, what, item.span, nearest(item.value, choices))
    return frozenset(found)


def effect(section: Section, draft: Draft) -> Effect | None:
    """Read `then`, with its `door` and `to`."""
    node = section.nodes.get("then")
    if isinstance(node, source.Mapping):
        inner = Section(node, "conclude", "`then`", section.findings, section.keys["then"].span)
        name = inner.scalar("conclude")
        for key in ("door", "to"):
            if key in section.nodes:
                what = f"`{key}` goes with a verdict, not with a conclusion"
                section.findings.add(Code.EFFECT_INCOMPLETE, what, section.keys[key].span, "remove it")
        if name is None or not inner.named(name, NAME):
            return None
        return Effect(concludes=name.value)
    word = section.choice("then")
    if not word:
        return None
    verdict = Verdict(word)
    if "door" in section.nodes and verdict is not Verdict.WALK:
        section.findings.add(
            Code.EFFECT_INCOMPLETE,
            f"`door` goes with `walk`, not with `{word}`",
            section.keys["door"].span,
            "remove it",
        )
    if "to" in section.nodes and verdict is not Verdict.ESCALATE:
        section.findings.add(
            Code.EFFECT_INCOMPLETE,
            f"`to` goes with `escalate`, not with `{word}`",
            section.keys["to"].span,
            "remove it",
        )
    to, count = _wanted(section)
    if verdict is Verdict.ESCALATE:
        check_role(section, "to", to, "escalate", True, draft)
    door = Door(section.choice("door", "open")) if verdict is Verdict.WALK else None
    return Effect(verdict, door=door, to=to, count=count) if verdict is Verdict.ESCALATE else Effect(verdict, door=door)


def _wanted(section: Section) -> tuple[str, int]:
    """Return the role whose approval `to` wants, and of how many people."""
    node = section.nodes.get("to")
    if not isinstance(node, source.Mapping):
        return section.text("to"), 1
    inner = Section(node, "to", "`to`", section.findings, section.keys["to"].span)
    scalar = inner.scalar("count")
    if scalar is None:
        return inner.text("role"), 1
    if not re.fullmatch("[1-9][0-9]?", scalar.value, re.ASCII):
        what = f"`{shorten(scalar.value)}` is no number of people"
        section.findings.add(Code.BAD_VALUE, what, scalar.span, "write a whole number, 1 to 99")
        return inner.text("role"), 1
    return inner.text("role"), int(scalar.value)


def check_role(section: Section, key: str, role: str, purpose: str, wanted: bool, draft: Draft) -> None:
    """Check the role that `escalate` or `overridable` names."""
    if not wanted:
        what = f"`{key}` goes with `{purpose}`"
        section.findings.add(Code.EFFECT_INCOMPLETE, what, section.keys[key].span, "remove it")
    elif not role:
        if key not in section.nodes and key not in section.meant:
            what = f"{section.name} is to `{purpose}` but names no role"
            if purpose == "overridable":
                what = f"{section.name} is `{purpose}` but does not say by whom"
            hint = f"add `{key}:` and one of `roles:`"
            section.findings.add(Code.EFFECT_INCOMPLETE, what, section.place, hint)
    elif role not in draft.roles and draft.scope.broken.isdisjoint((f"approved.{role}", "approved.*")):
        section.findings.add(
            Code.UNKNOWN_ROLE,
            f"`{shorten(role)}` is not under `roles:`",
            section.nodes[key].span,
            nearest(role, draft.roles),
        )
