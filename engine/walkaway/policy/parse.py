"""Parse a policy's nodes into a `Policy`: shapes first, then names, kinds and guards; all findings at once.

The order of the stages matters: a stage may name only what earlier ones have declared. Deal facts stand before
tables, tables before issues, all of these before the catalog, the catalog before definitions, these before rules.
"""

import posixpath
import re
from collections.abc import Collection, Mapping
from fractions import Fraction
from pkgutil import get_data
from typing import Any as Anything

import msgspec

from walkaway import source
from walkaway.catalog import ALWAYS, DealShape, IssueShape, Shape, entries
from walkaway.codes import Code
from walkaway.diagnostics import Findings, Span, nearest
from walkaway.events import BARGAINING, Door, On, Verdict
from walkaway.expr import types
from walkaway.expr.grammar import KEYWORDS, Syntax, SyntaxFinding, parse
from walkaway.expr.linear import TooComplex, alternatives, sign
from walkaway.expr.tree import ALWAYS as HOLDS
from walkaway.expr.tree import All, Any, Condition, Const, Not, Number, facts_of, is_within
from walkaway.expr.types import FactType, Inferred, Scope, TableType, Typed
from walkaway.policy.cycles import ordered, shown
from walkaway.policy.fields import NAME, RULE_NAME
from walkaway.policy.layers import Layered, LoadFile, layered
from walkaway.policy.limits import NEVER_NEGATIVE, Limit, Limited, by_row, margin, of_what, tighter
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
    Row,
    Rule,
    Table,
    Threshold,
)
from walkaway.policy.section import Section, comma_hint, describe, read_value
from walkaway.policy.tables import read_table
from walkaway.source import Scalar, Sequence
from walkaway.values import (
    CURRENCIES,
    Kind,
    NotAValue,
    Unit,
    Value,
    a_kind,
    example,
    format_value,
    shorten,
    to_units,
)

PER_DEAL = "per deal"
_WORDS = KEYWORDS | {"min", "max", "abs", "known"}
"""What an expression reads as something else than a name."""
_OFFER_WORDS = frozenset({"worth", "first", "by", "package", "beyond_walk", "short_of_want"})
"""Facts of the offer and of its room that are no issues."""
_LATER = frozenset(
    ["offer", "give", "asked", "get", "move", "room", "walk", "want", "wish", "ours", "theirs", "balance", "since"]
) | {"signals", "approved", "pattern", "batna", "missing", "left"}
"""Groups of facts that a deal's opening does not fix."""
_NAMED_BY = {
    "deal": ("deal.{}",),
    "tables": ("tables.{}",),
    "issues": tuple(f"{g}.{{}}" for g in ("offer", "room", "walk", "want", "wish", "ours.last", "theirs.last")),
    "signals": ("signals.{}",),
    "roles": ("approved.{}",),
    "pattern": ("pattern.{}",),
    "define": ("{}",),
}
"""Section → the facts, or names, by which expressions know what it declares."""
_WORTH_EXAMPLES = {
    Kind.PERCENT: "-1% of deal.list_price per 1%",
    Kind.MONTHS: "0.1% of deal.list_price per month",
    Kind.DAYS: "-0.1% of deal.list_price per day",
    Kind.YES_NO: "2% of deal.list_price",
}
_STEPS = {Kind.PERCENT: "1%", Kind.MONTHS: "month", Kind.DAYS: "day", Kind.DURATION: "hour"}
_SYMBOL = re.compile(r"[^\x00-\x1f\x7f\"]{1,100}")


