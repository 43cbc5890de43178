"""Conditions and numbers as typed trees: what a rule means, after every name has been looked up.

A number's tree counts in whole units (1 is one dollar, one percent, one month), exactly; facts are counted in their
smallest unit, those computed from worths in fractions of it, and carry the scale between the two. A leaf over an
unknown fact is false. Knows no policy.
"""

from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache

import msgspec

from walkaway.language.diagnostics import Span
from walkaway.language.values import Exact, Unit


class Op(StrEnum):
    """A comparison."""

    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="
    EQ = "="
    NE = "!="


OPPOSITE = {Op.LT: Op.GE, Op.LE: Op.GT, Op.GT: Op.LE, Op.GE: Op.LT, Op.EQ: Op.NE, Op.NE: Op.EQ}
"""The comparison that holds where the key does not."""
MIRRORED = {Op.LT: Op.GT, Op.LE: Op.GE, Op.GT: Op.LT, Op.GE: Op.LE, Op.EQ: Op.EQ, Op.NE: Op.NE}
"""The comparison with its sides exchanged."""


class Const(msgspec.Struct, frozen=True, tag=True, cache_hash=True):
    """A constant, in whole units.

    Attributes:
        money: Whether it is an amount in the policy's currency, which a deal in another one converts.
    """

    value: Fraction
    money: bool = False


class Fact(msgspec.Struct, frozen=True, tag=True, cache_hash=True):
    """A fact's value, by name.

    Attributes:
        scale: How many of its smallest unit make one.
        whole: Whether it is always a whole number of these.
    """

    name: str
    scale: int = 1
    whole: bool = True


class Sum(msgspec.Struct, frozen=True, tag=True, cache_hash=True):
    """The sum of its parts, at least two."""

    parts: tuple["Number", ...]


class Scaled(msgspec.Struct, frozen=True, tag=True, cache_hash=True):
    """A constant times a number."""

    factor: Fraction
    number: "Number"


class Product(msgspec.Struct, frozen=True, tag=True, cache_hash=True):
    """A number times a number that is fixed at the opening of a deal."""

    number: "Number"
    fixed: "Number"


class Extreme(msgspec.Struct, frozen=True, tag=True, cache_hash=True):
    """The largest of its parts (`max`), or the smallest (`min`); at least two."""

    largest: bool
    parts: tuple["Number", ...]


Number = Const | Fact | Sum | Scaled | Product | Extreme


class Compare(msgspec.Struct, frozen=True, tag=True, cache_hash=True):
    """A leaf: two numbers compared.

    Attributes:
        text: The leaf as the author wrote it.
        unit: Of both sides, for showing them.
    """

    op: Op
    left: Number
    right: Number
    text: str
    span: Span
    unit: Unit


class Is(msgspec.Struct, frozen=True, tag=True, cache_hash=True):
    """A leaf: a choice, or a yes/no fact, is one of *values* (symbols, or 1 and 0)."""

    fact: str
    values: tuple[int | str, ...]
    text: str
    span: Span
    unit: Unit


class Known(msgspec.Struct, frozen=True, tag=True, cache_hash=True):
    """A leaf: the fact has a value."""

    fact: str
    text: str
    span: Span


class All(msgspec.Struct, frozen=True, tag=True, cache_hash=True):
    """Every part holds; none is needed."""

    parts: tuple["Condition", ...]


class Any(msgspec.Struct, frozen=True, tag=True, cache_hash=True):
    """Some part holds."""

    parts: tuple["Condition", ...]


class Not(msgspec.Struct, frozen=True, tag=True, cache_hash=True):
    """The part does not hold."""

    part: "Condition"


Leaf = Compare | Is | Known
Condition = Compare | Is | Known | All | Any | Not

ALWAYS = All(())
NEVER = Any(())


def leaves(condition: Condition) -> Iterator[Leaf]:
    """Return the leaves of *condition*, left to right."""
    match condition:
        case All(parts) | Any(parts):
            for part in parts:
                yield from leaves(part)
        case Not(part):
            yield from leaves(part)
        case _:
            yield condition


