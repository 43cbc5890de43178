"""What a runner is given and gives back. Knows facts, trees and firings; nothing of policies or events."""

from collections.abc import Callable, Mapping

import msgspec

from walkaway.language.expr.linear import Conjunction
from walkaway.language.expr.tree import Condition
from walkaway.language.values import Exact

Facts = Mapping[str, Exact | None]
"""Fact → amount in its smallest unit, exactly, or symbol; none, or no entry, where it is unknown."""

CONCLUDED = "concluded."
"""Facts that begin so are set by the rules of earlier strata, not by the caller."""


class CoreRule(msgspec.Struct, frozen=True):
    """One rule as a core runs it: its condition as a tree, and the same as tests.

    Attributes:
        concludes: The name it concludes, or empty.
        stratum: Above that of every rule whose conclusion it reads.
    """

    id: str
    condition: Condition
    alternatives: tuple[Conjunction, ...]
    concludes: str = ""
    stratum: int = 0


class Stage(msgspec.Struct, frozen=True):
    """All the rules that listen to one kind of event.

    Attributes:
        rules: By stratum, then by id.
        uncertain: The facts that may be unknown when these rules run.
    """

    rules: tuple[CoreRule, ...]
    uncertain: frozenset[str]


Fired = tuple[int, ...]
"""The places in `Stage.rules` of the rules that fired, ascending. Conclusions follow from them."""

Runner = Callable[[Facts], Fired]
"""Tells which rules of a stage fire."""


def concluded(stage: Stage, fired: Fired) -> tuple[str, ...]:
    """Return the names that the fired rules conclude, each once, sorted."""
    return tuple(sorted({stage.rules[i].concludes for i in fired if stage.rules[i].concludes}))
