"""datalogic-py: JSON Logic compiled by a Rust core; one merged rule, run by one session on the text of the line.

How it is driven was chosen by measurement, as zen-engine's way was (the same rules, lines and warnings): microseconds
for one decision at 10 / 30 / 300 rules, version 5.9.0. Reading the 40 facts of a line alone costs 2.9 of these.
Compared with `===`.

   5.2 / 8.5 /   67   session, one rule that merges lists of ids, nested names   <- in use
   5.9 / 8.9 /   68   session, one rule that is an array of booleans, nested names (over three
                      further rule sets of 300 it was 5 to 15 % slower than merging)
   5.6 /  10 /   82   the same with flat names
   5.9 / 9.2 /   71   the same, through the rule itself and not through a session
   5.9 / 9.4 /   77   the same, JSON text out, decoded by orjson
   5.9 / 9.7 /   77   the same with `val` for `var`, flat names (nested: 5.2 / 9.6 / 71)
   5.2 / 8.7 /   72   session, ids joined to one string, split outside
   5.8 / 9.1 /   75   session, one character for each rule, joined to one string
   5.5 / 8.9 /   70   session, nested `if` for `and`
   5.8 /  11 /   94   session, an array of ids and nulls, flat names
   5.3 /  11 /   94   session, sums of powers of two, flat names
   6.4 /  11 /   81   an array of booleans over a data handle, flat names
   9.4 /  20 /  190   many rules over one data handle
   8.6 /  19 /  183   one typed call for each rule over one data handle
   ~28 /  78 /  819   one call for each rule, the line read again by each
    12 /  17 /   94   an array of booleans, with the line decoded outside and passed as a dict
"""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import datalogic_py

from . import Constant, Decide, Leaf, Peer, PeerRule, dump

Json: TypeAlias = int | str | bool | list["Json"] | dict[str, "Json"]

_UNDOTTED = "_"


def _nested(fact: str) -> tuple[str, str]:
    """The group and the name in it; a name without a dot goes to a group of its own kind."""
    head, dot, rest = fact.partition(".")
    return (head, rest.replace(".", "_")) if dot else (_UNDOTTED, head)


def _leaf(leaf: Leaf) -> Json:
    fact, op, constant = leaf
    operator = {"=": "===", "!=": "!=="}.get(op, op)
    return {operator: [{"var": ".".join(_nested(fact))}, constant]}


def _joined(operator: str, parts: list[Json], empty: bool) -> Json:
    if not parts:
        return empty
    return parts[0] if len(parts) == 1 else {operator: parts}


def _rule(disjuncts: list[list[Leaf]]) -> Json:
    return _joined("or", [_joined("and", [_leaf(leaf) for leaf in d], True) for d in disjuncts], False)


def build(rules: Sequence[PeerRule]) -> Decide:
    """Return the function that runs all rules as one."""
    engine = datalogic_py.Engine()
    evaluate = engine.session().evaluate
    lists: list[Json] = [{"if": [_rule(disjuncts), [rule_id], []]} for rule_id, disjuncts in rules]
    merged = engine.compile({"merge": lists})

    def decide(line: bytes) -> frozenset[int]:
        return frozenset(evaluate(merged, line.decode()))

    return decide


def line(facts: Mapping[str, Constant]) -> bytes:
    """Write a line as an object of groups, split at the first dot of each name."""
    groups: dict[str, dict[str, Constant]] = {}
    for fact, constant in facts.items():
        group, name = _nested(fact)
        members = groups.setdefault(group, {})
        if name in members:
            raise ValueError(f"{fact!r} has the nested name of another fact")
        members[name] = constant
    return dump(groups)


PEER = Peer("datalogic-py", "datalogic_py", build, line)
