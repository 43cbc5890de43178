#!/usr/bin/env bash
set -euo pipefail

# prices 1.1.1
#
# Expected: ten per cent off a price with 23 % tax is ten per cent off net, gross and tax, up to a cent.
# Source: the package's own docstring: percentage_discount applies a percentage discount based on either gross or net
#   amount; and tax law, where the rate of a discounted price is the rate of the price.
# Seen: the amount worked out of the gross is taken off the net as well, and the other way about. The tax stays what it was
#   before the discount: a third off leaves a rate of 39 %, a discount of 90 % leaves a net of zero and a gross that is
#   all tax.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile prices==1.1.1

"$work/venv/bin/python" -W ignore > "$work/seen" <<'PYTHON'
from decimal import Decimal

from prices import Money, flat_tax, percentage_discount

price = flat_tax(Money(Decimal("100.00"), "EUR"), Decimal("0.23"))
print("before", price.net.amount, price.gross.amount, "tax", price.tax.amount)
for percentage in (10, 33, 90):
    for from_gross in (True, False):
        after = percentage_discount(price, percentage, from_gross=from_gross)
        print(percentage, "% from", "gross" if from_gross else "net", "->", after.net.amount, after.gross.amount, "tax", after.tax.amount)
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
before 100.00 123.00 tax 23.00
10 % from gross -> 87.70 110.70 tax 23.00
10 % from net -> 90.00 113.00 tax 23.00
33 % from gross -> 59.41 82.41 tax 23.00
33 % from net -> 67.00 90.00 tax 23.00
90 % from gross -> 0 12.30 tax 12.30
90 % from net -> 10.00 33.00 tax 23.00
SEEN
