#!/usr/bin/env bash
set -euo pipefail

# js-money 0.6.3
#
# Expected: an amount of whole cents, given as a decimal number, is that amount, whichever rounding is named; what toDecimal
#   gives, fromDecimal takes.
# Source: the package's README: decimals with the precision of the currency's smallest unit are allowed, 15.25 USD being its
#   example; a rounder is for those with more digits, as 15.12345.
# Seen: the number is multiplied by 100 in binary and what is left over counts: of the amounts from 0.01 to 100.00 one in nine
#   is refused as no integer, floor takes a cent from one in seventeen, and ceil adds one to as many: 0.29 is 28 cents, 1.10
#   is 111.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-save --no-audit --no-fund js-money@0.6.3 > /dev/null

cat > seen.cjs <<'JAVASCRIPT'
const Money = require('js-money')

const cents = (decimal, rounder) => {
  try {
    return Money.fromDecimal(decimal, 'USD', rounder).amount
  } catch (error) {
    return error.message
  }
}
for (const decimal of [15.25, 0.29, 1.1, 4.35, 19.99]) {
  console.log(decimal, '| as it is:', cents(decimal), '| floor:', cents(decimal, 'floor'), '| ceil:', cents(decimal, 'ceil'), '| round:', cents(decimal, 'round'))
}
for (const rounder of [undefined, 'floor', 'ceil', 'round']) {
  let differ = 0
  for (let amount = 1; amount <= 10000; amount += 1) {
    differ += cents(new Money(amount, 'USD').toDecimal(), rounder) !== amount
  }
  console.log('of 10000 amounts,', differ, 'are not read back with', rounder ?? 'no rounder')
}
JAVASCRIPT
node seen.cjs > seen

cat seen
diff - seen <<'SEEN'
15.25 | as it is: 1525 | floor: 1525 | ceil: 1525 | round: 1525
0.29 | as it is: Amount must be an integer | floor: 28 | ceil: 29 | round: 29
1.1 | as it is: Amount must be an integer | floor: 110 | ceil: 111 | round: 110
4.35 | as it is: Amount must be an integer | floor: 434 | ceil: 435 | round: 435
19.99 | as it is: Amount must be an integer | floor: 1998 | ceil: 1999 | round: 1999
of 10000 amounts, 1146 are not read back with no rounder
of 10000 amounts, 573 are not read back with floor
of 10000 amounts, 573 are not read back with ceil
of 10000 amounts, 0 are not read back with round
SEEN
