#!/usr/bin/env bash
set -euo pipefail

# jdmn-python-runtime 1.0.5.1
#
# Expected: string(true) is "true".
# Source: DMN 1.3, section 10.3.4.1 (conversion function string) with the literals of section 10.3.1.2, in which truth
#   values are written in small letters.
# Seen: "True" and "False", as Python writes them. A generated decision that joins a flag into a key, or compares
#   string(flag) = "true", misses.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile jdmn-python-runtime==1.0.5.1

"$work/venv/bin/python" -W ignore > "$work/seen" <<'PYTHON'
from decimal import Decimal

from jdmn.feel.lib.DefaultStandardFEELLib import DefaultStandardFEELLib

feel = DefaultStandardFEELLib()
print("string(true) ->", feel.string(True), '| = "true":', feel.stringEqual(feel.string(True), "true"))
print("string(false) ->", feel.string(False))
print("string(1000) ->", feel.string(Decimal(1000)), "| string(1.10) ->", feel.string(Decimal("1.10")))
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
string(true) -> True | = "true": False
string(false) -> False
string(1000) -> 1000 | string(1.10) -> 1.10
SEEN
