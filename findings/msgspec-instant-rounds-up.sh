#!/usr/bin/env bash
set -euo pipefail

# msgspec 0.23.0, beside ciso8601 2.4.1 and cel-expr-python 0.1.3
#
# Expected: digits beyond those kept are cut, so that an instant never moves into the next second, day or year.
# Source: RFC 3339, section 5.6 (time-secfrac is any number of digits); no reader may answer with a later instant than
#   was written. CPython's datetime.fromisoformat cuts.
# Seen: msgspec rounds half up into microseconds, so the last tenth of a microsecond of 2026 is read as 2027, and the last
#   of 9999, a valid instant, is refused. ciso8601 and cel-expr cut at microseconds. Two services that compare "before the
#   deadline" on one text disagree.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile msgspec==0.23.0 ciso8601==2.4.1 cel-expr-python==0.1.3

"$work/venv/bin/python" -W ignore > "$work/seen" <<'PYTHON'
from datetime import datetime

import ciso8601
import msgspec
from cel_expr_python import cel

READERS = {
    "msgspec": lambda text: msgspec.convert(text, datetime),
    "ciso8601": ciso8601.parse_rfc3339,
    "cel-expr": lambda text: cel.NewEnv().compile(f'timestamp("{text}")').eval().value(),
    "CPython": datetime.fromisoformat,
}
for text in ("2026-12-31T23:59:59.9999999Z", "2026-06-30T12:00:00.1234565Z", "9999-12-31T23:59:59.9999999Z"):
    for name, read in READERS.items():
        try:
            print(text, name, read(text).isoformat())
        except ValueError as error:
            print(text, name, "refused:", error)
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
2026-12-31T23:59:59.9999999Z msgspec 2027-01-01T00:00:00+00:00
2026-12-31T23:59:59.9999999Z ciso8601 2026-12-31T23:59:59.999999+00:00
2026-12-31T23:59:59.9999999Z cel-expr 2026-12-31T23:59:59.999999+00:00
2026-12-31T23:59:59.9999999Z CPython 2026-12-31T23:59:59.999999+00:00
2026-06-30T12:00:00.1234565Z msgspec 2026-06-30T12:00:00.123457+00:00
2026-06-30T12:00:00.1234565Z ciso8601 2026-06-30T12:00:00.123456+00:00
2026-06-30T12:00:00.1234565Z cel-expr 2026-06-30T12:00:00.123456+00:00
2026-06-30T12:00:00.1234565Z CPython 2026-06-30T12:00:00.123456+00:00
9999-12-31T23:59:59.9999999Z msgspec refused: Invalid RFC3339 encoded datetime
9999-12-31T23:59:59.9999999Z ciso8601 9999-12-31T23:59:59.999999+00:00
9999-12-31T23:59:59.9999999Z cel-expr 9999-12-31T23:59:59.999999+00:00
9999-12-31T23:59:59.9999999Z CPython 9999-12-31T23:59:59.999999+00:00
SEEN
