#!/usr/bin/env bash
set -euo pipefail

# currency.js 2.0.4
#
# Expected: a credit is the debit with its sign turned, to the cent; and a number is read as the amount that it is written
#   for.
# Source: the package's page: amounts are worked out as integers, so that no cent is lost to floating point.
# Seen: half a cent goes up whatever the sign, so that 5 % of 4.90 is 0.25 given and 0.24 taken back. A discount and its
#   reversal leave a cent, and buyer and seller, who see the same amount with opposite signs, book different ones. The text
#   "1e3" is 13.00.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-save --no-audit --no-fund currency.js@2.0.4 > /dev/null

cat > seen.cjs <<'JAVASCRIPT'
const currency = require('currency.js')

for (const amount of ['4.90', '0.10', '12.30']) {
  const given = currency(amount).multiply(0.05)
  const taken = currency('-' + amount).multiply(0.05)
  console.log('5 % of', amount, '->', given.toString(), 'and of its credit', taken.toString(), 'together', given.add(taken).toString())
}
console.log('1.005 ->', currency('1.005').toString(), ' -1.005 ->', currency('-1.005').toString())
console.log('1e3 ->', currency('1e3').toString(), ' 1000 ->', currency('1000').toString())
JAVASCRIPT
node seen.cjs > seen

cat seen
diff - seen <<'SEEN'
5 % of 4.90 -> 0.25 and of its credit -0.24 together 0.01
5 % of 0.10 -> 0.01 and of its credit 0.00 together 0.01
5 % of 12.30 -> 0.62 and of its credit -0.61 together 0.01
1.005 -> 1.01  -1.005 -> -1.00
1e3 -> 13.00  1000 -> 1000.00
SEEN
