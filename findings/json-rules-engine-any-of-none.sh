#!/usr/bin/env bash
set -euo pipefail

# json-rules-engine 7.3.1
#
# Expected: a rule that asks for any of a list of conditions is not met where the list is empty: none of them is true.
# Source: the package's documentation of rules: `any` requires one condition to be truthy for the rule to succeed. The
#   package's own operator decorator someValue holds of no list without entries.
# Seen: `any` of none is met, at the root and inside of another group, and `not` of it is not; the event happens as if a
#   condition were true. A group whose last exception was taken out applies to everybody.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-save --no-audit --no-fund json-rules-engine@7.3.1 > /dev/null

cat > seen.cjs <<'JAVASCRIPT'
const { Engine } = require('json-rules-engine')

const strategic = { fact: 'segment', operator: 'equal', value: 'strategic' }
const large = { fact: 'volume', operator: 'greaterThan', value: 100 }
const some = { fact: 'segments', operator: 'someFact:equal', value: 'strategic' }

const discounted = async (conditions) => {
  const engine = new Engine()
  engine.addRule({ conditions, event: { type: 'discount' } })
  const { events } = await engine.run({ segment: 'small', volume: 500, segments: [] })
  return events.length === 1
}

const rules = {
  'any of [strategic]': { any: [strategic] },
  'any of []': { any: [] },
  'all of [large, any of [strategic]]': { all: [large, { any: [strategic] }] },
  'all of [large, any of []]': { all: [large, { any: [] }] },
  'any of [strategic, any of []]': { any: [strategic, { any: [] }] },
  'not any of []': { not: { any: [] } },
  'all of []': { all: [] },
  'someFact of []': { all: [some] },
}
;(async () => {
  for (const [name, conditions] of Object.entries(rules)) console.log(name, '->', await discounted(conditions))
})()
JAVASCRIPT
node seen.cjs > seen

cat seen
diff - seen <<'SEEN'
any of [strategic] -> false
any of [] -> true
all of [large, any of [strategic]] -> false
all of [large, any of []] -> true
any of [strategic, any of []] -> true
not any of [] -> false
all of [] -> true
someFact of [] -> false
SEEN
