"""Infer conditions: what is compared is of one kind, and words are words of the choice that they are compared with."""

from walkaway.language.codes import Code
from walkaway.language.diagnostics import nearest
from walkaway.language.expr.grammar import Syntax
from walkaway.language.expr.infer.context import Context
from walkaway.language.expr.infer.lookups import definition, fact_named
from walkaway.language.expr.infer.numbers import differ, is_two_numbers, number
from walkaway.language.expr.tree import All, Any, Compare, Condition, Is, Known, Not, Op
from walkaway.language.expr.types import PLAIN, FactType, Typed, accepts, is_constant
from walkaway.language.values import Kind, Unit, a_kind, shorten


def condition(syntax: Syntax, context: Context) -> Condition | None:
    """Return the tree of a condition; none where there is a finding."""
    match syntax.form:
        case "and":
            return _parts(All, syntax, context)
        case "or":
            return _parts(Any, syntax, context)
        case "not":
            part = condition(syntax.parts[0], context)
            return Not(part) if part is not None else None
        case "compare":
            return _comparison(syntax, context)
        case "in":
            return _membership(syntax, context)
        case "between":
            return _between(syntax, context)
        case "yes-no":
            return All(()) if syntax.word == "yes" else Any(())
        case "call" if syntax.word == "known":
            return _known(syntax, context)
        case "name":
            return _named_condition(syntax, context)
        case _:
            what = f"`{shorten(context.text(syntax))}` is a quantity, not a condition"
            context.report(Code.NOT_A_CONDITION, what, syntax, "compare it: `… > …`")
            return None


def either(syntax: Syntax, context: Context) -> Condition | Typed | None:
    """Return the tree of a condition or of a number, whichever *syntax* is."""
    if syntax.form in ("compare", "in", "between", "not", "and", "or", "yes-no"):
        return condition(syntax, context)
    if syntax.form == "call" and syntax.word == "known":
        return condition(syntax, context)
    if syntax.form == "name":
        defined = context.scope.defined.get(syntax.word)
        fact = context.scope.facts.get(syntax.word)
        if (defined is not None and not isinstance(defined, Typed)) or (fact and not fact.unit.is_numeric):
            return condition(syntax, context)
    return number(syntax, context)


def _parts(form: type[All] | type[Any], syntax: Syntax, context: Context) -> Condition | None:
    """Infer the parts of `and` or `or`."""
    parts = [condition(part, context) for part in syntax.parts]
    found = tuple(p for p in parts if p is not None)
    return form(found) if len(found) == len(parts) else None


def _named_condition(syntax: Syntax, context: Context) -> Condition | None:
    """Infer a name that stands alone: a definition, or a fact that is yes or no."""
    defined = definition(syntax.word, context)
    if defined is not None and not isinstance(defined, Typed):
        return defined
    fact = fact_named(syntax, context) if defined is None else None
    if fact is None and defined is None:
        return None
    if fact is not None and fact.unit.kind is Kind.YES_NO:
        return Is(syntax.word, (1,), context.text(syntax), context.span(syntax), fact.unit)
    what = f"`{syntax.word}` is {a_kind(fact.unit) if fact else 'a quantity'}, not a condition"
    context.report(Code.NOT_A_CONDITION, what, syntax, "compare it: `… > …` or `… = …`")
    return None


def _known(syntax: Syntax, context: Context) -> Condition | None:
    """Infer `known(…)`."""
    if len(syntax.parts) != 1 or syntax.parts[0].form != "name":
        context.report(Code.SYNTAX, "`known` wants the name of one fact", syntax, "write `known(theirs.last.discount)`")
        return None
    name = syntax.parts[0]
    return Known(name.word, context.text(syntax), context.span(syntax)) if fact_named(name, context) else None


def _comparison(syntax: Syntax, context: Context) -> Condition | None:
    """Infer `… > …` and its like, between numbers or between a fact and a word."""
    left, right = syntax.parts
    symbolic = _symbolic(left, context) or _symbolic(right, context)
    if symbolic is not None:
        fact, other = (left, right) if _symbolic(left, context) else (right, left)
        return _equality(syntax, fact, other, symbolic, context)
    a = number(left, context)
    if a is None and _is_word(right, context):
        return None
    b = number(right, context)
    if a is None or b is None:
        return None
    return _compare(Op(syntax.word), a, b, syntax, (left, right), context)


def _is_word(syntax: Syntax, context: Context) -> bool:
    """Return whether *syntax* may be a word of a choice, rather than a name."""
    word = syntax.word
    return syntax.form == "text" or (syntax.form == "name" and "." not in word and word not in context.scope.defined)


