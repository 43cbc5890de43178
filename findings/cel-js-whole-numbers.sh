#!/usr/bin/env bash
set -euo pipefail

# cel-js 0.8.2
#
# Expected: 5 / 2 is 2, 30 / 12 * 12 is 24, whole numbers have 64 bits, and `or` is true when one side is, whatever the other
#   does.
# Source: the CEL language definition: int is a signed 64-bit integer, division of integers truncates toward zero, 5.0 is the
#   double; `e || true` is true even when e is an error.
# Seen: every number is a floating-point one: 5 / 2 is 2.5, "full dozens" of 30 pieces are 2.5 dozens, and two order numbers
#   beyond 2^53 are equal. An error on either side of `||` is the result, also when the other side is true. The same rule
#   decides otherwise in the CEL of a server written in Go or C++.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-save --no-audit --no-fund cel-js@0.8.2 > /dev/null

cat > seen.cjs <<'JAVASCRIPT'
const { evaluate } = require('cel-js')

const rules = [
  '5 / 2', '-7 / 2', 'quantity / 12 == 2', 'quantity / 12 * 12', '9007199254740993 == 9007199254740992',
  'offer.price > 3 || offer.rebate > 3', 'offer.rebate > 3 || offer.price > 3', 'offer.price > 9 && offer.rebate > 3', 'offer.rebate > 3 && offer.price > 9',
]
for (const rule of rules) {
  let seen
  try { seen = evaluate(rule, { quantity: 30, offer: { price: 5 } }) } catch (error) { seen = 'error: ' + error.message.split(' in context')[0] }
  console.log(rule, '->', seen)
}
JAVASCRIPT
node seen.cjs > seen

cat seen
diff - seen <<'SEEN'
5 / 2 -> 2.5
-7 / 2 -> -3.5
quantity / 12 == 2 -> false
quantity / 12 * 12 -> 30
9007199254740993 == 9007199254740992 -> true
offer.price > 3 || offer.rebate > 3 -> error: Identifier "rebate" not found
offer.rebate > 3 || offer.price > 3 -> error: Identifier "rebate" not found
offer.price > 9 && offer.rebate > 3 -> false
offer.rebate > 3 && offer.price > 9 -> error: Identifier "rebate" not found
SEEN
