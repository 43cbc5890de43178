#!/usr/bin/env bash
set -euo pipefail

# HyperFormula 3.5.0
#
# Expected: 30 and 31 December 2024, a Monday and a Tuesday, are in the first week of 2025, as the Wednesday behind them is.
# Source: ISO 8601-1, the calendar week number: week 1 is the one with the year's first Thursday. Excel's function reference,
#   ISOWEEKNUM, and WEEKNUM with type 21, which stands for that system.
# Seen: they are in week 53 of a year that has 52 weeks, and New Year's Day is in week 1: what is agreed by the calendar week
#   changes in the middle of one. The same days of every year that ends on a Monday, Tuesday or Wednesday are concerned.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-save --no-audit --no-fund hyperformula@3.5.0 > /dev/null

cat > seen.cjs <<'JAVASCRIPT'
const { HyperFormula } = require('hyperformula')

const sheets = HyperFormula.buildEmpty({ licenseKey: 'gpl-v3' })
const sheet = sheets.getSheetId(sheets.addSheet('weeks'))
const week = (date, formula) => sheets.calculateFormula(formula.replace('DAY', `DATE(${date.split('-').map(Number)})`), sheet)

const thursdays = (date) => {
  const thursday = new Date(`${date}T00:00:00Z`)
  thursday.setUTCDate(thursday.getUTCDate() + 4 - (thursday.getUTCDay() || 7))
  return Math.ceil(((thursday - Date.UTC(thursday.getUTCFullYear(), 0, 1)) / 86400000 + 1) / 7)
}
for (const date of ['2018-12-31', '2020-12-31', '2021-01-03', '2021-01-04', '2024-12-29', '2024-12-30', '2024-12-31', '2025-01-01', '2025-01-05', '2025-12-29']) {
  console.log(date, 'ISOWEEKNUM', week(date, '=ISOWEEKNUM(DAY)'), 'WEEKNUM 21', week(date, '=WEEKNUM(DAY,21)'), 'by the Thursday', thursdays(date))
}
let differ = 0
let days = 0
for (const day = new Date('2001-01-01T00:00:00Z'); day < new Date('2029-01-01T00:00:00Z'); day.setUTCDate(day.getUTCDate() + 1)) {
  const date = day.toISOString().slice(0, 10)
  days += 1
  differ += week(date, '=ISOWEEKNUM(DAY)') !== thursdays(date)
}
console.log(differ, 'of', days, 'days from 2001 to 2028 differ')
JAVASCRIPT
node seen.cjs > seen

cat seen
diff - seen <<'SEEN'
2018-12-31 ISOWEEKNUM 53 WEEKNUM 21 53 by the Thursday 1
2020-12-31 ISOWEEKNUM 53 WEEKNUM 21 53 by the Thursday 53
2021-01-03 ISOWEEKNUM 53 WEEKNUM 21 53 by the Thursday 53
2021-01-04 ISOWEEKNUM 1 WEEKNUM 21 1 by the Thursday 1
2024-12-29 ISOWEEKNUM 52 WEEKNUM 21 52 by the Thursday 52
2024-12-30 ISOWEEKNUM 53 WEEKNUM 21 53 by the Thursday 1
2024-12-31 ISOWEEKNUM 53 WEEKNUM 21 53 by the Thursday 1
2025-01-01 ISOWEEKNUM 1 WEEKNUM 21 1 by the Thursday 1
2025-01-05 ISOWEEKNUM 1 WEEKNUM 21 1 by the Thursday 1
2025-12-29 ISOWEEKNUM 53 WEEKNUM 21 53 by the Thursday 1
24 of 10227 days from 2001 to 2028 differ
SEEN
