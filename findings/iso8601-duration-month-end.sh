#!/usr/bin/env bash
set -euo pipefail

# iso8601-duration 2.1.4
#
# Expected: P1M from 31 January ends on the last of February, P1Y from 29 February 2024 on 28 February 2025; P0.5D is half
#   a day.
# Source: W3C XML Schema part 2, appendix E (a day beyond the month's end becomes its last), as does Temporal, by which
#   the package's README says its tests go; the README: fractions are allowed on the smallest unit, with P0.5D as the
#   example.
# Seen: the days too many run into the next month, 3 March and 1 March; P0.5D, the README's own example, is refused.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-save --no-audit --no-fund iso8601-duration@2.1.4 duration-fns@3.0.2 > /dev/null

cat > seen.cjs <<'JAVASCRIPT'
const { end, parse } = require('iso8601-duration')
const { apply } = require('duration-fns')

const day = instant => instant.toISOString().slice(0, 10)
for (const [start, term] of [['2026-01-15', 'P1M'], ['2026-01-31', 'P1M'], ['2026-03-31', 'P6M'], ['2024-02-29', 'P1Y'], ['2026-01-31', 'P30D']]) {
  console.log(start, term, 'iso8601-duration', day(end(parse(term), new Date(start))), 'duration-fns', day(apply(new Date(start), term)))
}
for (const term of ['PT0.5S', 'PT0.5H', 'P0.5D']) {
  try {
    const { days, hours, seconds } = parse(term)
    console.log(term, { days, hours, seconds })
  } catch (error) {
    console.log(term, error.message)
  }
}
JAVASCRIPT
TZ=UTC node seen.cjs > seen

cat seen
diff - seen <<'SEEN'
2026-01-15 P1M iso8601-duration 2026-02-15 duration-fns 2026-02-15
2026-01-31 P1M iso8601-duration 2026-03-03 duration-fns 2026-02-28
2026-03-31 P6M iso8601-duration 2026-10-01 duration-fns 2026-09-30
2024-02-29 P1Y iso8601-duration 2025-03-01 duration-fns 2025-02-28
2026-01-31 P30D iso8601-duration 2026-03-02 duration-fns 2026-03-02
PT0.5S { days: 0, hours: 0, seconds: 0.5 }
PT0.5H { days: 0, hours: 0.5, seconds: 0 }
P0.5D invalid duration: P0.5D
SEEN
