"""Infer numbers: kinds are compared, and only what is linear passes.

A product needs one side that is constant or fixed at the opening; a quotient a constant below it.
"""

from collections.abc import Callable
from fractions import Fraction

import msgspec

from walkaway.language.codes import Code
from walkaway.language.currencies import CURRENCIES
from walkaway.language.diagnostics import nearest
from walkaway.language.expr.amounts import constants_of
from walkaway.language.expr.grammar import Syntax
from walkaway.language.expr.infer.context import Context
from walkaway.language.expr.infer.lookups import definition, fact_named, lookup
from walkaway.language.expr.infer.products import changing, could_be_derived, for_each, is_fixed
from walkaway.language.expr.tree import (
    Const,
    Extreme,
    Fact,
    Number,
    Product,
    Scaled,
    Sum,
    facts_of,
    is_within,
)
from walkaway.language.expr.types import DAY_WORD, MAX_DEPTH, MAX_PARTS, PLAIN, Typed, accepts, constant, is_constant
from walkaway.language.instants import DAY_FORM, read_day
from walkaway.language.values import DURATIONS, NUMERIC, Kind, Unit, a_kind, form, may_be_thousands, plain, shorten

_HUGE = 256
"""A constant of more binary digits is beyond every quantity."""
_JOIN_HINT = "compare quantities, and join conditions with `and` or `or`"


def number(syntax: Syntax, context: Context) -> Typed | None:
    """Return the tree of a number with its unit; none where there is a finding."""
    match syntax.form:
        case "quantity":
            return _quantity(syntax, context)
        case "day":
            return _day(syntax, context)
        case "name":
            return _named_number(syntax, context)
        case "negative":
            inner = _no_day(number(syntax.parts[0], context), syntax, context)
            return inner and Typed(_scaled(Fraction(-1), inner.tree), inner.unit, inner.kinds)
        case "sum":
            return _sum(syntax, context)
        case "product" | "quotient" | "of":
            return _multiplied(syntax, context)
        case "call":
            return _call(syntax, context)
        case "lookup":
            return lookup(syntax, context)
        case "text":
            context.report(Code.KINDS_DIFFER, f"the text {shorten(context.text(syntax))} is not a quantity", syntax)
            return None
        case _:
            what = f"`{shorten(context.text(syntax))}` is a condition, not a quantity"
            context.report(Code.NOT_A_CONDITION, what, syntax, _JOIN_HINT)
            return None


def _quantity(syntax: Syntax, context: Context) -> Typed | None:
    """Infer a number as written."""
    quantity = syntax.quantity
    assert quantity is not None
    word, amount = quantity.word, quantity.amount
    one = word.removesuffix("s")
    if not word:
        return Typed(Const(amount), Unit(Kind.NUMBER), PLAIN)
    kind = Kind.PERCENT if word == "%" else Kind.COUNT
    unit = Unit(Kind.MONEY, word) if word in CURRENCIES else Unit(kind)
    if is_two_numbers(syntax, unit, context):
        return None
    if word == "%":
        return Typed(Const(amount), Unit(Kind.PERCENT), frozenset({Kind.PERCENT}))
    if one == "month":
        return Typed(Const(amount), Unit(Kind.MONTHS), frozenset({Kind.MONTHS}))
    if one in ("day", "week"):
        return Typed(Const(amount * (7 if one == "week" else 1)), Unit(Kind.DAYS), DAY_WORD)
    if one in DURATIONS:
        return Typed(Const(amount * DURATIONS[one]), Unit(Kind.DURATION), frozenset({Kind.DURATION}))
    if word != context.scope.currency:
        hint = f"write the amount in {context.scope.currency}"
        context.report(
            Code.KINDS_DIFFER,
            f"`{context.text(syntax)}` is not in the policy's currency {context.scope.currency}",
            syntax,
            hint,
        )
        return None
    return Typed(Const(amount, money=True), Unit(Kind.MONEY, word), frozenset({Kind.MONEY}))


def _day(syntax: Syntax, context: Context) -> Typed | None:
    """Infer a day as written."""
    day = read_day(syntax.word)
    if day is None:
        context.report(Code.BAD_DATE, f"`{syntax.word}` is not a day", syntax, DAY_FORM)
        return None
    return Typed(Const(Fraction(day)), Unit(Kind.DAY), frozenset({Kind.DAY}))


