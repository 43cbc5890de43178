#!/usr/bin/env bash
set -euo pipefail

# pySFeel 1.4.2
#
# Expected: any([false, null, true]) is true and all([true, null, false]) is false: one item settles it, whatever the
#   unknown one is, and wherever it stands.
# Source: DMN 1.3, section 10.3.4.4 (list functions any and all): null only where no item settles it.
# Seen: the items are gone through until the first that settles it, and null settles it. The same list in another order
#   has another answer, so "any exception granted" hangs on the order in which the fields were filled.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile pysfeel==1.4.2

"$work/venv/bin/python" -W ignore > "$work/seen" <<'PYTHON'
from pySFeel import SFeelParser

for expression in ("any([true, null, false])", "any([false, null, true])", "all([false, null, true])", "all([true, null, false])"):
    print(expression, "->", SFeelParser().sFeelParse(expression)[1])
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
any([true, null, false]) -> True
any([false, null, true]) -> None
all([false, null, true]) -> False
all([true, null, false]) -> None
SEEN
