#!/usr/bin/env bash
set -euo pipefail

# pySFeel 1.4.2
#
# Expected: FEEL numbers are decimals of 34 digits, so 0.1 + 0.2 = 0.3 is true, 4.35 * 100 has the floor 435, and rounding
#   half to even makes 2.665 into 2.66 and 2.675 into 2.68.
# Source: DMN 1.3, section 10.3.2.3.1 (number: IEEE 754-2008 Decimal128).
# Seen: binary floating point. A threshold "above 0.3" is met by 0.1 + 0.2, a floor loses a cent, and half to even meets
#   no half: both round to 2.67.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile pysfeel==1.4.2

"$work/venv/bin/python" -W ignore > "$work/seen" <<'PYTHON'
from pySFeel import SFeelParser

for expression in ("0.1 + 0.2 = 0.3", "0.1 + 0.2 > 0.3", "floor(4.35 * 100)", "1.15 * 100", "decimal(2.665, 2)", "decimal(2.675, 2)"):
    print(expression, "->", SFeelParser().sFeelParse(expression)[1])
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
0.1 + 0.2 = 0.3 -> False
0.1 + 0.2 > 0.3 -> True
floor(4.35 * 100) -> 434.0
1.15 * 100 -> 114.99999999999999
decimal(2.665, 2) -> 2.67
decimal(2.675, 2) -> 2.67
SEEN
