#!/usr/bin/env bash
set -euo pipefail

# bkflow-feel 1.2.0
#
# Expected: not(null) is null, and so is all([true, null]): what is not known stays unknown. false and null is false,
#   true and null is null.
# Source: DMN 1.3, section 10.3.4.2: not(null) = null; section 10.3.4.4: all() is null unless decided by a false.
# Seen: and/or are three-valued as the standard says, not() and all() are two-valued: a missing fact makes
#   "not(blocked)" true, so a rule that waits for "not blocked" goes ahead without knowing.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile bkflow-feel==1.2.0

"$work/venv/bin/python" -W ignore > "$work/seen" <<'PYTHON'
from bkflow_feel.api import parse_expression

for expression in ("true and null", "false and null", "null or true", "not(null)", "not(blocked)", "all([true, null])", "any([null, true])"):
    print(expression, "->", parse_expression(expression, {"blocked": None}))
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
true and null -> None
false and null -> False
null or true -> True
not(null) -> True
not(blocked) -> True
all([true, null]) -> False
any([null, true]) -> True
SEEN