def _compare(
    op: Op, a: Typed, b: Typed, syntax: Syntax, sides: tuple[Syntax, Syntax], context: Context
) -> Condition | None:
    """Compare two numbers, counted in one unit."""
    unit = _common(a, b)
    if unit and unit.kind is Kind.COUNT and any(is_two_numbers(side, unit, context) for side in sides):
        return None
    left, right = (accepts(a, unit), accepts(b, unit)) if unit else (None, None)
    if unit is None or left is None or right is None:
        differ(a, b, syntax, sides, "compared with", context)
        return None
    return Compare(op, left, right, context.text(syntax), context.span(syntax), unit)


def _common(a: Typed, b: Typed) -> Unit | None:
    """Return the unit in which both can be counted; the more particular one decides."""
    if a.kinds & PLAIN and b.kinds & PLAIN:
        return a.unit if a.unit.kind is Kind.NUMBER or is_constant(b.tree) else b.unit
    both = a.kinds & b.kinds
    if not both:
        return None
    return a.unit if len(a.kinds) <= len(b.kinds) else b.unit


def _symbolic(syntax: Syntax, context: Context) -> FactType | None:
    """Return the type of a fact whose values are words; none for anything else."""
    fact = context.scope.facts.get(syntax.word) if syntax.form == "name" else None
    return fact if fact and not fact.unit.is_numeric else None


def _equality(syntax: Syntax, fact: Syntax, other: Syntax, known: FactType, context: Context) -> Condition | None:
    """Infer that a fact is, or is not, a word."""
    if syntax.word not in ("=", "!="):
        context.report(
            Code.KINDS_DIFFER,
            f"`{fact.word}` has no order, so `{syntax.word}` says nothing",
            syntax,
            "use `=`, `!=` or `in [..]`",
        )
        return None
    value = _symbol(other, known.unit, context)
    if value is None:
        return None
    found = Is(fact.word, (value,), context.text(syntax), context.span(syntax), known.unit)
    return found if syntax.word == "=" else Not(found)


_YES_NO = {"true": "yes", "True": "yes", "TRUE": "yes", "false": "no", "False": "no", "FALSE": "no"}


def _symbol(syntax: Syntax, unit: Unit, context: Context) -> int | str | None:
    """Return the value of a fact that a word stands for."""
    if unit.kind is Kind.YES_NO:
        if syntax.form == "yes-no":
            return int(syntax.word == "yes")
    elif syntax.form in ("name", "text", "yes-no"):
        if unit.kind is Kind.TEXT and syntax.form == "text":
            return syntax.word
        if syntax.word in unit.choices:
            return syntax.word
        if context.scope.facts.get(syntax.word):
            context.report(
                Code.NOT_LINEAR,
                f"two facts of kind {unit.kind} cannot be compared with each other",
                syntax,
                "compare each with a constant",
            )
            return None
    context.report(
        Code.UNKNOWN_SYMBOL,
        f"`{shorten(context.text(syntax))}` is not {a_kind(unit) if unit.kind is Kind.YES_NO else unit}",
        syntax,
        f"write `{_YES_NO[syntax.word]}`"
        if syntax.word in _YES_NO and not unit.choices
        else nearest(syntax.word, unit.choices or ("yes", "no")),
    )
    return None


def _membership(syntax: Syntax, context: Context) -> Condition | None:
    """Infer `… in [..]`."""
    subject, *items = syntax.parts
    fact = _symbolic(subject, context)
    if fact is not None:
        values = [_symbol(item, fact.unit, context) for item in items]
        known = tuple(v for v in values if v is not None)
        return (
            Is(subject.word, known, context.text(syntax), context.span(syntax), fact.unit)
            if len(known) == len(values)
            else None
        )
    left = number(subject, context)
    if left is None:
        return None
    equal: list[Condition | None] = []
    for item in items:
        right = number(item, context)
        equal.append(_compare(Op.EQ, left, right, syntax, (subject, item), context) if right else None)
    found = tuple(p for p in equal if p is not None)
    return Any(found) if len(found) == len(equal) else None


def _between(syntax: Syntax, context: Context) -> Condition | None:
    """Infer `between … and …`."""
    subject, low, high = (number(part, context) for part in syntax.parts)
    if subject is None or low is None or high is None:
        return None
    a = _compare(Op.GE, subject, low, syntax, (syntax.parts[0], syntax.parts[1]), context)
    b = _compare(Op.LE, subject, high, syntax, (syntax.parts[0], syntax.parts[2]), context)
    return All((a, b)) if a is not None and b is not None else None
