"""Infer: syntax to typed trees. Names are looked up, kinds are compared, and only what is linear passes.

A product needs one side that is constant or fixed at the opening; a quotient a constant below it. Every mistake
becomes a finding at its place; a tree is returned only where there was none. Knows no policy.
"""

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import TypeVar

import msgspec

from walkaway.language.codes import Code
from walkaway.language.diagnostics import Diagnostic, Span, closest, nearest
from walkaway.language.expr.grammar import Syntax, SyntaxFinding, parse, parse_worth
from walkaway.language.expr.tree import (
    All,
    Any,
    Compare,
    Condition,
    Const,
    Extreme,
    Fact,
    Is,
    Known,
    Not,
    Number,
    Op,
    Product,
    Scaled,
    Sum,
    facts_of,
    is_within,
)
from walkaway.language.source import Scalar
from walkaway.language.values import DURATIONS, NUMERIC, Kind, Quantity, Unit, a_kind, example, shorten

T = TypeVar("T")

MAX_PARTS = 2_000
MAX_DEPTH = 100
"""An expression has no more parts, and nests no deeper, with its definitions written out."""
_HUGE = 256
_JOIN_HINT = "compare quantities, and join conditions with `and` or `or`"
_PLAIN = frozenset({Kind.COUNT, Kind.NUMBER})
_DAY_WORD = frozenset({Kind.DAYS, Kind.DURATION})


class FactType(msgspec.Struct, frozen=True):
    """What an expression may know of a fact.

    Attributes:
        fixed: Known when the deal opens and never changed, so it may multiply.
        optional: May be unknown, so it needs a guard.
        whole: Whether it is always a whole number of its smallest unit.
    """

    unit: Unit
    fixed: bool = False
    optional: bool = False
    whole: bool = True


class TableType(msgspec.Struct, frozen=True):
    """What an expression may know of a table: its keys' units in order, and its columns'."""

    keys: tuple[Unit, ...]
    columns: Mapping[str, Unit]


class Lookup(msgspec.Struct, frozen=True):
    """A cell that a deal's opening facts choose; `name` is the fact that carries its value."""

    name: str
    table: str
    keys: tuple[str, ...]
    column: str


class Typed(msgspec.Struct, frozen=True):
    """A number's tree with its unit.

    Attributes:
        kinds: The kinds it may stand for: one, or days and duration for `30 days`, or the two plain ones.
    """

    tree: Number
    unit: Unit
    kinds: frozenset[Kind]


class Scope(msgspec.Struct, frozen=True):
    """All the names an expression may use.

    Attributes:
        broken: Names with a finding of their own, tables as `tables.NAME`; `group.*` is a whole group, `*` all without.
        later: Groups of facts that are known only once the deal runs.
    """

    facts: Mapping[str, FactType]
    currency: str
    defined: Mapping[str, Condition | Typed] = {}
    tables: Mapping[str, TableType] = {}
    broken: frozenset[str] = frozenset()
    later: frozenset[str] = frozenset()


class Inferred(msgspec.Struct):
    """What the inference of expressions leaves behind.

    Attributes:
        multipliers: Facts that multiply, or choose a row.
        names: Definitions that were used.
    """

    findings: list[Diagnostic]
    lookups: list[Lookup]
    multipliers: set[str]
    names: set[str] = set()

    @classmethod
    def empty(cls) -> "Inferred":
        return cls([], [], set())


def condition(scalar: Scalar, scope: Scope, notes: Inferred) -> Condition | None:
    """Parse and infer *scalar* as a condition; none where there are findings, which go to *notes*."""

    def infer(i: "_Inference") -> Condition | None:
        return i.condition(i.syntax(parse))

    return _guarded(scalar, scope, notes, infer)


def number(scalar: Scalar, scope: Scope, notes: Inferred) -> Typed | None:
    """Parse and infer *scalar* as a number; none where there are findings."""
    return _guarded(scalar, scope, notes, lambda i: i.number(i.syntax(parse)))


def either(scalar: Scalar, scope: Scope, notes: Inferred) -> Condition | Typed | None:
    """Parse and infer *scalar* as whichever of the two it is."""

    def infer(i: "_Inference") -> Condition | Typed | None:
        return i.either(i.syntax(parse))

    return _guarded(scalar, scope, notes, infer)


