"""Facts as a record with a field for each one that a stage reads, in the order of their names.

A JSON line of facts decodes into it in half the time of a mapping.
"""

import ast
from collections.abc import Callable, Iterable
from copy import copy
from typing import Any

import msgspec

from walkaway.decide.core.layout import FactLayout, the_facts
from walkaway.decide.core.program import CONCLUDED, Stage
from walkaway.language.expr.tree import Is, facts_of, leaves


class Sheet(FactLayout):
    """Facts as fields of a record, one for each fact that a stage reads.

    Attributes:
        fields: Fact → field.
        decode: Reads a JSON object whose keys are the facts' names; quickest where they come in `fields`' order.
    """

    def __init__(self, stage: Stage) -> None:
        names = sorted({f for r in stage.rules for f in facts_of(r.condition)})
        symbols = frozenset(_symbols(stage))
        self.fields = {name: f"f{place}" for place, name in enumerate(names)}
        columns = [_field(self.fields[n], n, n in symbols, n in stage.uncertain) for n in names]
        self.decode: Callable[[bytes], Any] = msgspec.json.Decoder(
            msgspec.defstruct("Facts", columns, gc=False, kw_only=True)
        ).decode

    def read(self, fact: str) -> ast.expr:
        """Return the expression that reads a field."""
        return ast.Attribute(the_facts(), self.fields[fact], ast.Load())

    find = read

    def copied(self, facts: Any, conclusions: Iterable[str]) -> Any:
        """Return a sheet of one's own, nothing concluded yet."""
        return copy(facts)

    def conclude(self, facts: Any, conclusion: str) -> None:
        """Enter a conclusion, where somebody reads it."""
        if conclusion in self.fields:
            setattr(facts, self.fields[conclusion], 1)


def _symbols(stage: Stage) -> Iterable[str]:
    """Return the facts that are compared with symbols."""
    for rule in stage.rules:
        for leaf in leaves(rule.condition):
            if isinstance(leaf, Is) and any(isinstance(v, str) for v in leaf.values):
                yield leaf.fact


def _field(field: str, name: str, symbol: bool, uncertain: bool) -> tuple[str, Any, Any]:
    sort: Any = str if symbol else int
    if name.startswith(CONCLUDED):
        return field, int, msgspec.field(name=name, default=0)
    if uncertain:
        return field, sort | None, msgspec.field(name=name, default=None)
    return field, sort, msgspec.field(name=name)
