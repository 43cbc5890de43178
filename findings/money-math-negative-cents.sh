#!/usr/bin/env bash
set -euo pipefail

# money-math 2.6.3
#
# Expected: a percentage of a credit is as large as that of the invoice it reverses, to the cent or to the half of one.
# Source: the package's README: amounts match a pattern with an optional minus, and where a division is involved the result is
#   rounded to the whole cent.
# Seen: the half is added to a negative amount too, and what is left is cut toward zero, so that a credit comes out up to a
#   cent short even where nothing has to be rounded up: 7 % of -9.33 is -0.64, and five per cent of -0.10 is a debit of a cent.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-save --no-audit --no-fund money-math@2.6.3 > /dev/null

cat > seen.cjs <<'JAVASCRIPT'
const money = require('money-math')

for (const [amount, percentage] of [['9.33', '7.00'], ['10.00', '20.00'], ['10.04', '20.00'], ['0.10', '5.00'], ['0.01', '1.00']]) {
  console.log(percentage, '% of', amount, 'and of its reversal:', money.percent(amount, percentage), money.percent('-' + amount, percentage))
}
console.log('10.05 and -10.05 times 1.50:', money.mul('10.05', '1.50'), money.mul('-10.05', '1.50'))
console.log('1.00 and -1.00 divided by 8.00:', money.div('1.00', '8.00'), money.div('-1.00', '8.00'))
JAVASCRIPT
node seen.cjs > seen

cat seen
diff - seen <<'SEEN'
7.00 % of 9.33 and of its reversal: 0.65 -0.64
20.00 % of 10.00 and of its reversal: 2.00 -2.00
20.00 % of 10.04 and of its reversal: 2.01 -2.00
5.00 % of 0.10 and of its reversal: 0.01 0.01
1.00 % of 0.01 and of its reversal: 0.00 0.01
10.05 and -10.05 times 1.50: 15.08 -15.06
1.00 and -1.00 divided by 8.00: 0.13 -0.11
SEEN
