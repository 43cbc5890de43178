#!/usr/bin/env bash
set -euo pipefail

# @formulajs/formulajs 4.6.1
#
# Expected: SUMIFS and COUNTIF take "gold" for rows that say Gold, gold and GOLD, as MATCH and VLOOKUP do; "go*" is the same
#   rows.
# Source: Excel's function reference, COUNTIF: criteria are not case sensitive, and ? and * are wildcards; SUMIFS: wildcards
#   in criteria.
# Seen: the criteria are compared letter by letter, so that one of three rows counts, and an asterisk is an asterisk: a
#   discount looked up with MATCH and the volume that it rests on, added up with SUMIFS, are of different rows.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-save --no-audit --no-fund @formulajs/formulajs@4.6.1 > /dev/null

cat > seen.cjs <<'JAVASCRIPT'
const { AVERAGEIFS, COUNTIF, COUNTIFS, MATCH, SUMIF, SUMIFS, VLOOKUP } = require('@formulajs/formulajs')

const tiers = ['Gold', 'gold', 'GOLD', 'silver']
const volumes = [100, 20, 3, 7]
for (const wanted of ['gold', 'go*', 'silver']) {
  console.log(wanted, 'COUNTIF', COUNTIF(tiers, wanted), 'COUNTIFS', COUNTIFS(tiers, wanted))
  console.log(wanted, 'SUMIF', SUMIF(tiers, wanted, volumes), 'SUMIFS', SUMIFS(volumes, tiers, wanted))
  console.log(wanted, 'MATCH', MATCH(wanted, tiers, 0))
}
console.log('gold AVERAGEIFS', AVERAGEIFS(volumes, tiers, 'gold'), 'VLOOKUP', VLOOKUP('gold', tiers.map((tier, row) => [tier, volumes[row]]), 2, false))
JAVASCRIPT
node seen.cjs > seen

cat seen
diff - seen <<'SEEN'
gold COUNTIF 1 COUNTIFS 1
gold SUMIF 20 SUMIFS 20
gold MATCH 1
go* COUNTIF 0 COUNTIFS 0
go* SUMIF 0 SUMIFS 0
go* MATCH 1
silver COUNTIF 1 COUNTIFS 1
silver SUMIF 7 SUMIFS 7
silver MATCH 4
gold AVERAGEIFS 20 VLOOKUP 100
SEEN
