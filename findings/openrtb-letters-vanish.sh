#!/usr/bin/env bash
set -euo pipefail

# openrtb 0.2.0
#
# Expected: texts of a bid request, as the name of a site or the id of a deal between a buyer and a seller, are read as they
#   are written; and a deal whose price is agreed on is known as such.
# Source: OpenRTB 2.2, which is JSON in UTF-8, section 3.2.18 (`at` 3: the bid floor is the price that was agreed on), and
#   the package's own comment on `Deal.at`.
# Seen: letters between U+0080 and U+00FF are gone, so that two deals have one id; others stay, and a text of two such
#   characters becomes another one. An `at` of 3 is an unknown value.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile openrtb==0.2.0

"$work/venv/bin/python" -W ignore - > "$work/printed" <<'PYTHON'
from openrtb.request import Deal

for name in ("Zurich", "Z\u00fcrich", "\u017di\u017eek", "\u00c3\u00a9"):
    print(ascii(name), "->", ascii(Deal.deserialize({"id": name}).id))
first, second = (Deal.deserialize({"id": name}).id for name in ("Stra\u00dfe-7", "Strae-7"))
print("two ids are one:", first == second)
for at in (2, 3):
    print("at", at, "->", Deal.deserialize({"id": "d", "bidfloor": 3.5, "at": at}).at)
PYTHON

grep -v 'GCC\|Clang\|MSC' "$work/printed" > "$work/seen"
cat "$work/seen"
diff - "$work/seen" <<'SEEN'
'Zurich' -> 'Zurich'
'Z\xfcrich' -> 'Zrich'
'\u017di\u017eek' -> '\u017di\u017eek'
'\xc3\xa9' -> '\xe9'
two ids are one: True
at 2 -> SECOND_PRICE
at 3 -> <Unknown value: 3>
SEEN
