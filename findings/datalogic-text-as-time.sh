#!/usr/bin/env bash
set -euo pipefail

# datalogic-py 5.9.0
#
# Expected: two texts are compared as texts.
# Source: JSONLogic: `<`, `==` and their kin are the operators of JavaScript, which compare two strings letter by letter.
# Seen: texts that look like instants or lengths of time are compared as such, with == too: "1d" equals "24h", two offers
#   with different `sent` texts are one, and the order of part numbers such as "10d" and "9d" changes with their last letter.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile datalogic-py==5.9.0

"$work/venv/bin/python" -W ignore > "$work/seen" <<'PYTHON'
import datalogic_py

for rule in (
    {"==": ["2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00"]},
    {"===": ["2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00"]},
    {"<": ["2026-01-02T00:00:00+02:00", "2026-01-01T23:00:00Z"]},
    {"==": ["1d", "24h"]},
    {"===": ["1d", "24h"]},
    {">": ["10d", "9d"]},
    {">": ["10x", "9x"]},
):
    print(rule, "->", datalogic_py.apply(rule, {}))
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
{'==': ['2026-01-01T00:00:00Z', '2026-01-01T01:00:00+01:00']} -> True
{'===': ['2026-01-01T00:00:00Z', '2026-01-01T01:00:00+01:00']} -> True
{'<': ['2026-01-02T00:00:00+02:00', '2026-01-01T23:00:00Z']} -> True
{'==': ['1d', '24h']} -> True
{'===': ['1d', '24h']} -> True
{'>': ['10d', '9d']} -> True
{'>': ['10x', '9x']} -> False
SEEN
