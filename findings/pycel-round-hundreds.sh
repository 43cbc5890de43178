#!/usr/bin/env bash
set -euo pipefail

# pycel 1.0b30
#
# Expected: ROUND(1250, -2) is 1300, as ROUND(12.5, 0) is 13: a half goes away from zero, in front of the point as behind it.
# Source: Excel's function reference, ROUND: with a number of digits below zero it rounds to the left of the decimal point. The
#   package's own ROUND to the right of it.
# Seen: left of the point, halves go to the even neighbour, so that prices of 1250 and 1350, rounded to hundreds, are 1200
#   and 1400; behind it they go away from zero.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile pycel==1.0b30

cd "$work"
"$work/venv/bin/python" -W ignore > "$work/seen" <<'PYTHON'
from openpyxl import Workbook
from pycel import ExcelCompiler

formulas = [
    f"ROUND({value},{digits})"
    for value, digits in ((1250, -2), (1350, -2), (-1250, -2), (1251, -2), (25, -1), (35, -1), (12.5, 0), (-12.5, 0), (2.5, 0), (0.125, 2), (1.005, 2))
]
book = Workbook()
for row, formula in enumerate(formulas, 1):
    book.active.cell(row, 1, "=" + formula)
book.save("prices.xlsx")
sheet = ExcelCompiler("prices.xlsx")
for row, formula in enumerate(formulas, 1):
    print(formula, "=", sheet.evaluate(f"Sheet!A{row}"))
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
ROUND(1250,-2) = 1200
ROUND(1350,-2) = 1400
ROUND(-1250,-2) = -1200
ROUND(1251,-2) = 1300
ROUND(25,-1) = 20
ROUND(35,-1) = 40
ROUND(12.5,0) = 13.0
ROUND(-12.5,0) = -13.0
ROUND(2.5,0) = 3.0
ROUND(0.125,2) = 0.13
ROUND(1.005,2) = 1.01
SEEN
