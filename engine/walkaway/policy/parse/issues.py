"""Read issues and the package: what each is worth, its thresholds and their order."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any as Anything

import msgspec

from walkaway.language import source
from walkaway.language.codes import Code
from walkaway.language.expr import types
from walkaway.language.expr.linear import sign
from walkaway.language.expr.tree import Const, Number, facts_of
from walkaway.language.expr.types import Scope, Typed
from walkaway.language.source import Scalar
from walkaway.language.values import (
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
from walkaway.policy.lint.limits import NEVER_NEGATIVE, Limit, Limited, by_row, margin, of_what, tighter
from walkaway.policy.model import (
    THRESHOLDS,
    Graded,
    Issue,
    Linear,
    Package,
    Row,
    Threshold,
)
from walkaway.policy.parse.declarations import Declarations
from walkaway.policy.parse.section import Section, comma_hint, describe, read_value

PER_DEAL = "per deal"
OFFER_WORDS = frozenset({"worth", "first", "by", "package", "beyond_walk", "short_of_want"})
"""Facts of the offer and of its room that are no issues."""
_WORTH_EXAMPLES = {
    Kind.PERCENT: "-1% of deal.list_price per 1%",
    Kind.MONTHS: "0.1% of deal.list_price per month",
    Kind.DAYS: "-0.1% of deal.list_price per day",
    Kind.YES_NO: "2% of deal.list_price",
}
_STEPS = {Kind.PERCENT: "1%", Kind.MONTHS: "month", Kind.DAYS: "day", Kind.DURATION: "hour"}


class Issues(Declarations):
    """What the issues and the package are, on top of the declarations."""

    opening: Scope
    """What is known when a deal opens, for the expressions of worths and thresholds."""

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
        start = self.threshold(section, "start", unit, first := section.scalar("start"))
        if first is not None:
            self.limit_places[f"issues.{name.value}.start"] = first.span
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
        if key != "one of" and {word.value for word, _ in node.entries} != set(unit.choices):
            what = f"`{key}` of {section.name} must give an amount for each of its words, and for no other"
            self.findings.add(
                Code.WORTH_SHAPE, what, section.keys[key].span, f"the words are {', '.join(unit.choices)}"
            )
        return Graded(worths) if set(worths) == set(unit.choices) else None

    def money(self, typed: Typed, scalar: Scalar) -> Number | None:
        """Return a worth's tree; a worth is money and reads only what the deal states when it opens."""
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
        """Return which way is better for us; a limit needs one."""
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
                self.limit_places[".".join((*path, key))] = scalar.span
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
        """Return the tighter of an upper layer's limit and a lower one's; a looser one is a finding."""
        limit = tighter(limited, above, below, self.amounts())
        if limit is None:
            what = f"{key} {shorten(scalar.value)} of {of_what(limited)} is looser than the layer above allows"
            self.findings.add(Code.LOOSER_THAN_LAYER, what, scalar.span, "give one that is better for us, or remove it")
            return above
        return limit

    def amounts(self) -> frozenset[str]:
        """Return the deal facts that are never below 0."""
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


def _fits(tree: Number, unit: Unit) -> bool:
    value = types.constant(tree) * unit.scale
    return value.denominator == 1 and abs(value) <= 2**53
