"""Drive two general rule engines over the same rules and the same fact lines as the policy engine.

A peer gets the rules once, in the neutral form below, and gives back a function from one JSON line
(bytes) to the set of fired rule ids. Only that function is timed. Each peer spells fact names in its
own way, so each has a companion that writes the line as the peer wants it: no peer pays for renaming.

How each peer is driven was chosen by measurement: CPython 3.11, 40 integer facts on a line, rules of two
or three leaves, about one rule in ten firing, every way taking turns in one process. The numbers are
microseconds per decision at 10 / 30 / 300 rules, the median of 11 to 41 rounds of 300 lines, from several
runs (a mark ~ stands for a way timed on its own, and more roughly); the fastest honest way is in use. A
difference of less than a tenth is within the noise. The machine changed between two speeds about a factor
of 1.8 apart while it measured, and the medians come from the slower one: compare the ways with each other,
and measure anew for anything else.

zen-engine 2.1.3. Reading the 40 facts of a line alone costs 12.4 of these.

    16 /  20 /   87   one compiled expression, an array of booleans, bytes in, flat names   <- in use
    15 /  22 /  128   the same with nested names: the line reads faster, the rules run slower
    16 /  21 /  102   one compiled expression, an array of ids and nulls
    17 /  23 /  120   the same, with the nulls filtered out inside the expression
    16 /  21 /   99   one compiled expression, sums of powers of two
    16 /  22 /  113   one compiled expression, ids joined to one string and split outside
    22 /  27 /   90   an array of booleans, with the line decoded outside and passed as a dict
  ~123 / 369 /    -   one compiled expression for each rule: every one reads the line again
    27 /  30 /  110   engine with a static loader, an expression node
    26 /  36 /  181   engine with a static loader, a decision table that collects, a condition in one cell
    39 /  58 /  294   engine with a static loader, a decision table that collects, a column for each fact
   620 / 747 / 2557   engine with a static loader, a function node
  ~265 and more       a decision object, whatever the node: it starts a runtime on every call
   ~52 /  74 /  241   a batch of 1,000 requests on a decision table, for each request

datalogic-py 5.9.0. Reading the 40 facts of a line alone costs 2.9 of these. Compared with `===`.

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

What both are asked, and no more: every fact that a rule names is on the line; an ordered comparison is
between integers; a string is only compared for being equal. Booleans on a line are written as 0 and 1.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from itertools import compress
from typing import NamedTuple, TypeAlias

import datalogic_py
import zen as zen_engine

Constant: TypeAlias = int | str
Leaf: TypeAlias = tuple[str, str, Constant]
PeerRule: TypeAlias = tuple[int | str, list[list[Leaf]]]
"""A rule's name or number and its disjuncts; a rule fires when every leaf of some disjunct holds."""

Decide: TypeAlias = Callable[[bytes], frozenset[int | str]]
Json: TypeAlias = int | str | bool | list["Json"] | dict[str, "Json"]

OPERATORS = frozenset({"<", "<=", ">", ">=", "=", "!="})

_ZEN_WORDS = frozenset({"and", "or", "not", "in", "true", "false", "null"})
_UNDOTTED = "_"


class Peer(NamedTuple):
    """One engine to compare with: how it takes the rules, and how it takes a line."""

    name: str
    build: Callable[[Sequence[PeerRule]], Decide]
    line: Callable[[Mapping[str, Constant]], bytes]


def _plain_constant(constant: Constant) -> Constant:
    return int(constant) if isinstance(constant, bool) else constant


def _check(leaf: Leaf) -> None:
    fact, op, constant = leaf
    if op not in OPERATORS:
        raise ValueError(f"{fact}: no operator {op!r}")
    if isinstance(constant, str) and op not in {"=", "!="}:
        raise ValueError(f"{fact}: a string is only compared for being equal")


# zen-engine


def _zen_name(fact: str) -> str:
    name = fact.replace(".", "_")
    if not name.isidentifier():
        raise ValueError(f"{fact!r} cannot be addressed")
    return name + "_" if name in _ZEN_WORDS else name


