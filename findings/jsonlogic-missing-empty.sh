#!/usr/bin/env bash
set -euo pipefail

# datalogic-py 5.9.0, json-logic-qubit 0.9.1, jsonlogic-rs 0.5.0
#
# Expected: `missing` and `missing_some` name a field that is absent, null or the empty text, so that a form whose field
#   was left empty is not complete.
# Source: JSONLogic's reference implementation in JavaScript, whose `missing` counts null and "" as missing.
# Seen: json-logic-qubit follows it; the two engines in Rust count null and "" as given. One "all required fields are
#   there" rule holds in one service and fails in the other.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile datalogic-py==5.9.0 json-logic-qubit==0.9.1 jsonlogic-rs==0.5.0

"$work/venv/bin/python" -W ignore > "$work/seen" <<'PYTHON'
import datalogic_py
import json_logic
import jsonlogic_rs

for rule in ({"missing": ["approver"]}, {"missing_some": [1, ["approver"]]}):
    for deal in ({}, {"approver": None}, {"approver": ""}, {"approver": 0}):
        print(
            rule, deal,
            "datalogic", datalogic_py.apply(rule, deal),
            "| json-logic-qubit", json_logic.jsonLogic(rule, deal),
            "| jsonlogic-rs", jsonlogic_rs.apply(rule, deal),
        )
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
{'missing': ['approver']} {} datalogic ['approver'] | json-logic-qubit ['approver'] | jsonlogic-rs ['approver']
{'missing': ['approver']} {'approver': None} datalogic [] | json-logic-qubit ['approver'] | jsonlogic-rs []
{'missing': ['approver']} {'approver': ''} datalogic [] | json-logic-qubit ['approver'] | jsonlogic-rs []
{'missing': ['approver']} {'approver': 0} datalogic [] | json-logic-qubit [] | jsonlogic-rs []
{'missing_some': [1, ['approver']]} {} datalogic ['approver'] | json-logic-qubit ['approver'] | jsonlogic-rs ['approver']
{'missing_some': [1, ['approver']]} {'approver': None} datalogic [] | json-logic-qubit ['approver'] | jsonlogic-rs []
{'missing_some': [1, ['approver']]} {'approver': ''} datalogic [] | json-logic-qubit ['approver'] | jsonlogic-rs []
{'missing_some': [1, ['approver']]} {'approver': 0} datalogic [] | json-logic-qubit [] | jsonlogic-rs []
SEEN
