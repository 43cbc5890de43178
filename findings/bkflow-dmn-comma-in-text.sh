#!/usr/bin/env bash
set -euo pipefail

# bkflow-dmn 0.2.0 on bkflow-feel 1.2.0
#
# Expected: an input cell with a text literal matches that text alone, a comma inside the quotes being part of the text.
# Source: DMN 1.3, section 10.3.1.2: a unary test may be an expression, here a string literal in quotes.
# Seen: the cell is cut at the comma before it is read as FEEL; the pieces look like no known form, so the cell is taken
#   for an expression of its own, and a text that is not empty counts as true. The row matches every input, and with FIRST
#   it hides every row below. A cell date("2026-01-01") does the same.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile "bkflow-dmn==0.2.0" "bkflow-feel==1.2.0" "pydantic==2.14.4"

"$work/venv/bin/python" -W ignore > "$work/seen" <<'PYTHON'
from datetime import date

from bkflow_dmn.api import decide_single_table


def decide(cell, value):
    table = {
        "title": "region",
        "hit_policy": "First",
        "inputs": {"cols": [{"id": "x"}], "rows": [[cell], [""]]},
        "outputs": {"cols": [{"id": "row"}], "rows": [["1"], ["2"]]},
    }
    return decide_single_table(table, {"x": value})


print("'Munich' against \"Munich\":", decide('"Munich"', "Munich"))
print("'Bonn' against \"Munich\":", decide('"Munich"', "Bonn"))
print("'Munich, DE' against \"Munich, DE\":", decide('"Munich, DE"', "Munich, DE"))
print("'Bonn' against \"Munich, DE\":", decide('"Munich, DE"', "Bonn"))
print("2025-06-30 against date(2026-01-01):", decide('date("2026-01-01")', date(2025, 6, 30)))
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
'Munich' against "Munich": [{'row': 1}]
'Bonn' against "Munich": [{'row': 2}]
'Munich, DE' against "Munich, DE": [{'row': 1}]
'Bonn' against "Munich, DE": [{'row': 1}]
2025-06-30 against date(2026-01-01): [{'row': 1}]
SEEN
