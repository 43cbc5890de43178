#!/usr/bin/env bash
set -euo pipefail

# ical-expander 3.2.0, with ical.js 1.5.0
#
# Expected: FREQ=YEARLY from 29 February 2024 is next on 29 February 2028; an event with DTSTART 31 January and RDATE 1
#   March is on both days.
# Source: RFC 5545, 3.3.10: instances with an invalid date are ignored; 3.8.5.2 and 3.8.2.4: DTSTART is the first instance
#   of the recurrence set, RDATE adds to it.
# Seen: a yearly renewal of 29 February falls on 1 March in 2025, 2026 and 2027, where the monthly rule from the 31st
#   leaves short months out as it should; beside an RDATE without a rule the first day is gone.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-save --no-audit --no-fund ical-expander@3.2.0 ical.js@1.5.0 > /dev/null

cat > seen.cjs <<'JAVASCRIPT'
const IcalExpander = require('ical-expander')

for (const lines of [
  ['DTSTART;VALUE=DATE:20260131', 'RRULE:FREQ=MONTHLY;COUNT=4'],
  ['DTSTART;VALUE=DATE:20240229', 'RRULE:FREQ=YEARLY;COUNT=4'],
  ['DTSTART;VALUE=DATE:20240229', 'RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;COUNT=4'],
  ['DTSTART;VALUE=DATE:20260131', 'RRULE:FREQ=DAILY;COUNT=1', 'RDATE;VALUE=DATE:20260301'],
  ['DTSTART;VALUE=DATE:20260131', 'RDATE;VALUE=DATE:20260301']
]) {
  const ics = ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//example//renewals//EN', 'BEGIN:VEVENT', 'UID:1', 'DTSTAMP:20260101T000000Z', ...lines, 'SUMMARY:Renewal', 'END:VEVENT', 'END:VCALENDAR', ''].join('\r\n')
  const { events, occurrences } = new IcalExpander({ ics, maxIterations: 100 }).all()
  console.log(lines.join(' '), '->', [...events, ...occurrences].map(each => each.startDate.toString()).join(', '))
}
JAVASCRIPT
TZ=UTC node seen.cjs > seen

cat seen
diff - seen <<'SEEN'
DTSTART;VALUE=DATE:20260131 RRULE:FREQ=MONTHLY;COUNT=4 -> 2026-01-31, 2026-03-31, 2026-05-31, 2026-07-31
DTSTART;VALUE=DATE:20240229 RRULE:FREQ=YEARLY;COUNT=4 -> 2024-02-29, 2025-03-01, 2026-03-01, 2027-03-01
DTSTART;VALUE=DATE:20240229 RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;COUNT=4 -> 2024-02-29, 2025-03-01, 2026-03-01, 2027-03-01
DTSTART;VALUE=DATE:20260131 RRULE:FREQ=DAILY;COUNT=1 RDATE;VALUE=DATE:20260301 -> 2026-01-31, 2026-03-01
DTSTART;VALUE=DATE:20260131 RDATE;VALUE=DATE:20260301 -> 2026-03-01
SEEN
