#!/usr/bin/env bash
set -euo pipefail

# price-parser 0.5.1, Babel 2.19.0
#
# Expected: a price of 0.125 that Babel writes for a language is read as 0.125, whatever its decimal mark.
# Source: the package's page: thousand and decimal separators are handled without effort; its decimal_separator is for
#   texts that can be read both ways. No language groups the digits behind a lone zero, so that 0.125 can be read one way.
# Seen: it is 125, and 0.005 is 5, with a point as with a comma, a thousand times the price of one piece. A fourth digit, or
#   the separator said, gives the price. With the apostrophe ’ between thousands, 1’250.50 is 1; with ' it is read.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile price-parser==0.5.1 Babel==2.19.0

"$work/venv/bin/python" -W ignore > "$work/seen" <<'PYTHON'
from decimal import Decimal

from babel.numbers import format_currency
from price_parser import Price

for amount in ("0.12", "0.125", "0.005", "0.1250"):
    for locale in ("en_US", "de_DE"):
        separator = "." if locale == "en_US" else ","
        pattern = f"0.{'0' * -Decimal(amount).as_tuple().exponent} ¤¤"
        text = format_currency(Decimal(amount), "USD", pattern, locale, currency_digits=False)
        print(text, "->", Price.fromstring(text).amount, "and told the separator", Price.fromstring(text, decimal_separator=separator).amount)
for text in ("CHF 1'250.50", "CHF 1’250.50"):
    print(text, "->", Price.fromstring(text).amount)
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
0.12 USD -> 0.12 and told the separator 0.12
0,12 USD -> 0.12 and told the separator 0.12
0.125 USD -> 125 and told the separator 0.125
0,125 USD -> 125 and told the separator 0.125
0.005 USD -> 5 and told the separator 0.005
0,005 USD -> 5 and told the separator 0.005
0.1250 USD -> 0.1250 and told the separator 0.1250
0,1250 USD -> 0.1250 and told the separator 0.1250
CHF 1'250.50 -> 1250.50
CHF 1’250.50 -> 1
SEEN
