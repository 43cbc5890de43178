#!/usr/bin/env bash
set -euo pipefail

# fast-formula-parser 1.0.19
#
# Expected: VLOOKUP of a volume behind the last step of a table of rates is the rate of the last step.
# Source: Excel's function reference, VLOOKUP and HLOOKUP: with an approximate match, the row of the largest value that is
#   no larger than what is sought, and of that row the column that is asked for.
# Seen: beyond the last step the answer is the step itself, 1000, whichever column is asked for, in place of the rate, 20 %.
#   At the step and below it volumes have their rate. HLOOKUP, for a table on its side, does the same.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-save --no-audit --no-fund fast-formula-parser@1.0.19 > /dev/null

cat > seen.cjs <<'JAVASCRIPT'
const FormulaParser = require('fast-formula-parser')

const parser = new FormulaParser()
const at = { sheet: 'rates', row: 9, col: 9 }
for (const volume of [0, 50, 100, 999, 1000, 5000]) {
  const upright = `VLOOKUP(${volume},{0,0.05,"bronze";100,0.1,"silver";1000,0.2,"gold"},COLUMN,TRUE)`
  const lying = `HLOOKUP(${volume},{0,100,1000;0.05,0.1,0.2;"bronze","silver","gold"},ROW,TRUE)`
  const answers = (formula, word) => [2, 3].map((index) => parser.parse(formula.replace(word, index), at)).join(' ')
  console.log(volume, '| VLOOKUP', answers(upright, 'COLUMN'), '| HLOOKUP', answers(lying, 'ROW'))
}
JAVASCRIPT
node seen.cjs > seen

cat seen
diff - seen <<'SEEN'
0 | VLOOKUP 0.05 bronze | HLOOKUP 0.05 bronze
50 | VLOOKUP 0.05 bronze | HLOOKUP 0.05 bronze
100 | VLOOKUP 0.1 silver | HLOOKUP 0.1 silver
999 | VLOOKUP 0.1 silver | HLOOKUP 0.1 silver
1000 | VLOOKUP 0.2 gold | HLOOKUP 0.2 gold
5000 | VLOOKUP 1000 1000 | HLOOKUP 1000 1000
SEEN