def worth(scalar: Scalar, scope: Scope, notes: Inferred) -> tuple[Typed, Quantity | None, Span] | None:
    """Parse and infer `MONEY` or `MONEY per STEP`; gives the money, the step if any, and the step's place."""

    def infer(i: "_Inference") -> tuple[Typed, Quantity | None, Span] | None:
        money, step = i.syntax(parse_worth)
        typed = i.number(money)
        if step is None:
            return (typed, None, scalar.span) if typed else None
        if step.form != "quantity" or step.quantity is None or step.quantity.amount <= 0:
            i.report(
                Code.WORTH_SHAPE,
                "behind `per` stands a step above zero",
                step,
                "write `per 1%`, `per month` or `per 1,000 USD`",
            )
            return None
        return (typed, step.quantity, i.span(step)) if typed else None

    return _guarded(scalar, scope, notes, infer)


def _guarded(scalar: Scalar, scope: Scope, notes: Inferred, run: "Callable[[_Inference], T]") -> T | None:
    before = len(notes.findings)
    inference = _Inference(scalar, scope, notes)
    try:
        found = run(inference)
    except SyntaxFinding as finding:
        notes.findings.append(
            Diagnostic(finding.code, finding.message, scalar.at(finding.start, finding.length), finding.hint)
        )
        return None
    if len(notes.findings) > before:
        return None
    tree = _tree_of(found)
    if tree is not None and not is_within(tree, MAX_PARTS, MAX_DEPTH):
        what = f"with its definitions written out, this has more than {MAX_PARTS:,} parts, or is nested too deeply"
        notes.findings.append(Diagnostic(Code.TOO_COMPLEX, what, scalar.span, "let a rule conclude a part of it"))
        return None
    return found


def _tree_of(found: object) -> Condition | Number | None:
    match found:
        case Typed(tree) | (Typed(tree), *_):
            return tree
        case Compare() | Is() | Known() | All() | Any() | Not():
            return found
        case _:
            return None


def accepts(typed: Typed, unit: Unit) -> Number | None:
    """Return *typed*'s tree counted in *unit*, or none where the kinds differ."""
    if unit.kind in _PLAIN and typed.kinds & _PLAIN:
        return typed.tree
    if unit.kind not in typed.kinds:
        return None
    if typed.kinds == _DAY_WORD and unit.kind is Kind.DURATION:
        return Scaled(Fraction(DURATIONS["day"]), typed.tree)
    return typed.tree


def is_constant(tree: Number) -> bool:
    """Return whether *tree* reads no fact."""
    return not facts_of(tree)


def constant(tree: Number) -> Fraction:
    """Return the value of a tree that reads no fact, in whole units."""
    match tree:
        case Const(value):
            return value
        case Scaled(factor, inner):
            return factor * constant(inner)
        case Sum(parts):
            return sum(map(constant, parts), Fraction(0))
        case Product(left, right):
            return constant(left) * constant(right)
        case Extreme(largest, parts):
            return (max if largest else min)(map(constant, parts))
        case Fact(name):
            raise ValueError(f"{name} is no constant")


