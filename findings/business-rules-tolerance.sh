#!/usr/bin/env bash
set -euo pipefail

# business-rules 1.1.1
#
# Expected: numeric operators compare the numbers as they are; 0.1500009 is greater than 0.15, the more so as both are
#   turned into Decimal first.
# Source: the package's README lists equal_to, greater_than, less_than ... for numbers and names no tolerance.
# Seen: numbers within 0.000001 of each other are equal, Decimals too: strictly greater is false, "at most" is true. Where
#   a discount is a share of one, or a price is per request, whole steps vanish: 0.0000009 per call is no more than 0.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile business-rules==1.1.1

"$work/venv/bin/python" -W ignore > "$work/seen" <<'PYTHON'
from decimal import Decimal

from business_rules.operators import NumericType

for left, right in (("0.1500009", "0.15"), ("0.1500011", "0.15"), ("0.0000009", "0"), ("0.15", "0.1500009")):
    value, bound = NumericType(Decimal(left)), Decimal(right)
    print(
        left, "against", right,
        "| equal", value.equal_to(bound),
        "| greater", value.greater_than(bound),
        "| less", value.less_than(bound),
        "| at most", value.less_than_or_equal_to(bound),
    )
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
0.1500009 against 0.15 | equal True | greater False | less False | at most True
0.1500011 against 0.15 | equal False | greater True | less False | at most False
0.0000009 against 0 | equal True | greater False | less False | at most True
0.15 against 0.1500009 | equal True | greater False | less False | at most True
SEEN
