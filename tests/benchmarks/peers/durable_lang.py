"""durable.lang: the ordinary Python host of the same C core that `rete` drives; written with its own `m.fact >= 3`.

One rule for each disjunct, since `|` would fire twice. A fact is asserted and retracted. The host's two background
timers are stopped: they look for work on threads of their own and could take a firing away from a decision.
"""

import operator
from collections.abc import Callable, Sequence
from functools import reduce
from itertools import count

import orjson
from durable import engine, lang

from . import Decide, Leaf, Peer, PeerRule, flat, flat_line

_OPERATORS = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "!=": operator.ne,
}
_RULESETS = count()


def _comparison(leaf: Leaf) -> object:
    fact, op, constant = leaf
    return _OPERATORS[op](getattr(lang.m, flat(fact)), constant)


def _reporting(fired: set[int], rule_id: int) -> Callable[[object], None]:
    def report(_: object) -> None:
        fired.add(rule_id)

    return report


def build(rules: Sequence[PeerRule]) -> Decide:
    """Return the function that asserts the facts, lets the rules fire and retracts the facts."""
    name, fired = f"rules{next(_RULESETS)}", set[int]()
    with lang.ruleset(name):
        for rule_id, disjuncts in rules:
            for leaves in disjuncts:
                lang.when_all(reduce(operator.and_, map(_comparison, leaves)))(_reporting(fired, rule_id))
    host = lang.get_host()
    host._d_timer.cancel()
    host._t_timer.cancel()

    def decide(line: bytes) -> frozenset[int]:
        fired.clear()
        fact = {"id": "f", **orjson.loads(line)}
        try:
            lang.assert_fact(name, fact)
        except engine.MessageNotHandledException:
            return frozenset()
        lang.retract_fact(name, fact)
        return frozenset(fired)

    return decide


PEER = Peer("durable.lang", "durable", build, flat_line, "at most 64 conditions true at once (303)")
