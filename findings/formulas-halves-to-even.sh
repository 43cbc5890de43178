#!/usr/bin/env bash
set -euo pipefail

# formulas 1.3.4
#
# Expected: MROUND takes 12.5 to the multiple 15 of 5, and 2.5 to 5; TEXT shows the 0.13 that ROUND and FIXED answer for
#   0.125; ISO.CEILING takes -4.3 to -4.
# Source: Excel's function reference. MROUND: up, away from zero, if what remains of the division is at least half of the
#   multiple; the limitation it names is of multiples with decimals, and 5 has none. ISO.CEILING: up to the nearest integer
#   or multiple whatever the sign; -4.3 is its own example. Its number formats round to the digits that are shown.
# Seen: MROUND and TEXT take the half to the even neighbour, ROUND and FIXED away from zero: a price of 2.50 in steps of 5 is
#   free, and a sheet shows 12 % where it counts 13 %. ISO.CEILING without a multiple turns -4.3 into 5, with one into -4.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile formulas==1.3.4

"$work/venv/bin/python" -W ignore > "$work/seen" <<'PYTHON'
import formulas

parser = formulas.Parser()
for formula in (
    "=MROUND(2.5,5)",
    "=MROUND(7.5,5)",
    "=MROUND(12.5,5)",
    "=ROUND(0.125,2)",
    "=FIXED(0.125,2)",
    '=TEXT(0.125,"0.00")',
    '=TEXT(0.125,"0%")',
    '=TEXT(2.5,"0")',
    "=ISO.CEILING(-4.3)",
    "=ISO.CEILING(-4.3,1)",
):
    print(formula, "->", parser.ast(formula)[1].compile()())
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
=MROUND(2.5,5) -> 0.0
=MROUND(7.5,5) -> 10.0
=MROUND(12.5,5) -> 10.0
=ROUND(0.125,2) -> 0.13
=FIXED(0.125,2) -> 0.13
=TEXT(0.125,"0.00") -> 0.12
=TEXT(0.125,"0%") -> 12%
=TEXT(2.5,"0") -> 2
=ISO.CEILING(-4.3) -> 5
=ISO.CEILING(-4.3,1) -> -4.0
SEEN
