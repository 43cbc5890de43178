"""How a core's code reads facts: the expressions that it is put together from. Knows no rules."""

import ast
from collections.abc import Iterable
from typing import Any


class FactLayout:
    """Facts as a mapping from names; a fact that may be unknown need not have an entry."""

    def read(self, fact: str) -> ast.expr:
        """Return the expression that reads a fact which is known."""
        return ast.Subscript(the_facts(), ast.Constant(fact), ast.Load())

    def find(self, fact: str) -> ast.expr:
        """Return the expression that reads a fact, none where it is unknown."""
        return ast.Call(ast.Attribute(the_facts(), "get", ast.Load()), [ast.Constant(fact)], [])

    def copied(self, facts: Any, conclusions: Iterable[str]) -> Any:
        """Return facts of one's own, nothing concluded yet."""
        return {**facts, **dict.fromkeys(conclusions, 0)}

    def conclude(self, facts: Any, conclusion: str) -> None:
        """Enter a conclusion into facts of one's own."""
        facts[conclusion] = 1


BY_NAME = FactLayout()


def the_facts() -> ast.expr:
    """Return the expression for all facts: the argument of a core's function."""
    return ast.Name("facts", ast.Load())
