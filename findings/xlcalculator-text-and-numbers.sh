#!/usr/bin/env bash
set -euo pipefail

# xlcalculator 0.5.0, with pandas 2.3.3
#
# Expected: COUNTIF of ">5" counts numbers above 5 and no texts; a text is greater than every number, "10">9 is TRUE as
#   "a">9 is; from 31 January to 1 March is one whole month.
# Source: OpenFormula 1.3 (OpenDocument part 4), 4.11.8: a criterion that compares with a number matches numbers; Excel
#   sorts texts after numbers; Microsoft's function reference, DATEDIF "m": complete months.
# Seen: COUNTIF and COUNTIFS count every text as larger than any number, where SUMIF leaves it out, so that an average
#   made of the two is too low. "10">9 is FALSE, by kind and by value; 9 is compared as a text. DATEDIF finds no month in
#   those 30 days.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile xlcalculator==0.5.0 pandas==2.3.3

"$work/venv/bin/python" -W ignore > "$work/seen" <<'PYTHON'
from xlcalculator import Evaluator, ModelCompiler


def value(formula):
    cells = {"Sheet1!A1": formula, "Sheet1!B1": 10, "Sheet1!B2": "waived", "Sheet1!B3": 0.2, "Sheet1!B4": "n/a"}
    return Evaluator(ModelCompiler().read_and_parse_dict(cells)).evaluate("Sheet1!A1").value


for formula in (
    '=COUNTIF(B1:B4,">5")',
    '=COUNTIFS(B1:B4,">5")',
    '=SUMIF(B1:B4,">5")',
    '=COUNTIF(B1:B4,"<5")',
    '="a">9',
    '="10">9',
    '=DATEDIF(DATE(2024,1,1),DATE(2024,2,1),"m")',
    '=DATEDIF(DATE(2024,1,31),DATE(2024,3,1),"m")',
    '=DATEDIF(DATE(2024,1,31),DATE(2024,3,2),"m")',
    '=DATEDIF(DATE(2023,1,31),DATE(2023,3,1),"m")',
):
    print(formula, value(formula))
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
=COUNTIF(B1:B4,">5") 3
=COUNTIFS(B1:B4,">5") 3
=SUMIF(B1:B4,">5") 10.0
=COUNTIF(B1:B4,"<5") 1
="a">9 True
="10">9 False
=DATEDIF(DATE(2024,1,1),DATE(2024,2,1),"m") 1
=DATEDIF(DATE(2024,1,31),DATE(2024,3,1),"m") 0
=DATEDIF(DATE(2024,1,31),DATE(2024,3,2),"m") 0
=DATEDIF(DATE(2023,1,31),DATE(2023,3,1),"m") 0
SEEN
