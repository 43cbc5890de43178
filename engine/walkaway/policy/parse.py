"""Parse a policy's nodes into a `Policy`: shapes first, then names, kinds and guards; all findings at once.

The order of the stages matters: a stage may name only what earlier ones have declared. Deal facts stand before
tables, tables before issues, all of these before the catalog, the catalog before definitions, these before rules.
"""

import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from pkgutil import get_data

import msgspec

from walkaway import source
from walkaway.catalog import ALWAYS, DealShape, IssueShape, Shape, entries
from walkaway.codes import Code
from walkaway.diagnostics import Findings, Span, nearest
from walkaway.events import BARGAINING, Door, On, Verdict
from walkaway.expr import types
from walkaway.expr.grammar import Syntax, SyntaxFinding, parse
from walkaway.expr.linear import TooComplex, alternatives
from walkaway.expr.tree import ALWAYS as HOLDS
from walkaway.expr.tree import All, Any, Condition, Const, Extreme, Fact, Not, Number, Product, Scaled, Sum, facts_of
from walkaway.expr.types import FactType, Inferred, Scope, TableType, Typed
from walkaway.policy.fields import NAME, RULE_NAME
from walkaway.policy.model import (
    THRESHOLDS,
    DealFact,
    Effect,
    Enforcement,
    Graded,
    Issue,
    Leg,
    Linear,
    Package,
    Pattern,
    Policy,
    Rule,
    Table,
    Threshold,
)
from walkaway.policy.section import Section, describe, read_value
from walkaway.policy.tables import read_table
from walkaway.source import Scalar, Sequence
from walkaway.values import Kind, NotAValue, Unit, Value, shorten, to_units

LoadFile = Callable[[str], bytes | None]
"""Gives the bytes of a file beside the policy, or none."""

PER_DEAL = "per deal"
_SYMBOL = re.compile(r"[^\x00-\x1f\x7f\"]{1,100}")


def parse_policy(root: source.Node, load: LoadFile, findings: Findings) -> Policy | None:
    """Parse the nodes of a policy file.

    Args:
        load: Gives the tables' files.

    Returns:
        The policy, or none where there is an error among *findings*.

    Diagnostics:
        WA2xx, WA3xx, WA4xx.
    """
    if not isinstance(root, source.Mapping):
        findings.add(
            Code.WRONG_SHAPE, f"a policy is a mapping, not {describe(root)}", root.span, "begin with `policy: its-name`"
        )
        return None
    return _Parser(root, load, findings).policy()


