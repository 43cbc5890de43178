#!/usr/bin/env bash
set -euo pipefail

# bkflow-dmn 0.2.0 on bkflow-feel 1.2.0
#
# Expected: with PRIORITY or OUTPUT ORDER the author says which output comes first, by the order of the list of output values.
# Source: DMN 1.3, chapter 8, hit policy: priority is the order of the output values, in decreasing order.
# Seen: there is no place for such a list; outputs are ordered by Python's comparison, greatest first. Of the approvers
#   "cfo" and "manager" the manager always wins, for being later in the alphabet, and "Zone 9" beats "Zone 10".

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile "bkflow-dmn==0.2.0" "bkflow-feel==1.2.0" "pydantic==2.14.4"

"$work/venv/bin/python" -W ignore > "$work/seen" <<'PYTHON'
from bkflow_dmn.api import decide_single_table


def decide(policy, outputs):
    table = {
        "title": "approval",
        "hit_policy": policy,
        "inputs": {"cols": [{"id": "discount"}], "rows": [["> 10"], ["> 5"]]},
        "outputs": {"cols": [{"id": "role"}], "rows": [[f'"{output}"'] for output in outputs]},
    }
    return [row["role"] for row in decide_single_table(table, {"discount": 20})]


for outputs in (["cfo", "manager"], ["manager", "cfo"], ["Zone 10", "Zone 9"]):
    print(outputs, "Priority:", decide("Priority", outputs), "OutputOrder:", decide("OutputOrder", outputs))
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
['cfo', 'manager'] Priority: ['manager'] OutputOrder: ['manager', 'cfo']
['manager', 'cfo'] Priority: ['manager'] OutputOrder: ['manager', 'cfo']
['Zone 10', 'Zone 9'] Priority: ['Zone 9'] OutputOrder: ['Zone 9', 'Zone 10']
SEEN
