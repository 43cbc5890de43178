#!/usr/bin/env bash
set -euo pipefail

# HyperFormula 3.5.0
#
# Expected: EDATE from a day that the month of the result does not have is that month's last day; where the month has the
#   day, it is that day.
# Source: Excel's function reference, EDATE: due dates that fall on the same day of the month as the date of issue. The
#   package's own EOMONTH knows the last day of February.
# Seen: no result is ever 29 February. A year with one ends its February a day early, and 29 February four years later, a day
#   that exists, is 28 February: a renewal in a leap year is due the day before.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-save --no-audit --no-fund hyperformula@3.5.0 > /dev/null

cat > seen.cjs <<'JAVASCRIPT'
const { HyperFormula } = require('hyperformula')

const sheets = HyperFormula.buildEmpty({ licenseKey: 'gpl-v3' })
const sheet = sheets.getSheetId(sheets.addSheet('terms'))
const day = (formula) => {
  const { year, month, day } = sheets.numberToDate(sheets.calculateFormula(formula, sheet))
  return [year, String(month).padStart(2, '0'), String(day).padStart(2, '0')].join('-')
}
for (const [start, months] of [
  ['2024;1;31', 1],
  ['2023;12;29', 2],
  ['2024;3;31', -1],
  ['2024;2;29', 0],
  ['2024;2;29', 48],
  ['2024;2;29', 12],
  ['2023;1;31', 1],
  ['2024;3;31', 1],
  ['2024;2;28', 0],
]) {
  const from = `DATE(${start.replaceAll(';', ',')})`
  console.log(start.replaceAll(';', '-'), 'and', months, 'months: EDATE', day(`=EDATE(${from},${months})`), 'EOMONTH', day(`=EOMONTH(${from},${months})`))
}
JAVASCRIPT
node seen.cjs > seen

cat seen
diff - seen <<'SEEN'
2024-1-31 and 1 months: EDATE 2024-02-28 EOMONTH 2024-02-29
2023-12-29 and 2 months: EDATE 2024-02-28 EOMONTH 2024-02-29
2024-3-31 and -1 months: EDATE 2024-02-28 EOMONTH 2024-02-29
2024-2-29 and 0 months: EDATE 2024-02-28 EOMONTH 2024-02-29
2024-2-29 and 48 months: EDATE 2028-02-28 EOMONTH 2028-02-29
2024-2-29 and 12 months: EDATE 2025-02-28 EOMONTH 2025-02-28
2023-1-31 and 1 months: EDATE 2023-02-28 EOMONTH 2023-02-28
2024-3-31 and 1 months: EDATE 2024-04-30 EOMONTH 2024-04-30
2024-2-28 and 0 months: EDATE 2024-02-28 EOMONTH 2024-02-29
SEEN