def text_of(condition: Condition) -> str:
    """Return *condition* on one line, its leaves as the author wrote them, definitions and trees written out."""
    match condition:
        case Compare(text=text) | Is(text=text) | Known(text=text):
            return text
        case Not(part):
            inner = text_of(part)
            if not isinstance(part, Not) and _is_negated(part, inner):
                return inner
            return f"not ({inner})" if " " in inner else f"not {inner}"
        case All(parts) | Any(parts):
            word = "and" if isinstance(condition, All) else "or"
            texts = list(dict.fromkeys(_bracketed(p, word) for p in parts))
            return f" {word} ".join(texts) or ("always" if word == "and" else "never")


def _is_negated(part: Condition, text: str) -> bool:
    """Return whether *part* is one leaf whose text holds the `not` around it already: `a != b`, `a not in [..]`."""
    signs = (" not in ", " not between ") + ("!=",) * isinstance(part, Is)
    return {leaf.text for leaf in leaves(part)} == {text} and any(sign in text for sign in signs)


def _bracketed(part: Condition, word: str) -> str:
    """Write a part of a conjunction or disjunction; `a between b and c` is one leaf, although it is compared twice."""
    text = text_of(part)
    joined = isinstance(part, All | Any) and len({text_of(p) for p in part.parts}) > 1
    return f"({text})" if joined and isinstance(part, All) != (word == "and") else text


@lru_cache(16_384)
def facts_of(tree: Condition | Number) -> frozenset[str]:
    """Return the names of all facts that *tree* reads."""
    match tree:
        case Fact(name):
            return frozenset({name})
        case Is(fact) | Known(fact):
            return frozenset({fact})
        case Sum(parts) | Extreme(_, parts) | All(parts) | Any(parts):
            return frozenset().union(*map(facts_of, parts))
        case Compare(_, left, right):
            return facts_of(left) | facts_of(right)
        case Product(number, fixed):
            return facts_of(number) | facts_of(fixed)
        case Scaled(_, number):
            return facts_of(number)
        case Not(part):
            return facts_of(part)
        case Const():
            return frozenset()


def are_whole(tree: Number) -> bool:
    """Return whether every fact that *tree* reads is a whole number of its smallest unit."""
    match tree:
        case Fact(whole=whole):
            return whole
        case Sum(parts) | Extreme(_, parts):
            return all(map(are_whole, parts))
        case Product(left, right):
            return are_whole(left) and are_whole(right)
        case Scaled(_, number):
            return are_whole(number)
        case Const():
            return True


def filled(tree: Number, values: Mapping[str, int]) -> Number:
    """Return *tree* with the facts among *values* put in as constants; *values* are in smallest units."""

    def known(part: Number) -> Number | None:
        return (
            Const(Fraction(values[part.name], part.scale)) if isinstance(part, Fact) and part.name in values else None
        )

    return rebuilt(tree, known)


def rebuilt(tree: Number, instead: Callable[[Number], Number | None]) -> Number:
    """Return *tree* with what *instead* returns in place of its parts, outermost first; none leaves a part as it is."""
    found = instead(tree)
    if found is not None:
        return found
    match tree:
        case Sum(parts):
            return Sum(tuple(rebuilt(p, instead) for p in parts))
        case Extreme(largest, parts):
            return Extreme(largest, tuple(rebuilt(p, instead) for p in parts))
        case Scaled(factor, number):
            return Scaled(factor, rebuilt(number, instead))
        case Product(number, fixed):
            return Product(rebuilt(number, instead), rebuilt(fixed, instead))
        case Const() | Fact():
            return tree


def with_leaves(condition: Condition, instead: Callable[[Leaf], Condition]) -> Condition:
    """Return *condition* with something in place of each of its leaves, left to right."""
    match condition:
        case All(parts):
            return All(tuple(with_leaves(p, instead) for p in parts))
        case Any(parts):
            return Any(tuple(with_leaves(p, instead) for p in parts))
        case Not(part):
            return Not(with_leaves(part, instead))
        case _:
            return instead(condition)