def parse_policy(root: source.Node, load: LoadFile, findings: Findings) -> Policy | None:
    """Parse the nodes of a policy file, with those of the policies that it extends.

    Args:
        load: Gives the files of tables, and of the policies above.

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
    whole = layered(root, load, findings)
    return _Parser(whole, load, findings).policy() if whole else None


class _Parser:
    """The declarations read so far, and where findings go."""

    def __init__(self, whole: Layered, load: LoadFile, findings: Findings) -> None:
        self.findings, self.load, self.below = findings, load, whole.below
        root = whole.root
        self.top = Section(root, "policy", "the policy", findings)
        self.notes = Inferred(findings, [], set())
        self.currency = self.top.choice("currency") or _first_currency(root)
        self.days = self.effective()
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
            if self.is_free(name, _WORDS):
                self.table(name, node)
        broken = self.broken("deal", self.deal) | self.broken("tables", self.tables)
        self.opening = Scope(self.deal_types(), self.currency, {}, self.table_types(), broken, _LATER)
        for name, node in top.entries("issues", NAME):
            if self.is_free(name, _OFFER_WORDS):
                self.issue(name, node)
        package = self.package()
        shape = self.shape(names, package)
        self.catalog = {e.name: e for e in entries(shape)}
        self.roles = names["roles"]
        broken |= self.broken("issues", self.issues) | self.broken("signals", names["signals"])
        broken |= self.broken("roles", self.roles)
        self.scope = Scope(
            {n: FactType(e.unit, e.fixed, not e.known) for n, e in self.catalog.items()},
            self.currency,
            {},
            self.table_types(),
            broken,
        )
        patterns = tuple(p for n, v in top.entries("pattern", NAME) if (p := self.pattern(n, v)) is not None)
        defined = self.definitions()
        broken |= self.broken("pattern", shape.patterns) | self.broken("define", defined)
        self.scope = msgspec.structs.replace(self.scope, defined=defined, broken=broken)
        rules = self.rules()
        version = self.version()
        side = top.choice("side", "seller")
        called, title, owner = (top.text(key) for key in ("policy", "title", "owner"))
        if any(f.severity == "error" for f in self.findings):
            return None
        unknown = [n for n in self.needed if not n.startswith("deal.")]
        return Policy(
            name=called,
            title=title,
            version=version,
            owner=owner,
            side=side,
            currency=self.currency,
            effective=self.days,
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
            mentioned=frozenset(self.notes.names),
        )

    def broken(self, section: str, read: Collection[str]) -> frozenset[str]:
        """Give the facts and names that a section was to declare and, with a finding, did not."""
        node = self.top.nodes.get(section)
        missing = [n for n in _declared(node) if n not in read]
        missing += [re.sub(r"[\s-]+", "_", n.strip().lower()) for n in missing]
        lists = isinstance(node, Sequence) if section in ("signals", "roles") else isinstance(node, source.Mapping)
        if section in self.top.meant or (node is not None and not lists) or getattr(node, "incomplete", False):
            missing.append("*")
        return frozenset(form.format(n) for n in missing for form in _NAMED_BY[section])

    def is_free(self, name: Scalar, taken: Collection[str]) -> bool:
        """Check that a name the policy chooses means nothing else."""
        if name.value in taken:
            what = f"`{name.value}` has a meaning of its own here"
            self.findings.add(Code.NAME_TAKEN, what, name.span, f"choose another name, as `our_{name.value}`")
        return name.value not in taken

    def places(self) -> dict[str, Span]:
        """Give where each declared name stands, as `define.near_walk` or `signals.abuse`."""
        found: dict[str, Span] = {}
        for key in ("define", "pattern", "tables", "deal", "issues", "signals", "roles"):
            found |= {f"{key}.{name}": span for name, span in _declared(self.top.nodes.get(key)).items()}
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
            self.findings.add(Code.BAD_DATE, "`to` is before `from`", section.nodes["to"].span, "swap the two")
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
        section = Section(node, "deal", title, self.findings, name.span)
        unit = self.unit_of(section)
        optional, personal, meaning = section.flag("optional"), section.flag("personal"), section.text("meaning")
        if unit is not None:
            default = section.value("default", unit)
            self.deal[name.value] = DealFact(name.value, unit, optional, default, personal, meaning)

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
            if "type" in section.nodes:
                what = f"{section.name} has both `type` and `one of`"
                self.findings.add(Code.MISSING_KEY, what, section.keys["type"].span, "keep one of the two")
            elif section.meant.isdisjoint(("type", "one of")) and not section.node.incomplete:
                what = f"{section.name} lacks `type` or `one of`"
                self.findings.add(Code.MISSING_KEY, what, section.place, "add `type: percent`, or what it is")
            return None
        if "type" in section.nodes:
            scalar = section.scalar("type")
            return self.unit_named(scalar, section.name) if scalar else None
        words = _declared(section.nodes["one of"])
        choices = tuple(w for w in words if self.is_symbol(w, words[w]))
        if not words:
            what, hint = f"`one of` of {section.name} wants words", "write `one of: [smb, enterprise]`"
            self.findings.add(Code.WRONG_SHAPE, what, section.keys["one of"].span, hint)
        if not choices:
            return None
        return Unit(Kind.CHOICE, choices=choices)

    def is_symbol(self, word: str, place: Span) -> bool:
        """Check one word of a choice."""
        hint = comma_hint(word) if " " in word else ""
        if _SYMBOL.fullmatch(word) and not hint:
            return True
        hint = hint or "use 1 to 100 characters on one line, no double quotes"
        self.findings.add(Code.BAD_NAME, f"`{shorten(word)}` cannot be a choice", place, hint)
        return False

    def deal_types(self) -> dict[str, FactType]:
        """Give what expressions may know when a deal opens."""
        return {
            f"deal.{d.name}": FactType(d.unit, fixed=not d.may_be_missing, optional=d.may_be_missing)
            for d in self.deal.values()
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
        section = Section(node, "table", f"table `{name.value}`", self.findings, name.span)
        file = section.scalar("file")
        in_list = isinstance(section.nodes.get("key"), Sequence)
        keys = [k.value for k in section.words("key", ".+")] if in_list else [section.text("key")]
        first_hit = section.choice("hit", "unique") == "first"
        if in_list and not keys:
            what = f"table `{name.value}` has no key"
            self.findings.add(Code.WRONG_SHAPE, what, section.keys["key"].span, "write `key: segment`")
        broken = self.broken("deal", self.deal)
        if file is None or not keys or not all(keys) or any({f"deal.{key}", "deal.*"} & broken for key in keys):
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
        path = posixpath.normpath(posixpath.join(posixpath.dirname(self.top.node.span.file), file.value))
        units = {d.name: d.unit for d in self.deal.values() if not d.may_be_missing}
        table = read_table(
            name.value, file, data, path, keys, units, first_hit, self.currency, self.findings, self.days[0]
        )
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
        section = Section(node, "issue", title, self.findings, name.span)
        unit = self.unit_of(section)
        if unit is None:
            return
        worth = self.worth(section, unit)
        start = self.threshold(section, "start", unit, section.scalar("start"))
        personal = section.flag("personal")
        step, theirs = self.step(section, unit), self.theirs(section, unit)
        limited: Issue | None = None
        if worth is not None:
            better = self.direction(section, worth, bool(section.nodes.keys() & set(THRESHOLDS)))
            limited = Issue(name.value, unit, start, worth, better, personal=personal, step=step, theirs=theirs)
        limits = self.limits(section, ("issues", name.value), unit, limited)
        if limited is not None and start is not None:
            self.issues[name.value] = msgspec.structs.replace(limited, **limits)

    def step(self, section: Section, unit: Unit) -> int | None:
        """Read the step in which people offer it: a constant above zero, of the issue's own kind."""
        if "step" in section.nodes and not unit.is_numeric:
            self.findings.add(
                Code.BAD_VALUE,
                f"{section.name} has no steps: its values are {unit}",
                section.keys["step"].span,
                "remove `step`",
            )
            return None
        value = section.value("step", unit)
        if isinstance(value, int) and value <= 0:
            self.findings.add(
                Code.BAD_VALUE,
                f"a step of {section.name} is above zero",
                section.nodes["step"].span,
                "write how far apart people's offers are, as in `12 months`, `0.5%` or `1,000 USD`",
            )
        return value if isinstance(value, int) else None

    def theirs(self, section: Section, unit: Unit) -> Linear | Graded | None:
        """Read what the issue is worth to the other side, where the policy says so."""
        if "theirs" not in section.nodes:
            return None
        return self.graded(section, unit, "theirs") if unit.kind is Kind.CHOICE else self.rate(section, unit, "theirs")

    def worth(self, section: Section, unit: Unit) -> Linear | Graded | None:
        """Read what an issue is worth: beside each word of a choice, or under `worth`."""
        if unit.kind is Kind.CHOICE:
            return self.graded(section, unit)
        if "worth" not in section.nodes:
            hint = f"add `worth:`, as in `{_WORTH_EXAMPLES.get(unit.kind, '-100 ' + self.currency + ' per 1')}`"
            if "worth" not in section.meant and not section.node.incomplete:
                self.findings.add(Code.MISSING_KEY, f"{section.name} lacks `worth`", section.place, hint)
        return self.rate(section, unit, "worth")

    def rate(self, section: Section, unit: Unit, key: str) -> Linear | Graded | None:
        """Read a worth that is one amount, or an amount per step."""
        scalar = section.scalar(key)
        if scalar is None:
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
            hint = f"write `per {_STEPS.get(unit.kind, '1 ' + self.currency if unit.kind is Kind.MONEY else '1')}`"
            self.findings.add(Code.WORTH_SHAPE, str(problem), place, hint)
            return None

    def graded(self, section: Section, unit: Unit, key: str = "one of") -> Graded | None:
        """Read the worth beside each word of a choice."""
        node = section.nodes[key]
        if "worth" in section.nodes:
            self.findings.add(
                Code.WORTH_SHAPE,
                "the worth of a choice stands beside each of its words",
                section.keys["worth"].span,
                'write `one of: {basic: 0 USD, gold: "-4,000 USD"}`',
            )
            return None
        if not isinstance(node, source.Mapping):
            self.findings.add(
                Code.WORTH_SHAPE,
                f"the words of {section.name} have no worth",
                section.keys[key].span,
                f'write `{key}: {{basic: 0 USD, gold: "-4,000 USD"}}`',
            )
            return None
        worths: dict[Value, Number] = {}
        for word, value in node.entries:
            if word.value not in unit.choices and comma_hint(word.value):
                continue
            if not isinstance(value, Scalar) or not value.value.strip():
                what = f"the worth of `{shorten(word.value)}` is one amount, not {describe(value)}"
                hint = f"write `{shorten(word.value)}: 0 {self.currency}`, or what it is worth"
                self.findings.add(Code.WRONG_SHAPE, what, word.span, hint)
                continue
            typed = types.number(value, self.opening, self.notes)
            rate = self.money(typed, value) if typed else None
            if rate is not None:
                worths[word.value] = rate
        missing = [c for c in unit.choices if c not in worths]
        if key != "one of" and (missing or len(worths) > len(unit.choices)):
            what = f"`{key}` of {section.name} must give an amount for each of its words, and for no other"
            self.findings.add(
                Code.WORTH_SHAPE, what, section.keys[key].span, f"the words are {', '.join(unit.choices)}"
            )
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
            what = f"`{key}` of {section.name} wants {a_kind(unit)}; `{shorten(scalar.value)}` is {a_kind(typed.unit)}"
            self.findings.add(Code.KINDS_DIFFER, what, scalar.span, f"write it as `{example(unit)}`")
            return None
        if types.is_constant(tree) and not _fits(tree, unit):
            self.findings.add(
                Code.BAD_VALUE,
                f"`{shorten(scalar.value)}` has more digits than {a_kind(unit)} holds, or is beyond ±2^53",
                scalar.span,
                f"the smallest step is {format_value(1, unit)}",
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
        way = sign(worth.rate)
        if not way and (limited or way is None):
            what = "could be positive or negative" if way is None else "is nothing"
            self.findings.add(
                Code.WORTH_SHAPE,
                f"the worth of {section.name} {what}, so no direction is better for us",
                section.keys["worth"].span,
                "give it a worth with one sign",
            )
        return way or 0

    def limits(
        self, section: Section, path: tuple[str, str], unit: Unit, limited: Limited | None
    ) -> dict[str, Anything]:
        """Read wish, want and walk, each the tightest of all layers', and check that they follow in order.

        Args:
            path: How `layers` knows the section.
            limited: What is limited, without its limits; none where it could not be read.
        """
        found: dict[str, Anything] = {}
        places: dict[str, Scalar] = {}
        for key in THRESHOLDS:
            for scalar in (section.scalar(key), *self.below.get((*path, key), ())):
                if scalar is None:
                    continue
                if scalar.value == PER_DEAL:
                    found |= self.per_deal(key, scalar)
                    continue
                limit = self.threshold(section, key, unit, scalar)
                if limit is None or limited is None:
                    continue
                if key in found:
                    limit = self.tightened(key, limited, found[key], limit, scalar)
                found[key], places[key] = limit, scalar
        if limited is not None:
            self.order(limited, found, places)
        return found

    def per_deal(self, key: str, scalar: Scalar) -> dict[str, bool]:
        """Read `per deal`, which only a walk value can be."""
        if key == "walk":
            return {"per_deal": True}
        hint = f"give it a value, or leave it to each deal by removing `{key}`"
        self.findings.add(Code.BAD_VALUE, f"only `walk` can be `{PER_DEAL}`", scalar.span, hint)
        return {}

    def tightened(self, key: str, limited: Limited, above: Limit, below: Limit, scalar: Scalar) -> Limit:
        """Give the tighter of an upper layer's limit and a lower one's; a looser one is a finding."""
        limit = tighter(limited, above, below, self.amounts())
        if limit is None:
            what = f"{key} {shorten(scalar.value)} of {of_what(limited)} is looser than the layer above allows"
            self.findings.add(Code.LOOSER_THAN_LAYER, what, scalar.span, "give one that is better for us, or remove it")
            return above
        return limit

    def amounts(self) -> frozenset[str]:
        """Give the deal facts that are never below 0."""
        return frozenset(f"deal.{d.name}" for d in self.deal.values() if d.unit.kind in NEVER_NEGATIVE)

    def order(self, limited: Limited, limits: Mapping[str, Limit], places: Mapping[str, Scalar]) -> None:
        """Check that wish, want and walk follow in order, in every row of the tables they come from."""
        lookups = {n.name: n for n in self.notes.lookups}
        for better, worse in (("wish", "want"), ("want", "walk"), ("wish", "walk")):
            if (
                better not in limits
                or worse not in limits
                or (better == "wish" and worse == "walk" and "want" in limits)
            ):
                continue
            for row, (first, second) in by_row((limits[better], limits[worse]), lookups, self.tables):
                if margin(limited, first, second, self.amounts()) == -1:
                    self.past(limited, better, worse, places, row)

    def past(self, limited: Limited, better: str, worse: str, places: Mapping[str, Scalar], row: Row | None) -> None:
        """Report that *worse* comes before *better*, in a row of a table or in the policy."""
        first, second = (f"{key} {shorten(places[key].value)}" for key in (better, worse))
        verb = "is reached before" if worse == "walk" else "is better for us than"
        where = f" in line {row.line} of `{shorten(row.span.file)}`" if row else ""
        what = f"{second} of {of_what(limited)} {verb} its {first}{where}"
        hint = "swap the two, or check the sign of `worth`"
        self.findings.add(Code.WALK_PAST_WANT, what, row.span if row else places[worse].span, hint)

    def package(self) -> Package:
        """Read the package: its base and limits."""
        mapping = self.top.mapping("package")
        nothing = Const(Fraction(0))
        if mapping is None:
            return Package(nothing)
        section = Section(mapping, "package", "the package", self.findings, self.top.keys["package"].span)
        unit = Unit(Kind.MONEY, self.currency)
        base = self.threshold(section, "base", unit, section.scalar("base"))
        assert not isinstance(base, int | str)
        if base is not None:
            self.needed |= facts_of(base)
        package = Package(base or nothing)
        return msgspec.structs.replace(package, **self.limits(section, ("package", "package"), unit, package))

    def shape(self, names: Mapping[str, tuple[str, ...]], package: Package) -> Shape:
        """Give what the catalog must know."""

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
            if not section.named(key, NAME) or not self.is_free(key, _WORDS):
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
        facts |= {f"{leg}.worth": FactType(money) for leg, _ in legs}
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
        taken = _WORDS | {n for n in self.catalog if "." not in n}
        nodes = {n.value: (n, v) for n, v in self.top.entries("define", NAME) if self.is_free(n, taken)}
        uses: dict[str, set[str]] = {}
        for name, (_, node) in nodes.items():
            uses[name] = {w for s in _scalars(node) for w in _names(s)} & nodes.keys()
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

    # Rules

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
        """Give what a built-in rule does: the more severe of its own verdict and the policy's."""
        assert rule.effect.verdict is not None
        for key in ("door", "to"):
            if key in section.nodes and "then" not in section.nodes:
                what = f"`{key}` stands without `then`"
                self.findings.add(Code.EFFECT_INCOMPLETE, what, section.keys[key].span, "add `then:` before it")
        asked = self.effect(section) if "then" in section.nodes else None
        if asked is None:
            return rule.effect
        if asked.verdict is None or asked.verdict < rule.effect.verdict:
            word = f"`{asked.verdict.word}`" if asked.verdict is not None else "a conclusion"
            what = f"{word} is milder than the `{self.severest[rule.id].word}` of built-in rule `{rule.id}`"
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
        """Give the scalar under `say`, for carets; the rule's name where it says nothing."""
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


def _declared(node: source.Node | None) -> dict[str, Span]:
    """Give the names that a mapping or a list declares, with their places."""
    names = [n for n, _ in node.entries] if isinstance(node, source.Mapping) else []
    names += [n for n in node.items if isinstance(n, Scalar)] if isinstance(node, Sequence) else []
    return {n.value: n.span for n in names}


def _first_currency(root: source.Mapping) -> str:
    """Give the first currency that an amount in the file names: what is meant where `currency` does not say."""
    words = (word for scalar in _scalars(root) for word in re.findall(r"\d\s*([A-Z]{3})\b", scalar.value))
    return next((word for word in words if word in CURRENCIES), "USD")


def built_in_rules() -> tuple[tuple[Scalar, source.Node], ...]:
    """Give the built-in rules' names and nodes."""
    data = get_data("walkaway.policy", "builtin.yaml")
    assert data is not None, "the built-in rules lie beside this module"
    root = source.read(data, "built-in rules").unwrap()
    assert isinstance(root, source.Mapping)
    return root.entries


def _fits(tree: Number, unit: Unit) -> bool:
    value = types.constant(tree) * unit.scale
    return value.denominator == 1 and abs(value) <= 2**53


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
