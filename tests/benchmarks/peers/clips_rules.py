"""clipspy: NASA's CLIPS; a rule is a `defrule` for each disjunct over one fact, which is asserted and retracted.

Fired rules add their number to a global. Reading the agenda instead of running it is as fast with 30 rules and half
as slow again with 300; a Python function called by each rule is slower still; asserting a fact written as text costs
ten times as much as filling its slots.
"""

from collections.abc import Sequence

import clips
import orjson

from . import Constant, Decide, Leaf, Peer, PeerRule, flat, flat_line, literal


def _constraint(variable: str, op: str, constant: Constant) -> str:
    match op:
        case "=":
            return literal(constant)
        case "!=":
            return f"~{literal(constant)}"
        case _:
            return f"?{variable}&:({op} ?{variable} {literal(constant)})"


def _pattern(leaves: Sequence[Leaf]) -> str:
    """Return a pattern with one constraint for each fact; several leaves about a fact are connected."""
    of: dict[str, list[tuple[str, Constant]]] = {}
    for fact, op, constant in leaves:
        of.setdefault(flat(fact), []).append((op, constant))
    slots = [
        f"({fact} {'&'.join(_constraint(f'v{place}', *test) for test in tests)})"
        for place, (fact, tests) in enumerate(of.items())
    ]
    return f"(facts {' '.join(slots)})"


def build(rules: Sequence[PeerRule]) -> Decide:
    """Return the function that asserts the facts, runs the rules and retracts the facts."""
    environment = clips.Environment()
    ways = [(rule_id, leaves) for rule_id, disjuncts in rules for leaves in disjuncts]
    names = sorted({flat(fact) for _, leaves in ways for fact, _, _ in leaves})
    environment.build("(defglobal ?*fired* = (create$))")
    environment.build(f"(deftemplate facts {' '.join(f'(slot {name})' for name in names)})")
    for number, (rule_id, leaves) in enumerate(ways):
        action = f"(bind ?*fired* (create$ ?*fired* {rule_id}))"
        environment.build(f"(defrule r{number} {_pattern(leaves)} => {action})")
    fired, template = environment.find_global("fired"), environment.find_template("facts")

    def decide(line: bytes) -> frozenset[int]:
        fired.value = ()
        fact = template.assert_fact(**orjson.loads(line))
        environment.run()  # the environment is held here for as long as anything that was found in it
        fact.retract()
        return frozenset(fired.value)

    return decide


PEER = Peer("clipspy", "clips", build, flat_line)
