"""How a core's code reads facts: the expressions that it is put together from. Knows no rules."""

import ast
from collections.abc import Iterable, Mapping, Sequence
from typing import Any


class FactLayout:
    """Facts as a mapping from names; a fact that may be unknown need not have an entry.

    Attributes:
        arguments: How they come to a core's function.
    """

    arguments: tuple[str, ...] = ("facts",)

    def read(self, fact: str) -> ast.expr:
        """Return the expression that reads a fact which is known."""
        return ast.Subscript(the_facts(), ast.Constant(fact), ast.Load())

    def find(self, fact: str) -> ast.expr:
        """Return the expression that reads a fact, none where it is unknown."""
        return ast.Call(ast.Attribute(the_facts(), "get", ast.Load()), [ast.Constant(fact)], [])

    def begin(self, body: Sequence[ast.stmt]) -> list[ast.stmt]:
        """Return what must stand before the statements that read facts."""
        return []

    def copied(self, facts: Any, conclusions: Iterable[str]) -> Any:
        """Return facts of one's own, nothing concluded yet."""
        return {**facts, **dict.fromkeys(conclusions, 0)}

    def conclude(self, facts: Any, conclusion: str) -> None:
        """Enter a conclusion into facts of one's own."""
        facts[conclusion] = 1


class Apart(FactLayout):
    """Facts each by itself, in the order of their names; none where one is unknown. Nothing is concluded from them."""

    def __init__(self, facts: Iterable[str], names: Mapping[str, str] | None = None) -> None:
        """Take facts under names of their own, or under those that they have where the code is put.

        Args:
            names: Fact → the variable that holds it.
        """
        self.names = names or {fact: f"f{place}" for place, fact in enumerate(sorted(facts))}
        self.arguments = tuple(self.names[fact] for fact in sorted(facts))

    def read(self, fact: str) -> ast.expr:
        """Return the expression that reads an argument."""
        return ast.Name(self.names[fact], ast.Load())

    find = read


BY_NAME = FactLayout()


def the_facts() -> ast.expr:
    """Return the expression for all facts: the argument of a core's function."""
    return ast.Name("facts", ast.Load())
