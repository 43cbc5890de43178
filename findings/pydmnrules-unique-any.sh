#!/usr/bin/env bash
set -euo pipefail

# pyDMNrules 1.4.5
#
# Expected: where two rules of a UNIQUE table match, or two of an ANY table that say different things, the engine says so
#   or answers null: which of the two was meant is not known.
# Source: DMN 1.3, chapter 8, hit policy: UNIQUE allows one match only; with ANY and unequal outputs the result is undefined.
# Seen: the first rule's output, without an error: UNIQUE and ANY are FIRST. A table that was correct until somebody added
#   a row keeps on answering.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile pydmnrules==1.4.5

"$work/venv/bin/python" -W ignore > "$work/seen" <<'PYTHON'
from pyDMNrules import DMN

TABLE = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="approval">
  <inputData id="discount" name="Discount"><variable id="v" name="Discount" typeRef="number"/></inputData>
  <decision id="approver" name="Approver"><variable name="Approver" typeRef="string"/>
    <informationRequirement id="needs"><requiredInput href="#discount"/></informationRequirement>
    <decisionTable id="table" hitPolicy="{policy}">
      <input id="i"><inputExpression id="e" typeRef="number"><text>Discount</text></inputExpression></input>
      <output id="o" name="Role" typeRef="string"/>
      <rule id="r1"><inputEntry id="i1"><text>&gt; 5</text></inputEntry><outputEntry id="o1"><text>"manager"</text></outputEntry></rule>
      <rule id="r2"><inputEntry id="i2"><text>&gt; 10</text></inputEntry><outputEntry id="o2"><text>"cfo"</text></outputEntry></rule>
    </decisionTable></decision></definitions>"""

for policy in ("FIRST", "UNIQUE", "ANY"):
    model = DMN()
    loaded = model.useXML(TABLE.format(policy=policy))
    status, decision = model.decide({"Discount": 20})
    print(policy, decision["Result"]["Approver.Role"], "errors:", loaded.get("errors", []) + status.get("errors", []))
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
FIRST manager errors: []
UNIQUE manager errors: []
ANY manager errors: []
SEEN
