#!/usr/bin/env bash
set -euo pipefail

# js-feel 1.4.7
#
# Expected: substring("foobar", 3) is "obar", remove([1,2,3], 2) is [1,3], concatenate([1,2], [3]) is [1,2,3],
#   union([1,2], [2,3]) is [1,2,3], flatten([[1,2],[[3]],4]) is [1,2,3,4], index of([1,2,3,2], 2) is [2,4].
# Source: DMN 1.3, 10.3.4.3 and 10.3.4.4, built-in functions for strings and lists, of which these are the examples; the
#   package's README claims conformance level 3.
# Seen: an argument that is left out, and one more behind the lists, is taken from the engine's own context: substring is
#   empty, lists end in an empty object; remove takes the first elements too; index of counts from 0 and ends at the
#   first; union and flatten join nothing. What is right: substring with a length, distinct values, reverse, count, sum.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-save --no-audit --no-fund js-feel@1.4.7 > /dev/null

cat > seen.cjs <<'JAVASCRIPT'
const { feel } = require('js-feel')({ logger: { log () {} } })

;(async () => {
  for (const expression of ['substring("foobar", 3, 3)', 'substring("foobar", 3)', 'distinct values([1,2,3,2,1])', 'reverse([1,2,3])', 'remove([1,2,3], 2)', 'concatenate([1,2], [3])', 'union([1,2], [2,3])', 'flatten([[1,2],[[3]],4])', 'index of([1,2,3,2], 2)']) {
    console.log(expression, '->', JSON.stringify(await feel.parse(expression).build({})))
  }
})()
JAVASCRIPT
node seen.cjs 2> errors > seen || cat errors

cat seen
diff - seen <<'SEEN'
substring("foobar", 3, 3) -> "oba"
substring("foobar", 3) -> ""
distinct values([1,2,3,2,1]) -> [1,2,3]
reverse([1,2,3]) -> [3,2,1]
remove([1,2,3], 2) -> [3]
concatenate([1,2], [3]) -> [1,2,3,{}]
union([1,2], [2,3]) -> [[1,2],[2,3],{}]
flatten([[1,2],[[3]],4]) -> [[1,2],[[3]],4,{}]
index of([1,2,3,2], 2) -> 1
SEEN
