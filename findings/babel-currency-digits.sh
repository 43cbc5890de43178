#!/usr/bin/env bash
set -euo pipefail

# Babel 2.19.0, iso4217 1.16.20260101
#
# Expected: the digits after the point that Babel gives for a currency are the minor unit of ISO 4217.
# Source: ISO 4217, list one, column "Minor unit" (the iso4217 package carries the published list); CLDR's supplemental
#   data has digits of its own, by custom in shops, and Babel uses those without saying so.
# Seen: 15 currencies differ. Half a rupiah, 50 sen by the standard, is formatted as nothing, and a Hungarian invoice of
#   1234.56 as 1,235.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile babel==2.19.0 iso4217==1.16.20260101

"$work/venv/bin/python" -W ignore > "$work/seen" <<'PYTHON'
from decimal import Decimal

import iso4217
from babel.numbers import format_currency, get_currency_precision

for currency in sorted(iso4217.Currency, key=lambda currency: currency.code):
    digits = get_currency_precision(currency.code)
    if currency.exponent is not None and digits != currency.exponent:
        print(currency.code, "ISO 4217:", currency.exponent, "Babel:", digits)
for amount, code in (("1234.56", "HUF"), ("0.50", "IDR"), ("0.125", "IQD")):
    print(amount, code, "->", format_currency(Decimal(amount), code, locale="en").replace("\xa0", " "))
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
AFN ISO 4217: 2 Babel: 0
ALL ISO 4217: 2 Babel: 0
COP ISO 4217: 2 Babel: 0
HUF ISO 4217: 2 Babel: 0
IDR ISO 4217: 2 Babel: 0
IQD ISO 4217: 3 Babel: 0
IRR ISO 4217: 2 Babel: 0
KPW ISO 4217: 2 Babel: 0
LAK ISO 4217: 2 Babel: 0
LBP ISO 4217: 2 Babel: 0
MGA ISO 4217: 2 Babel: 0
MMK ISO 4217: 2 Babel: 0
SOS ISO 4217: 2 Babel: 0
SYP ISO 4217: 2 Babel: 0
YER ISO 4217: 2 Babel: 0
1234.56 HUF -> HUF1,235
0.50 IDR -> IDR0
0.125 IQD -> IQD0
SEEN