class _Parser:
    """The declarations read so far, and where findings go."""

    def __init__(self, root: source.Mapping, load: LoadFile, findings: Findings) -> None:
        self.findings, self.load = findings, load
        self.top = Section(root, "policy", "the policy", findings)
        self.notes = Inferred(findings, [], set())
        self.currency = self.top.choice("currency", "USD")
        self.deal: dict[str, DealFact] = {}
        self.tables: dict[str, Table] = {}
        self.issues: dict[str, Issue] = {}
        self.needed: set[str] = set()

    def policy(self) -> Policy | None:
        """Read every section, in the order the module's docstring gives."""
        top = self.top
        names = {key: tuple(w.value for w in top.words(key, NAME)) for key in ("signals", "roles")}
        for name, node in top.entries("deal", NAME):
            self.deal_fact(name, node)
        for name, node in top.entries("tables", NAME):
            self.table(name, node)
        self.opening = Scope(self.deal_types(), self.currency, {}, self.table_types())
        for name, node in top.entries("issues", NAME):
            self.issue(name, node)
        package = self.package()
        shape = self.shape(names, package)
        self.catalog = {e.name: e for e in entries(shape)}
        self.roles = names["roles"]
        patterns = tuple(p for n, v in top.entries("pattern", NAME) if (p := self.pattern(n, v)) is not None)
        self.scope = Scope(
            {n: FactType(e.unit, e.fixed, not e.known) for n, e in self.catalog.items()},
            self.currency,
            {},
            self.table_types(),
        )
        self.scope = msgspec.structs.replace(self.scope, defined=self.definitions())
        rules = self.rules()
        version = self.version()
        effective = self.effective()
        title, side = top.text("policy"), top.choice("side", "seller")
        if any(f.severity == "error" for f in self.findings):
            return None
        unknown = [n for n in self.needed if not n.startswith("deal.")]
        return Policy(
            name=title,
            title=top.text("title"),
            version=version,
            owner=top.text("owner"),
            side=side,
            currency=self.currency,
            effective=effective,
            deal=self.deal,
            issues=self.issues,
            package=package,
            signals=names["signals"],
            roles=names["roles"],
            patterns=patterns,
            tables=self.tables,
            lookups=tuple({n.name: n for n in self.notes.lookups}.values()),
            rules=rules,
            catalog=self.catalog,
            fixed=frozenset(self.notes.multipliers | self.needed) - frozenset(unknown),
            needed=frozenset(self.needed),
            sha256="",
            places=self.places(),
            mentioned=frozenset(
                w for n in (top.nodes["rules"], top.nodes.get("define")) if n for s in _scalars(n) for w in _names(s)
            ),
        )

    def places(self) -> dict[str, Span]:
        """Give where each declared name stands, as `define.near_walk` or `signals.abuse`."""
        found: dict[str, Span] = {}
        for key in ("define", "pattern", "tables", "deal", "issues", "signals", "roles"):
            node = self.top.nodes.get(key)
            names = (
                [n for n, _ in node.entries]
                if isinstance(node, source.Mapping)
                else node.items
                if isinstance(node, Sequence)
                else ()
            )
            found |= {f"{key}.{n.value}": n.span for n in names if isinstance(n, Scalar)}
        return found

    def version(self) -> int:
        """Give the version, a whole number above 0."""
        scalar = self.top.scalar("version")
        if scalar is None:
            return 0
        if re.fullmatch("[1-9][0-9]{0,8}", scalar.value, re.ASCII):
            return int(scalar.value)
        self.findings.add(
            Code.BAD_VALUE, f"`{shorten(scalar.value)}` is no version", scalar.span, "write a whole number, 1 or more"
        )
        return 0

    def effective(self) -> tuple[int | None, int | None]:
        """Give the days between which deals may open."""
        mapping = self.top.mapping("effective")
        if mapping is None:
            return None, None
        section = Section(mapping, "effective", "`effective`", self.findings)
        first, last = section.day("from"), section.day("to")
        if first is not None and last is not None and last < first:
            self.findings.add(Code.BAD_DATE, "`to` is before `from`", section.keys["to"].span)
        return first, last

    # Declarations

    def deal_fact(self, name: Scalar, node: source.Node) -> None:
        """Read one fact under `deal:`: a type alone, or a mapping."""
        title = f"deal fact `{name.value}`"
        if isinstance(node, Scalar):
            unit = self.unit_named(node, title)
            if unit is not None:
                self.deal[name.value] = DealFact(name.value, unit)
            return
        if not isinstance(node, source.Mapping):
            self.findings.add(
                Code.WRONG_SHAPE,
                f"{title} wants a type, not {describe(node)}",
                node.span,
                f"write `{name.value}: money`",
            )
            return
        section = Section(node, "deal", title, self.findings)
        unit = self.unit_of(section)
        optional = section.flag("optional")
        if unit is not None:
            default = section.value("default", unit)
            self.deal[name.value] = DealFact(
                name.value, unit, optional, default, section.flag("personal"), section.text("meaning")
            )

    def unit_named(self, scalar: Scalar, title: str) -> Unit | None:
        """Give the unit a type's name stands for."""
        kinds = {str(k): k for k in Kind if k is not Kind.CHOICE}
        kind = kinds.get(scalar.value)
        if kind is None:
            hint = (
                "write `{one of: [..]}` for a choice of words"
                if scalar.value in ("choice", "enum")
                else nearest(scalar.value, kinds)
            )
            self.findings.add(Code.BAD_CHOICE, f"`{shorten(scalar.value)}` is no type for {title}", scalar.span, hint)
            return None
        return Unit(kind, self.currency if kind is Kind.MONEY else "")

    def unit_of(self, section: Section) -> Unit | None:
        """Give the unit of a section with `type` or `one of`."""
        if ("type" in section.nodes) == ("one of" in section.nodes):
            what = "lacks `type` or `one of`" if "type" not in section.nodes else "has both `type` and `one of`"
            self.findings.add(
                Code.MISSING_KEY, f"{section.name} {what}", section.node.span, "give exactly one of the two"
            )
            return None
        if "type" in section.nodes:
            scalar = section.scalar("type")
            return self.unit_named(scalar, section.name) if scalar else None
        node = section.nodes["one of"]
        if isinstance(node, Sequence):
            symbols = [i for i in node.items if isinstance(i, Scalar)]
        elif isinstance(node, source.Mapping):
            symbols = [key for key, _ in node.entries]
        else:
            symbols = []
        choices = tuple(dict.fromkeys(s.value for s in symbols if self.is_symbol(s)))
        if not choices:
            self.findings.add(
                Code.WRONG_SHAPE,
                f"`one of` of {section.name} wants words",
                section.keys["one of"].span,
                "write `one of: [smb, enterprise]`",
            )
            return None
        return Unit(Kind.CHOICE, choices=choices)

    def is_symbol(self, scalar: Scalar) -> bool:
        """Check one word of a choice."""
        if _SYMBOL.fullmatch(scalar.value):
            return True
        self.findings.add(
            Code.BAD_NAME,
            f"`{shorten(scalar.value)}` cannot be a choice",
            scalar.span,
            "use 1 to 100 characters on one line",
        )
        return False

    def deal_types(self) -> dict[str, FactType]:
        """Give what expressions may know when a deal opens."""
        return {
            f"deal.{d.name}": FactType(d.unit, fixed=not d.optional, optional=d.optional) for d in self.deal.values()
        }

    def table_types(self) -> dict[str, TableType]:
        """Give what expressions may know of tables."""
        return {t.name: TableType(t.key_units, t.columns) for t in self.tables.values()}

    def table(self, name: Scalar, node: source.Node) -> None:
        """Read one table and its file."""
        if not isinstance(node, source.Mapping):
            self.findings.add(
                Code.WRONG_SHAPE,
                f"table `{name.value}` wants a mapping, not {describe(node)}",
                name.span,
                "write `{file: floors.csv, key: segment}`",
            )
            return
        section = Section(node, "table", f"table `{name.value}`", self.findings)
        file = section.scalar("file")
        key_node = section.nodes.get("key")
        keys = (
            [k.value for k in section.words("key", ".+")] if isinstance(key_node, Sequence) else [section.text("key")]
        )
        first_hit = section.choice("hit", "unique") == "first"
        if file is None or not all(keys):
            return
        data = self.load(file.value)
        if data is None:
            self.findings.add(
                Code.TABLE_NOT_READABLE,
                f"table file `{shorten(file.value)}` cannot be read",
                file.span,
                "it must lie beside the policy, or in a folder below it",
            )
            return
        units = {d.name: d.unit for d in self.deal.values() if not d.optional}
        table = read_table(name.value, file, data, file.value, keys, units, first_hit, self.currency, self.findings)
        if table is not None:
            self.tables[name.value] = table

    # Issues and the package

    def issue(self, name: Scalar, node: source.Node) -> None:
        """Read one issue."""
        title = f"issue `{name.value}`"
        if not isinstance(node, source.Mapping):
            self.findings.add(
                Code.WRONG_SHAPE,
                f"{title} wants a mapping, not {describe(node)}",
                name.span,
                "write `type:`, `start:` and `worth:` below it",
            )
            return
        section = Section(node, "issue", title, self.findings)
        unit = self.unit_of(section)
        if unit is None:
            return
        worth = self.worth(section, unit)
        start = self.threshold(section, "start", unit, section.scalar("start"))
        limits = {t: s for t in THRESHOLDS if (s := section.scalar(t)) is not None}
        per_deal = "walk" in limits and limits["walk"].value == PER_DEAL
        values = {t: self.threshold(section, t, unit, s) for t, s in limits.items() if s.value != PER_DEAL}
        for threshold in ("wish", "want"):
            if threshold in limits and limits[threshold].value == PER_DEAL:
                self.findings.add(Code.BAD_VALUE, f"only `walk` can be `{PER_DEAL}`", limits[threshold].span)
        if worth is None or start is None:
            return
        better = self.direction(section, worth, bool(limits))
        self.issues[name.value] = Issue(
            name.value,
            unit,
            start,
            worth,
            better,
            values.get("wish"),
            values.get("want"),
            values.get("walk"),
            per_deal,
            section.flag("personal"),
        )
        self.order(section, self.issues[name.value], limits)

    def worth(self, section: Section, unit: Unit) -> Linear | Graded | None:
        """Read what an issue is worth: beside each word of a choice, or under `worth`."""
        if unit.kind is Kind.CHOICE:
            return self.graded(section, unit)
        scalar = section.scalar("worth")
        if scalar is None:
            if "worth" not in section.nodes:
                hint = f"add `worth:`, as in `-1% of deal.list_price per {'1%' if unit.kind is Kind.PERCENT else '1'}`"
                self.findings.add(Code.MISSING_KEY, f"{section.name} lacks `worth`", section.node.span, hint)
            return None
        found = types.worth(scalar, self.opening, self.notes)
        if found is None:
            return None
        typed, step, place = found
        rate = self.money(typed, scalar)
        if rate is None:
            return None
        if unit.kind is Kind.YES_NO:
            if step is not None:
                self.findings.add(
                    Code.WORTH_SHAPE,
                    "a yes/no issue is worth one amount, not an amount per step",
                    place,
                    "remove `per …`",
                )
                return None
            return Graded({1: rate, 0: Const(Fraction(0))})
        if step is None:
            self.findings.add(
                Code.WORTH_SHAPE,
                f"the worth of {section.name} does not say per what",
                scalar.span,
                "add `per 1%`, `per month`, `per 1 USD`, or what one step is",
            )
            return None
        try:
            return Linear(rate, to_units(step, unit, " ".join([str(step.amount), step.word]).strip()))
        except NotAValue as problem:
            self.findings.add(Code.WORTH_SHAPE, str(problem), place, problem.hint)
            return None

    def graded(self, section: Section, unit: Unit) -> Graded | None:
        """Read the worth beside each word of a choice."""
        node = section.nodes["one of"]
        if "worth" in section.nodes:
            self.findings.add(
                Code.WORTH_SHAPE,
                "the worth of a choice stands beside each of its words",
                section.keys["worth"].span,
                "write `one of: {basic: 0 USD, gold: -4,000 USD}`",
            )
            return None
        if not isinstance(node, source.Mapping):
            self.findings.add(
                Code.WORTH_SHAPE,
                f"the words of {section.name} have no worth",
                section.keys["one of"].span,
                "write `one of: {basic: 0 USD, gold: -4,000 USD}`",
            )
            return None
        worths: dict[Value, Number] = {}
        for key, value in node.entries:
            if not isinstance(value, Scalar):
                self.findings.add(
                    Code.WRONG_SHAPE,
                    f"the worth of `{shorten(key.value)}` is one amount, not {describe(value)}",
                    key.span,
                )
                continue
            typed = types.number(value, self.opening, self.notes)
            rate = self.money(typed, value) if typed else None
            if rate is not None:
                worths[key.value] = rate
        return Graded(worths) if set(worths) == set(unit.choices) else None

    def money(self, typed: Typed, scalar: Scalar) -> Number | None:
        """Give a worth's tree; a worth is money and reads only what the deal states when it opens."""
        if Kind.MONEY not in typed.kinds:
            self.findings.add(
                Code.WORTH_SHAPE,
                f"a worth is money, and `{shorten(scalar.value)}` is not",
                scalar.span,
                "write `2% of deal.list_price` or an amount",
            )
            return None
        self.needed |= facts_of(typed.tree)
        for name in facts_of(typed.tree):
            if name in self.opening.facts and self.opening.facts[name].optional:
                self.findings.add(
                    Code.NOT_FIXED,
                    f"`{name}` may be missing, so no worth can rest on it",
                    scalar.span,
                    f"remove `optional` from `{name}`, or give it a `default`",
                )
        return typed.tree

    def threshold(self, section: Section, key: str, unit: Unit, scalar: Scalar | None) -> Threshold:
        """Read a start, wish, want or walk: a constant, or an expression over the opening facts."""
        if scalar is None:
            return None
        if not unit.is_numeric:
            return read_value(scalar, unit, self.findings)
        typed = types.number(scalar, self.opening, self.notes)
        if typed is None:
            return None
        tree = types.accepts(typed, unit)
        if tree is None:
            if types.is_constant(typed.tree):
                read_value(scalar, unit, self.findings)
            else:
                self.findings.add(
                    Code.KINDS_DIFFER,
                    f"`{key}` of {section.name} is {unit}; `{shorten(scalar.value)}` is {typed.unit}",
                    scalar.span,
                )
            return None
        if types.is_constant(tree) and not _fits(tree, unit):
            self.findings.add(
                Code.BAD_VALUE,
                f"`{shorten(scalar.value)}` has more digits than {unit} holds, or is beyond ±2^53",
                scalar.span,
            )
            return None
        self.notes.multipliers |= {n for n in facts_of(tree) if n.startswith("deal.")}
        if key == "start":
            self.needed |= facts_of(tree)
        for name in facts_of(tree):
            if name in self.opening.facts and self.opening.facts[name].optional:
                self.findings.add(
                    Code.NOT_FIXED,
                    f"`{name}` may be missing, so `{key}` cannot rest on it",
                    scalar.span,
                    f"remove `optional` from `{name}`, or give it a `default`",
                )
        return tree

    def direction(self, section: Section, worth: Linear | Graded, limited: bool) -> int:
        """Give which way is better for us; a limit needs one."""
        if isinstance(worth, Graded):
            return 0
        sign = sign_of(worth.rate)
        if not sign and (limited or sign is None):
            what = "could be positive or negative" if sign is None else "is nothing"
            self.findings.add(
                Code.WORTH_SHAPE,
                f"the worth of {section.name} {what}, so no direction is better for us",
                section.keys["worth"].span,
                "give it a worth with one sign",
            )
        return sign or 0

    def order(self, section: Section, issue: Issue, limits: Mapping[str, Scalar]) -> None:
        """Check that wish, want and walk, where constant, follow in order."""
        for better, worse in (("wish", "want"), ("want", "walk"), ("wish", "walk")):
            if better == "wish" and worse == "walk" and "want" in limits:
                continue
            first, second = self.rank(issue, getattr(issue, better)), self.rank(issue, getattr(issue, worse))
            if first is None or second is None or first >= second:
                continue
            said = (limits[worse].value, limits[better].value)
            what = f"{worse} {said[0]} of `{issue.name}` is better for us than its {better} {said[1]}"
            if worse == "walk":
                what = f"walk {said[0]} of `{issue.name}` is reached before its {better} {said[1]}"
            self.findings.add(
                Code.WALK_PAST_WANT, what, limits[worse].span, "swap the two, or check the sign of `worth`"
            )

    def rank(self, issue: Issue, threshold: Threshold) -> Fraction | None:
        """Give how good a constant threshold is for us, on a scale of the issue's own."""
        if isinstance(issue.worth, Graded):
            tree = issue.worth.worths.get(threshold) if isinstance(threshold, int | str) else None
            return types.constant(tree) if tree is not None and types.is_constant(tree) else None
        if threshold is None or isinstance(threshold, int | str) or not types.is_constant(threshold):
            return None
        return types.constant(threshold) * issue.better

    def package(self) -> Package:
        """Read the package: its base and limits."""
        mapping = self.top.mapping("package")
        nothing = Const(Fraction(0))
        if mapping is None:
            return Package(nothing)
        section = Section(mapping, "package", "the package", self.findings)
        unit = Unit(Kind.MONEY, self.currency)
        walk = section.scalar("walk")
        per_deal = walk is not None and walk.value == PER_DEAL
        trees: dict[str, Number | None] = {}
        for key in ("base", *THRESHOLDS):
            scalar = section.scalar(key)
            if key == "walk" and per_deal:
                continue
            tree = self.threshold(section, key, unit, scalar)
            trees[key] = None if isinstance(tree, int | str) else tree
        if (base := trees.get("base")) is not None:
            self.needed |= facts_of(base)
        return Package(trees.get("base") or nothing, trees.get("wish"), trees.get("want"), trees.get("walk"), per_deal)

    def shape(self, names: Mapping[str, tuple[str, ...]], package: Package) -> Shape:
        """Give what the catalog must know."""

        def declared(limited: Issue | Package) -> frozenset[str]:
            found = {t for t in THRESHOLDS if getattr(limited, t) is not None}
            return frozenset(found | ({"walk"} if limited.per_deal else set()))

        return Shape(
            currency=self.currency,
            issues={i.name: IssueShape(i.unit, declared(i)) for i in self.issues.values()},
            deal={d.name: DealShape(d.unit, d.optional and d.default is None, d.meaning) for d in self.deal.values()},
            signals=names["signals"],
            roles=names["roles"],
            patterns=tuple(n.value for n, _ in self.top.entries("pattern", NAME)),
            conclusions=self.conclusions(),
            package=declared(package),
        )

    def conclusions(self) -> tuple[str, ...]:
        """Give the names that rules conclude, before the rules are read."""
        found = []
        rules = self.top.nodes.get("rules")
        for _, node in rules.entries if isinstance(rules, source.Mapping) else ():
            then = node.get("then") if isinstance(node, source.Mapping) else None
            name = then.get("conclude") if isinstance(then, source.Mapping) else None
            if isinstance(name, Scalar) and re.fullmatch(NAME, name.value, re.ASCII):
                found.append(name.value)
        return tuple(dict.fromkeys(found))

    # Patterns and definitions

    def pattern(self, name: Scalar, node: source.Node) -> Pattern | None:
        """Read one pattern: two legs, the earlier first, and `when`."""
        if not isinstance(node, source.Mapping):
            self.findings.add(
                Code.WRONG_SHAPE, f"pattern `{name.value}` wants a mapping, not {describe(node)}", name.span
            )
            return None
        section = Section(node, "pattern", f"pattern `{name.value}`", self.findings, open_keys=True)
        legs: list[tuple[str, On]] = []
        for key, value in node.entries:
            if key.value == "when" or not section.named(key, NAME):
                continue
            listens = {str(o): o for o in BARGAINING}
            word = value.value if isinstance(value, Scalar) else ""
            if word not in listens:
                self.findings.add(
                    Code.PATTERN_SHAPE,
                    f"leg `{key.value}` listens to `{shorten(word)}`",
                    value.span,
                    nearest(word, listens),
                )
                continue
            legs.append((key.value, listens[word]))
        if len(legs) != 2:
            self.findings.add(
                Code.PATTERN_SHAPE,
                f"pattern `{name.value}` has {len(legs)} legs; it wants two, the earlier event first",
                name.span,
                "write `settled: their acceptance` and `demand: their offer`",
            )
            return None
        money = self.catalog["offer.worth"].unit
        facts = {f"{leg}.{i.name}": FactType(i.unit) for leg, _ in legs for i in self.issues.values()}
        facts |= {f"{leg}.worth": FactType(money) for leg, _ in legs}
        condition = self.tree(section.nodes.get("when"), Scope(facts, self.currency))
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
        nodes = {n.value: (n, v) for n, v in self.top.entries("define", NAME)}
        uses: dict[str, set[str]] = {}
        for name, (_, node) in nodes.items():
            uses[name] = {w for s in _scalars(node) for w in _names(s)} & set(nodes)
        done: dict[str, Condition | Typed] = {}
        failed: set[str] = set()
        while pending := [n for n in nodes if n not in done and n not in failed]:
            ready = [n for n in pending if uses[n] <= set(done) | failed]
            if not ready:
                cycle = _cycle(pending[0], {n: uses[n] & set(pending) for n in pending})
                self.findings.add(
                    Code.DEFINE_CYCLE,
                    f"these definitions need each other: {' → '.join(cycle)}",
                    nodes[cycle[0]][0].span,
                    "write one of them out",
                )
                break
            for name in ready:
                found = self.define(nodes[name][1]) if not uses[name] & failed else None
                if found is None:
                    failed.add(name)
                else:
                    done[name] = found
                self.scope = msgspec.structs.replace(self.scope, defined=done)
        return done

    def define(self, node: source.Node) -> Condition | Typed | None:
        """Read one definition: a condition, a tree of conditions, or a quantity."""
        return types.either(node, self.scope, self.notes) if isinstance(node, Scalar) else self.tree(node, self.scope)

    def tree(self, node: source.Node | None, scope: Scope) -> Condition | None:
        """Read a condition: an expression, or a mapping of `all`, `any`, `none` with lists."""
        if node is None:
            return None
        if isinstance(node, Scalar):
            if not node.value.strip():
                self.findings.add(Code.WRONG_SHAPE, "the condition is empty", node.span)
                return None
            return types.condition(node, scope, self.notes)
        if isinstance(node, Sequence):
            self.findings.add(
                Code.WRONG_SHAPE,
                "a list of conditions must say how they join",
                node.span,
                "write `all:`, `any:` or `none:` before the list",
            )
            return None
        section = Section(node, "condition", "the condition", self.findings)
        found: list[Condition | None] = []
        for key, value in node.entries:
            if key.value not in section.fields:
                continue
            if not isinstance(value, Sequence):
                self.findings.add(
                    Code.WRONG_SHAPE,
                    f"`{key.value}` wants a list, not {describe(value)}",
                    key.span,
                    "begin each condition with `- `",
                )
                found.append(None)
                continue
            parts = [self.tree(item, scope) for item in value.items]
            known = tuple(p for p in parts if p is not None)
            joined = All(known) if key.value == "all" else Any(known)
            found.append(None if len(known) < len(parts) else Not(joined) if key.value == "none" else joined)
        complete = tuple(f for f in found if f is not None)
        if len(complete) < len(found) or not complete:
            return None
        return complete[0] if len(complete) == 1 else All(complete)

    # Rules

    def rules(self) -> tuple[Rule, ...]:
        """Read the policy's rules and the built-in ones, with what the policy makes more severe of these."""
        built_in = _built_in()
        ids = {key.value.split()[0] for key, _ in built_in}
        found: list[Rule] = []
        changes: dict[str, source.Node] = {}
        for name, node in self.top.entries("rules", RULE_NAME):
            if name.value in ids:
                changes[name.value] = node
                continue
            rule = self.rule(name, node)
            if rule is not None:
                found.append(rule)
        for key, node in built_in:
            rule_id = key.value.split()[0]
            rule = self.rule(msgspec.structs.replace(key, value=rule_id), node)
            assert rule is not None, f"built-in rule {rule_id} is broken"
            rule = msgspec.structs.replace(rule, built_in=True, span=source.Text("", ()).span(0, 0))
            changed = self.changed(rule, changes[rule_id]) if rule_id in changes else rule
            if changed is not None:
                found.append(changed)
        return tuple(found)

    def changed(self, rule: Rule, node: source.Node) -> Rule | None:
        """Apply what a policy says of a built-in rule: more severe, other words, or off where that is allowed."""
        if isinstance(node, Scalar):
            if node.value == "off" and rule.id == "short-of-want":
                return None
            what = (
                f"built-in rule `{rule.id}` cannot be switched off"
                if node.value == "off"
                else f"`{shorten(node.value)}` says nothing of a rule"
            )
            self.findings.add(Code.MILDER_THAN_BUILT_IN, what, node.span, "give it a more severe `then`")
            return rule
        if not isinstance(node, source.Mapping):
            self.findings.add(Code.WRONG_SHAPE, f"rule `{rule.id}` wants a mapping, not {describe(node)}", node.span)
            return rule
        section = Section(node, "rule", f"built-in rule `{rule.id}`", Findings())
        for key, name in section.keys.items():
            if key not in ("then", "door", "to", "why", "say"):
                self.findings.add(
                    Code.MILDER_THAN_BUILT_IN,
                    f"`{shorten(key)}` of built-in rule `{rule.id}` cannot be changed",
                    name.span,
                    "only `then`, `to`, `door`, `why` and `say` can",
                )
        section.findings = self.findings
        effect = rule.effect
        if "then" in section.nodes:
            asked = self.effect(section)
            if asked is None or asked.verdict is None:
                return rule
            assert effect.verdict is not None
            if asked.verdict < effect.verdict:
                self.findings.add(
                    Code.MILDER_THAN_BUILT_IN,
                    f"`{asked.verdict.word}` is milder than the `{effect.verdict.word}` of built-in rule `{rule.id}`",
                    section.keys["then"].span,
                    "give a more severe verdict, or remove it",
                )
            effect = max(effect, asked, key=lambda e: e.verdict or Verdict.PROCEED)
        return msgspec.structs.replace(
            rule, effect=effect, why=section.text("why") or rule.why, say=section.text("say") or rule.say
        )

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
        section = Section(node, "rule", title, self.findings)
        on = self.on(section)
        parts = [self.tree(section.nodes[k], self.scope) for k in ("when", "unless") if k in section.nodes]
        effect = self.effect(section)
        enforcement = Enforcement(section.choice("enforcement", "mandatory"))
        by = section.text("by")
        if by or enforcement is Enforcement.OVERRIDABLE:
            self.role(section, "by", by, "overridable", enforcement is Enforcement.OVERRIDABLE)
        if any(p is None for p in parts) or effect is None or not on:
            return None
        conditions = [p for p in parts if p is not None]
        if "unless" in section.nodes:
            conditions[-1] = Not(conditions[-1])
        condition = conditions[0] if len(conditions) == 1 else All(tuple(conditions)) if conditions else HOLDS
        return Rule(
            name.value,
            section.text("why"),
            on,
            condition,
            effect,
            section.text("say"),
            section.text("source"),
            enforcement,
            by,
            name.span,
            self.say_place(section, name),
        )

    def say_place(self, section: Section, name: Scalar) -> Scalar:
        """Give the scalar under `say`, for carets; the rule's name where it says nothing."""
        node = section.nodes.get("say")
        return node if isinstance(node, Scalar) else name

    def on(self, section: Section) -> frozenset[On]:
        """Read what a rule listens to."""
        node = section.nodes.get("on")
        items = node.items if isinstance(node, Sequence) else (node,) if node is not None else ()
        found: set[On] = set()
        choices = section.fields["on"].choices
        for item in items:
            word = item.value if isinstance(item, Scalar) else ""
            if word == "any":
                found |= set(ALWAYS)
            elif word in choices:
                found.add(On(word))
            else:
                self.findings.add(
                    Code.BAD_CHOICE,
                    f"`{shorten(word)}` is nothing a rule can listen to",
                    item.span,
                    nearest(word, choices),
                )
        return frozenset(found)

    def effect(self, section: Section) -> Effect | None:
        """Read `then`, with its `door` and `to`."""
        node = section.nodes.get("then")
        if isinstance(node, source.Mapping):
            inner = Section(node, "conclude", "`then`", self.findings)
            name = inner.scalar("conclude")
            if name is None or not inner.named(name, NAME):
                return None
            return Effect(concludes=name.value)
        word = section.choice("then")
        if not word:
            return None
        verdict = Verdict[word.upper()]
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
            self.findings.add(
                Code.EFFECT_INCOMPLETE, f"`{key}` goes with `{purpose}`", section.keys[key].span, "remove it"
            )
        elif not role:
            if key not in section.nodes:
                self.findings.add(
                    Code.EFFECT_INCOMPLETE,
                    f"{section.name} is to `{purpose}` but names no role",
                    section.node.span,
                    f"add `{key}:` and one of `roles:`",
                )
        elif role not in self.roles:
            self.findings.add(
                Code.UNKNOWN_ROLE,
                f"`{shorten(role)}` is not under `roles:`",
                section.nodes[key].span,
                nearest(role, self.roles),
            )


