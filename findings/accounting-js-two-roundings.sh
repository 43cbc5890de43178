#!/usr/bin/env bash
set -euo pipefail

# accounting-js 2.0.3
#
# Expected: toFixed and formatNumber of one amount with one number of digits show the same amount, and a credit is as large as
#   the charge it reverses.
# Source: the package's README: its toFixed is there because the language's own has rounding issues; formatNumber and
#   formatMoney take the same number of digits.
# Seen: toFixed takes the half of a negative amount toward zero and that of a positive one away from it; formatNumber and
#   formatMoney take both away from zero. A refund of 10.235 is 10.23 in the one and 10.24 in the other.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-save --no-audit --no-fund accounting-js@2.0.3 > /dev/null

cat > seen.cjs <<'JAVASCRIPT'
const { formatMoney, formatNumber, toFixed } = require('accounting-js')

for (const [amount, precision] of [[10.235, 2], [-10.235, 2], [1.005, 2], [-1.005, 2], [0.125, 2], [-0.125, 2], [2.5, 0], [-2.5, 0], [-10.236, 2]]) {
  console.log(amount, '| toFixed', toFixed(amount, precision), '| formatNumber', formatNumber(amount, { precision }), '| formatMoney', formatMoney(amount, { precision }))
}
JAVASCRIPT
node seen.cjs > seen

cat seen
diff - seen <<'SEEN'
10.235 | toFixed 10.24 | formatNumber 10.24 | formatMoney $10.24
-10.235 | toFixed -10.23 | formatNumber -10.24 | formatMoney $-10.24
1.005 | toFixed 1.01 | formatNumber 1.01 | formatMoney $1.01
-1.005 | toFixed -1.00 | formatNumber -1.01 | formatMoney $-1.01
0.125 | toFixed 0.13 | formatNumber 0.13 | formatMoney $0.13
-0.125 | toFixed -0.12 | formatNumber -0.13 | formatMoney $-0.13
2.5 | toFixed 3 | formatNumber 3 | formatMoney $3
-2.5 | toFixed -2 | formatNumber -3 | formatMoney $-3
-10.236 | toFixed -10.24 | formatNumber -10.24 | formatMoney $-10.24
SEEN
