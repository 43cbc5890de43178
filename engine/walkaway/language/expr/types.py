"""What expressions are made of beside their trees: the types of names, and the units and kinds of numbers."""

from collections.abc import Mapping
from fractions import Fraction

import msgspec

from walkaway.language.diagnostics import Diagnostic
from walkaway.language.expr.tree import Condition, Const, Extreme, Fact, Number, Product, Scaled, Sum, facts_of
from walkaway.language.values import DURATIONS, Kind, Unit

MAX_PARTS = 2_000
MAX_DEPTH = 100
"""An expression has no more parts, and nests no deeper, with its definitions written out."""
PLAIN = frozenset({Kind.COUNT, Kind.NUMBER})
"""The kinds that a number without a unit may stand for."""
DAY_WORD = frozenset({Kind.DAYS, Kind.DURATION})
"""The kinds that `30 days` may stand for."""


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
        selector: The issue that stands for one of its values, while what is told apart by these is read.
        multiplies: Two facts that both change during a deal may be multiplied, and no third: a derived fact is read.
    """

    facts: Mapping[str, FactType]
    currency: str
    defined: Mapping[str, Condition | Typed] = {}
    tables: Mapping[str, TableType] = {}
    broken: frozenset[str] = frozenset()
    later: frozenset[str] = frozenset()
    selector: str = ""
    multiplies: bool = False


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
        """Return notes without an entry."""
        return cls([], [], set())


def accepts(typed: Typed, unit: Unit) -> Number | None:
    """Return *typed*'s tree counted in *unit*, or none where the kinds differ."""
    if unit.kind in PLAIN and typed.kinds & PLAIN:
        return typed.tree
    if unit.kind not in typed.kinds:
        return None
    if typed.kinds == DAY_WORD and unit.kind is Kind.DURATION:
        return Scaled(Fraction(DURATIONS["day"]), typed.tree)
    return typed.tree


def is_constant(tree: Number) -> bool:
    """Return whether *tree* reads no fact."""
    return not facts_of(tree)


def holds_number(tree: Number) -> bool:
    """Return whether a number as written stands in *tree*, or is a factor in it."""
    match tree:
        case Const() | Scaled():
            return True
        case Fact():
            return False
        case Sum(parts) | Extreme(parts=parts):
            return any(map(holds_number, parts))
        case Product(number, fixed):
            return holds_number(number) or holds_number(fixed)


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
