#!/usr/bin/env bash
set -euo pipefail

# businesstimedelta 1.0.1
#
# Expected: from 23:00 to 07:00 of a night shift that has these hours there are eight hours of it, as from 22:00 to 08:00;
#   minus one hour after Monday 09:30 is Friday 16:30, as one hour before it is.
# Source: the package's README: overnight shifts, with a rule from 23:00 to 07:00 as the example; differences count the time
#   between two instants that lies in the rules.
# Seen: a start inside a shift, its first minute included, loses the whole shift: 0 hours. Eight hours in two parts are not
#   eight: 1 to midnight, 0 after it. A negative number of hours is added by the clock, to 08:30, when nobody is there.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile businesstimedelta==1.0.1

"$work/venv/bin/python" -W ignore > "$work/seen" <<'PYTHON'
from datetime import datetime, time

from businesstimedelta import BusinessTimeDelta, WorkDayRule

WEEK = [0, 1, 2, 3, 4]
night = WorkDayRule(start_time=time(23), end_time=time(7), working_days=WEEK)
day = WorkDayRule(start_time=time(9), end_time=time(17), working_days=WEEK)

for name, rule, parts in (
    ("day", day, ((5, 8, 5, 18), (5, 9, 5, 17), (5, 10, 5, 17))),
    ("night", night, ((5, 22, 6, 8), (5, 23, 6, 7), (5, 22, 6, 0), (6, 0, 6, 8), (6, 1, 6, 5))),
):
    for first, start, last, end in parts:
        print(name, f"{first} January {start}:00 to {last} January {end}:00 ->", rule.difference(datetime(2026, 1, first, start), datetime(2026, 1, last, end)))

monday = datetime(2026, 1, 5, 9, 30)
print("one hour before Monday 09:30", f"{monday - BusinessTimeDelta(day, hours=1):%a %H:%M}")
print("minus one hour after Monday 09:30", f"{monday + BusinessTimeDelta(day, hours=-1):%a %H:%M}")
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
day 5 January 8:00 to 5 January 18:00 -> <BusinessTimeDelta 8 hours 0 seconds>
day 5 January 9:00 to 5 January 17:00 -> <BusinessTimeDelta 8 hours 0 seconds>
day 5 January 10:00 to 5 January 17:00 -> <BusinessTimeDelta 7 hours 0 seconds>
night 5 January 22:00 to 6 January 8:00 -> <BusinessTimeDelta 8 hours 0 seconds>
night 5 January 23:00 to 6 January 7:00 -> <BusinessTimeDelta 0 hours 0 seconds>
night 5 January 22:00 to 6 January 0:00 -> <BusinessTimeDelta 1 hours 0 seconds>
night 6 January 0:00 to 6 January 8:00 -> <BusinessTimeDelta 0 hours 0 seconds>
night 6 January 1:00 to 6 January 5:00 -> <BusinessTimeDelta 0 hours 0 seconds>
one hour before Monday 09:30 Fri 16:30
minus one hour after Monday 09:30 Mon 08:30
SEEN
