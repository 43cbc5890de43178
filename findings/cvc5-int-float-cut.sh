#!/usr/bin/env bash
set -euo pipefail

# cvc5 1.4.2 (cvc5.pythonic)
#
# Expected: y > 0.5 on a whole-number variable is the comparison with a half, as it is in z3py, whose interface the
#   pythonic API follows; or an error.
# Source: SMT-LIB, theory of Reals and Ints: the whole number is lifted to a real; documentation of cvc5.pythonic
#   (a frontend that follows z3py).
# Seen: the constant is cut to a whole number: y > 0.5 is y > 0, y == 0.5 is y == 0 and holds for 0. Real variables are
#   compared exactly.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile cvc5==1.4.2

"$work/venv/bin/python" -W ignore > "$work/seen" <<'PYTHON'
from cvc5.pythonic import Int, Real, Solver

y, r = Int("y"), Real("r")
for name, expression in (("y > 0.5", y > 0.5), ("y == 0.5", y == 0.5), ("y + 0.5 == 1", y + 0.5 == 1), ("r == 0.5", r == 0.5)):
    solver = Solver()
    solver.add(expression)
    answer = solver.check()
    print(name, "is", expression, "|", answer, solver.model())
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
y > 0.5 is y > 0 | sat [y = 1]
y == 0.5 is y == 0 | sat [y = 0]
y + 0.5 == 1 is y + 0 == 1 | sat [y = 1]
r == 0.5 is r == 1/2 | sat [r = 1/2]
SEEN
