#!/usr/bin/env bash
set -euo pipefail

# icalevents 0.3.1
#
# Expected: RDATE adds days to an event, with or without a rule; an event of a day without an end lasts that day.
# Source: RFC 5545, 3.8.5.2 (RDATE adds to the recurrence set) and 3.6.1 (DTSTART of type DATE without DTEND or DURATION: one
#   day).
# Seen: days named by RDATE are not there, while EXDATE takes days away; the whole day ends at the midnight at which it
#   begins, where DTEND on the next day, which means the same, ends a day later.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile icalevents==0.3.1

"$work/venv/bin/python" -W ignore > "$work/seen" <<'PYTHON'
from datetime import date

from icalevents.icalevents import events


def held(*lines):
    text = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//example//renewals//EN", "BEGIN:VEVENT", "UID:1", "DTSTAMP:20260101T000000Z", *lines, "SUMMARY:Renewal", "END:VEVENT", "END:VCALENDAR", "")
    found = events(string_content="\r\n".join(text).encode(), start=date(2026, 1, 1), end=date(2027, 1, 1))
    return sorted(f"{each.start:%d %b %H:%M} to {each.end:%d %b %H:%M}" for each in found)


for lines in (
    ("DTSTART:20260105T090000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=3"),
    ("DTSTART:20260105T090000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=3", "EXDATE:20260106T090000Z"),
    ("DTSTART:20260105T090000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=3", "RDATE:20260109T090000Z"),
    ("DTSTART:20260105T090000Z", "DURATION:PT1H", "RDATE:20260109T090000Z"),
    ("DTSTART;VALUE=DATE:20260105", "DTEND;VALUE=DATE:20260106"),
    ("DTSTART;VALUE=DATE:20260105",),
):
    print(*lines, "->", ", ".join(held(*lines)))
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
DTSTART:20260105T090000Z DURATION:PT1H RRULE:FREQ=DAILY;COUNT=3 -> 05 Jan 09:00 to 05 Jan 10:00, 06 Jan 09:00 to 06 Jan 10:00, 07 Jan 09:00 to 07 Jan 10:00
DTSTART:20260105T090000Z DURATION:PT1H RRULE:FREQ=DAILY;COUNT=3 EXDATE:20260106T090000Z -> 05 Jan 09:00 to 05 Jan 10:00, 07 Jan 09:00 to 07 Jan 10:00
DTSTART:20260105T090000Z DURATION:PT1H RRULE:FREQ=DAILY;COUNT=3 RDATE:20260109T090000Z -> 05 Jan 09:00 to 05 Jan 10:00, 06 Jan 09:00 to 06 Jan 10:00, 07 Jan 09:00 to 07 Jan 10:00
DTSTART:20260105T090000Z DURATION:PT1H RDATE:20260109T090000Z -> 05 Jan 09:00 to 05 Jan 10:00
DTSTART;VALUE=DATE:20260105 DTEND;VALUE=DATE:20260106 -> 05 Jan 00:00 to 06 Jan 00:00
DTSTART;VALUE=DATE:20260105 -> 05 Jan 00:00 to 05 Jan 00:00
SEEN