def _no_day(typed: Typed | None, syntax: Syntax, context: Context) -> Typed | None:
    """Return a number; none, with a finding, where it is a day, with which nothing can be done but take it from one."""
    if typed is None or typed.unit.kind is not Kind.DAY:
        return typed
    what = f"`{shorten(context.text(syntax))}` reckons with a day as with a number"
    context.report(Code.KINDS_DIFFER, what, syntax, "take one day from another, or add days to one")
    return None


def _sum(syntax: Syntax, context: Context) -> Typed | None:
    """Infer a sum; one day less another is a number of days, and a day with days added to it is a day."""
    if not any(_is_day(part, context) for part in syntax.parts):
        return _merged(syntax, "added to", lambda parts: Sum(parts), context)
    days = Unit(Kind.DAYS)
    trees, count = [], 0
    for place in syntax.parts:
        sign = -1 if place.form == "negative" else 1
        part = number(place.parts[0] if sign < 0 else place, context)
        if part is None:
            return None
        is_day = part.unit.kind is Kind.DAY
        tree = part.tree if is_day else accepts(part, days)
        if tree is None:
            a_day = Typed(Const(Fraction(0)), Unit(Kind.DAY), frozenset({Kind.DAY}))
            differ(part, a_day, syntax, (place, syntax), "added to", context)
            return None
        count += sign if is_day else 0
        trees.append(_scaled(Fraction(sign), tree))
    if count not in (0, 1):
        what = f"`{shorten(context.text(syntax))}` adds days of the calendar"
        context.report(Code.KINDS_DIFFER, what, syntax, "take one day from another, or add days to one")
        return None
    unit = Unit(Kind.DAY) if count else days
    folded = _folded(syntax, Sum(tuple(trees)), context)
    return Typed(folded, unit, frozenset({unit.kind})) if folded is not None else None


def _is_day(syntax: Syntax, context: Context) -> bool:
    """Return whether a part of a sum is a day, without any finding about it."""
    while syntax.form == "negative":
        (syntax,) = syntax.parts
    match syntax.form:
        case "day":
            return True
        case "name":
            fact, defined = context.scope.facts.get(syntax.word), context.scope.defined.get(syntax.word)
            return (fact is not None and fact.unit.kind is Kind.DAY) or (
                isinstance(defined, Typed) and defined.unit.kind is Kind.DAY
            )
        case "call" if syntax.word in ("min", "max"):
            return any(_is_day(part, context) for part in syntax.parts)
        case "sum":
            signs = [-1 if part.form == "negative" else 1 for part in syntax.parts]
            return sum(s for s, part in zip(signs, syntax.parts, strict=True) if _is_day(part, context)) == 1
        case "lookup":
            table, _, column = syntax.word.partition(".")
            known = context.scope.tables.get(table)
            return known is not None and column in known.columns and known.columns[column].kind is Kind.DAY
        case _:
            return False


def is_two_numbers(syntax: Syntax, unit: Unit, context: Context) -> bool:
    """Report a number of *unit* whose point may stand for thousands, as `1.000`; return whether it is one."""
    while syntax.form == "negative":
        (syntax,) = syntax.parts
    quantity = syntax.quantity
    if quantity is None or quantity.grouped is None or not may_be_thousands(unit):
        return False
    word = f" {quantity.word}" if quantity.word else ""
    one, other = plain(quantity.amount), plain(quantity.grouped)
    what = f"`{context.text(syntax)}` may be {one} or {other}"
    context.report(Code.BAD_VALUE, what, syntax, f"write `{one}{word}` or `{other}{word}`")
    return True


def _named_number(syntax: Syntax, context: Context) -> Typed | None:
    """Infer a name: a definition, or a fact that is a quantity."""
    defined = definition(syntax.word, context)
    if isinstance(defined, Typed):
        return defined
    if defined is not None:
        context.report(Code.NOT_A_CONDITION, f"`{syntax.word}` is a condition, not a quantity", syntax, _JOIN_HINT)
        return None
    fact = fact_named(syntax, context)
    if fact is None:
        return None
    if not fact.unit.is_numeric:
        context.report(
            Code.KINDS_DIFFER,
            f"`{syntax.word}` is a {fact.unit.kind}, not a quantity",
            syntax,
            "use `=` or `in [..]`",
        )
        return None
    return Typed(Fact(syntax.word, fact.unit.scale, fact.whole), fact.unit, frozenset({fact.unit.kind}))


