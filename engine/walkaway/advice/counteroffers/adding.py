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
from walkaway.language.codegen import assign, block, expression, item, var
from walkaway.policy.model import Policy

FiredBy = Callable[[Sequence[Choice], Facts, tuple[Any, ...]], Fired]
"""Tells which rules fire for a package, with the facts that no choice brings, and what is the same for all packages."""

SAME = ("before", "walk", "want", "ahead", "exact")
"""What is the same for all packages: the worth of our word, the limits of the whole package, what they are ahead by,
and what gives a worth in minor units of money."""

_FIGURES = {
    "offer.worth": "exact(before + worth)",
    "room.package": "None if walk is None else exact(before + worth) - walk",
    "give.value": "exact(loss)",
    "give.net": "exact(-worth) if worth < 0 else 0",
    "give.run": "exact(run)",
    "give.issues": f"counts >> {LOSSES} & {FIELD}",
    "asked.value": "exact(worth + loss)",
    "asked.issues": f"counts >> {GAINS} & {FIELD}",
    "get.value": "exact(worth + loss - both + ahead)",
    "room.beyond_walk": f"(counts >> {BEYOND} & {FIELD}) + (walk is not None and exact(before + worth) < walk)",
    "room.short_of_want": f"(counts >> {SHORT} & {FIELD}) + (want is not None and exact(before + worth) < want)",
}
_ADDED = ("worth", "loss", "run", "both", "counts")
"""What is added up over the choices."""


class PackageLayout(FactLayout):
    """Facts as a package has them: its choices bring those of their issues, and its sums the figures.

    Args:
        scaled: Whether a worth is not yet in minor units of money.
    """

    arguments = ("package", "facts", "same")

    def __init__(self, policy: Policy, *, scaled: bool) -> None:
        self.scaled = scaled
        self.places = {name: place for place, name in enumerate(policy.issues)}

    def read(self, fact: str) -> ast.expr:
        """Return the expression that reads a fact."""
        figure = _FIGURES.get(fact)
        if figure is not None:
            return expression(figure) if self.scaled else _Whole().visit(expression(figure))
        group, _, name = fact.partition(".")
        if group in ("offer", "room") and name in self.places:
            return ast.Attribute(var(f"c{self.places[name]}"), "value" if group == "offer" else "room", ast.Load())
        return super().read(fact)

    find = read

    def begin(self, body: Sequence[ast.stmt]) -> list[ast.stmt]:
        """Return what adds up what *body* reads."""
        needed = {n.id for line in body for n in ast.walk(line) if isinstance(n, ast.Name)}
        choices = [f"c{place}" for place in range(len(self.places))]
        taken = ast.Tuple([ast.Name(c, ast.Store()) for c in choices], ast.Store())
        found: list[ast.stmt] = [ast.Assign([taken], var("package"))]
        found += [assign(name, item(var("same"), place)) for place, name in enumerate(SAME) if name in needed]
        for name in _ADDED:
            if name in needed:
                (line,) = block(f"{name} = {' + '.join(f'{c}.{name}' for c in choices)}")
                found.append(line)
        return found


class _Whole(ast.NodeTransformer):
    """Takes worths as they are."""

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        return node.args[0] if isinstance(node.func, ast.Name) and node.func.id == "exact" else node


def load(stage: Stage, policy: Policy, *, scaled: bool) -> FiredBy:
    """Return the function that tells which rules of *stage* fire for a package.

    Args:
        scaled: As for `PackageLayout`.
    """
    return plain.written(stage, PackageLayout(policy, scaled=scaled))
