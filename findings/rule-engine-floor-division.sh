#!/usr/bin/env bash
set -euo pipefail

# rule-engine 5.1.0
#
# Expected: -7 // 2 is -4, the floor of -3.5, and 2 ** 3 ** 2 is 2 ** 9.
# Source: the package's page on the syntax of rules, supported operations: // is floor division, and rules follow the
#   standard order of operations, in which a power of a power is worked out from the top.
# Seen: // cuts toward zero: below zero it is one more than the attribute floor of the quotient, and the remainder of two
#   whole numbers is negative. Powers are worked out from the left.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile rule-engine==5.1.0

"$work/venv/bin/python" -W ignore > "$work/seen" <<'PYTHON'
from rule_engine import Rule

for rule in ("7 // 2", "(7 / 2).floor", "credit // 2", "(credit / 2).floor", "credit % 2", "2 ** 3 ** 2", "2 ** (3 ** 2)"):
    print(rule, "->", Rule(rule).evaluate({"credit": -7}))
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
7 // 2 -> 3
(7 / 2).floor -> 3
credit // 2 -> -3
(credit / 2).floor -> -4
credit % 2 -> -1
2 ** 3 ** 2 -> 64
2 ** (3 ** 2) -> 512
SEEN