def is_within(tree: Condition | Number, parts: int, depth: int) -> bool:
    """Return whether *tree* has at most *parts* parts, nested at most *depth* deep; looks at no more than these."""
    level: list[Condition | Number] = [tree]
    for _ in range(depth):
        if not level:
            return True
        parts -= len(level)
        if parts < 0:
            return False
        following: list[Condition | Number] = []
        for part in level:
            following.extend(_inside(part))
            if len(following) > parts:
                return False
        level = following
    return not level


def _inside(tree: Condition | Number) -> tuple[Condition | Number, ...]:
    match tree:
        case Sum(parts) | Extreme(_, parts):
            return parts
        case All(conditions) | Any(conditions):
            return conditions
        case Compare(_, left, right) | Product(left, right):
            return (left, right)
        case Scaled(_, number):
            return (number,)
        case Not(part):
            return (part,)
        case Const() | Fact() | Is() | Known():
            return ()


def push_not_inwards(condition: Condition, *, holds: bool = True) -> Condition:
    """Return the same condition with no `Not` above a comparison; `holds=False` gives its opposite.

    `Not` stays where a leaf has no opposite of its own: around `Known` and `Is`.
    """
    match condition:
        case All(parts):
            inner = tuple(push_not_inwards(p, holds=holds) for p in parts)
            return All(inner) if holds else Any(inner)
        case Any(parts):
            inner = tuple(push_not_inwards(p, holds=holds) for p in parts)
            return Any(inner) if holds else All(inner)
        case Not(part):
            return push_not_inwards(part, holds=not holds)
        case Compare():
            return condition if holds else msgspec.structs.replace(condition, op=OPPOSITE[condition.op])
        case _:
            return condition if holds else Not(condition)


def compare(op: Op, left: Fraction | int, right: Fraction | int) -> bool:
    """Compare two exact numbers."""
    match op:
        case Op.LT:
            return left < right
        case Op.LE:
            return left <= right
        case Op.GT:
            return left > right
        case Op.GE:
            return left >= right
        case Op.EQ:
            return left == right
        case Op.NE:
            return left != right


def evaluate(tree: Number, facts: Mapping[str, Exact | None]) -> Fraction | None:
    """Return the value of *tree* in whole units, exactly; none where a fact it reads is unknown."""
    match tree:
        case Const(value):
            return value
        case Fact(name, scale):
            known = facts.get(name)
            return Fraction(known, scale) if isinstance(known, int | Fraction) else None
        case Scaled(factor, inner):
            scaled = evaluate(inner, facts)
            return None if scaled is None else factor * scaled
        case Product(left, right):
            a, b = evaluate(left, facts), evaluate(right, facts)
            return None if a is None or b is None else a * b
        case Sum(parts) | Extreme(_, parts):
            values = [evaluate(p, facts) for p in parts]
            known_values = [v for v in values if v is not None]
            if len(known_values) < len(values):
                return None
            if isinstance(tree, Sum):
                return sum(known_values, Fraction(0))
            return max(known_values) if tree.largest else min(known_values)


def truth(condition: Condition, facts: Mapping[str, Exact | None]) -> bool | None:
    """Return whether a condition holds; none where that hangs on an unknown fact.

    A leaf over an unknown fact neither holds nor fails, and a rule does not fire on it. A conjunction fails with any of
    its parts, whatever the others; a disjunction alike.

    Source:
        Kleene, Introduction to Metamathematics (1952), section 64: the strong connectives.
    """
    match condition:
        case Not(part):
            found = truth(part, facts)
            return None if found is None else not found
        case All(parts) | Any(parts):
            settles, unknown = isinstance(condition, Any), False
            for part in parts:
                found = truth(part, facts)
                if found is settles:
                    return settles
                unknown = unknown or found is None
            return None if unknown else not settles
        case Known(fact):
            return facts.get(fact) is not None
        case Is(fact, values):
            value = facts.get(fact)
            return None if value is None else value in values
        case Compare(op, left, right):
            a, b = evaluate(left, facts), evaluate(right, facts)
            return None if a is None or b is None else compare(op, a, b)