def _merged(syntax: Syntax, verb: str, build: Callable[[tuple[Number, ...]], Number], context: Context) -> Typed | None:
    """Infer numbers of one kind that a sum, `min` or `max` puts together."""
    parts = [number(part, context) for part in syntax.parts]
    found = [p for p in parts if p is not None]
    if len(found) != len(parts):
        return None
    first = min(found, key=lambda p: len(p.kinds))
    trees = []
    count = next((p.unit for p in found if p.unit.kind is Kind.COUNT), None)
    if count is not None and any(is_two_numbers(place, count, context) for place in syntax.parts):
        return None
    for part, place in zip(found, syntax.parts, strict=True):
        tree = accepts(part, first.unit)
        if tree is None:
            at = found.index(first)
            differ(part, first, syntax, (place, syntax.parts[at]), verb, context)
            return None
        trees.append(tree)
    unit = next((p.unit for p in found if p.unit.kind is Kind.NUMBER and not is_constant(p.tree)), first.unit)
    tree = _folded(syntax, build(tuple(trees)), context)
    return Typed(tree, unit, first.kinds) if tree is not None else None


def _multiplied(syntax: Syntax, context: Context) -> Typed | None:
    """Infer a product, a quotient, or a share of something."""
    left, right = (_no_day(number(part, context), syntax, context) for part in syntax.parts)
    if left is None or right is None:
        return None
    if syntax.form == "of":
        return _share(syntax, left, right, context)
    if syntax.form == "quotient":
        if not is_constant(right.tree) or not right.kinds & PLAIN:
            hint = "multiply instead: `give.value > 5% of deal.list_price`"
            if context.scope.multiplies:
                hint = "derive what stands above, and multiply what it is compared with in a rule"
            context.report(Code.NOT_LINEAR, "only a plain constant may stand below a division", syntax, hint)
            return None
        if constant(right.tree) == 0:
            context.report(Code.NOT_LINEAR, "this divides by zero", syntax, "divide by another number")
            return None
        tree = _folded(syntax, _scaled(1 / constant(right.tree), left.tree), context)
        return Typed(tree, left.unit, left.kinds) if tree is not None else None
    for one, other, place in ((left, right, syntax.parts[0]), (right, left, syntax.parts[1])):
        is_share = Kind.PERCENT in one.kinds and is_constant(one.tree) and not other.kinds & PLAIN
        if is_share and names(place, context.scope.selector):
            return _share(syntax, one, other, context)
    each = for_each(left, right) if context.scope.multiplies else None
    if each is None and not (left.kinds & PLAIN or right.kinds & PLAIN):
        share = Kind.PERCENT in left.kinds | right.kinds
        hint = "write `5% of …` for a share" if share else "multiply by a plain number, as `0.5`"
        if share and context.scope.multiplies:
            places = syntax.parts if Kind.PERCENT in left.kinds else syntax.parts[::-1]
            hint = f"write `{' of '.join(map(context.text, places))}`"
        differ(left, right, syntax, (syntax.parts[0], syntax.parts[1]), "multiplied by", context)
        context.notes.findings[-1] = msgspec.structs.replace(context.notes.findings[-1], hint=hint)
        return None
    carrier = each or (right if left.kinds & PLAIN else left)
    tree = _product(syntax, left.tree, right.tree, context)
    return Typed(tree, carrier.unit, carrier.kinds) if tree is not None else None


def names(syntax: Syntax, name: str) -> bool:
    """Return whether an expression names something; nothing names what has no name."""
    return bool(name) and (
        (syntax.form == "name" and syntax.word == name) or any(names(part, name) for part in syntax.parts)
    )


def _share(syntax: Syntax, left: Typed, right: Typed, context: Context) -> Typed | None:
    """Infer `5% of …`."""
    if Kind.PERCENT not in left.kinds:
        context.report(
            Code.KINDS_DIFFER,
            f"{_describe(left)} stands before `of`; only a percentage can",
            syntax,
            "write `5% of …`",
        )
        return None
    tree = _product(syntax, _scaled(Fraction(1, 100), left.tree), right.tree, context)
    return Typed(tree, right.unit, right.kinds) if tree is not None else None


