#!/usr/bin/env bash
set -euo pipefail

# cloudevents 2.2.0
#
# Expected: reading an event and writing it again changes nothing; an event without `time` has none after reading.
# Source: CloudEvents 1.0.2, "time": OPTIONAL; only if the producer cannot tell the time of the occurrence may it be set
#   by another, and then by all producers of a source in the same way. Nothing lets a consumer make one up.
# Seen: the reader puts its own clock into the event. Read twice, the same bytes are two different events, and the moment
#   of reading passes for the moment of occurrence.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile cloudevents==2.2.0

"$work/venv/bin/python" -W ignore > "$work/seen" <<'PYTHON'
import time

from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

text = '{"specversion": "1.0", "id": "7", "source": "/deals/1", "type": "offer"}'
first = JSONFormat().read(CloudEvent, text).get_attributes()
time.sleep(0.01)
second = JSONFormat().read(CloudEvent, text).get_attributes()
print("read:", sorted(first))
print("`time` in the text:", "time" in text, "| in the event:", "time" in first, "| same when read twice:", first == second)
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
read: ['id', 'source', 'specversion', 'time', 'type']
`time` in the text: False | in the event: True | same when read twice: False
SEEN
