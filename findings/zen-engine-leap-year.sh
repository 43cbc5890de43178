#!/usr/bin/env bash
set -euo pipefail

# zen-engine 2.1.3
#
# Expected: one year after 29 February is 28 February, as twelve months after it are in the same engine; or an error.
# Source: the engine's documentation of dates (add, sub with "1y" or 1, "year"), and its own rule for months, which
#   keeps a day inside the shorter month.
# Seen: add and sub of a year give an invalid date; it compares as neither before, nor equal, nor after, without an error,
#   so a renewal rule on a contract of 29 February never fires.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile zen-engine==2.1.3

"$work/venv/bin/python" -W ignore > "$work/seen" <<'PYTHON'
import zen

for expression in (
    'd("2024-02-29").add("12M").format()',
    'd("2024-02-29").add("1y").format()',
    'd("2024-02-29").add(1, "year").format()',
    'd("2024-02-29").sub("1y").isValid()',
    'd("2024-02-29").add("1y").isBefore("2026-01-01")',
    'd("2024-02-29").add("1y").isAfter("2024-06-01")',
    'd("2024-02-28").add("1y").isBefore("2026-01-01")',
):
    print(expression, "->", zen.evaluate_expression(expression, {}))
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
d("2024-02-29").add("12M").format() -> 2025-02-28 00:00:00 UTC
d("2024-02-29").add("1y").format() -> Invalid date
d("2024-02-29").add(1, "year").format() -> Invalid date
d("2024-02-29").sub("1y").isValid() -> False
d("2024-02-29").add("1y").isBefore("2026-01-01") -> False
d("2024-02-29").add("1y").isAfter("2024-06-01") -> False
d("2024-02-28").add("1y").isBefore("2026-01-01") -> True
SEEN