class _Inference:
    """The inference of one scalar: what it may name, and where its findings go."""

    def __init__(self, scalar: Scalar, scope: Scope, notes: Inferred) -> None:
        self.scalar, self.scope, self.notes = scalar, scope, notes

    def syntax(self, parser: Callable[[str], T]) -> T:
        return parser(self.scalar.value)

    def span(self, syntax: Syntax) -> Span:
        return self.scalar.at(syntax.start, syntax.end - syntax.start)

    def text(self, syntax: Syntax) -> str:
        return " ".join(self.scalar.value[syntax.start : syntax.end].split())

    def report(self, code: Code, message: str, syntax: Syntax, hint: str = "") -> None:
        self.notes.findings.append(Diagnostic(code, message, self.span(syntax), hint))

    def either(self, syntax: Syntax) -> Condition | Typed | None:
        if syntax.form in ("compare", "in", "between", "not", "and", "or", "yes-no"):
            return self.condition(syntax)
        if syntax.form == "call" and syntax.word == "known":
            return self.condition(syntax)
        if syntax.form == "name":
            defined = self.scope.defined.get(syntax.word)
            fact = self.scope.facts.get(syntax.word)
            if (defined is not None and not isinstance(defined, Typed)) or (fact and not fact.unit.is_numeric):
                return self.condition(syntax)
        return self.number(syntax)

    # Conditions

    def condition(self, syntax: Syntax) -> Condition | None:
        match syntax.form:
            case "and":
                return self._parts(All, syntax)
            case "or":
                return self._parts(Any, syntax)
            case "not":
                part = self.condition(syntax.parts[0])
                return Not(part) if part is not None else None
            case "compare":
                return self.comparison(syntax)
            case "in":
                return self.membership(syntax)
            case "between":
                return self.between(syntax)
            case "yes-no":
                return All(()) if syntax.word == "yes" else Any(())
            case "call" if syntax.word == "known":
                return self.known(syntax)
            case "name":
                return self.named_condition(syntax)
            case _:
                what = f"`{shorten(self.text(syntax))}` is a quantity, not a condition"
                self.report(Code.NOT_A_CONDITION, what, syntax, "compare it: `… > …`")
                return None

    def _parts(self, form: type[All] | type[Any], syntax: Syntax) -> Condition | None:
        parts = [self.condition(part) for part in syntax.parts]
        found = tuple(p for p in parts if p is not None)
        return form(found) if len(found) == len(parts) else None

    def definition(self, name: str) -> Condition | Typed | None:
        """Return what `define:` says of a name."""
        found = self.scope.defined.get(name)
        if found is not None:
            self.notes.names.add(name)
        return found

    def named_condition(self, syntax: Syntax) -> Condition | None:
        defined = self.definition(syntax.word)
        if defined is not None and not isinstance(defined, Typed):
            return defined
        fact = self.fact(syntax) if defined is None else None
        if fact is None and defined is None:
            return None
        if fact is not None and fact.unit.kind is Kind.YES_NO:
            return Is(syntax.word, (1,), self.text(syntax), self.span(syntax), fact.unit)
        what = f"`{syntax.word}` is {a_kind(fact.unit) if fact else 'a quantity'}, not a condition"
        self.report(Code.NOT_A_CONDITION, what, syntax, "compare it: `… > …` or `… = …`")
        return None

    def known(self, syntax: Syntax) -> Condition | None:
        if len(syntax.parts) != 1 or syntax.parts[0].form != "name":
            self.report(
                Code.SYNTAX, "`known` wants the name of one fact", syntax, "write `known(theirs.last.discount)`"
            )
            return None
        name = syntax.parts[0]
        return Known(name.word, self.text(syntax), self.span(syntax)) if self.fact(name) else None

    def comparison(self, syntax: Syntax) -> Condition | None:
        left, right = syntax.parts
        symbolic = self.symbolic(left) or self.symbolic(right)
        if symbolic is not None:
            fact, other = (left, right) if self.symbolic(left) else (right, left)
            return self.equality(syntax, fact, other, symbolic)
        a = self.number(left)
        if a is None and self.is_word(right):
            return None
        b = self.number(right)
        if a is None or b is None:
            return None
        return self.compare(Op(syntax.word), a, b, syntax, (left, right))

    def is_word(self, syntax: Syntax) -> bool:
        """Return whether *syntax* may be a word of a choice, rather than a name."""
        word = syntax.word
        return syntax.form == "text" or (syntax.form == "name" and "." not in word and word not in self.scope.defined)

    def compare(self, op: Op, a: Typed, b: Typed, syntax: Syntax, sides: tuple[Syntax, Syntax]) -> Condition | None:
        unit = self.common(a, b)
        left, right = (accepts(a, unit), accepts(b, unit)) if unit else (None, None)
        if unit is None or left is None or right is None:
            self.differ(a, b, syntax, sides, "compared with")
            return None
        return Compare(op, left, right, self.text(syntax), self.span(syntax), unit)

    def differ(self, a: Typed, b: Typed, syntax: Syntax, sides: tuple[Syntax, Syntax], verb: str) -> None:
        one, other = (shorten(self.text(side)) for side in sides)
        what = f"{_describe(a)} (`{one}`) cannot be {verb} {_describe(b)} (`{other}`)"
        self.report(Code.KINDS_DIFFER, what, syntax, _kind_hint(a, b, self.scope.currency))

    def common(self, a: Typed, b: Typed) -> Unit | None:
        """Return the unit in which both can be counted; the more particular one decides."""
        if a.kinds & _PLAIN and b.kinds & _PLAIN:
            return a.unit if a.unit.kind is Kind.NUMBER or is_constant(b.tree) else b.unit
        both = a.kinds & b.kinds
        if not both:
            return None
        return a.unit if len(a.kinds) <= len(b.kinds) else b.unit

    def symbolic(self, syntax: Syntax) -> FactType | None:
        fact = self.scope.facts.get(syntax.word) if syntax.form == "name" else None
        return fact if fact and not fact.unit.is_numeric else None

    def equality(self, syntax: Syntax, fact: Syntax, other: Syntax, known: FactType) -> Condition | None:
        if syntax.word not in ("=", "!="):
            self.report(
                Code.KINDS_DIFFER,
                f"`{fact.word}` has no order, so `{syntax.word}` says nothing",
                syntax,
                "use `=`, `!=` or `in [..]`",
            )
            return None
        value = self.symbol(other, known.unit)
        if value is None:
            return None
        found = Is(fact.word, (value,), self.text(syntax), self.span(syntax), known.unit)
        return found if syntax.word == "=" else Not(found)

    def symbol(self, syntax: Syntax, unit: Unit) -> int | str | None:
        if unit.kind is Kind.YES_NO:
            if syntax.form == "yes-no":
                return int(syntax.word == "yes")
        elif syntax.form in ("name", "text", "yes-no"):
            if unit.kind is Kind.TEXT and syntax.form == "text":
                return syntax.word
            if syntax.word in unit.choices:
                return syntax.word
            if self.scope.facts.get(syntax.word):
                self.report(
                    Code.NOT_LINEAR,
                    f"two facts of kind {unit.kind} cannot be compared with each other",
                    syntax,
                    "compare each with a constant",
                )
                return None
        self.report(
            Code.UNKNOWN_SYMBOL,
            f"`{shorten(self.text(syntax))}` is not {a_kind(unit) if unit.kind is Kind.YES_NO else unit}",
            syntax,
            nearest({"true": "yes", "false": "no"}.get(syntax.word, syntax.word), unit.choices or ("yes", "no")),
        )
        return None

    def membership(self, syntax: Syntax) -> Condition | None:
        subject, *items = syntax.parts
        fact = self.symbolic(subject)
        if fact is not None:
            values = [self.symbol(item, fact.unit) for item in items]
            known = tuple(v for v in values if v is not None)
            return (
                Is(subject.word, known, self.text(syntax), self.span(syntax), fact.unit)
                if len(known) == len(values)
                else None
            )
        left = self.number(subject)
        if left is None:
            return None
        equal: list[Condition | None] = []
        for item in items:
            right = self.number(item)
            equal.append(self.compare(Op.EQ, left, right, syntax, (subject, item)) if right else None)
        found = tuple(p for p in equal if p is not None)
        return Any(found) if len(found) == len(equal) else None

    def between(self, syntax: Syntax) -> Condition | None:
        subject, low, high = (self.number(part) for part in syntax.parts)
        if subject is None or low is None or high is None:
            return None
        a = self.compare(Op.GE, subject, low, syntax, (syntax.parts[0], syntax.parts[1]))
        b = self.compare(Op.LE, subject, high, syntax, (syntax.parts[0], syntax.parts[2]))
        return All((a, b)) if a is not None and b is not None else None

    # Numbers

    def number(self, syntax: Syntax) -> Typed | None:
        match syntax.form:
            case "quantity":
                return self.quantity(syntax)
            case "name":
                return self.named_number(syntax)
            case "negative":
                inner = self.number(syntax.parts[0])
                return inner and Typed(_scaled(Fraction(-1), inner.tree), inner.unit, inner.kinds)
            case "sum":
                return self.merged(syntax, "added to", lambda parts: Sum(parts))
            case "product" | "quotient" | "of":
                return self.multiplied(syntax)
            case "call":
                return self.call(syntax)
            case "lookup":
                return self.lookup(syntax)
            case "text":
                self.report(Code.KINDS_DIFFER, f"the text {shorten(self.text(syntax))} is not a quantity", syntax)
                return None
            case _:
                what = f"`{shorten(self.text(syntax))}` is a condition, not a quantity"
                self.report(Code.NOT_A_CONDITION, what, syntax, _JOIN_HINT)
                return None

    def quantity(self, syntax: Syntax) -> Typed | None:
        quantity = syntax.quantity
        assert quantity is not None
        word, amount = quantity.word, quantity.amount
        one = word.removesuffix("s")
        if not word:
            return Typed(Const(amount), Unit(Kind.NUMBER), _PLAIN)
        if word == "%":
            return Typed(Const(amount), Unit(Kind.PERCENT), frozenset({Kind.PERCENT}))
        if one == "month":
            return Typed(Const(amount), Unit(Kind.MONTHS), frozenset({Kind.MONTHS}))
        if one in ("day", "week"):
            return Typed(Const(amount * (7 if one == "week" else 1)), Unit(Kind.DAYS), _DAY_WORD)
        if one in DURATIONS:
            return Typed(Const(amount * DURATIONS[one]), Unit(Kind.DURATION), frozenset({Kind.DURATION}))
        if word != self.scope.currency:
            hint = f"write the amount in {self.scope.currency}"
            self.report(
                Code.KINDS_DIFFER,
                f"`{self.text(syntax)}` is not in the policy's currency {self.scope.currency}",
                syntax,
                hint,
            )
            return None
        return Typed(Const(amount), Unit(Kind.MONEY, word), frozenset({Kind.MONEY}))

    def fact(self, syntax: Syntax) -> FactType | None:
        found = self.scope.facts.get(syntax.word)
        if found is not None:
            return found
        if self.is_broken(syntax.word):
            return None
        group, dot, _ = syntax.word.partition(".")
        if group in self.scope.later and (dot or group == "balance"):
            what = f"`{shorten(syntax.word)}` is known only once the deal runs, and this must be fixed when it opens"
            self.report(Code.NOT_FIXED, what, syntax, "use constants, tables and facts under `deal:`")
        elif group == "concluded":
            names = [n for n in self.scope.facts if n.startswith("concluded.")]
            name = shorten(syntax.word.partition(".")[2])
            hint = nearest(syntax.word, names) or f"add a rule with `then: {{conclude: {name}}}`"
            self.report(Code.UNKNOWN_FACT, f"no rule concludes `{name}`", syntax, hint)
        else:
            hint = self.meant(syntax.word) or nearest(syntax.word, [*self.scope.facts, *self.scope.defined])
            if "-" in syntax.word and not hint:
                hint = "a minus between two names wants spaces around it"
            self.report(
                Code.UNKNOWN_FACT,
                f"`{shorten(syntax.word)}` is not a fact",
                syntax,
                hint or "`walkaway facts` lists them all",
            )
        return None

    def is_broken(self, word: str) -> bool:
        """Return whether *word* names something that has a finding of its own."""
        group = word.rpartition(".")[0]
        return not self.scope.broken.isdisjoint((word, f"{group}.*" if group else "*"))

    def meant(self, word: str) -> str:
        """Return the hint for a name that lacks its group, as `discount` for `offer.discount`."""
        if "." in word:
            return ""
        for group in ("offer", "deal", "signals"):
            known = {n.removeprefix(f"{group}."): n for n in (*self.scope.facts, *self.scope.broken) if group in n}
            if found := closest(word, known):
                return f"did you mean `{known[found]}`?"
        return ""

    def named_number(self, syntax: Syntax) -> Typed | None:
        defined = self.definition(syntax.word)
        if isinstance(defined, Typed):
            return defined
        if defined is not None:
            self.report(Code.NOT_A_CONDITION, f"`{syntax.word}` is a condition, not a quantity", syntax, _JOIN_HINT)
            return None
        fact = self.fact(syntax)
        if fact is None:
            return None
        if not fact.unit.is_numeric:
            self.report(
                Code.KINDS_DIFFER,
                f"`{syntax.word}` is a {fact.unit.kind}, not a quantity",
                syntax,
                "use `=` or `in [..]`",
            )
            return None
        return Typed(Fact(syntax.word, fact.unit.scale, fact.whole), fact.unit, frozenset({fact.unit.kind}))

    def merged(self, syntax: Syntax, verb: str, build: Callable[[tuple[Number, ...]], Number]) -> Typed | None:
        parts = [self.number(part) for part in syntax.parts]
        found = [p for p in parts if p is not None]
        if len(found) != len(parts):
            return None
        first = min(found, key=lambda p: len(p.kinds))
        trees = []
        for part, place in zip(found, syntax.parts, strict=True):
            tree = accepts(part, first.unit)
            if tree is None:
                at = found.index(first)
                self.differ(part, first, syntax, (place, syntax.parts[at]), verb)
                return None
            trees.append(tree)
        unit = next((p.unit for p in found if p.unit.kind is Kind.NUMBER and not is_constant(p.tree)), first.unit)
        tree = self.folded(syntax, build(tuple(trees)))
        return Typed(tree, unit, first.kinds) if tree is not None else None

    def multiplied(self, syntax: Syntax) -> Typed | None:
        left, right = (self.number(part) for part in syntax.parts)
        if left is None or right is None:
            return None
        if syntax.form == "of":
            return self.share(syntax, left, right)
        if syntax.form == "quotient":
            if not is_constant(right.tree) or not right.kinds & _PLAIN:
                hint = "multiply instead: `give.value > 5% of deal.list_price`"
                self.report(Code.NOT_LINEAR, "only a plain constant may stand below a division", syntax, hint)
                return None
            if constant(right.tree) == 0:
                self.report(Code.NOT_LINEAR, "this divides by zero", syntax, "divide by another number")
                return None
            tree = self.folded(syntax, _scaled(1 / constant(right.tree), left.tree))
            return Typed(tree, left.unit, left.kinds) if tree is not None else None
        if not (left.kinds & _PLAIN or right.kinds & _PLAIN):
            share = Kind.PERCENT in left.kinds | right.kinds
            hint = "write `5% of …` for a share" if share else "multiply by a plain number, as `0.5`"
            self.differ(left, right, syntax, (syntax.parts[0], syntax.parts[1]), "multiplied by")
            self.notes.findings[-1] = msgspec.structs.replace(self.notes.findings[-1], hint=hint)
            return None
        carrier = right if left.kinds & _PLAIN else left
        tree = self.product(syntax, left.tree, right.tree)
        return Typed(tree, carrier.unit, carrier.kinds) if tree is not None else None

    def share(self, syntax: Syntax, left: Typed, right: Typed) -> Typed | None:
        if Kind.PERCENT not in left.kinds:
            self.report(
                Code.KINDS_DIFFER,
                f"{_describe(left)} stands before `of`; only a percentage can",
                syntax,
                "write `5% of …`",
            )
            return None
        tree = self.product(syntax, _scaled(Fraction(1, 100), left.tree), right.tree)
        return Typed(tree, right.unit, right.kinds) if tree is not None else None

    def product(self, syntax: Syntax, left: Number, right: Number) -> Number | None:
        for factor, other in ((left, right), (right, left)):
            if is_constant(factor):
                return self.folded(syntax, _scaled(constant(factor), other))
        for fixed, other in ((right, left), (left, right)):
            if self.is_fixed(fixed):
                self.notes.multipliers |= facts_of(fixed)
                return Product(other, fixed)
        self.report(
            Code.NOT_LINEAR,
            f"`{shorten(self.text(syntax))}` multiplies two facts that both change during a deal",
            syntax,
            "multiply by a constant, or by a fact that the deal states when it opens",
        )
        return None

    def folded(self, syntax: Syntax, tree: Number) -> Number | None:
        """Return a constant tree as one constant, another tree as it is; none, with a finding, beyond every range."""
        if not is_within(tree, MAX_PARTS, MAX_DEPTH) or not is_constant(tree):
            return tree
        value = constant(tree)
        if value.numerator.bit_length() + value.denominator.bit_length() <= _HUGE:
            return Const(value)
        self.report(Code.OUT_OF_RANGE, "this number is beyond every quantity", syntax, "use smaller numbers")
        return None

    def is_fixed(self, tree: Number) -> bool:
        return all(self.scope.facts[name].fixed for name in facts_of(tree) if name in self.scope.facts)

    def call(self, syntax: Syntax) -> Typed | None:
        match syntax.word:
            case "min" | "max":
                if len(syntax.parts) < 2:
                    self.report(
                        Code.SYNTAX, f"`{syntax.word}` wants two quantities or more", syntax, "write `max(a, b)`"
                    )
                    return None
                return self.merged(syntax, "compared with", lambda parts: Extreme(syntax.word == "max", parts))
            case "abs" if len(syntax.parts) == 1:
                inner = self.number(syntax.parts[0])
                return inner and Typed(
                    Extreme(True, (inner.tree, _scaled(Fraction(-1), inner.tree))), inner.unit, inner.kinds
                )
            case "abs":
                self.report(Code.SYNTAX, "`abs` wants one quantity", syntax, "write `abs(balance)`")
            case "known":
                self.report(Code.NOT_A_CONDITION, "`known` is a condition, not a quantity", syntax, _JOIN_HINT)
            case _:
                self.report(
                    Code.UNKNOWN_FACT,
                    f"there is no function `{shorten(syntax.word)}`",
                    syntax,
                    nearest(syntax.word, ("min", "max", "abs", "known")),
                )
        return None

    def lookup(self, syntax: Syntax) -> Typed | None:
        table_name, _, column = syntax.word.partition(".")
        table = self.scope.tables.get(table_name)
        if table is None:
            if self.is_broken(f"tables.{table_name}"):
                return None
            self.report(
                Code.UNKNOWN_FACT,
                f"there is no table `{shorten(table_name)}`",
                syntax,
                nearest(table_name, self.scope.tables) or "declare it under `tables:`",
            )
            return None
        unit = table.columns.get(column)
        if unit is None:
            self.report(
                Code.UNKNOWN_FACT,
                f"table `{table_name}` has no column `{shorten(column)}`",
                syntax,
                nearest(column, table.columns),
            )
            return None
        if len(syntax.parts) != len(table.keys):
            self.report(
                Code.SYNTAX, f"table `{table_name}` has {len(table.keys)} key(s), not {len(syntax.parts)}", syntax
            )
            return None
        names = [self.key(part, wanted) for part, wanted in zip(syntax.parts, table.keys, strict=True)]
        keys = tuple(n for n in names if n is not None)
        if len(keys) != len(names):
            return None
        name = f"{table_name}[{', '.join(keys)}].{column}"
        self.notes.lookups.append(Lookup(name, table_name, keys, column))
        self.notes.multipliers |= set(keys)
        return Typed(Fact(name, unit.scale), unit, frozenset({unit.kind}))

    def key(self, syntax: Syntax, wanted: Unit) -> str | None:
        fact = self.fact(syntax) if syntax.form == "name" else None
        if syntax.form != "name":
            self.report(Code.SYNTAX, "a table's key is the name of a fact", syntax, "write `floors[deal.segment].walk`")
        elif fact is not None and not fact.fixed:
            why = "may be missing" if syntax.word.startswith("deal.") else "changes during a deal"
            what = f"`{syntax.word}` {why}, so it cannot choose a row"
            self.report(Code.NOT_FIXED, what, syntax, "use a fact under `deal:` that every deal states")
        elif fact is not None and fact.unit != wanted:
            what = f"`{syntax.word}` is {fact.unit}; the table's key is {wanted}"
            self.report(Code.KINDS_DIFFER, what, syntax, "use the fact that the table's key column names")
        elif fact is not None:
            return syntax.word
        return None


