#!/usr/bin/env bash
set -euo pipefail

# standardwebhooks 1.1.0, svix 2.9.1
#
# Expected: the signature of one instant is one signature, whatever zone its datetime carries.
# Source: Standard Webhooks specification: the signed content holds the timestamp as whole seconds since the epoch.
# Seen: the offset is thrown away before the seconds are counted: 17:00+05:00 is signed as 17:00 UTC, five hours late, and
#   the receiver's check of the same instant fails. Both libraries.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile standardwebhooks==1.1.0 svix==2.9.1

"$work/venv/bin/python" -W ignore > "$work/seen" <<'PYTHON'
import base64
from datetime import datetime, timedelta, timezone

import standardwebhooks
import svix.webhooks

secret = "whsec_" + base64.b64encode(b"only a key for this example").decode()
utc = datetime(2026, 1, 1, 12, 0, tzinfo=timezone.utc)
offset = utc.astimezone(timezone(timedelta(hours=5)))
shifted = utc + timedelta(hours=5)
print("one instant:", utc == offset)
for name, webhook in (("standardwebhooks", standardwebhooks.Webhook(secret)), ("svix", svix.webhooks.Webhook(secret))):
    sign = lambda instant: webhook.sign("msg_1", instant, "{}")
    print(name, "| same signature:", sign(utc) == sign(offset), "| signed as five hours later:", sign(shifted) == sign(offset))
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
one instant: True
standardwebhooks | same signature: False | signed as five hours later: True
svix | same signature: False | signed as five hours later: True
SEEN
