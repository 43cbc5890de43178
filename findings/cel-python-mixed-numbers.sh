#!/usr/bin/env bash
set -euo pipefail

# cel-python 0.5.0
#
# Expected: a number from JSON compares with a number in the rule by its value, whichever side it stands on: 12.5 > 10,
#   10 < 12.5 and 10.0 == 10 are all true.
# Source: CEL language definition, equality and ordering: int, uint and double lie on one number line, and JSON data is
#   dynamically typed. cel-expr-python 0.1.3 answers so.
# Seen: "discount > 10" takes 12.5, "10 < discount" and "discount == 10" refuse it: whether a rule can be evaluated depends
#   on the side its bound stands on, and on whether the deal says 12 or 12.5.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile cel-python==0.5.0 cel-expr-python==0.1.3

"$work/venv/bin/python" -W ignore > "$work/seen" <<'PYTHON'
import celpy
from cel_expr_python import cel

environment = celpy.Environment()
declared = cel.NewEnv(variables={"discount": cel.Type.DYN})
for rule in ("discount > 10", "10 < discount", "discount == 10", "discount in [10, 20]"):
    for discount in (12, 12.5, 10.0):
        try:
            answer = environment.program(environment.compile(rule)).evaluate({"discount": celpy.json_to_cel(discount)})
        except celpy.CELEvalError as error:
            answer = "refused, " + error.args[1].__name__
        print(discount, "|", rule, "| cel-python:", answer, "| cel-expr-python:", declared.compile(rule).eval(data={"discount": discount}).value())
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
12 | discount > 10 | cel-python: True | cel-expr-python: True
12.5 | discount > 10 | cel-python: True | cel-expr-python: True
10.0 | discount > 10 | cel-python: False | cel-expr-python: False
12 | 10 < discount | cel-python: True | cel-expr-python: True
12.5 | 10 < discount | cel-python: refused, TypeError | cel-expr-python: True
10.0 | 10 < discount | cel-python: refused, TypeError | cel-expr-python: False
12 | discount == 10 | cel-python: False | cel-expr-python: False
12.5 | discount == 10 | cel-python: refused, TypeError | cel-expr-python: False
10.0 | discount == 10 | cel-python: refused, TypeError | cel-expr-python: True
12 | discount in [10, 20] | cel-python: False | cel-expr-python: False
12.5 | discount in [10, 20] | cel-python: refused, TypeError | cel-expr-python: False
10.0 | discount in [10, 20] | cel-python: refused, TypeError | cel-expr-python: True
SEEN