def _zen_leaf(leaf: Leaf) -> str:
    _check(leaf)
    fact, op, constant = leaf
    literal = str(_plain_constant(constant))
    if isinstance(constant, str):
        if '"' in constant or "\\" in constant:
            raise ValueError(f"{fact}: {constant!r} cannot be quoted")
        literal = f'"{constant}"'
    return f"{_zen_name(fact)} {'==' if op == '=' else op} {literal}"


def _zen_rule(disjuncts: list[list[Leaf]]) -> str:
    conjunctions = ["(" + (" and ".join(map(_zen_leaf, leaves)) or "true") + ")" for leaves in disjuncts]
    return " or ".join(conjunctions) or "false"


def zen(rules: Sequence[PeerRule]) -> Decide:
    """All rules as one compiled expression: an array with a boolean for each rule."""
    ids = tuple(rule_id for rule_id, _ in rules)
    source = ", ".join(_zen_rule(disjuncts) for _, disjuncts in rules)
    evaluate = zen_engine.compile_expression(f"[{source}]").evaluate

    def decide(line: bytes) -> frozenset[int | str]:
        return frozenset(compress(ids, evaluate(line)))

    return decide


def line_for_zen(facts: Mapping[str, Constant]) -> bytes:
    """The line as zen-engine takes it: a flat object, dots written as underscores."""
    flat = {_zen_name(fact): _plain_constant(constant) for fact, constant in facts.items()}
    if len(flat) != len(facts):
        raise ValueError("two facts have one name once dots are underscores")
    return _dump(flat)


# datalogic-py


def _nested_name(fact: str) -> tuple[str, str]:
    """The group and the name in it; a name without a dot goes to a group of its own kind."""
    head, dot, rest = fact.partition(".")
    return (head, rest.replace(".", "_")) if dot else (_UNDOTTED, head)


def _datalogic_leaf(leaf: Leaf) -> Json:
    _check(leaf)
    fact, op, constant = leaf
    operator = {"=": "===", "!=": "!=="}.get(op, op)
    return {operator: [{"var": ".".join(_nested_name(fact))}, _plain_constant(constant)]}


def _datalogic_join(operator: str, parts: list[Json], empty: bool) -> Json:
    if not parts:
        return empty
    return parts[0] if len(parts) == 1 else {operator: parts}


def _datalogic_rule(disjuncts: list[list[Leaf]]) -> Json:
    conjunctions = [_datalogic_join("and", [_datalogic_leaf(leaf) for leaf in d], True) for d in disjuncts]
    return _datalogic_join("or", conjunctions, False)


def datalogic(rules: Sequence[PeerRule]) -> Decide:
    """All rules as one compiled rule, run by one session on the text of the line."""
    engine = datalogic_py.Engine()
    evaluate = engine.session().evaluate
    ids = tuple(rule_id for rule_id, _ in rules)
    conditions = [_datalogic_rule(disjuncts) for _, disjuncts in rules]

    lists: list[Json] = [{"if": [condition, [rule_id], []]} for rule_id, condition in zip(ids, conditions, strict=True)]
    merged = engine.compile({"merge": lists})

    def decide(line: bytes) -> frozenset[int | str]:
        return frozenset(evaluate(merged, line.decode()))

    return decide


def line_for_datalogic(facts: Mapping[str, Constant]) -> bytes:
    """The line as datalogic-py takes it: an object of groups, split at the first dot of each name."""
    groups: dict[str, dict[str, Constant]] = {}
    for fact, constant in facts.items():
        group, name = _nested_name(fact)
        members = groups.setdefault(group, {})
        if name in members:
            raise ValueError(f"{fact!r} has the nested name of another fact")
        members[name] = _plain_constant(constant)
    return _dump(groups)


def _dump(value: Mapping[str, object]) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


PEERS = (
    Peer("zen-engine", zen, line_for_zen),
    Peer("datalogic-py", datalogic, line_for_datalogic),
)
