#!/usr/bin/env bash
set -euo pipefail

# currency-formatter 1.5.9
#
# Expected: what the package formats in a currency, it reads back in that currency.
# Source: the package's README: unformat turns a formatted text into its number by the code of the currency, and its examples
#   are texts as format gives them.
# Seen: for 17 of 163 currencies it does not. A point in the currency's sign counts as that of the number, or no digits are
#   seen at all: 1234.50 balboas are read as 0.1234, 1234.50 dirhams as 0. 1234 dong, written 1.234, are read as 1.234, and a
#   negative amount in som comes back positive, a hundredth of what it was.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-save --no-audit --no-fund currency-formatter@1.5.9 > /dev/null

cat > seen.cjs <<'JAVASCRIPT'
const { currencies, format, unformat } = require('currency-formatter')

const ascii = (text) => text.replace(/[^\x20-\x7e]+/g, '~')
const back = (amount, code) => unformat(format(amount, { code }), { code })
for (const [amount, code] of [[1234.5, 'USD'], [1234.5, 'EUR'], [1234.5, 'PAB'], [1234.5, 'PEN'], [1234.5, 'AED'], [1234.567, 'KWD'], [1234, 'VND'], [-12, 'USD'], [-12, 'KGS']]) {
  console.log(code, amount, 'is written', ascii(format(amount, { code })), 'and read as', back(amount, code))
}
const amounts = { 0: 1234, 3: 1234.567 }
const lost = currencies.filter(({ code, decimalDigits }) => back(amounts[decimalDigits] ?? 1234.5, code) !== (amounts[decimalDigits] ?? 1234.5))
console.log(lost.length, 'of', currencies.length, 'do not come back:', lost.map(({ code }) => code).join(' '))
JAVASCRIPT
node seen.cjs > seen

cat seen
diff - seen <<'SEEN'
USD 1234.5 is written $1,234.50 and read as 1234.5
EUR 1234.5 is written 1~234,50~ and read as 1234.5
PAB 1234.5 is written B/.~1,234.50 and read as 0.1234
PEN 1234.5 is written S/.~1,234.50 and read as 0.1234
AED 1234.5 is written ~.~.~1,234.50 and read as 0
KWD 1234.567 is written ~.~.~1,234.567 and read as 0
VND 1234 is written 1.234~ and read as 1.234
USD -12 is written -$12.00 and read as -12
KGS -12 is written -12-00~ and read as 0.12
17 of 163 do not come back: AED BHD BTN DZD EGP HNL IQD JOD KWD LBP LYD MAD PAB PEN TND VEB VND
SEEN
