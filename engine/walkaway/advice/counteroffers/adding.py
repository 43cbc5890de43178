"""Which rules fire for a package: its choices added up and the rules run in one generated function.

What no rule reads is not added up. The rules are those of the `plain` core, over facts that are read where they are.
"""

import ast
from collections.abc import Callable, Sequence
from typing import Any

from walkaway.advice.counteroffers.choices import BEYOND, FIELD, GAINS, LOSSES, SHORT, Choice
from walkaway.decide.core import plain
from walkaway.decide.core.layout import FactLayout
from walkaway.decide.core.program import Facts, Fired, Stage
from walkaway.language.codegen import assign, expression, item, var
from walkaway.policy.model import LINES, Derived, Policy

FiredBy = Callable[[Sequence[Choice], Facts, tuple[Any, ...]], Fired]
"""Tells which rules fire for a package, with the facts that no choice brings, and what is the same for all packages."""

SAME = ("before", "walk", "want", "ahead", "scale", "fraction", "figure")
"""What is the same for all packages: the worth of our word, the limits of the whole package, what they are ahead by,
how many units of worth make one of money, what makes a fraction of two numbers, and a figure of lines."""

_FIGURES = {
    "offer.worth": "whole",
    "room.package": "None if walk is None else whole - walk",
    "give.value": "exact(loss)",
    "give.net": "exact(-worth) if worth < 0 else 0",
    "give.run": "exact(run)",
    "give.issues": f"counts >> {LOSSES} & {FIELD}",
    "asked.value": "exact(gain)",
    "asked.issues": f"counts >> {GAINS} & {FIELD}",
    "get.value": "exact(got)",
    "room.beyond_walk": f"(counts >> {BEYOND} & {FIELD}) + (walk is not None and whole < walk)",
    "room.short_of_want": f"(counts >> {SHORT} & {FIELD}) + (want is not None and whole < want)",
}
_ADDED = ("worth", "loss", "run", "both", "counts")
"""What is added up over the choices."""
_PUT_TOGETHER = {"got": "worth + loss - both + ahead", "gain": "worth + loss", "whole": "exact(before + worth)"}
"""What is computed of these once."""


class PackageLayout(FactLayout):
    """Facts as a package has them: its choices bring those of their issues, and its sums the figures.

    Args:
        scaled: Whether a worth is not yet in minor units of money.
    """

    arguments = ("package", "facts", "same")

    def __init__(self, policy: Policy, *, scaled: bool) -> None:
        self.scaled, self.derived = scaled, policy.derived
        self.places = {name: place for place, name in enumerate(policy.issues)}

    def read(self, fact: str) -> ast.expr:
        """Return the expression that reads a fact."""
        if fact in _FIGURES:
            return self.in_money(_FIGURES[fact])
        group, _, name = fact.partition(".")
        if group == "derived":
            return self.products(self.derived[name])
        if group == LINES:
            lines = ast.Attribute(var(f"c{self.places[LINES]}"), "value", ast.Load())
            return expression("figure(NAME, LINES)", NAME=name, LINES=lines)
        if group in ("offer", "room") and name in self.places:
            return ast.Attribute(var(f"c{self.places[name]}"), "value" if group == "offer" else "room", ast.Load())
        return super().read(fact)

    find = read

    def products(self, derived: Derived) -> ast.expr:
        """Return the expression for a derived fact: none where the deal does not state what it is made of."""
        facts = sorted({name for names, _ in derived.parts for name in names})
        read = {f: self.read(f) if f.startswith("offer.") else FactLayout.find(self, f) for f in facts}
        found: ast.expr | None = None
        for names, factor in derived.parts:
            part: ast.expr = ast.Constant(factor.numerator)
            for name in names:
                part = ast.BinOp(part, ast.Mult(), read[name])
            if factor.denominator != 1:
                part = expression("fraction(PART, BELOW)", PART=part, BELOW=factor.denominator)
            found = part if found is None else ast.BinOp(found, ast.Add(), part)
        assert found is not None, "a derived fact has a part"
        unknown: list[ast.expr] = [
            expression("VALUE is None", VALUE=value) for name, value in read.items() if not name.startswith("offer.")
        ]
        if not unknown:
            return found
        return ast.IfExp(ast.BoolOp(ast.Or(), unknown) if unknown[1:] else unknown[0], ast.Constant(None), found)

    def begin(self, body: Sequence[ast.stmt]) -> list[ast.stmt]:
        """Return what adds up what *body* reads."""
        choices = [f"c{place}" for place in range(len(self.places))]
        taken = ast.Tuple([ast.Name(c, ast.Store()) for c in choices], ast.Store())
        needed = _read(body)
        figures = [assign(n, self.in_money(text)) for n, text in _PUT_TOGETHER.items() if n in needed]
        needed |= _read(figures)
        sums = [(n, " + ".join(f"{c}.{n}" for c in choices)) for n in _ADDED if n in needed]
        same = [assign(name, item(var("same"), place)) for place, name in enumerate(SAME) if name in needed]
        return [
            ast.Assign([taken], var("package")),
            *same,
            *(assign(n, expression(text)) for n, text in sums),
            *figures,
        ]

    def in_money(self, text: str) -> ast.expr:
        """Return the expression for a figure, its worths in minor units of money."""
        return _Unscaled(scaled=self.scaled).visit(expression(text))  # type: ignore[no-any-return]


def _read(body: Sequence[ast.stmt]) -> set[str]:
    return {n.id for line in body for n in ast.walk(line) if isinstance(n, ast.Name)}


class _Unscaled(ast.NodeTransformer):
    """Takes worths as they are, or by their scale."""

    def __init__(self, *, scaled: bool) -> None:
        self.scaled = scaled

    def visit_Call(self, node: ast.Call) -> ast.expr:
        (worth,) = node.args
        if not self.scaled:
            return worth
        return expression("WORTH // scale if not WORTH % scale else fraction(WORTH, scale)", WORTH=worth)


def load(stage: Stage, policy: Policy, *, scaled: bool) -> FiredBy:
    """Return the function that tells which rules of *stage* fire for a package.

    Args:
        scaled: As for `PackageLayout`.
    """
    return plain.written(stage, PackageLayout(policy, scaled=scaled))
