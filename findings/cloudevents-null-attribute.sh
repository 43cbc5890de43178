#!/usr/bin/env bash
set -euo pipefail

# cloudevents 2.2.0
#
# Expected: an attribute whose value is null is read as one that is not there.
# Source: CloudEvents JSON Event Format 1.0.2, section 2.2: a writer may write an unset
#   attribute as null, and a reader must take null for unset.
# Seen: three answers to one rule. `subject: null` is refused, `time: null` ends in a TypeError, and an extension of null
#   is kept and written out again.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile cloudevents==2.2.0

"$work/venv/bin/python" -W ignore > "$work/seen" <<'PYTHON'
import json

from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

event = {"specversion": "1.0", "id": "7", "source": "/deals/1", "type": "offer", "time": "2026-01-01T00:00:00Z"}
for attribute in ("subject", "datacontenttype", "time", "partitionkey"):
    try:
        read = JSONFormat().read(CloudEvent, json.dumps(event | {attribute: None}))
        print(attribute, "written again as", json.loads(JSONFormat().write(read)).get(attribute, "absent"))
    except Exception as error:
        print(attribute, "refused with", type(error).__name__)
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
subject refused with CloudEventValidationError
datacontenttype refused with CloudEventValidationError
time refused with TypeError
partitionkey written again as None
SEEN
