#!/usr/bin/env bash
set -euo pipefail

# adcp 9.2.0 (the Python SDK of AdCP)
#
# Expected: an option of a proposal has a fixed price or a floor price, one of them; and a price read from JSON is written
#   as the same number.
# Source: the package's own description of `floor_price` ("mutually exclusive with fixed_price"); RFC 8259, section 6.
# Seen: an option with both is read, a floor above the fixed price included, and one with neither. A price of nineteen
#   digits comes out as another number, as all amounts are binary floating point.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile adcp==9.2.0

"$work/venv/bin/python" -W ignore > "$work/seen" <<'PYTHON'
from adcp import CpmPricingOption

said = CpmPricingOption.model_fields["floor_price"]
text = said.description or next(m.description for m in said.metadata if getattr(m, "description", ""))
print("mutually exclusive, it says:", "mutually exclusive with fixed_price" in text)
option = {"pricing_option_id": "a", "pricing_model": "cpm", "currency": "USD"}
for prices in ({"fixed_price": 10.0, "floor_price": 12.0}, {}):
    read = CpmPricingOption.model_validate(option | prices)
    print("fixed", read.fixed_price, "floor", read.floor_price)
line = '{"pricing_option_id":"a","pricing_model":"cpm","currency":"USD","fixed_price":12345678901234567.89}'
print("12345678901234567.89 ->", CpmPricingOption.model_validate_json(line).model_dump_json(include={"fixed_price"}))
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
mutually exclusive, it says: True
fixed 10.0 floor 12.0
fixed None floor None
12345678901234567.89 -> {"fixed_price":1.2345678901234568e+16}
SEEN