def _scaled(factor: Fraction, tree: Number) -> Number:
    if isinstance(tree, Const):
        return Const(factor * tree.value)
    return tree if factor == 1 else Scaled(factor, tree)


def _describe(typed: Typed) -> str:
    if typed.kinds == _PLAIN:
        return "a plain number"
    if typed.kinds == _DAY_WORD:
        return "a number of days"
    return "money" if typed.unit.kind is Kind.MONEY else a_kind(typed.unit)


def _kind_hint(a: Typed, b: Typed, currency: str) -> str:
    kinds = a.kinds | b.kinds
    if Kind.MONEY in kinds and Kind.PERCENT in kinds:
        return "write a share of an amount: `5% of deal.list_price`"
    for one, other in ((a, b), (b, a)):
        if one.kinds == _PLAIN and is_constant(one.tree) and other.unit.kind in NUMERIC - _PLAIN:
            amount = constant(one.tree)
            number = f"{amount.numerator:,}" if amount.denominator == 1 else str(float(amount))
            word = {Kind.MONEY: f" {currency}", Kind.PERCENT: "%", Kind.DURATION: " days"}
            return f"write `{number}{word.get(other.unit.kind, f' {other.unit.kind}')}`"
        if is_constant(one.tree) and not is_constant(other.tree):
            return f"write it as `{example(other.unit)}`"
    return "only what is of one kind can be put together"
