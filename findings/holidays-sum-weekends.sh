#!/usr/bin/env bash
set -euo pipefail

# holidays 0.109
#
# Expected: a day on which both countries rest is no working day of their sum, and a Saturday that China works is one there
#   as it is in China.
# Source: the package's documentation: HolidaySum represents the sum of two or more HolidayBase instances; is_working_day
#   answers whether the given date is a working day.
# Seen: the sum forgets the weekends of its parts and rests on Saturday and Sunday. Saudi Arabia and Egypt both rest on
#   Friday and work on Sunday; their sum, and even that of Saudi Arabia with itself, works on Friday and rests on Sunday.
#   China's weekend workdays are gone too. A deadline of two working days ends on the Friday on which both rest.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile holidays==0.109

"$work/venv/bin/python" -W ignore > "$work/seen" <<'PYTHON'
from datetime import date

import holidays

saudi, egypt, china = (holidays.country_holidays(code, years=2026) for code in ("SA", "EG", "CN"))
calendars = {"SA": saudi, "EG": egypt, "SA + EG": saudi + egypt, "SA + SA": saudi + saudi}
for name, calendar in calendars.items():
    works = {day.strftime("%a"): calendar.is_working_day(day) for day in (date(2026, 11, 20), date(2026, 11, 21), date(2026, 11, 22))}
    print(name, "| works", works, "| second working day after Wednesday 18", calendar.get_nth_working_day(date(2026, 11, 18), 2))
shift = date(2026, 2, 14)
print("Saturday", shift, "| CN works", china.is_working_day(shift), "| CN + CN works", (china + china).is_working_day(shift))
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
SA | works {'Fri': False, 'Sat': False, 'Sun': True} | second working day after Wednesday 18 2026-11-22
EG | works {'Fri': False, 'Sat': False, 'Sun': True} | second working day after Wednesday 18 2026-11-22
SA + EG | works {'Fri': True, 'Sat': False, 'Sun': False} | second working day after Wednesday 18 2026-11-20
SA + SA | works {'Fri': True, 'Sat': False, 'Sun': False} | second working day after Wednesday 18 2026-11-20
Saturday 2026-02-14 | CN works True | CN + CN works False
SEEN
