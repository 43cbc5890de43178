"""Infer: syntax to typed trees. Names are looked up, kinds are compared, and only what is linear passes.

Every mistake becomes a finding at its place; a tree is returned only where there was none. Knows no policy.
"""

from collections.abc import Callable
from typing import TypeVar

from walkaway.language.codes import Code
from walkaway.language.diagnostics import Diagnostic, Span
from walkaway.language.expr.grammar import SyntaxFinding, parse, parse_worth
from walkaway.language.expr.infer import conditions, numbers
from walkaway.language.expr.infer.context import Context
from walkaway.language.expr.tree import All, Any, Compare, Condition, Is, Known, Not, Number, is_within
from walkaway.language.expr.types import MAX_DEPTH, MAX_PARTS, Inferred, Scope, Typed
from walkaway.language.source import Scalar
from walkaway.language.values import Quantity, as_policies

T = TypeVar("T")


def condition(scalar: Scalar, scope: Scope, notes: Inferred) -> Condition | None:
    """Parse and infer *scalar* as a condition; none where there are findings, which go to *notes*."""
    return _guarded(scalar, scope, notes, lambda context: conditions.condition(parse(scalar.value), context))


def number(scalar: Scalar, scope: Scope, notes: Inferred) -> Typed | None:
    """Parse and infer *scalar* as a number; none where there are findings."""
    return _guarded(scalar, scope, notes, lambda context: numbers.number(parse(scalar.value), context))


def number_alone(scalar: Scalar) -> bool:
    """Return whether a text is a number as written, and no other expression."""
    return parse(scalar.value).form == "quantity"


def either(scalar: Scalar, scope: Scope, notes: Inferred) -> Condition | Typed | None:
    """Parse and infer *scalar* as whichever of the two it is."""
    return _guarded(scalar, scope, notes, lambda context: conditions.either(parse(scalar.value), context))


def worth(scalar: Scalar, scope: Scope, notes: Inferred) -> tuple[Typed, Quantity | None, Span] | None:
    """Parse and infer `MONEY` or `MONEY per STEP`; return the money, the step if any, and the step's place."""

    def infer(context: Context) -> tuple[Typed, Quantity | None, Span] | None:
        money, step = parse_worth(scalar.value)
        typed = numbers.number(money, context)
        if step is None:
            return (typed, None, scalar.span) if typed else None
        if step.form != "quantity" or step.quantity is None or step.quantity.amount <= 0:
            said = as_policies(f"1 {step.word}") if step.form == "name" else ""
            hint = f"write `per {said}`" if said else "write `per 1%`, `per month` or `per 1,000 USD`"
            context.report(Code.WORTH_SHAPE, "behind `per` stands a step above zero", step, hint)
            return None
        return (typed, step.quantity, context.span(step)) if typed else None

    return _guarded(scalar, scope, notes, infer)


def _guarded(scalar: Scalar, scope: Scope, notes: Inferred, infer: Callable[[Context], T]) -> T | None:
    before = len(notes.findings)
    try:
        found = infer(Context(scalar, scope, notes))
    except SyntaxFinding as finding:
        hint = _as_one(finding.name, scope) or finding.hint
        notes.findings.append(Diagnostic(finding.code, finding.message, scalar.at(finding.start, finding.length), hint))
        return None
    if len(notes.findings) > before:
        return None
    tree = _tree_of(found)
    if tree is not None and not is_within(tree, MAX_PARTS, MAX_DEPTH):
        what = f"with its definitions written out, this has more than {MAX_PARTS:,} parts, or is nested too deeply"
        notes.findings.append(Diagnostic(Code.TOO_COMPLEX, what, scalar.span, "let a rule conclude a part of it"))
        return None
    return found


def _as_one(name: str, scope: Scope) -> str:
    """Return the hint for words that are, as one, a name that there is; empty where they are none."""
    known = [n for n in (*scope.facts, *scope.defined) if name and (n == name or n.endswith(f".{name}"))]
    found = min(known, key=lambda n: (not n.startswith("deal."), not n.startswith("offer."), n), default="")
    return f"write `{found}`" if found else ""


def _tree_of(found: object) -> Condition | Number | None:
    match found:
        case Typed(tree) | (Typed(tree), *_):
            return tree
        case Compare() | Is() | Known() | All() | Any() | Not():
            return found
        case _:
            return None