def _built_in() -> tuple[tuple[Scalar, source.Node], ...]:
    """Give the built-in rules' names and nodes."""
    data = get_data("walkaway.policy", "builtin.yaml")
    assert data is not None, "the built-in rules lie beside this module"
    root = source.read(data, "built-in rules").unwrap()
    assert isinstance(root, source.Mapping)
    return root.entries


def _fits(tree: Number, unit: Unit) -> bool:
    value = types.constant(tree) * unit.scale
    return value.denominator == 1 and abs(value) <= 2**53


def sign_of(tree: Number) -> int | None:
    """Give the sign of *tree* where facts are 0 or more: -1, 0 or 1; none where it may be either."""
    match tree:
        case Const(value):
            return (value > 0) - (value < 0)
        case Fact():
            return 1
        case Scaled(factor, inner):
            sign = sign_of(inner)
            return None if sign is None else sign * ((factor > 0) - (factor < 0))
        case Product(left, right):
            a, b = sign_of(left), sign_of(right)
            return None if a is None or b is None else a * b
        case Sum(parts) | Extreme(_, parts):
            signs = {sign_of(p) for p in parts} - {0}
            return None if None in signs or len(signs) > 1 else next(iter(signs), 0)


def _scalars(node: source.Node) -> list[Scalar]:
    if isinstance(node, Scalar):
        return [node]
    items = node.items if isinstance(node, Sequence) else tuple(v for _, v in node.entries)
    return [s for item in items for s in _scalars(item)]


def _names(scalar: Scalar) -> set[str]:
    """Give every name in an expression; none where it is no expression, which is reported elsewhere."""
    try:
        return set(_words(parse(scalar.value)))
    except SyntaxFinding:
        return set()


def _words(syntax: Syntax) -> list[str]:
    own = [syntax.word] if syntax.form == "name" else []
    return own + [w for part in syntax.parts for w in _words(part)]


def _cycle(start: str, uses: Mapping[str, set[str]]) -> list[str]:
    """Follow uses from *start* until a name comes again."""
    path = [start]
    while True:
        following = min(uses[path[-1]])
        if following in path:
            return [*path[path.index(following) :], following]
        path.append(following)
