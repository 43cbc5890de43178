#!/usr/bin/env bash
set -euo pipefail

# fast-formula-parser 1.0.19
#
# Expected: TRUNC(0.29,2) is 0.29 and TRUNC(1234.5,-2) 1200, as ROUNDDOWN of the same; "gold"="Gold" is TRUE and
#   SEARCH("OLD","gold") 2.
# Source: OpenFormula 1.3 (OpenDocument part 4), TRUNC(number; digits), and SEARCH, which ignores case; Microsoft on
#   operators in Excel: texts are compared without case.
# Seen: the digits of TRUNC are not heard, and a rate of 29 % cut to two digits is 0; texts are compared with case, in
#   SEARCH too.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-save --no-audit --no-fund fast-formula-parser@1.0.19 > /dev/null

cat > seen.cjs <<'JAVASCRIPT'
const FormulaParser = require('fast-formula-parser')

const parser = new FormulaParser()
for (const formula of ['TRUNC(0.29,2)', 'ROUNDDOWN(0.29,2)', 'TRUNC(123.456,1)', 'ROUNDDOWN(123.456,1)', 'TRUNC(1234.5,-2)', 'ROUNDDOWN(1234.5,-2)', '"gold"="Gold"', 'SEARCH("old","gold")', 'SEARCH("OLD","gold")']) {
  console.log(formula, String(parser.parse(formula, { sheet: 'terms', row: 1, col: 1 })))
}
JAVASCRIPT
node seen.cjs > seen

cat seen
diff - seen <<'SEEN'
TRUNC(0.29,2) 0
ROUNDDOWN(0.29,2) 0.28
TRUNC(123.456,1) 123
ROUNDDOWN(123.456,1) 123.4
TRUNC(1234.5,-2) 1234
ROUNDDOWN(1234.5,-2) 1200
"gold"="Gold" false
SEARCH("old","gold") 2
SEARCH("OLD","gold") #VALUE!
SEEN
