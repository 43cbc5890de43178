#!/usr/bin/env bash
set -euo pipefail

# msgspec 0.23.0, beside jsonschema 4.26.0
#
# Expected: what the schema that msgspec makes of a type allows is what its decoder takes.
# Source: JSON Schema 2020-12, section 6.1.1 of the validation vocabulary: `integer` is any number with a zero fractional
#   part, 24.0 and 1e2 among them; msgspec's documentation: json.schema() describes what a type accepts.
# Seen: they part in both directions. 24.0 is valid and refused; a Decimal is `string` by the schema, and the decoder takes
#   numbers too, so a client is told that 12.5 is wrong and the service takes it.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile msgspec==0.23.0 jsonschema==4.26.0

"$work/venv/bin/python" -W ignore > "$work/seen" <<'PYTHON'
import json
from decimal import Decimal

import jsonschema
import msgspec


class Terms(msgspec.Struct):
    months: int = 12
    price: Decimal = Decimal(0)


schema = msgspec.json.schema(Terms)
for text in ('{"months": 24}', '{"months": 24.0}', '{"months": 1e2}', '{"price": "12.5"}', '{"price": 12.5}', '{"price": 12}'):
    try:
        jsonschema.validate(json.loads(text), schema)
        by_schema = "valid"
    except jsonschema.ValidationError:
        by_schema = "invalid"
    try:
        decoded = msgspec.json.decode(text, type=Terms)
    except msgspec.ValidationError as error:
        decoded = f"refused: {error}"
    print(text, "| schema:", by_schema, "| decoder:", decoded)
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
{"months": 24} | schema: valid | decoder: Terms(months=24, price=Decimal('0'))
{"months": 24.0} | schema: valid | decoder: refused: Expected `int`, got `float` - at `$.months`
{"months": 1e2} | schema: valid | decoder: refused: Expected `int`, got `float` - at `$.months`
{"price": "12.5"} | schema: valid | decoder: Terms(months=12, price=Decimal('12.5'))
{"price": 12.5} | schema: invalid | decoder: Terms(months=12, price=Decimal('12.5'))
{"price": 12} | schema: invalid | decoder: Terms(months=12, price=Decimal('12'))
SEEN
