#!/usr/bin/env bash
set -euo pipefail

# cel-expr-python 0.1.3
#
# Expected: an expression that cannot be evaluated (a variable that is absent, a text compared with a number, a division
#   by zero) raises, as one that cannot be compiled does.
# Source: CEL language definition, "Runtime errors": evaluation ends with an error, which is not a value.
# Seen: eval() returns normally, and value() is the error's message, a text; in `if` it counts as true. A caller that asks
#   `if program.eval(...).value()` says yes to a deal whose discount is missing.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile cel-expr-python==0.1.3

"$work/venv/bin/python" -W ignore > "$work/seen" <<'PYTHON'
from cel_expr_python import cel

environment = cel.NewEnv(variables={"discount": cel.Type.DYN})
program = environment.compile("discount <= 10")
for deal in ({"discount": 5}, {"discount": 20}, {}, {"discount": "20"}, {"discount": None}):
    value = program.eval(data=deal).value()
    print(deal, repr(value), "counts as", bool(value))
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
{'discount': 5} True counts as True
{'discount': 20} False counts as False
{} 'UNKNOWN: No value with name "discount" found in Activation' counts as True
{'discount': '20'} 'UNKNOWN: No matching overloads found : _<=_(string, int64)' counts as True
{'discount': None} 'UNKNOWN: No matching overloads found : _<=_(null_type, int64)' counts as True
SEEN
