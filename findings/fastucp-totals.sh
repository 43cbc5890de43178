#!/usr/bin/env bash
set -euo pipefail

# fastucp-python 0.1.2
#
# Expected: the total of a checkout is its subtotal less its discount, with fulfillment; and to choose a way of shipping that
#   is not offered is an error.
# Source: the package's own model of the Universal Commerce Protocol (`TotalResponse.amount`, after the protocol's schema):
#   a total sums subtotal - discount + fulfillment + tax + fee.
# Seen: a discount beyond the subtotal stands there in full, and the total is 0, so that its lines do not add up. A way of
#   shipping that is not offered is chosen without a word, and nothing is charged for it.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile fastucp-python==0.1.2

"$work/venv/bin/python" -W ignore > "$work/printed" <<'PYTHON'
from fastucp import CheckoutBuilder, FastUCP

shop = FastUCP(base_url="https://shop.example", title="Shop")


def one_chair():
    return CheckoutBuilder(shop, "s-1").add_item("i-1", "Chair", 1000, 1, "https://shop.example/chair.png")


def show(name, builder):
    made = builder.build()
    amounts = {str(getattr(total.type, "value", total.type)): total.amount for total in made.totals}
    summed = amounts["subtotal"] - amounts.get("discount", 0) + amounts.get("fulfillment", 0)
    print("seen:", name, "| total", amounts["total"], "| sum", summed)


show("discount of 1500 on 1000", one_chair().add_discount("MUCH", 1500, "Much off"))
show("option chosen", one_chair().add_shipping_option("fast", "Fast", 500).select_shipping_option("fast"))
show("another option chosen", one_chair().add_shipping_option("fast", "Fast", 500).select_shipping_option("slow"))
PYTHON

grep '^seen: ' "$work/printed" > "$work/seen"
cat "$work/seen"
diff - "$work/seen" <<'SEEN'
seen: discount of 1500 on 1000 | total 0 | sum -500
seen: option chosen | total 1500 | sum 1500
seen: another option chosen | total 1000 | sum 1000
SEEN
