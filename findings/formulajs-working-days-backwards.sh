#!/usr/bin/env bash
set -euo pipefail

# @formulajs/formulajs 4.6.1
#
# Expected: from the 14th of January 2024 back to the 1st there are -10 working days, as there are 10 forward.
# Source: Excel's function reference, NETWORKDAYS: working days exclude weekends and the holidays given; NETWORKDAYS.INTL:
#   with a start behind the end the answer is the negative of the count, and its own example from 2006-02-28 to 2006-01-31
#   is -21.
# Seen: backwards the weekends at the far end count as working days: -12, and -27 for the example. Forward, each count is
#   right.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-save --no-audit --no-fund @formulajs/formulajs@4.6.1 > /dev/null

cat > seen.cjs <<'JAVASCRIPT'
const { NETWORKDAYS } = require('@formulajs/formulajs')

const day = (text) => new Date(`${text}T00:00:00`)
for (const [from, to] of [
  ['2024-01-01', '2024-01-05'],
  ['2024-01-01', '2024-01-14'],
  ['2024-01-05', '2024-01-08'],
  ['2006-01-31', '2006-02-28'],
  ['2012-10-01', '2013-03-01'],
]) {
  console.log(from, to, 'forward', NETWORKDAYS(day(from), day(to)), 'backward', NETWORKDAYS(day(to), day(from)))
  console.log('  weekend 1: forward', NETWORKDAYS.INTL(day(from), day(to), 1), 'backward', NETWORKDAYS.INTL(day(to), day(from), 1))
}
JAVASCRIPT
TZ=UTC node seen.cjs > seen

cat seen
diff - seen <<'SEEN'
2024-01-01 2024-01-05 forward 5 backward -3
  weekend 1: forward 5 backward -3
2024-01-01 2024-01-14 forward 10 backward -12
  weekend 1: forward 10 backward -12
2024-01-05 2024-01-08 forward 2 backward -2
  weekend 1: forward 2 backward -2
2006-01-31 2006-02-28 forward 21 backward -27
  weekend 1: forward 21 backward -27
2012-10-01 2013-03-01 forward 110 backward -150
  weekend 1: forward 110 backward -150
SEEN
