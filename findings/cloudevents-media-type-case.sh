#!/usr/bin/env bash
set -euo pipefail

# cloudevents 2.2.0
#
# Expected: "Application/JSON" and "application/json" are one media type; data under either is written as JSON.
# Source: RFC 6838, section 4.2 (type and subtype names are case-insensitive), which CloudEvents 1.0.2 names for
#   datacontenttype through RFC 2046.
# Seen: with a capital letter the object is written as one text, in Python's notation with single quotes, which nobody
#   can read as JSON.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile cloudevents==2.2.0

"$work/venv/bin/python" -W ignore > "$work/seen" <<'PYTHON'
import json

from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

event = {"specversion": "1.0", "id": "7", "source": "/deals/1", "type": "offer", "time": "2026-01-01T00:00:00Z"}
for media in ("application/json", "application/json; charset=utf-8", "Application/JSON", "application/JSON"):
    read = JSONFormat().read(CloudEvent, json.dumps(event | {"datacontenttype": media, "data": {"price": 10, "paid": None}}))
    print(media, "->", json.dumps(json.loads(JSONFormat().write(read))["data"]))
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
application/json -> {"price": 10, "paid": null}
application/json; charset=utf-8 -> {"price": 10, "paid": null}
Application/JSON -> "{'price': 10, 'paid': None}"
application/JSON -> "{'price': 10, 'paid': None}"
SEEN
