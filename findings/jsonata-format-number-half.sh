#!/usr/bin/env bash
set -euo pipefail

# jsonata-python 0.7.1, jsonata 2.2.2
#
# Expected: $formatNumber(2.5, "0") is 2, as $round(2.5) is: halves go to the even neighbour; 0.125 to two digits is 0.12.
# Source: JSONata's documentation: $round goes half to even, $formatNumber is fn:format-number of XPath and XQuery
#   Functions and Operators 3.1, whose section 4.7.5 rounds with round-half-to-even.
# Seen: $formatNumber of the Python port takes a half up, 3 and 0.13, but that of -2.5 to -2; the original gives 2 and
#   0.12. A price that was rounded with the one function and one that was written with the other differ by a cent.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --no-compile jsonata-python==0.7.1
npm install --silent --no-save --no-audit --no-fund jsonata@2.2.2 > /dev/null

cat > expressions <<'EXPRESSIONS'
$round(2.5)
$formatNumber(2.5, "0")
$round(0.125, 2)
$formatNumber(0.125, "0.00")
$round(0.375, 2)
$formatNumber(0.375, "0.00")
$round(-2.5)
$formatNumber(-2.5, "0")
EXPRESSIONS

venv/bin/python -W ignore > seen <<'PYTHON'
import jsonata

for expression in open("expressions").read().splitlines():
    print("jsonata-python", expression, jsonata.Jsonata(expression).evaluate(None))
PYTHON

cat > seen.cjs <<'JAVASCRIPT'
const { readFileSync } = require('fs')
const jsonata = require('jsonata')

;(async () => {
  for (const expression of readFileSync('expressions', 'utf8').trim().split('\n')) console.log('jsonata', expression, await jsonata(expression).evaluate(null))
})()
JAVASCRIPT
node seen.cjs >> seen

cat seen
diff - seen <<'SEEN'
jsonata-python $round(2.5) 2
jsonata-python $formatNumber(2.5, "0") 3
jsonata-python $round(0.125, 2) 0.12
jsonata-python $formatNumber(0.125, "0.00") 0.13
jsonata-python $round(0.375, 2) 0.38
jsonata-python $formatNumber(0.375, "0.00") 0.38
jsonata-python $round(-2.5) -2
jsonata-python $formatNumber(-2.5, "0") -2
jsonata $round(2.5) 2
jsonata $formatNumber(2.5, "0") 2
jsonata $round(0.125, 2) 0.12
jsonata $formatNumber(0.125, "0.00") 0.12
jsonata $round(0.375, 2) 0.38
jsonata $formatNumber(0.375, "0.00") 0.38
jsonata $round(-2.5) -2
jsonata $formatNumber(-2.5, "0") -2
SEEN
