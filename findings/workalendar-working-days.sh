#!/usr/bin/env bash
set -euo pipefail

# workalendar 17.0.0, holidays 0.109
#
# Expected: a deadline in working days falls on the same day by either package: both name the national public holidays of
#   a country, and both take observed and substitute days into account.
# Source: 5 U.S.C. 6103 (Juneteenth National Independence Day, since 2021); Japan's law on national holidays, article 3,
#   paragraphs 2 and 3 (the day after a holiday on a Sunday, and the day between two holidays); Brazil's law 14,759 of 2023
#   (20 November).
# Seen: workalendar counts 19 June, Japan's substitute days and 20 November as working days, so that "five working days"
#   end a day earlier with it.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile workalendar==17.0.0 holidays==0.109

"$work/venv/bin/python" -W ignore > "$work/seen" <<'PYTHON'
from datetime import date

import holidays
from workalendar.america import Brazil
from workalendar.asia import Japan
from workalendar.usa import UnitedStates

for code, calendar, day in (
    ("US", UnitedStates(), date(2026, 6, 19)),
    ("JP", Japan(), date(2026, 5, 6)),
    ("JP", Japan(), date(2026, 9, 22)),
    ("JP", Japan(), date(2027, 3, 22)),
    ("BR", Brazil(), date(2026, 11, 20)),
):
    known = holidays.country_holidays(code, years=day.year)
    print(code, day, "| holidays:", known.is_working_day(day), known.get(day), "| workalendar:", calendar.is_working_day(day))

start = date(2026, 6, 15)
print("five working days after", start, "in the US: holidays", holidays.country_holidays("US").get_nth_working_day(start, 5),
      "workalendar", UnitedStates().add_working_days(start, 5))
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
US 2026-06-19 | holidays: False Juneteenth National Independence Day | workalendar: True
JP 2026-05-06 | holidays: False Substitute Holiday | workalendar: True
JP 2026-09-22 | holidays: False National Holiday | workalendar: True
JP 2027-03-22 | holidays: False Substitute Holiday | workalendar: True
BR 2026-11-20 | holidays: False National Day of Zumbi and Black Awareness | workalendar: True
five working days after 2026-06-15 in the US: holidays 2026-06-23 workalendar 2026-06-22
SEEN
