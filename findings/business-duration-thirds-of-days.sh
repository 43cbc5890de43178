#!/usr/bin/env bash
set -euo pipefail

# business_duration 0.68
#
# Expected: three full working days from nine to five are 3 business days, as they are 24 business hours.
# Source: the package's description: it calculates business duration in days, hours, minutes and seconds by excluding weekends,
#   public holidays and hours that are no business hours.
# Seen: with business hours of eight a day they are 1 day: business hours are counted and divided by 24. Without business
#   hours they are 3. What is to be answered within two business days is late after six.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile business_duration==0.68 pandas==3.0.1

"$work/venv/bin/python" -W ignore > "$work/seen" <<'PYTHON'
from datetime import time

from business_duration import businessDuration
from pandas import Timestamp

for name, opens, closes in (("around the clock", time(0), time(23, 59, 59)), ("nine to five", time(9), time(17)), ("six to six", time(6), time(18))):
    for start, end in (("2024-01-08", "2024-01-09"), ("2024-01-08", "2024-01-11"), ("2024-01-05", "2024-01-08"), ("2024-01-01", "2024-02-01")):
        hours, days = (businessDuration(Timestamp(start), Timestamp(end), opens, closes, unit=unit) for unit in ("hour", "day"))
        print(name, "| from", start, "to", end, "|", round(float(hours), 2), "hours |", round(float(days), 2), "days")
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
around the clock | from 2024-01-08 to 2024-01-09 | 24.0 hours | 1.0 days
around the clock | from 2024-01-08 to 2024-01-11 | 72.0 hours | 3.0 days
around the clock | from 2024-01-05 to 2024-01-08 | 24.0 hours | 1.0 days
around the clock | from 2024-01-01 to 2024-02-01 | 552.0 hours | 23.0 days
nine to five | from 2024-01-08 to 2024-01-09 | 8.0 hours | 0.33 days
nine to five | from 2024-01-08 to 2024-01-11 | 24.0 hours | 1.0 days
nine to five | from 2024-01-05 to 2024-01-08 | 8.0 hours | 0.33 days
nine to five | from 2024-01-01 to 2024-02-01 | 184.0 hours | 7.67 days
six to six | from 2024-01-08 to 2024-01-09 | 12.0 hours | 0.5 days
six to six | from 2024-01-08 to 2024-01-11 | 36.0 hours | 1.5 days
six to six | from 2024-01-05 to 2024-01-08 | 12.0 hours | 0.5 days
six to six | from 2024-01-01 to 2024-02-01 | 276.0 hours | 11.5 days
SEEN
