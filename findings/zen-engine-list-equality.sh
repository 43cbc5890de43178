#!/usr/bin/env bash
set -euo pipefail

# zen-engine 2.1.3
#
# Expected: == on lists and objects compares what they hold, as it compares texts and numbers.
# Source: ZEN language reference, operators: == and != compare values and give true or false; arrays and objects are values of
#   the language, and no exception is named. DMN 1.3, chapter 10, says for FEEL that lists with the same items are equal.
# Seen: a list is equal to no list, not even to itself, and != is true: a rule "if the bundle is not the standard one"
#   fires for the standard one.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile zen-engine==2.1.3

"$work/venv/bin/python" -W ignore > "$work/seen" <<'PYTHON'
import zen

context = {"bundle": ["core", "support"], "standard": ["core", "support"], "terms": {"net": 30}}
for expression in (
    '"core" == "core"',
    'bundle == ["core", "support"]',
    "bundle == standard",
    "bundle == bundle",
    "bundle != standard",
    "terms == terms",
    "terms.net == 30",
):
    print(expression, "->", zen.evaluate_expression(expression, context))
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
"core" == "core" -> True
bundle == ["core", "support"] -> False
bundle == standard -> False
bundle == bundle -> False
bundle != standard -> True
terms == terms -> False
terms.net == 30 -> True
SEEN
