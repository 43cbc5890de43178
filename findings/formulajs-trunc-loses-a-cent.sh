#!/usr/bin/env bash
set -euo pipefail

# @formulajs/formulajs 4.6.1
#
# Expected: 0.29 cut to two digits is 0.29, as ROUNDDOWN says; "3.5%" as a number is 0.035, as VALUE says.
# Source: Excel's function reference. TRUNC removes the fractional part to the digits given, ROUNDDOWN rounds toward zero:
#   of an amount in cents both leave two digits as they are. NUMBERVALUE: each percent sign behind a number is counted in,
#   "3.5%" being its own example, and spaces are ignored, even in the middle.
# Seen: TRUNC takes a cent off amounts that have no part of a cent (0.29, 4.35, 19.99), ROUNDDOWN does not. NUMBERVALUE of
#   a percentage, and of "3 000", is NaN, which is neither a number nor an error of Excel.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-save --no-audit --no-fund @formulajs/formulajs@4.6.1 > /dev/null

cat > seen.cjs <<'JAVASCRIPT'
const { NUMBERVALUE, ROUNDDOWN, TRUNC, VALUE } = require('@formulajs/formulajs')

for (const amount of [0.29, 0.57, 1.15, 4.35, 19.99, -0.29, 1.1]) {
  console.log(amount, 'TRUNC', TRUNC(amount, 2), 'ROUNDDOWN', ROUNDDOWN(amount, 2))
}
for (const text of ['3.5%', '3 000', '1,000']) {
  console.log(text, 'NUMBERVALUE', NUMBERVALUE(text, '.', ','), 'VALUE', VALUE(text))
}
JAVASCRIPT
node seen.cjs > seen

cat seen
diff - seen <<'SEEN'
0.29 TRUNC 0.28 ROUNDDOWN 0.29
0.57 TRUNC 0.56 ROUNDDOWN 0.57
1.15 TRUNC 1.14 ROUNDDOWN 1.15
4.35 TRUNC 4.34 ROUNDDOWN 4.35
19.99 TRUNC 19.98 ROUNDDOWN 19.99
-0.29 TRUNC -0.28 ROUNDDOWN -0.29
1.1 TRUNC 1.1 ROUNDDOWN 1.1
3.5% NUMBERVALUE NaN VALUE 0.035
3 000 NUMBERVALUE NaN VALUE 3000
1,000 NUMBERVALUE 1000 VALUE 1000
SEEN
