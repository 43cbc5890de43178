#!/usr/bin/env bash
set -euo pipefail

# js-money 0.6.3
#
# Expected: a party whose ratio is 0 gets nothing of an amount that is allocated; 3.50 times 1.15 is 4.025, with the half
#   up 4.03, as 2.50 times 1.15 is 2.88.
# Source: the package's README: allocate divides by the ratio without losing pennies, multiply rounds with Math.round.
# Seen: cents left over go to the first in the list whatever its ratio: [0, 1, 1] of 11 cents gives the first one cent,
#   and of -5 cents it gives the first a cent and takes six from the others. The product is rounded after binary
#   multiplication: 402 cents.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-save --no-audit --no-fund js-money@0.6.3 > /dev/null

cat > seen.cjs <<'JAVASCRIPT'
const Money = require('js-money')

for (const [cents, ratios] of [[10, [0, 1, 1]], [11, [0, 1, 1]], [11, [1, 1, 0]], [100, [0, 1, 2]], [-5, [0, 1, 1]]]) {
  console.log(cents, 'cents by', ratios.join(':'), '->', new Money(cents, Money.EUR).allocate(ratios).map(share => share.amount).join(', '))
}
for (const [cents, factor] of [[250, 1.15], [350, 1.15], [450, 1.15], [290, 0.35], [-250, 0.01], [250, 0.01]]) {
  console.log(cents, 'cents times', factor, '->', new Money(cents, Money.EUR).multiply(factor).amount)
}
JAVASCRIPT
node seen.cjs > seen

cat seen
diff - seen <<'SEEN'
10 cents by 0:1:1 -> 0, 5, 5
11 cents by 0:1:1 -> 1, 5, 5
11 cents by 1:1:0 -> 6, 5, 0
100 cents by 0:1:2 -> 1, 33, 66
-5 cents by 0:1:1 -> 1, -3, -3
250 cents times 1.15 -> 288
350 cents times 1.15 -> 402
450 cents times 1.15 -> 518
290 cents times 0.35 -> 102
-250 cents times 0.01 -> -2
250 cents times 0.01 -> 3
SEEN
