#!/usr/bin/env bash
set -euo pipefail

# z3-solver 5.4.1.0
#
# Expected: after maximize(r) with r < 1 the model holds an r near the optimum.
# Source: the guide to optimisation in Z3: the bounds of an objective are told by upper() and lower(), the model gives
#   values that attain them.
# Seen: where the bound is not attained, upper() says 1 - epsilon and the model r = 0, no better than any other. Who reads
#   the greatest discount a policy allows from the model reads 0 %, with the answer `sat`.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile z3-solver==5.4.1.0

"$work/venv/bin/python" -W ignore > "$work/seen" <<'PYTHON'
from z3 import Optimize, Real

discount = Real("discount")
for text, bound in (("discount <= 1", discount <= 1), ("discount < 1", discount < 1)):
    optimize = Optimize()
    optimize.add(discount >= 0, bound)
    objective = optimize.maximize(discount)
    print(text, optimize.check(), "| upper", optimize.upper(objective), "| model", optimize.model()[discount])
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
discount <= 1 sat | upper 1 | model 1
discount < 1 sat | upper 1 + -1*epsilon | model 0
SEEN
