#!/usr/bin/env bash
set -euo pipefail

# pycel 1.0b30, hot-formula-parser 4.0.0
#
# Expected: EDATE of 31 January and one month is the last of February, of 29 February 2024 and twelve months 28 February
#   2025.
# Source: OpenFormula 1.3 (OpenDocument part 4), EDATE: where the new month has no such day, its last day; so does Excel.
# Seen: in both the days too many run into the month after: a term of one month signed on 31 January ends on 3 March,
#   one of twelve months from 29 February on 1 March. EOMONTH of the same packages is right.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --no-compile pycel==1.0b30
npm install --silent --no-save --no-audit --no-fund hot-formula-parser@4.0.0 > /dev/null

cat > formulas <<'FORMULAS'
EDATE(DATE(2026,1,15),1)
EDATE(DATE(2026,1,31),1)
EOMONTH(DATE(2026,1,31),1)
EDATE(DATE(2026,3,31),-1)
EDATE(DATE(2026,5,31),1)
EDATE(DATE(2024,2,29),12)
FORMULAS

venv/bin/python -W ignore > seen <<'PYTHON'
from datetime import date, timedelta

import openpyxl
from pycel import ExcelCompiler

for formula in open("formulas").read().split():
    book = openpyxl.Workbook()
    book.active["A1"] = "=" + formula
    serial = ExcelCompiler(excel=book).evaluate("Sheet!A1")
    print("pycel", formula, date(1899, 12, 30) + timedelta(days=int(serial)))
PYTHON

cat > seen.cjs <<'JAVASCRIPT'
const { readFileSync } = require('fs')
const hot = new (require('hot-formula-parser').Parser)()

const day = serial => new Date(Date.UTC(1899, 11, 30 + serial)).toISOString().slice(0, 10)
const formulas = readFileSync('formulas', 'utf8').trim().split('\n')
for (const formula of formulas) console.log('hot-formula-parser', formula, day(hot.parse(formula).result))
JAVASCRIPT
TZ=UTC node seen.cjs >> seen

cat seen
diff - seen <<'SEEN'
pycel EDATE(DATE(2026,1,15),1) 2026-02-15
pycel EDATE(DATE(2026,1,31),1) 2026-03-03
pycel EOMONTH(DATE(2026,1,31),1) 2026-02-28
pycel EDATE(DATE(2026,3,31),-1) 2026-03-03
pycel EDATE(DATE(2026,5,31),1) 2026-07-01
pycel EDATE(DATE(2024,2,29),12) 2025-03-01
hot-formula-parser EDATE(DATE(2026,1,15),1) 2026-02-15
hot-formula-parser EDATE(DATE(2026,1,31),1) 2026-03-03
hot-formula-parser EOMONTH(DATE(2026,1,31),1) 2026-02-28
hot-formula-parser EDATE(DATE(2026,3,31),-1) 2026-03-03
hot-formula-parser EDATE(DATE(2026,5,31),1) 2026-07-01
hot-formula-parser EDATE(DATE(2024,2,29),12) 2025-03-01
SEEN
