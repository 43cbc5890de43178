"""zen-engine: one compiled expression, an array with a boolean for each rule, on the text of the line.

How it is driven was chosen by measurement: CPython 3.11, 40 integer facts on a line, rules of two or three leaves,
about one rule in ten firing, every way taking turns in one process. The numbers are microseconds for one decision at
10 / 30 / 300 rules, the median of 11 to 41 rounds of 300 lines, from several runs (a mark ~ stands for a way timed on
its own, and more roughly); the fastest honest way is in use. A difference of less than a tenth is within the noise.
The machine changed between two speeds about a factor of 1.8 apart while it measured, and the medians come from the
slower one: compare the ways with each other, and measure anew for anything else.

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
"""

from collections.abc import Sequence
from itertools import compress

import zen

from . import Decide, Peer, PeerRule, flat_line, infix


def build(rules: Sequence[PeerRule]) -> Decide:
    """Return the function that evaluates all rules as one expression."""
    ids = tuple(rule_id for rule_id, _ in rules)
    source = ", ".join(infix(disjuncts, both="and", either="or") for _, disjuncts in rules)
    evaluate = zen.compile_expression(f"[{source}]").evaluate

    def decide(line: bytes) -> frozenset[int]:
        return frozenset(compress(ids, evaluate(line)))

    return decide


PEER = Peer("zen-engine", "zen", build, flat_line)
