#!/usr/bin/env bash
set -euo pipefail

# isodate 0.7.2, isoduration 20.11.0
#
# Expected: twelve months are a year, seven days a week, whichever package reads the term of a contract; and equal
#   durations are one key of a dictionary.
# Source: ISO 8601-1, 3.1.2: a year is twelve calendar months, a week seven days; the Python data model, `object.__hash__`.
# Seen: for isodate P12M equals P1Y and both stand in one set; for isoduration neither P12M and P1Y nor P7D and P1W are
#   equal. Half a month after the 15th is the 15th of the next month for isoduration: a fraction of a month is rounded to
#   whole ones. isodate refuses fractions.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile isodate==0.7.2 isoduration==20.11.0

"$work/venv/bin/python" > "$work/seen" <<'PYTHON'
from datetime import datetime

import isodate
import isoduration

READERS = {"isodate": isodate.parse_duration, "isoduration": isoduration.parse_duration}
for name, read in READERS.items():
    for one, other in (("P12M", "P1Y"), ("P7D", "P1W")):
        first, second = read(one), read(other)
        print(name, one, "==", other, first == second, "in a set:", len({first, second}))
    for day in (datetime(2026, 1, 15), datetime(2026, 2, 15), datetime(2026, 3, 15)):
        try:
            print(name, day.date(), "+ P0.5M", day + read("P0.5M"))
        except ValueError as error:
            print(name, day.date(), "+ P0.5M", error)
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
isodate P12M == P1Y True in a set: 2
isodate P7D == P1W True in a set: 1
isodate 2026-01-15 + P0.5M fractional years or months not supported for date calculations
isodate 2026-02-15 + P0.5M fractional years or months not supported for date calculations
isodate 2026-03-15 + P0.5M fractional years or months not supported for date calculations
isoduration P12M == P1Y False in a set: 2
isoduration P7D == P1W False in a set: 2
isoduration 2026-01-15 + P0.5M 2026-02-15 00:00:00
isoduration 2026-02-15 + P0.5M 2026-03-15 00:00:00
isoduration 2026-03-15 + P0.5M 2026-04-15 00:00:00
SEEN
