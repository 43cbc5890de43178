"""Other rule engines over the same rules and the same fact lines as the policy engine, one file for each.

A peer gets the rules once, in the neutral form below, and gives back a function from one JSON line (bytes) to the set
of fired rule ids. Only that function is timed. Each spells fact names in its own way, so each has a companion that
writes the line as it wants it: no peer pays for renaming. A peer that takes no JSON gets its line decoded by orjson,
and pays for that, as its user would.

What all are asked, and no more: every fact that a rule names is on the line; an ordered comparison is between
integers; a string is only compared for being equal. Booleans on a line are written as 0 and 1.

A peer's file is imported when it is asked for: without its package everything else still runs.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from importlib.metadata import packages_distributions, version
from typing import NamedTuple, TypeAlias

from walkaway.decide.core.program import Stage
from walkaway.language.expr.linear import Conjunction, SymbolTest, Test

Constant: TypeAlias = int | str
Leaf: TypeAlias = tuple[str, str, Constant]
PeerRule: TypeAlias = tuple[int, list[list[Leaf]]]
"""A rule's number and its disjuncts; a rule fires when every leaf of some disjunct holds."""

Decide: TypeAlias = Callable[[bytes], frozenset[int]]

NAMES = {
    "zen-engine": "zen_engine",
    "datalogic-py": "datalogic",
    "cel-expr-python": "cel",
    "regorus": "rego",
    "cedarpy": "cedar",
    "clipspy": "clips_rules",
    "drools-jpy": "drools_jpy",
    "durable.lang": "durable_lang",
}
"""Peer → its file here."""


class Peer(NamedTuple):
    """One engine to compare with.

    Attributes:
        module: What its package is imported as.
        build: Takes the rules; gives the function that is timed.
        line: Writes facts as the line that function takes.
        limits: What it cannot hold or do, as found here.
    """

    name: str
    module: str
    build: Callable[[Sequence[PeerRule]], Decide]
    line: Callable[[Mapping[str, Constant]], bytes]
    limits: str = ""

    @property
    def version(self) -> str:
        """Return the version of the distribution that is installed."""
        (distribution, *_) = packages_distributions()[self.module.partition(".")[0]]
        return f"{distribution} {version(distribution)}"


def load(name: str) -> Peer:
    """Return a peer.

    Raises:
        ImportError: Where its package is missing, or what that needs.
    """
    peer: Peer = import_module(f".{NAMES[name]}", __name__).PEER
    return peer


def rules_of(stage: Stage) -> list[PeerRule]:
    """Return the compiled rules in the neutral form, numbered by their places."""
    return [(place, [_leaves(a) for a in rule.alternatives]) for place, rule in enumerate(stage.rules)]


def _leaves(tests: Conjunction) -> list[Leaf]:
    found: list[Leaf] = []
    for test in sorted(tests, key=repr):
        if isinstance(test, Test):
            (((fact,), factor),) = test.term.parts
            assert isinstance(fact, str)
            assert factor == 1
            found.append((fact, test.op.value, test.constant))
        else:
            assert isinstance(test, SymbolTest)
            found.append((test.fact, "=" if test.equal else "!=", test.symbol))
    return found


def flat(fact: str) -> str:
    """Return a fact's name with its dots written as underscores."""
    name = fact.replace(".", "_")
    if not name.isidentifier():
        raise ValueError(f"{fact!r} cannot be addressed")
    return name


def literal(constant: Constant) -> str:
    """Return a constant as it is written in JSON, and in the language of most peers."""
    if isinstance(constant, str) and ('"' in constant or "\\" in constant):
        raise ValueError(f"{constant!r} cannot be quoted")
    return json.dumps(constant, ensure_ascii=False)


def infix(disjuncts: list[list[Leaf]], place: str = "{}", both: str = "&&", either: str = "||") -> str:
    """Return a rule as an expression; *place* says where a fact is found."""
    ways = [f" {both} ".join(_comparison(leaf, place) for leaf in leaves) or "true" for leaves in disjuncts]
    return f" {either} ".join(f"({way})" for way in ways) or "false"


def _comparison(leaf: Leaf, place: str) -> str:
    fact, op, constant = leaf
    return f"{place.format(flat(fact))} {'==' if op == '=' else op} {literal(constant)}"


def flat_line(facts: Mapping[str, Constant]) -> bytes:
    """Write a line as one object, dots in names written as underscores."""
    named = {flat(fact): constant for fact, constant in facts.items()}
    if len(named) != len(facts):
        raise ValueError("two facts have one name once dots are underscores")
    return dump(named)


def dump(value: Mapping[str, object]) -> bytes:
    """Write an object as a line of JSON, as short as it can be."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
