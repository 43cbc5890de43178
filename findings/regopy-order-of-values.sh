#!/usr/bin/env bash
set -euo pipefail

# regopy 1.5.2
#
# Expected: values of different kinds have one order, null, boolean, number, text, array, object, set; sort gives [null,
#   1.5, 2, "a"], and 1.0.0 is a later version than 1.0.0-rc.
# Source: the doc comment of Compare in OPA's package ast, which sort and the comparisons rest on; Semantic Versioning
#   2.0.0, item 11.
# Seen: kinds are ordered by their texts, so that a text comes before a number, which comes before null, and max of a
#   number and a text is the number; semver.compare takes the release candidate for the later one.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile regopy==1.5.2

"$work/venv/bin/python" -W ignore > "$work/seen" <<'PYTHON'
import json

from regopy import Interpreter

for term in (
    'sort([2, 1.5, "a", null])',
    'max([1, "a"])',
    "null < false",
    "null < 1",
    'semver.compare("1.0.1", "1.0.0")',
    'semver.compare("1.0.0-rc.2", "1.0.0-rc.1")',
    'semver.compare("1.0.0", "1.0.0-rc")',
    'semver.compare("1.0.0-rc", "1.0.0")',
):
    answer = json.loads(str(Interpreter().query(f"x = {term}")))
    print(term, "->", json.dumps(answer["bindings"]["x"]))
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
sort([2, 1.5, "a", null]) -> ["a", 1.5, 2, null]
max([1, "a"]) -> 1
null < false -> false
null < 1 -> false
semver.compare("1.0.1", "1.0.0") -> 1
semver.compare("1.0.0-rc.2", "1.0.0-rc.1") -> 1
semver.compare("1.0.0", "1.0.0-rc") -> -1
semver.compare("1.0.0-rc", "1.0.0") -> 1
SEEN
