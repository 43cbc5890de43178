#!/usr/bin/env bash
set -euo pipefail

# fiscalyear 0.4.0
#
# Expected: every instant lies in one fiscal year: the year that its own fiscal_year property names contains it.
# Source: the package's documentation: FiscalYear, FiscalQuarter and FiscalMonth contain the FiscalDateTime values between
#   their start and end, and follow one another.
# Seen: `end` is the last whole second, so half a second before midnight is in no year and no quarter; its own
#   fiscal_year says 2025, which ended a year before. A deal closed then is missing from the sum of every quarter.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile fiscalyear==0.4.0

"$work/venv/bin/python" -W ignore > "$work/seen" <<'PYTHON'
import fiscalyear
from fiscalyear import FiscalDateTime, FiscalQuarter, FiscalYear

fiscalyear.setup_fiscal_calendar(start_year="previous", start_month=10, start_day=1)
for instant in (FiscalDateTime(2026, 9, 30, 23, 59, 59), FiscalDateTime(2026, 9, 30, 23, 59, 59, 500_000), FiscalDateTime(2026, 10, 1)):
    years = [year for year in (2026, 2027) if instant in FiscalYear(year)]
    quarters = [(year, quarter) for year in (2026, 2027) for quarter in (1, 2, 3, 4) if instant in FiscalQuarter(year, quarter)]
    print(instant.isoformat(), "| fiscal year by property", instant.fiscal_year, "| in years", years, "| in quarters", quarters)
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
2026-09-30T23:59:59 | fiscal year by property 2026 | in years [2026] | in quarters [(2026, 4)]
2026-09-30T23:59:59.500000 | fiscal year by property 2025 | in years [] | in quarters []
2026-10-01T00:00:00 | fiscal year by property 2027 | in years [2027] | in quarters [(2027, 1)]
SEEN
