#!/usr/bin/env bash
set -euo pipefail

# NegMAS 0.16.0
#
# Expected: a profile with a discount factor and a reservation value has both: time makes agreements worth less, and the
#   party still does not agree below its reservation value.
# Source: the Genius profile format, in which discount_factor and reservation are independent elements of a profile.
# Seen: with a discount factor below 1 the reservation value becomes minus infinity: no agreement is too bad, and breaking
#   off is worth minus infinity. The file reader and the class behind it do the same.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile negmas==0.16.0

"$work/venv/bin/python" -W ignore > "$work/seen" <<'PYTHON'
import tempfile
from pathlib import Path

from negmas import Scenario

DOMAIN = """<negotiation_template><utility_space number_of_issues="1"><objective index="0" name="deal" type="objective" etype="objective">
  <issue index="1" name="price" type="discrete" etype="discrete" vtype="discrete"><item index="1" value="high"/><item index="2" value="low"/></issue>
</objective></utility_space></negotiation_template>"""
PROFILE = """<utility_space>{discount}<reservation value="0.45"/><objective index="0" name="deal" type="objective" etype="objective">
  <issue index="1" name="price" type="discrete" etype="discrete" vtype="discrete"><item index="1" value="high" evaluation="1"/><item index="2" value="low" evaluation="0"/></issue>
  <weight index="1" value="1.0"/></objective></utility_space>"""

for factor in ("", '<discount_factor value="1.0"/>', '<discount_factor value="0.9"/>'):
    with tempfile.TemporaryDirectory() as folder:
        domain, profile = Path(folder, "domain.xml"), Path(folder, "profile.xml")
        domain.write_text(DOMAIN)
        profile.write_text(PROFILE.format(discount=factor))
        utility = Scenario.from_genius_files(domain, [profile, profile]).ufuns[0]
    print(factor or "no discount", type(utility).__name__, "reserved", utility.reserved_value, "no agreement", utility(None))
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
no discount LinearAdditiveUtilityFunction reserved 0.45 no agreement 0.45
<discount_factor value="1.0"/> LinearAdditiveUtilityFunction reserved 0.45 no agreement 0.45
<discount_factor value="0.9"/> ExpDiscountedUFun reserved -inf no agreement -inf
SEEN
