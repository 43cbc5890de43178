#!/usr/bin/env bash
set -euo pipefail

# cel-python 0.5.0
#
# Expected: the text of an instant or a length of time keeps its fraction of a second, so that reading the text gives the
#   value back.
# Source: CEL language definition, string() of timestamp (RFC 3339) and of duration (seconds with fraction, as in the JSON
#   form of protobuf's Duration), both exact to the nanosecond.
# Seen: inside a rule the fraction counts, in the text it is gone. string(duration("900ms")) is "0s", and an instant that
#   went through string() is another one. Nanoseconds are dropped on reading.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile cel-python==0.5.0

"$work/venv/bin/python" -W ignore > "$work/seen" <<'PYTHON'
import celpy

environment = celpy.Environment()
for expression in (
    'duration("1.5s") > duration("1s")',
    'string(duration("1.5s"))',
    'string(duration("900ms"))',
    'timestamp("2026-01-01T00:00:00.5Z") > timestamp("2026-01-01T00:00:00Z")',
    'string(timestamp("2026-01-01T00:00:00.5Z"))',
    'timestamp(string(timestamp("2026-01-01T00:00:00.5Z"))) == timestamp("2026-01-01T00:00:00.5Z")',
    'timestamp("2026-01-01T00:00:00.000000001Z") == timestamp("2026-01-01T00:00:00Z")',
):
    print(expression, "->", environment.program(environment.compile(expression)).evaluate({}))
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
duration("1.5s") > duration("1s") -> True
string(duration("1.5s")) -> 1s
string(duration("900ms")) -> 0s
timestamp("2026-01-01T00:00:00.5Z") > timestamp("2026-01-01T00:00:00Z") -> True
string(timestamp("2026-01-01T00:00:00.5Z")) -> 2026-01-01T00:00:00Z
timestamp(string(timestamp("2026-01-01T00:00:00.5Z"))) == timestamp("2026-01-01T00:00:00.5Z") -> False
timestamp("2026-01-01T00:00:00.000000001Z") == timestamp("2026-01-01T00:00:00Z") -> True
SEEN
