#!/usr/bin/env bash
set -euo pipefail

# ics 0.7.3
#
# Expected: a calendar that was read and written again has its events at the same times: nine in Berlin on the first Monday
#   of March and of April, seven in the evening in New York on Mondays; a time without a zone has none afterwards.
# Source: RFC 5545, 3.8.5.3 (a rule of an event in a time zone goes by local time) and 3.3.5, form 1 (a local time means the
#   same time of day to every reader).
# Seen: DTSTART is written in UTC while the rule stays: from April on the call in Berlin is at ten, and the Mondays in New York,
#   where it is Tuesday in UTC already, become Sundays. A time without a zone becomes one in UTC.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile ics==0.7.3 python-dateutil==2.9.0.post0 tzdata==2025.2

"$work/venv/bin/python" -W ignore > "$work/seen" <<'PYTHON'
import re
from datetime import datetime
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from ics import Calendar

FORM = "\r\n".join(
    ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//example//calls//EN", "BEGIN:VEVENT", "UID:1", "DTSTAMP:20260101T000000Z", "{}", "SUMMARY:Call", "END:VEVENT", "END:VCALENDAR", "")
)


def days(text, zone):
    """Return when the event is, at its place, by the rule."""
    start = re.search(r"DTSTART(?:;TZID=([^:]+))?:(\d{8}T\d{6})(Z?)", text)
    held = datetime.strptime(start[2], "%Y%m%dT%H%M%S").replace(tzinfo=ZoneInfo(start[1] or "UTC"))
    return [each.astimezone(ZoneInfo(zone)).strftime("%a %d %b %H:%M") for each in rrulestr(re.search("RRULE:(.*)", text)[1].strip(), dtstart=held)]


for zone, start, rule in (
    ("Europe/Berlin", "20260302T090000", "FREQ=MONTHLY;BYDAY=1MO;COUNT=3"),
    ("America/New_York", "20260202T190000", "FREQ=WEEKLY;BYDAY=MO;COUNT=2"),
):
    text = FORM.format(f"DTSTART;TZID={zone}:{start}\r\nDURATION:PT1H\r\nRRULE:{rule}")
    print(zone, rule)
    print("   read   ", ", ".join(days(text, zone)))
    print("   written", ", ".join(days(Calendar(text).serialize(), zone)))
print("no zone", re.search("DTSTART.*", Calendar(FORM.format("DTSTART:20260302T090000\r\nDURATION:PT1H")).serialize())[0].strip())
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
Europe/Berlin FREQ=MONTHLY;BYDAY=1MO;COUNT=3
   read    Mon 02 Mar 09:00, Mon 06 Apr 09:00, Mon 04 May 09:00
   written Mon 02 Mar 09:00, Mon 06 Apr 10:00, Mon 04 May 10:00
America/New_York FREQ=WEEKLY;BYDAY=MO;COUNT=2
   read    Mon 02 Feb 19:00, Mon 09 Feb 19:00
   written Sun 08 Feb 19:00, Sun 15 Feb 19:00
no zone DTSTART:20260302T090000Z
SEEN
