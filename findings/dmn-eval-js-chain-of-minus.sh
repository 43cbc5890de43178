#!/usr/bin/env bash
set -euo pipefail

# @hbtgmbh/dmn-eval-js 1.5.0
#
# Expected: 10 - 3 - 2 is 5 and 100 / 10 / 2 is 5: operators of one rank are taken from the left.
# Source: DMN 1.3, grammar of FEEL (10.3.1.2): the operators of the arithmetic rules are left-associative.
# Seen: a chain is taken from the right, 9 and 20. A price less two rebates is higher than it should be, in the cell that
#   is an output and in the expression that is an input; with brackets it is right.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-save --no-audit --no-fund @hbtgmbh/dmn-eval-js@1.5.0 > /dev/null

cat > seen.cjs <<'JAVASCRIPT'
const { decisionTable } = require('@hbtgmbh/dmn-eval-js')

const table = (input, cell, output) => `<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/DMN/20151101/dmn.xsd" id="terms" name="terms" namespace="http://example.org/terms">
  <decision id="price" name="price">
    <decisionTable id="table" hitPolicy="FIRST">
      <input id="in"><inputExpression id="expression" typeRef="double"><text>${input}</text></inputExpression></input>
      <output id="out" name="price" typeRef="double"/>
      <rule id="rule"><inputEntry id="cell"><text><![CDATA[${cell}]]></text></inputEntry><outputEntry id="result"><text>${output}</text></outputEntry></rule>
      <rule id="else"><inputEntry id="any"><text>-</text></inputEntry><outputEntry id="none"><text>"no rule"</text></outputEntry></rule>
    </decisionTable>
  </decision>
</definitions>`

const deal = { list: 100, volume: 10, loyalty: 5 }
const show = async (input, cell, output) => {
  const decisions = await decisionTable.parseDmnXml(table(input, cell, output))
  console.log('when', input, cell, 'then', output, '->', decisionTable.evaluateDecision('price', decisions, deal).price)
}

;(async () => {
  for (const output of ['10 - 3 - 2', '(10 - 3) - 2', '100 / 10 / 2', '10 - 3 + 2', '100 / 10 * 2', 'list - volume - loyalty', '(list - volume) - loyalty']) await show('list', '-', output)
  for (const cell of ['85', '95']) await show('list - volume - loyalty', cell, '"this rule"')
})()
JAVASCRIPT
node seen.cjs > seen

cat seen
diff - seen <<'SEEN'
when list - then 10 - 3 - 2 -> 9
when list - then (10 - 3) - 2 -> 5
when list - then 100 / 10 / 2 -> 20
when list - then 10 - 3 + 2 -> 5
when list - then 100 / 10 * 2 -> 5
when list - then list - volume - loyalty -> 95
when list - then (list - volume) - loyalty -> 85
when list - volume - loyalty 85 then "this rule" -> no rule
when list - volume - loyalty 95 then "this rule" -> this rule
SEEN
