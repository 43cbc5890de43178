#!/usr/bin/env bash
set -euo pipefail

# loanjs 1.1.2
#
# Expected: the capital parts of a plan add up to the loan and to `capitalSum`, the instalments to `sum`.
# Source: the package's README: `capital` of each instalment, `capitalSum` and `sum` of all.
# Seen: the last instalment does not take up what rounding left: a loan of 1000 in twelve months pays back 1000.04, in 36
#   months 999.92, beside a `capitalSum` of 1000, a `sum` that is not the sum, and a rest of 0 after the last.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-save --no-audit --no-fund loanjs@1.1.2 > /dev/null

cat > seen.cjs <<'JAVASCRIPT'
const { Loan } = require('loanjs')

for (const [months, kind] of [[7, 'annuity'], [12, 'annuity'], [36, 'annuity'], [12, 'diminishing'], [36, 'diminishing']]) {
  const plan = new Loan(1000, months, 6, kind)
  const added = part => (plan.installments.reduce((cents, each) => cents + Math.round(each[part] * 100), 0) / 100).toFixed(2)
  console.log(kind, months, 'months | capital', added('capital'), 'capitalSum', plan.capitalSum.toFixed(2), '| instalments', added('installment'), 'sum', plan.sum.toFixed(2), '| rest', plan.installments.at(-1).remain)
}
JAVASCRIPT
node seen.cjs > seen

cat seen
diff - seen <<'SEEN'
annuity 7 months | capital 1000.00 capitalSum 1000.00 | instalments 1020.11 sum 1020.11 | rest 0
annuity 12 months | capital 1000.04 capitalSum 1000.00 | instalments 1032.84 sum 1032.80 | rest 0
annuity 36 months | capital 999.92 capitalSum 1000.00 | instalments 1095.12 sum 1095.20 | rest 0
diminishing 12 months | capital 999.96 capitalSum 1000.00 | instalments 1032.46 sum 1032.50 | rest 0
diminishing 36 months | capital 1000.08 capitalSum 1000.00 | instalments 1092.58 sum 1092.50 | rest 0
SEEN
