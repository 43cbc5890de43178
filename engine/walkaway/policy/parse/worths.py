"""Read what an issue is worth, to us or to the other side: an amount, an amount per step, or one beside each word."""

from fractions import Fraction

from walkaway.language import source
from walkaway.language.codes import Code
from walkaway.language.expr import infer
from walkaway.language.expr.linear import sign
from walkaway.language.expr.tree import Const, Number, facts_of
from walkaway.language.expr.types import Inferred, Scope, Typed
from walkaway.language.source import Scalar
from walkaway.language.values import Kind, NotAValue, Unit, Value, as_unit, shorten, to_units
from walkaway.policy.model import Graded, Linear
from walkaway.policy.parse.section import Section, comma_hint, describe

_EXAMPLES = {
    Kind.PERCENT: "-1% of deal.list_price per 1%",
    Kind.MONTHS: "0.1% of deal.list_price per month",
    Kind.DAYS: "-0.1% of deal.list_price per day",
    Kind.DAY: "-0.1% of deal.list_price per day",
    Kind.YES_NO: "2% of deal.list_price",
}
_STEPS = {Kind.PERCENT: "1%", Kind.MONTHS: "month", Kind.DAYS: "day", Kind.DAY: "day", Kind.DURATION: "hour"}


def worth(section: Section, unit: Unit, scope: Scope, notes: Inferred) -> Linear | Graded | None:
    """Read what an issue is worth to us: beside each word of a choice, or under `worth`."""
    if unit.kind is Kind.CHOICE:
        return _graded(section, unit, "one of", scope, notes)
    if "worth" not in section.nodes:
        hint = f"add `worth:`, as in `{_EXAMPLES.get(unit.kind, f'-100 {scope.currency} per 1')}`"
        if "worth" not in section.meant and not section.node.incomplete:
            section.findings.add(Code.MISSING_KEY, f"{section.name} lacks `worth`", section.place, hint)
    return _rate(section, unit, "worth", scope, notes)


def theirs(section: Section, unit: Unit, scope: Scope, notes: Inferred) -> Linear | Graded | None:
    """Read what the issue is worth to the other side, where the policy says so."""
    if "theirs" not in section.nodes:
        return None
    return (_graded if unit.kind is Kind.CHOICE else _rate)(section, unit, "theirs", scope, notes)


def direction(section: Section, worth: Linear | Graded, limited: bool) -> int:
    """Return which way is better for us; a limit needs one."""
    if isinstance(worth, Graded):
        return 0
    way = sign(worth.rate)
    if not way and (limited or way is None):
        what = "could be positive or negative" if way is None else "is nothing"
        section.findings.add(
            Code.WORTH_SHAPE,
            f"the worth of {section.name} {what}, so no direction is better for us",
            section.keys["worth"].span,
            "give it a worth with one sign",
        )
    return way or 0


def _rate(section: Section, unit: Unit, key: str, scope: Scope, notes: Inferred) -> Linear | Graded | None:
    """Read a worth that is one amount, or an amount per step."""
    scalar = section.scalar(key)
    if scalar is None:
        return None
    found = infer.worth(scalar, scope, notes)
    if found is None:
        return None
    typed, step, place = found
    rate = _money(typed, scalar, section, scope)
    if rate is None:
        return None
    if unit.kind is Kind.YES_NO:
        if step is not None:
            what = "a yes/no issue is worth one amount, not an amount per step"
            section.findings.add(Code.WORTH_SHAPE, what, place, "remove `per …`")
            return None
        return Graded({1: rate, 0: Const(Fraction(0))})
    if step is None:
        what = f"the worth of {section.name} does not say per what"
        hint = "add `per 1%`, `per month`, `per 1 USD`, or what one step is"
        section.findings.add(Code.WORTH_SHAPE, what, scalar.span, hint)
        return None
    try:
        return Linear(rate, to_units(step, unit.distance, " ".join([str(step.amount), step.word]).strip()))
    except NotAValue as problem:
        hint = f"write `per {_STEPS.get(unit.kind, f'1 {scope.currency}' if unit.kind is Kind.MONEY else '1')}`"
        section.findings.add(Code.WORTH_SHAPE, str(problem), place, hint)
        return None


def _graded(section: Section, unit: Unit, key: str, scope: Scope, notes: Inferred) -> Graded | None:
    """Read the worth beside each word of a choice."""
    node, findings = section.nodes[key], section.findings
    if "worth" in section.nodes:
        what = "the worth of a choice stands beside each of its words"
        hint = 'write `one of: {basic: 0 USD, gold: "-4,000 USD"}`'
        findings.add(Code.WORTH_SHAPE, what, section.keys["worth"].span, hint)
        return None
    if not isinstance(node, source.Mapping):
        what = f"the words of {section.name} have no worth"
        hint = f'write `{key}: {{basic: 0 USD, gold: "-4,000 USD"}}`'
        findings.add(Code.WORTH_SHAPE, what, section.keys[key].span, hint)
        return None
    worths: dict[Value, Number] = {}
    for word, value in node.entries:
        if word.value not in unit.choices and comma_hint(word.value):
            continue
        if not isinstance(value, Scalar) or not value.value.strip():
            what = f"the worth of `{shorten(word.value)}` is one amount, not {describe(value)}"
            hint = f"write `{shorten(word.value)}: 0 {scope.currency}`, or what it is worth"
            findings.add(Code.WRONG_SHAPE, what, word.span, hint)
            continue
        typed = infer.number(value, scope, notes)
        rate = _money(typed, value, section, scope) if typed else None
        if rate is not None:
            worths[word.value] = rate
    if key != "one of" and {word.value for word, _ in node.entries} != set(unit.choices):
        what = f"`{key}` of {section.name} must give an amount for each of its words, and for no other"
        hint = f"the words are {', '.join(unit.choices)}"
        findings.add(Code.WORTH_SHAPE, what, section.keys[key].span, hint)
    return Graded(worths) if set(worths) == set(unit.choices) else None


def _money_hint(text: str, scope: Scope) -> str:
    """Say how a worth is written, with the number that stands there."""
    said, per, step = text.partition(" per ")
    amounts, shares = as_unit(said, Unit(Kind.MONEY, scope.currency)), as_unit(said, Unit(Kind.PERCENT))
    of = next((n for n, fact in scope.facts.items() if n.startswith("deal.") and fact.unit.kind is Kind.MONEY), "")
    forms = [*amounts, *(f"{share} of {of}" for share in shares if of)]
    written = " or ".join(f"`{form}{per}{step}`" for form in forms)
    return f"write {written or 'an amount, or a share of one, as in `2% of deal.list_price`'}"


def _money(typed: Typed, scalar: Scalar, section: Section, scope: Scope) -> Number | None:
    """Return a worth's tree; a worth is money and reads only what the deal states when it opens."""
    if Kind.MONEY not in typed.kinds:
        what = f"a worth is money, and `{shorten(scalar.value)}` is not"
        hint = _money_hint(scalar.value, scope)
        section.findings.add(Code.WORTH_SHAPE, what, scalar.span, hint)
        return None
    for name in facts_of(typed.tree):
        if name in scope.facts and scope.facts[name].optional:
            what = f"`{name}` may be missing, so no worth can rest on it"
            hint = f"remove `optional` from `{name}`, or give it a `default`"
            section.findings.add(Code.NOT_FIXED, what, scalar.span, hint)
    return typed.tree
