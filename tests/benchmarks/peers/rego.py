"""regorus: Microsoft's Rego interpreter in Rust; a rule is one clause of a partial set for each disjunct.

Its own Python package is to be built from its source, which no package index has; what can be installed is a copy of
an older release under another name (`hobofan-regorus`). Either serves. Asking for the set as JSON text is a tenth
slower.
"""

from collections.abc import Sequence

try:
    import regorus
except ImportError:
    import hobofan_regorus as regorus

from . import Decide, Leaf, Peer, PeerRule, flat_line, infix


def _clause(rule_id: int, leaves: list[Leaf]) -> str:
    return f"fired contains {rule_id} if {{ {infix([leaves], 'input.{}', both=';')[1:-1]} }}"


def build(rules: Sequence[PeerRule]) -> Decide:
    """Return the function that asks for the set of what fired."""
    engine = regorus.Engine()
    clauses = [_clause(rule_id, leaves) for rule_id, disjuncts in rules for leaves in disjuncts]
    engine.add_policy("policy.rego", "\n".join(["package policy", "import rego.v1", *clauses]))
    read, ask = engine.set_input_json, engine.eval_rule

    def decide(line: bytes) -> frozenset[int]:
        read(line.decode())
        return frozenset(map(int, ask("data.policy.fired")))

    return decide


PEER = Peer("regorus", regorus.__name__, build, flat_line, "numbers come back as floats")
