#!/usr/bin/env bash
set -euo pipefail

# CurrencyConverter 0.18.23
#
# Expected: without a date the most recent rates are used, so 7.5 HRK that were worth 1 EUR buy what 1 EUR buys in dollars
#   today; or an error, since the kuna has no rate any more.
# Source: the docstring of convert(), by which no date means the most recent rate; the ECB's history file keeps
#   the columns of currencies that ended, with N/A after their last day.
# Seen: the day is the last one of the currency converted from, for both. From a currency that ended, dollars come at the
#   rate of that year; the other way round, and through euros, the answer differs or is an error. The file below has the
#   ECB's form and our own numbers.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile currencyconverter==0.18.23

"$work/venv/bin/python" -W ignore > "$work/seen" <<'PYTHON'
import tempfile
from pathlib import Path

from currency_converter import CurrencyConverter, RateNotFoundError

with tempfile.TemporaryDirectory() as folder:
    rates = Path(folder, "rates.csv")
    rates.write_text("Date,USD,HRK,\n2026-06-30,1.2000,N/A,\n2022-12-30,1.0000,7.5,\n2022-12-29,1.1000,7.5,\n")
    converter = CurrencyConverter(str(rates))
for amount, source, target in ((1, "EUR", "USD"), (7.5, "HRK", "EUR"), (7.5, "HRK", "USD"), (1, "USD", "HRK"), (1, "EUR", "HRK")):
    try:
        print(amount, source, "=", converter.convert(amount, source, target), target)
    except RateNotFoundError as error:
        print(amount, source, "in", target, "refused:", error)
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
1 EUR = 1.2 USD
7.5 HRK = 1.0 EUR
7.5 HRK = 1.0 USD
1 USD in HRK refused: 2026-06-30 not in HRK bounds 2022-12-29/2022-12-30
1 EUR in HRK refused: 2026-06-30 not in HRK bounds 2022-12-29/2022-12-30
SEEN
