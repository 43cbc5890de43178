#!/usr/bin/env bash
set -euo pipefail

# datalogic-py 5.9.0, json-logic-qubit 0.9.1, jsonlogic-rs 0.5.0
#
# Expected: one rule, one answer. In the reference, written in JavaScript, a missing variable is null, and null compares
#   as 0: null < 5, null <= 0 and null >= 0 are true, null > 0 and null == 0 false.
# Source: JSONLogic's documentation: a missing key reads as null; the operators are those of JavaScript.
# Seen: five comparisons of a missing discount, three engines, no two columns alike. jsonlogic-rs says that null is below 5
#   but neither at most 0 nor at least 0; json-logic-qubit says false to all; datalogic says that null == 0.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile datalogic-py==5.9.0 json-logic-qubit==0.9.1 jsonlogic-rs==0.5.0

"$work/venv/bin/python" -W ignore > "$work/seen" <<'PYTHON'
import datalogic_py
import json_logic
import jsonlogic_rs

for operator, bound in (("<", 5), ("<=", 0), (">=", 0), (">", 0), ("==", 0)):
    rule = {operator: [{"var": "discount"}, bound]}
    print(
        f"discount {operator} {bound}:",
        "datalogic", datalogic_py.apply(rule, {}),
        "| json-logic-qubit", json_logic.jsonLogic(rule, {}),
        "| jsonlogic-rs", jsonlogic_rs.apply(rule, {}),
    )
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
discount < 5: datalogic True | json-logic-qubit False | jsonlogic-rs True
discount <= 0: datalogic True | json-logic-qubit False | jsonlogic-rs False
discount >= 0: datalogic True | json-logic-qubit False | jsonlogic-rs False
discount > 0: datalogic False | json-logic-qubit False | jsonlogic-rs False
discount == 0: datalogic True | json-logic-qubit False | jsonlogic-rs False
SEEN
