#!/usr/bin/env bash
set -euo pipefail

# feelin 8.2.0
#
# Expected: `years and months duration` gives a duration of years and months: from 31 January to 28 February none, as no
#   whole month has passed, and from 15 January to 14 March one.
# Source: DMN 1.5, built-in functions: the value is of type "years and months duration", which holds months and no days.
# Seen: the result keeps the days: P28D, P1M27D. It equals no number of months, so that a condition on a contract's
#   term in whole months is neither so nor not so.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-save --no-audit --no-fund feelin@8.2.0 > /dev/null

cat > seen.mjs <<'JAVASCRIPT'
import { evaluate } from 'feelin'

for (const text of [
  'string(years and months duration(date("2026-01-31"), date("2026-02-28")))',
  'string(years and months duration(date("2026-01-15"), date("2026-03-14")))',
  'string(years and months duration(date("2026-01-15"), date("2026-03-15")))',
  'years and months duration(date("2026-01-15"), date("2026-03-14")) = duration("P1M")',
  'years and months duration(date("2026-01-15"), date("2026-03-14")).months',
]) {
  const found = evaluate(text, {})
  console.log(text, '->', JSON.stringify(found.value === undefined ? found : found.value))
}
JAVASCRIPT
node seen.mjs > seen

cat seen
diff - seen <<'SEEN'
string(years and months duration(date("2026-01-31"), date("2026-02-28"))) -> "P28D"
string(years and months duration(date("2026-01-15"), date("2026-03-14"))) -> "P1M27D"
string(years and months duration(date("2026-01-15"), date("2026-03-15"))) -> "P2M"
years and months duration(date("2026-01-15"), date("2026-03-14")) = duration("P1M") -> false
years and months duration(date("2026-01-15"), date("2026-03-14")).months -> 1
SEEN
