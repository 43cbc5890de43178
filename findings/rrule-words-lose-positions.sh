#!/usr/bin/env bash
set -euo pipefail

# rrule 2.8.1
#
# Expected: the words of a recurrence rule say which days it has, or the rule is told to be one that words cannot say.
# Source: the package's README: words are supported incompletely, and isFullyConvertibleToText hints whether all options of a
#   rule have some; RFC 5545, section 3.3.10: BYSETPOS takes of the days of a month the n-th, -1 being the last.
# Seen: BYSETPOS has no words, and the hint says that all has been said: the last working day of a month, when many invoices
#   are due, is told as every working day. Read back it is 23 days in January 2024. fromText of a year's day keeps the month
#   alone, without an error.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-save --no-audit --no-fund rrule@2.8.1 > /dev/null

cat > seen.cjs <<'JAVASCRIPT'
const { RRule, datetime } = require('rrule')

const january = ({ origOptions }) => new RRule({ ...origOptions, dtstart: datetime(2024, 1, 1), until: datetime(2024, 1, 31) }).all()
const workdays = [RRule.MO, RRule.TU, RRule.WE, RRule.TH, RRule.FR]
for (const [name, options] of [
  ['last Friday', { byweekday: [RRule.FR.nth(-1)] }],
  ['last working day', { byweekday: workdays, bysetpos: -1 }],
  ['third working day', { byweekday: workdays, bysetpos: 3 }],
  ['first and third Monday', { byweekday: [RRule.MO], bysetpos: [1, 3] }],
]) {
  const rule = new RRule({ freq: RRule.MONTHLY, ...options })
  const back = RRule.fromText(rule.toText())
  console.log(`${name}: "${rule.toText()}" | fully in words: ${rule.isFullyConvertibleToText()} | days in January ${january(rule).length}, read back ${january(back).length}`)
}
for (const words of ['every month on the 31st', 'every year on January 31st']) console.log(`"${words}" is read as`, RRule.fromText(words).toString())
JAVASCRIPT
node seen.cjs > seen

cat seen
diff - seen <<'SEEN'
last Friday: "every month on the last Friday" | fully in words: true | days in January 1, read back 1
last working day: "every month on weekdays" | fully in words: true | days in January 1, read back 23
third working day: "every month on weekdays" | fully in words: true | days in January 1, read back 23
first and third Monday: "every month on Monday" | fully in words: true | days in January 2, read back 5
"every month on the 31st" is read as RRULE:FREQ=MONTHLY;BYMONTHDAY=31
"every year on January 31st" is read as RRULE:FREQ=YEARLY;BYMONTH=1
SEEN
