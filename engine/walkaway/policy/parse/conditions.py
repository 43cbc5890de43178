"""Read conditions, and what names them: patterns and definitions, over the facts of the catalog."""

import re
from collections.abc import Mapping

import msgspec

from walkaway.events import BARGAINING, On
from walkaway.language import source
from walkaway.language.codes import Code
from walkaway.language.diagnostics import nearest
from walkaway.language.expr import types
from walkaway.language.expr.grammar import Syntax, SyntaxFinding, parse
from walkaway.language.expr.linear import TooComplex, alternatives
from walkaway.language.expr.tree import All, Any, Condition, Not, facts_of, is_within
from walkaway.language.expr.types import FactType, Scope, Typed
from walkaway.language.source import Scalar, Sequence
from walkaway.language.values import (
    shorten,
)
from walkaway.policy.catalog import DealShape, Entry, IssueShape, Shape
from walkaway.policy.lint.cycles import ordered, shown
from walkaway.policy.model import (
    THRESHOLDS,
    Issue,
    Leg,
    Package,
    Pattern,
)
from walkaway.policy.parse.declarations import RESERVED, scalars
from walkaway.policy.parse.fields import NAME
from walkaway.policy.parse.issues import Issues
from walkaway.policy.parse.section import Section, describe


class Conditions(Issues):
    """What the policy calls its conditions, on top of its issues."""

    catalog: dict[str, Entry]
    """Every fact that a condition may read."""
    scope: Scope
    """What a condition may name: the catalog, tables, and definitions read so far."""

    def shape(self, names: Mapping[str, tuple[str, ...]], package: Package) -> Shape:
        """Return what the catalog must know."""

        def declared(limited: Issue | Package) -> frozenset[str]:
            found = {t for t in THRESHOLDS if getattr(limited, t) is not None}
            return frozenset(found | ({"walk"} if limited.per_deal else set()))

        return Shape(
            currency=self.currency,
            issues={i.name: IssueShape(i.unit, declared(i)) for i in self.issues.values()},
            deal={d.name: DealShape(d.unit, d.may_be_missing, d.meaning) for d in self.deal.values()},
            signals=names["signals"],
            roles=names["roles"],
            patterns=tuple(n.value for n, _ in self.top.entries("pattern", NAME)),
            conclusions=self.conclusions(),
            package=declared(package),
        )

    def conclusions(self) -> tuple[str, ...]:
        """Return the names that rules conclude, before the rules are read."""
        found = []
        rules = self.top.nodes.get("rules")
        for _, node in rules.entries if isinstance(rules, source.Mapping) else ():
            then = node.get("then") if isinstance(node, source.Mapping) else None
            name = then.get("conclude") if isinstance(then, source.Mapping) else None
            if isinstance(name, Scalar) and re.fullmatch(NAME, name.value, re.ASCII):
                found.append(name.value)
        return tuple(dict.fromkeys(found))

    def pattern(self, name: Scalar, node: source.Node) -> Pattern | None:
        """Read one pattern: two legs, the earlier first, and `when`."""
        hint = "write `settled: their acceptance` and `demand: their offer`"
        if not isinstance(node, source.Mapping):
            what = f"pattern `{name.value}` wants a mapping, not {describe(node)}"
            self.findings.add(Code.WRONG_SHAPE, what, name.span, hint)
            return None
        section = Section(node, "pattern", f"pattern `{name.value}`", self.findings, name.span, open_keys=True)
        legs: list[tuple[str, On]] = []
        listens = {str(o): o for o in BARGAINING}
        keys = [(k, v) for k, v in node.entries if k.value != "when"]
        for key, value in keys:
            word = value.value if isinstance(value, Scalar) else describe(value)
            if not section.named(key, NAME) or not self.is_free(key, RESERVED):
                continue
            if word in listens:
                legs.append((key.value, listens[word]))
                continue
            said = f"cannot listen to `{shorten(word)}`" if isinstance(value, Scalar) else f"wants an event, not {word}"
            place = value.span if isinstance(value, Scalar) and value.value else key.span
            self.findings.add(Code.PATTERN_SHAPE, f"leg `{key.value}` {said}", place, nearest(word, listens))
        if len(keys) != 2 and not node.incomplete:
            legs_found = f"{len(keys)} leg{'s' * (len(keys) != 1)}"
            what = f"pattern `{name.value}` has {legs_found}; it wants two, the earlier event first"
            self.findings.add(Code.PATTERN_SHAPE, what, name.span, hint)
        if len(legs) != 2 or len(keys) != 2:
            return None
        money = self.catalog["offer.worth"].unit
        facts = {f"{leg}.{i.name}": FactType(i.unit) for leg, _ in legs for i in self.issues.values()}
        facts |= {f"{leg}.worth": FactType(money, whole=False) for leg, _ in legs}
        broken = {f"{leg}.{w.removeprefix('offer.')}" for leg, _ in legs for w in self.scope.broken if "offer." in w}
        condition = self.tree(section.nodes.get("when"), Scope(facts, self.currency, broken=frozenset(broken)))
        if condition is None:
            return None
        read = facts_of(condition)
        first, second = (
            Leg(leg, on, tuple(sorted(f.partition(".")[2] for f in read if f.startswith(f"{leg}."))))
            for leg, on in legs
        )
        try:
            return Pattern(name.value, first, second, condition, alternatives(condition))
        except TooComplex:
            self.findings.add(
                Code.TOO_COMPLEX, f"the condition of pattern `{name.value}` has too many alternatives", name.span
            )
            return None

    def definitions(self) -> dict[str, Condition | Typed]:
        """Read `define:`, each name after those it uses; a cycle is a finding that shows it."""
        taken = RESERVED | {n for n in self.catalog if "." not in n}
        nodes = {n.value: (n, v) for n, v in self.top.entries("define", NAME) if self.is_free(n, taken)}
        uses: dict[str, set[str]] = {}
        for name, (_, node) in nodes.items():
            uses[name] = {w for s in scalars(node) for w in _names(s)} & nodes.keys()
        names, circles = ordered(uses)
        for circle in circles:
            place = nodes[circle[0]][0].span
            what = f"these definitions need each other: {shown(circle)}"
            self.findings.add(Code.DEFINE_CYCLE, what, place, "write one of them out")
        done: dict[str, Condition | Typed] = {}
        self.scope = msgspec.structs.replace(self.scope, defined=done)
        for name in names:
            found = self.define(nodes[name][1]) if uses[name] <= done.keys() else None
            if found is not None:
                done[name] = found
        return done

    def define(self, node: source.Node) -> Condition | Typed | None:
        """Read one definition: a condition, a tree of conditions, or a quantity."""
        if isinstance(node, Scalar) and node.value.strip():
            return types.either(node, self.scope, self.notes)
        return self.tree(node, self.scope)

    def tree(self, node: source.Node | None, scope: Scope) -> Condition | None:
        """Read a condition: an expression, or a mapping of `all`, `any`, `none` with lists."""
        if node is None:
            return None
        if isinstance(node, Scalar):
            if not node.value.strip():
                place = node.text.span(node.start[0], 0, len(node.text.lines[node.start[0]]))
                self.findings.add(Code.WRONG_SHAPE, "the condition is empty", place, "write what must hold")
                return None
            return types.condition(node, scope, self.notes)
        if isinstance(node, Sequence):
            hint = "write `all:`, `any:` or `none:` before the list"
            self.findings.add(Code.WRONG_SHAPE, "a list of conditions must say how they join", node.span, hint)
            return None
        section = Section(node, "condition", "the condition", self.findings)
        found = [self.branch(k, v, scope) for k, v in node.entries if k.value in section.fields]
        if not node.entries and not node.incomplete:
            self.findings.add(Code.WRONG_SHAPE, "the condition is empty", node.span, "write what must hold")
        complete = tuple(f for f in found if f is not None)
        if len(complete) < len(found) or not complete:
            return None
        return complete[0] if len(complete) == 1 else All(complete)

    def branch(self, key: Scalar, node: source.Node, scope: Scope) -> Condition | None:
        """Read `all`, `any` or `none` and its list."""
        if not isinstance(node, Sequence) or not node.items:
            what = f"`{key.value}` wants a list, not {describe(node)}"
            if isinstance(node, Sequence):
                what = f"the list of `{key.value}` is empty"
            self.findings.add(Code.WRONG_SHAPE, what, key.span, "begin each condition with `- `")
            return None
        parts = [self.tree(item, scope) for item in node.items]
        known = tuple(p for p in parts if p is not None)
        if len(known) < len(parts):
            return None
        joined = All(known) if key.value == "all" else Any(known)
        if not is_within(joined, types.MAX_PARTS, types.MAX_DEPTH):
            what = f"with its definitions written out, `{key.value}` has more than {types.MAX_PARTS:,} parts"
            self.findings.add(Code.TOO_COMPLEX, what, key.span, "let a rule conclude a part of it")
            return None
        return Not(joined) if key.value == "none" else joined


def _names(scalar: Scalar) -> set[str]:
    """Return every name in an expression; none where it is no expression, which is reported elsewhere."""
    try:
        return set(_words(parse(scalar.value)))
    except SyntaxFinding:
        return set()


def _words(syntax: Syntax) -> list[str]:
    own = [syntax.word] if syntax.form == "name" else []
    return own + [w for part in syntax.parts for w in _words(part)]
