#!/usr/bin/env bash
set -euo pipefail

# whenever 0.11.0, cel-expr-python 0.1.3, zen-engine 2.1.3, ciso8601 2.4.1, msgspec 0.23.0
#
# Expected: one reading of the leap second 2016-12-31T23:59:60Z, which a date-time of RFC 3339 may name.
# Source: RFC 3339, section 5.6 (time-second goes up to 60) and section 5.8, whose own examples
#   are 1990-12-31T23:59:60Z and 1990-12-31T15:59:60-08:00.
# Seen: three answers. whenever says the last second of the year, cel-expr the first of the next year, zen-engine keeps :60
#   when it prints and counts it as :59; ciso8601 and msgspec refuse the text. An event closed in that second belongs to
#   either year, by who read it.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile whenever==0.11.0 cel-expr-python==0.1.3 zen-engine==2.1.3 ciso8601==2.4.1 msgspec==0.23.0

"$work/venv/bin/python" -W ignore > "$work/seen" <<'PYTHON'
from datetime import datetime

import ciso8601
import msgspec
import whenever
import zen
from cel_expr_python import cel

READERS = {
    "whenever": lambda text: whenever.Instant.parse_iso(text),
    "cel-expr": lambda text: cel.NewEnv().compile(f'timestamp("{text}")').eval().value().isoformat(),
    "zen-engine d()": lambda text: zen.evaluate_expression(f'd("{text}").format()', {}),
    "zen-engine date()": lambda text: int(zen.evaluate_expression(f'date("{text}")', {})),
    "ciso8601": ciso8601.parse_rfc3339,
    "msgspec": lambda text: msgspec.convert(text, datetime),
}
for text in ("2016-12-31T23:59:60Z", "2017-01-01T08:59:60+09:00"):
    for name, read in READERS.items():
        try:
            print(text, name, read(text))
        except ValueError as error:
            print(text, name, "refused:", error)
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
2016-12-31T23:59:60Z whenever 2016-12-31T23:59:59Z
2016-12-31T23:59:60Z cel-expr 2017-01-01T00:00:00+00:00
2016-12-31T23:59:60Z zen-engine d() 2016-12-31 23:59:60 UTC
2016-12-31T23:59:60Z zen-engine date() 1483228799
2016-12-31T23:59:60Z ciso8601 refused: second must be in 0..59
2016-12-31T23:59:60Z msgspec refused: Invalid RFC3339 encoded datetime
2017-01-01T08:59:60+09:00 whenever 2016-12-31T23:59:59Z
2017-01-01T08:59:60+09:00 cel-expr 2017-01-01T00:00:00+00:00
2017-01-01T08:59:60+09:00 zen-engine d() 2016-12-31 23:59:60 UTC
2017-01-01T08:59:60+09:00 zen-engine date() 1483228799
2017-01-01T08:59:60+09:00 ciso8601 refused: second must be in 0..59
2017-01-01T08:59:60+09:00 msgspec refused: Invalid RFC3339 encoded datetime
SEEN
