#!/usr/bin/env bash
set -euo pipefail

# formulas 1.3.4
#
# Expected: the first working day after Saturday 2012-01-07 is Monday the 9th, which is day 40917; and ninety working days
#   after Sunday 2012-01-01, if Sundays alone are free, end on 2012-04-14, day 41013.
# Source: Excel's function reference. WORKDAY takes any date to start from; WORKDAY.INTL's own example is the one of the
#   ninety days.
# Seen: who starts on a day of rest gets #VALUE!, and who starts on a working day gets the date. A holiday that is a Monday
#   is no start either. NETWORKDAYS counts from the same days.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile formulas==1.3.4

"$work/venv/bin/python" -W ignore > "$work/seen" <<'PYTHON'
import formulas

parser = formulas.Parser()
for formula in (
    "=WORKDAY(DATE(2012,1,6),1)",
    "=WORKDAY(DATE(2012,1,7),1)",
    "=WORKDAY(DATE(2012,1,7),-1)",
    "=WORKDAY(DATE(2012,1,9),1,DATE(2012,1,9))",
    "=WORKDAY.INTL(DATE(2011,12,31),90,11)",
    "=WORKDAY.INTL(DATE(2012,1,1),90,11)",
    "=NETWORKDAYS(DATE(2012,1,7),DATE(2012,1,9))",
    "=NETWORKDAYS.INTL(DATE(2012,1,1),DATE(2012,4,14),11)",
):
    print(formula, "->", parser.ast(formula)[1].compile()())
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
=WORKDAY(DATE(2012,1,6),1) -> 40917
=WORKDAY(DATE(2012,1,7),1) -> #VALUE!
=WORKDAY(DATE(2012,1,7),-1) -> #VALUE!
=WORKDAY(DATE(2012,1,9),1,DATE(2012,1,9)) -> #VALUE!
=WORKDAY.INTL(DATE(2011,12,31),90,11) -> 41013
=WORKDAY.INTL(DATE(2012,1,1),90,11) -> #VALUE!
=NETWORKDAYS(DATE(2012,1,7),DATE(2012,1,9)) -> 1
=NETWORKDAYS.INTL(DATE(2012,1,1),DATE(2012,4,14),11) -> 90
SEEN
