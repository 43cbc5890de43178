#!/usr/bin/env bash
set -euo pipefail

# rfc8785 0.1.4
#
# Expected: the numbers that RFC 8785 itself lists are canonicalised as listed, 9007199254740992 and 295147905179352830000
#   among them; what a number is called in JSON text does not depend on whether it is written with a point.
# Source: RFC 8785, appendix B (sample values), and section 3.2.2.3: numbers are IEEE 754 doubles, serialised as
#   ECMAScript does.
# Seen: Python's json reads them as int, and an int beyond 2^53 - 1 is refused, even where it is exactly a double; the
#   same value read as float passes. 10000000000000000 and 10000000000000000.0 in one document: one is refused.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile rfc8785==0.1.4

"$work/venv/bin/python" -W ignore > "$work/seen" <<'PYTHON'
import json

import rfc8785

for text in ("9007199254740991", "9007199254740992", "9007199254740992.0", "295147905179352830000", "295147905179352830000.0", "1e23"):
    try:
        print(text, "->", rfc8785.dumps(json.loads(text)).decode())
    except rfc8785.IntegerDomainError as error:
        print(text, "refused:", error)
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
9007199254740991 -> 9007199254740991
9007199254740992 refused: 9007199254740992 exceeds safe integer domain for JSON floats
9007199254740992.0 -> 9007199254740992
295147905179352830000 refused: 295147905179352830000 exceeds safe integer domain for JSON floats
295147905179352830000.0 -> 295147905179352830000
1e23 -> 1e+23
SEEN
