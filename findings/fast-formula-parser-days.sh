#!/usr/bin/env bash
set -euo pipefail

# fast-formula-parser 1.0.19
#
# Expected: one working day before a Monday is the Friday before, five are the Monday before; a month behind 31 January is
#   the last day of February.
# Source: Excel's function reference, WORKDAY: a negative number of days is a date in the past, weekends are no working days;
#   EDATE: the same day of the month, which the package's own EOMONTH ends where the month does.
# Seen: WORKDAY backwards is the day it starts on, however many days are asked for and be it a Saturday: the last day to give
#   ten working days' notice is the day itself. EDATE goes on into the next month.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-save --no-audit --no-fund fast-formula-parser@1.0.19 > /dev/null

cat > seen.cjs <<'JAVASCRIPT'
const FormulaParser = require('fast-formula-parser')

const parser = new FormulaParser()
const at = { sheet: 'terms', row: 1, col: 1 }
const day = (formula) => {
  const date = new Date(Date.UTC(1899, 11, 30) + parser.parse(formula, at) * 86400000)
  return `${date.toISOString().slice(0, 10)} ${date.toUTCString().slice(0, 3)}`
}
for (const start of ['2024,1,8', '2024,1,10', '2024,1,6']) {
  const days = [-10, -5, -2, -1, 1, 5].map((number) => `${number}: ${day(`WORKDAY(DATE(${start}),${number})`)}`)
  console.log('WORKDAY from', day(`DATE(${start})`), '|', days.join(', '))
}
for (const [start, months] of [['2024,1,31', 1], ['2024,8,31', 1], ['2024,3,31', -1], ['2024,1,15', 1]]) {
  const date = `DATE(${start})`
  console.log(day(date), 'and', months, 'month: EDATE', day(`EDATE(${date},${months})`), 'EOMONTH', day(`EOMONTH(${date},${months})`))
}
JAVASCRIPT
node seen.cjs > seen

cat seen
diff - seen <<'SEEN'
WORKDAY from 2024-01-08 Mon | -10: 2024-01-08 Mon, -5: 2024-01-08 Mon, -2: 2024-01-08 Mon, -1: 2024-01-08 Mon, 1: 2024-01-09 Tue, 5: 2024-01-15 Mon
WORKDAY from 2024-01-10 Wed | -10: 2024-01-10 Wed, -5: 2024-01-10 Wed, -2: 2024-01-10 Wed, -1: 2024-01-10 Wed, 1: 2024-01-11 Thu, 5: 2024-01-17 Wed
WORKDAY from 2024-01-06 Sat | -10: 2024-01-06 Sat, -5: 2024-01-06 Sat, -2: 2024-01-06 Sat, -1: 2024-01-06 Sat, 1: 2024-01-08 Mon, 5: 2024-01-12 Fri
2024-01-31 Wed and 1 month: EDATE 2024-03-02 Sat EOMONTH 2024-02-29 Thu
2024-08-31 Sat and 1 month: EDATE 2024-10-01 Tue EOMONTH 2024-09-30 Mon
2024-03-31 Sun and -1 month: EDATE 2024-03-02 Sat EOMONTH 2024-02-29 Thu
2024-01-15 Mon and 1 month: EDATE 2024-02-15 Thu EOMONTH 2024-02-29 Thu
SEEN
