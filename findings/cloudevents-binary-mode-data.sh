#!/usr/bin/env bash
set -euo pipefail

# cloudevents 2.2.0
#
# Expected: an event whose data is a JSON array (or text, or truth value) keeps it when it goes from structured to binary
#   mode over HTTP: the body is that JSON, as the content type says.
# Source: CloudEvents HTTP Protocol Binding 1.0.2, section 3.1.2: the body is the data in the format that
#   datacontenttype names; JSON Event Format 1.0.2, section 3.1: data may be any JSON value.
# Seen: only objects become JSON. An array or a truth value is written as Python prints it, a text without its quotes, all
#   under Content-Type: application/json; the same SDK then reads the array back as one string.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile cloudevents==2.2.0

"$work/venv/bin/python" -W ignore > "$work/seen" <<'PYTHON'
import json

from cloudevents.core.bindings.http import from_binary_event, to_binary_event
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

event = {"specversion": "1.0", "id": "7", "source": "/deals/1", "type": "offer", "time": "2026-01-01T00:00:00Z"}
event["datacontenttype"] = "application/json"
for data in ({"price": 10}, [{"price": 10}], True, "ten", 10):
    read = JSONFormat().read(CloudEvent, json.dumps(event | {"data": data}))
    message = to_binary_event(read)
    back = from_binary_event(message).get_data()
    print(json.dumps(data), "-> body", message.body, "-> read back", repr(back), "same:", back == data)
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
{"price": 10} -> body b'{"price": 10}' -> read back {'price': 10} same: True
[{"price": 10}] -> body b"[{'price': 10}]" -> read back "[{'price': 10}]" same: False
true -> body b'True' -> read back 'True' same: False
"ten" -> body b'ten' -> read back 'ten' same: True
10 -> body b'10' -> read back 10 same: True
SEEN
