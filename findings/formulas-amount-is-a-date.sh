#!/usr/bin/env bash
set -euo pipefail

# formulas 1.3.4
#
# Expected: VALUE reads "1,000" and "$1,000" as 1000, "1 1/2" as 1.5 and "10%" as 0.1, and so does arithmetic on such a text.
# Source: Excel's function reference, VALUE: a text in any of Excel's formats of numbers, dates and times is converted;
#   "$1,000" is its own example. NUMBERVALUE of the same package reads "1,000" and "10%".
# Seen: "1,000" is a day of about the year in which the sheet is worked out, some 46000, and "1 1/2" a day of 2002;
#   "$1,000", "1,234.50" and "10%" are #VALUE!.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile formulas==1.3.4

"$work/venv/bin/python" -W ignore > "$work/seen" <<'PYTHON'
import formulas

parser = formulas.Parser()
for formula in (
    '=VALUE("1000")',
    '=VALUE("1,000")=1000',
    '=VALUE("1,000")>40000',
    '=VALUE("1 1/2")',
    '=VALUE("1,234.50")',
    '=VALUE("$1,000")',
    '=VALUE("10%")',
    '="10%"*100',
    '=NUMBERVALUE("1,000")',
    '=NUMBERVALUE("10%")',
):
    seen = parser.ast(formula)[1].compile()()
    print(formula, "->", getattr(seen, "tolist", lambda: seen)())
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
=VALUE("1000") -> 1000.0
=VALUE("1,000")=1000 -> False
=VALUE("1,000")>40000 -> True
=VALUE("1 1/2") -> 37257.0
=VALUE("1,234.50") -> [[#VALUE!]]
=VALUE("$1,000") -> [[#VALUE!]]
=VALUE("10%") -> [[#VALUE!]]
="10%"*100 -> #VALUE!
=NUMBERVALUE("1,000") -> 1000.0
=NUMBERVALUE("10%") -> 0.1
SEEN
