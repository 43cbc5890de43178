"""drools-jpy: Drools in a Java machine inside the process, through the package that Ansible's rulebooks use.

Rules are that package's own tree of expressions, all of them matched. The line goes in as text, what fired comes
back as text with the facts repeated for every rule, and the package calls a function for each. The line is asserted as
a fact and retracted: as an event it costs as much, and what matched is kept for two hours. Processor time includes
what the Java machine spends on other threads, compiling and collecting garbage.
"""

import os
import shutil
from collections.abc import Mapping, Sequence
from functools import reduce
from pathlib import Path

if not (java := shutil.which("java")):
    raise ImportError("drools-jpy needs a Java runtime")
os.environ.setdefault("JAVA_HOME", str(Path(java).resolve().parents[1]))

from drools.rule import Rule
from drools.ruleset import Ruleset

from . import Decide, Leaf, Peer, PeerRule, dump, flat, flat_line

_EXPRESSIONS = {
    "<": "LessThanExpression",
    "<=": "LessThanOrEqualToExpression",
    ">": "GreaterThanExpression",
    ">=": "GreaterThanOrEqualToExpression",
    "=": "EqualsExpression",
    "!=": "NotEqualsExpression",
}
Tree = Mapping[str, object]


def _leaf(leaf: Leaf) -> Tree:
    fact, op, constant = leaf
    sort = "String" if isinstance(constant, str) else "Integer"
    return {_EXPRESSIONS[op]: {"lhs": {"Event": flat(fact)}, "rhs": {sort: constant}}}


def _joined(expression: str, parts: Sequence[Tree]) -> Tree:
    return reduce(lambda left, right: {expression: {"lhs": left, "rhs": right}}, parts)


def _rule(rule_id: int, disjuncts: list[list[Leaf]]) -> Tree:
    ways = [_joined("AndExpression", [_leaf(leaf) for leaf in leaves]) for leaves in disjuncts]
    action = {"Action": {"action": "debug", "action_args": {}}}
    condition = {"AllCondition": [_joined("OrExpression", ways)]}
    return {"Rule": {"name": str(rule_id), "enabled": True, "condition": condition, "actions": [action]}}


def build(rules: Sequence[PeerRule]) -> Decide:
    """Return the function that asserts the facts, collects what fired and retracts the facts."""
    tree = {
        "name": "rules",
        "hosts": ["all"],
        "sources": [],
        "match_multiple_rules": True,
        "rules": [_rule(*r) for r in rules],
    }
    ruleset, fired = Ruleset(name="rules", serialized_ruleset=dump(tree).decode()), set[int]()
    for rule_id, _ in rules:
        ruleset.add_rule(Rule(str(rule_id), lambda _, rule_id=rule_id: fired.add(rule_id)))

    def decide(line: bytes) -> frozenset[int]:
        fired.clear()
        text = line.decode()
        ruleset.assert_fact(text)
        found = frozenset(fired)
        ruleset.retract_fact(text)
        return found

    return decide


PEER = Peer("drools-jpy", "drools", build, flat_line, "numbers are compared as floats")
