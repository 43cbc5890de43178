#!/usr/bin/env bash
set -euo pipefail

# hot-formula-parser 4.0.0
#
# Expected: MOD(-3,5) is 2 and MOD(3,-2) -1; ROUND(-2.5,0) is -3; -2^2 is 4; "gold"="Gold" is TRUE.
# Source: OpenFormula 1.3 (OpenDocument part 4): MOD has the sign of the divisor and is a-b*INT(a/b); ROUND goes away from
#   zero at a half; Microsoft on operators in Excel: negation goes before the power, and texts are compared without case.
# Seen: MOD(-3,5) is 3, which is no remainder of it; halves below zero go up, so that a credit note of -2.5 is 2 where the
#   invoice of 2.5 is 3; the power goes before the sign; Gold is not gold.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-save --no-audit --no-fund hot-formula-parser@4.0.0 > /dev/null

cat > seen.cjs <<'JAVASCRIPT'
const { Parser } = require('hot-formula-parser')

const parser = new Parser()
for (const formula of ['MOD(3,5)', 'MOD(-3,5)', '-3-5*INT(-3/5)', 'MOD(3,-2)', 'ROUND(2.5,0)', 'ROUND(-2.5,0)', 'ROUND(1.475,2)', 'ROUND(-1.475,2)', '-2^2', '"gold"="Gold"']) {
  const { error, result } = parser.parse(formula)
  console.log(formula, error ?? result)
}
JAVASCRIPT
node seen.cjs > seen

cat seen
diff - seen <<'SEEN'
MOD(3,5) 3
MOD(-3,5) 3
-3-5*INT(-3/5) 2
MOD(3,-2) -1
ROUND(2.5,0) 3
ROUND(-2.5,0) -2
ROUND(1.475,2) 1.48
ROUND(-1.475,2) -1.47
-2^2 -4
"gold"="Gold" false
SEEN