def _product(syntax: Syntax, left: Number, right: Number, context: Context) -> Number | None:
    """Multiply two trees, of which one is constant or fixed at the opening; of a derived fact, two that change."""
    for factor, other in ((left, right), (right, left)):
        if is_constant(factor):
            return _folded(syntax, _scaled(constant(factor), other), context)
    for fixed, other in ((right, left), (left, right)):
        if is_fixed(fixed, context):
            context.notes.multipliers |= facts_of(fixed)
            return Product(other, fixed)
    if context.scope.multiplies and changing(left, context) + changing(right, context) == 2:
        return Product(left, right)
    what = f"`{shorten(context.text(syntax))}` multiplies two facts that both change during a deal"
    hint = "multiply by a constant, or by a fact that the deal states when it opens"
    if context.scope.multiplies:
        what = f"`{shorten(context.text(syntax))}` multiplies more than two facts that change during a deal"
        hint = "leave one of them out, or have the deal state it when it opens"
    elif could_be_derived(left, context) and could_be_derived(right, context):
        hint = f"name it under `derived:`, as `total: {context.text(syntax)}`, and read `derived.total`"
    context.report(Code.NOT_LINEAR, what, syntax, hint)
    return None


def _folded(syntax: Syntax, tree: Number, context: Context) -> Number | None:
    """Return a constant tree as one constant, another tree as it is; none, with a finding, beyond every range."""
    if not is_within(tree, MAX_PARTS, MAX_DEPTH) or not is_constant(tree):
        return tree
    value = constant(tree)
    if value.numerator.bit_length() + value.denominator.bit_length() <= _HUGE:
        return Const(value, money=any(part.money for part in constants_of(tree)))
    context.report(Code.OUT_OF_RANGE, "this number is beyond every quantity", syntax, "use smaller numbers")
    return None


def _call(syntax: Syntax, context: Context) -> Typed | None:
    """Infer `min`, `max` and `abs`."""
    match syntax.word:
        case "min" | "max":
            if len(syntax.parts) < 2:
                context.report(
                    Code.SYNTAX, f"`{syntax.word}` wants two quantities or more", syntax, "write `max(a, b)`"
                )
                return None
            return _merged(syntax, "compared with", lambda parts: Extreme(syntax.word == "max", parts), context)
        case "abs" if len(syntax.parts) == 1:
            inner = _no_day(number(syntax.parts[0], context), syntax, context)
            return inner and Typed(
                Extreme(True, (inner.tree, _scaled(Fraction(-1), inner.tree))), inner.unit, inner.kinds
            )
        case "abs":
            context.report(Code.SYNTAX, "`abs` wants one quantity", syntax, "write `abs(balance)`")
        case "known":
            context.report(Code.NOT_A_CONDITION, "`known` is a condition, not a quantity", syntax, _JOIN_HINT)
        case _:
            context.report(
                Code.UNKNOWN_FACT,
                f"there is no function `{shorten(syntax.word)}`",
                syntax,
                nearest(syntax.word, ("min", "max", "abs", "known")),
            )
    return None


def differ(a: Typed, b: Typed, syntax: Syntax, sides: tuple[Syntax, Syntax], verb: str, context: Context) -> None:
    """Report that two numbers are of different kinds."""
    one, other = (shorten(context.text(side)) for side in sides)
    what = f"{_describe(a)} (`{one}`) cannot be {verb} {_describe(b)} (`{other}`)"
    context.report(Code.KINDS_DIFFER, what, syntax, _kind_hint(a, b, context.scope.currency))


def _scaled(factor: Fraction, tree: Number) -> Number:
    if isinstance(tree, Const):
        return Const(factor * tree.value, tree.money)
    return tree if factor == 1 else Scaled(factor, tree)


def _describe(typed: Typed) -> str:
    if typed.kinds == PLAIN:
        return "a plain number"
    if typed.kinds == DAY_WORD:
        return "a number of days"
    return "money" if typed.unit.kind is Kind.MONEY else a_kind(typed.unit)


def _kind_hint(a: Typed, b: Typed, currency: str) -> str:
    kinds = a.kinds | b.kinds
    if Kind.MONEY in kinds and Kind.PERCENT in kinds:
        return "write a share of an amount: `5% of deal.list_price`"
    for one, other in ((a, b), (b, a)):
        if one.kinds == PLAIN and is_constant(one.tree) and other.unit.kind in NUMERIC - PLAIN:
            amount = constant(one.tree)
            number = plain(amount)
            word = {Kind.MONEY: f" {currency}", Kind.PERCENT: "%", Kind.DURATION: " days"}
            if other.unit.kind is Kind.DAY:
                return f"a day is written `YYYY-MM-DD`, and `{number} days` is a number of days"
            if other.unit.kind is Kind.PERCENT and 0 < abs(amount) < 1:
                return f"write `{number}%` or `{plain(amount * 100)}%`"
            return f"write `{number}{word.get(other.unit.kind, f' {other.unit.kind}')}`"
        if is_constant(one.tree) and not is_constant(other.tree):
            return form(other.unit)
    return "only what is of one kind can be put together"
