#!/usr/bin/env bash
set -euo pipefail

# mathjs 15.2.0
#
# Expected: 1000 - 10% - 5% is 855, as (1000 - 10%) - 5% is: a percentage that is added or taken off is one of what stands
#   before it.
# Source: the package's expression syntax: subtraction with a percentage, 100 - 3% being 97, goes left to right; its release
#   notes for 15.0.0: the percentage binds tighter than the modulus that shares its sign.
# Seen: a percentage before a plus or a minus is a modulus with what follows the sign. Two discounts in a row are none, one
#   percentage and a rebate of 50 make the price higher than the list, and 8% + 7% is about zero. The last percentage of an
#   expression alone is one.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-save --no-audit --no-fund mathjs@15.2.0 > /dev/null

cat > seen.cjs <<'JAVASCRIPT'
const { evaluate, format } = require('mathjs')

for (const expression of [
  '1000 - 10%',
  '1000 - 10% - 5%',
  '(1000 - 10%) - 5%',
  '1000 - 10% + 19%',
  '(1000 - 10%) + 19%',
  '1000 - 10% - 50',
  '(1000 - 10%) - 50',
  '1000 - 50 - 10%',
  '15% - 10%',
  '8% + 7% >= 12%',
]) {
  console.log(expression, '=', format(evaluate(expression), { precision: 12 }))
}
JAVASCRIPT
node seen.cjs > seen

cat seen
diff - seen <<'SEEN'
1000 - 10% = 900
1000 - 10% - 5% = 1000
(1000 - 10%) - 5% = 855
1000 - 10% + 19% = 999.88
(1000 - 10%) + 19% = 1071
1000 - 10% - 50 = 1040
(1000 - 10%) - 50 = 850
1000 - 50 - 10% = 855
15% - 10% = 0
8% + 7% >= 12% = false
SEEN
