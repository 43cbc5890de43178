#!/usr/bin/env bash
set -euo pipefail

# ocdsmerge 0.8.0
#
# Expected: the compiled release holds what the latest release says.
# Source: the Open Contracting Data Standard 1.1, merging: releases are merged in the order of their dates, from the oldest
#   to the newest. Its dates are instants of RFC 3339, with Z or an offset.
# Seen: the dates are sorted as texts. A release of nine in the morning in Seoul overwrites an update that was made an hour
#   later and is written in UTC; and half a second after midnight comes before midnight. The compiled tender has the old
#   status and value, and the old release's date.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile ocdsmerge==0.8.0

"$work/venv/bin/python" -W ignore > "$work/seen" <<'PYTHON'
from datetime import datetime

from ocdsmerge import Merger

merger = Merger({"type": "object", "properties": {"tender": {"type": "object"}}})
for old, new in (("2026-03-02T00:00:00Z", "2026-03-02T01:00:00Z"), ("2026-03-02T09:00:00+09:00", "2026-03-02T01:00:00Z"), ("2026-03-02T00:00:00Z", "2026-03-02T00:00:00.5Z")):
    assert datetime.fromisoformat(old) < datetime.fromisoformat(new)
    releases = [
        {"ocid": "ocds-000000-1", "id": "1", "date": old, "tag": ["tender"], "tender": {"id": "1", "status": "planned", "value": {"amount": 100}}},
        {"ocid": "ocds-000000-1", "id": "2", "date": new, "tag": ["tenderUpdate"], "tender": {"id": "1", "status": "active", "value": {"amount": 120}}},
    ]
    compiled = merger.create_compiled_release(releases)
    print("old", old, "| new", new, "| compiled", compiled["date"], compiled["tender"]["status"], compiled["tender"]["value"]["amount"])
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
old 2026-03-02T00:00:00Z | new 2026-03-02T01:00:00Z | compiled 2026-03-02T01:00:00Z active 120
old 2026-03-02T09:00:00+09:00 | new 2026-03-02T01:00:00Z | compiled 2026-03-02T09:00:00+09:00 planned 100
old 2026-03-02T00:00:00Z | new 2026-03-02T00:00:00.5Z | compiled 2026-03-02T00:00:00Z planned 100
SEEN
