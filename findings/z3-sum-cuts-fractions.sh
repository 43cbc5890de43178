#!/usr/bin/env bash
set -euo pipefail

# z3-solver 5.4.1.0
#
# Expected: Sum([x, 0.5]) is x + 0.5, for a whole-number variable too.
# Source: the docstring of Sum (the sum of a list of expressions); SMT-LIB, theory Reals_Ints: 0.5 is a real, so x is made one.
# Seen: the operator lifts x to a real, Sum turns the constant into a whole number and cuts the half. So does Product. A
#   budget with a half-point allowance is proved without the allowance.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile z3-solver==5.4.1.0

"$work/venv/bin/python" -W ignore > "$work/seen" <<'PYTHON'
from z3 import Int, Product, Solver, Sum

x = Int("x")
for name, expression in (("x + 0.5", x + 0.5), ("Sum([x, 0.5])", Sum([x, 0.5])), ("x * 1.5", x * 1.5), ("Product([x, 1.5])", Product([x, 1.5]))):
    solver = Solver()
    solver.add(x == 1, expression == 1)
    print(name, "is", expression, "| may be 1 where x = 1:", solver.check())
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
x + 0.5 is ToReal(x) + 1/2 | may be 1 where x = 1: unsat
Sum([x, 0.5]) is x + 0 | may be 1 where x = 1: sat
x * 1.5 is ToReal(x)*3/2 | may be 1 where x = 1: unsat
Product([x, 1.5]) is x*1 | may be 1 where x = 1: sat
SEEN
