#!/usr/bin/env bash
set -euo pipefail

# NegMAS 0.16.0
#
# Expected: a profile of Genius reads on Genius' scale from 0 to 1: each evaluation is divided by the highest of its issue,
#   then weighed. Below, the best outcome is 1 and the worst 0.75 * 2/4 + 0.25 * 1/3 = 0.458, just above the reservation
#   value of 0.45. Raising it to 0.5 makes one of four outcomes unacceptable.
# Source: Genius, class EvaluatorDiscrete: the evaluation used is the one in the file over the greatest in the issue; the
#   reservation value of a profile is on that scale.
# Seen: evaluations are weighed as they stand, so utilities go up to 3.75 beside a reservation value still on the scale to 1:
#   every outcome lies far above it. normalize() moves it along, to below the worst outcome.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile negmas==0.16.0

"$work/venv/bin/python" -W ignore > "$work/seen" <<'PYTHON'
import tempfile
from pathlib import Path

from negmas import Scenario

DOMAIN = """<negotiation_template><utility_space number_of_issues="2"><objective index="0" name="deal" type="objective" etype="objective">
  <issue index="1" name="price" type="discrete" etype="discrete" vtype="discrete"><item index="1" value="high"/><item index="2" value="low"/></issue>
  <issue index="2" name="term" type="discrete" etype="discrete" vtype="discrete"><item index="1" value="long"/><item index="2" value="short"/></issue>
</objective></utility_space></negotiation_template>"""
PROFILE = """<utility_space><reservation value="0.5"/><objective index="0" name="deal" type="objective" etype="objective">
  <issue index="1" name="price" type="discrete" etype="discrete" vtype="discrete"><item index="1" value="high" evaluation="4"/><item index="2" value="low" evaluation="2"/></issue>
  <issue index="2" name="term" type="discrete" etype="discrete" vtype="discrete"><item index="1" value="long" evaluation="3"/><item index="2" value="short" evaluation="1"/></issue>
  <weight index="1" value="0.75"/><weight index="2" value="0.25"/></objective></utility_space>"""

with tempfile.TemporaryDirectory() as folder:
    domain, profile = Path(folder, "domain.xml"), Path(folder, "profile.xml")
    domain.write_text(DOMAIN)
    profile.write_text(PROFILE)
    scenario = Scenario.from_genius_files(domain, [profile, profile])


def show(name):
    utility = scenario.ufuns[0]
    outcomes = {outcome: round(float(utility(outcome)), 3) for outcome in scenario.outcome_space.enumerate()}
    print(name, outcomes, "reserved", round(float(utility.reserved_value), 3), "unacceptable", [o for o, u in outcomes.items() if u < utility.reserved_value])


show("as read:")
scenario.normalize()
show("normalised:")
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
as read: {('high', 'long'): 3.75, ('high', 'short'): 3.25, ('low', 'long'): 2.25, ('low', 'short'): 1.75} reserved 0.5 unacceptable []
normalised: {('high', 'long'): 1.0, ('high', 'short'): 0.75, ('low', 'long'): 0.25, ('low', 'short'): 0.0} reserved -0.625 unacceptable []
SEEN
