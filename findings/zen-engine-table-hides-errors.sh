#!/usr/bin/env bash
set -euo pipefail

# zen-engine 2.1.3
#
# Expected: a decision table whose cell cannot be evaluated (a number compared with text, or with a missing field) reports
#   the error that the same cell reports when evaluated alone.
# Source: the engine itself: evaluate_unary_expression("> 10", ...) raises "Unsupported type" for both inputs.
# Seen: inside a table the error is a row that does not match, and the decision falls through to the catch-all row below.
#   A discount that came as the text "20" takes the row for small discounts.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile zen-engine==2.1.3

"$work/venv/bin/python" -W ignore > "$work/seen" <<'PYTHON'
import json

import zen

graph = {
    "nodes": [
        {"id": "in", "type": "inputNode", "name": "in"},
        {
            "id": "table",
            "type": "decisionTableNode",
            "name": "table",
            "content": {
                "hitPolicy": "first",
                "inputs": [{"id": "discount", "name": "discount", "field": "discount"}],
                "outputs": [{"id": "role", "name": "role", "field": "role"}],
                "rules": [{"_id": "1", "discount": "> 10", "role": '"cfo"'}, {"_id": "2", "discount": "", "role": '"nobody"'}],
            },
        },
        {"id": "out", "type": "outputNode", "name": "out"},
    ],
    "edges": [{"id": "a", "sourceId": "in", "targetId": "table"}, {"id": "b", "sourceId": "table", "targetId": "out"}],
}
decision = zen.ZenEngine().create_decision(json.dumps(graph))
for deal in ({"discount": 20}, {"discount": 5}, {"discount": "20"}, {"discount": None}, {}):
    try:
        alone = zen.evaluate_unary_expression("> 10", {"$": deal.get("discount")})
    except RuntimeError as error:
        alone = json.loads(str(error).splitlines()[0])["source"]
    print(deal, "table:", decision.evaluate(deal)["result"]["role"], "| cell alone:", alone)
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
{'discount': 20} table: cfo | cell alone: True
{'discount': 5} table: nobody | cell alone: False
{'discount': '20'} table: nobody | cell alone: Opcode Compare: Unsupported type
{'discount': None} table: nobody | cell alone: Opcode Compare: Unsupported type
{} table: nobody | cell alone: Opcode Compare: Unsupported type
SEEN
