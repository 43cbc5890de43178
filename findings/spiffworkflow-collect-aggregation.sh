#!/usr/bin/env bash
set -euo pipefail

# SpiffWorkflow 3.2.0
#
# Expected: a decision table with hit policy COLLECT and aggregation SUM, MIN, MAX or COUNT answers with one number.
# Source: DMN 1.3, chapter 8 (decision table): hit policy COLLECT, and the attribute `aggregation` of a decision table.
# Seen: the attribute is not read; every aggregation answers with the list of all matches. A surcharge table that should
#   add up to 3 hands a list to the next step.

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --no-compile spiffworkflow==3.2.0

"$work/venv/bin/python" -W ignore > "$work/seen" <<'PYTHON'
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.camunda.parser import CamundaParser

PROCESS = """<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
    xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="definitions" targetNamespace="approval">
  <bpmn:process id="quote" isExecutable="true">
    <bpmn:startEvent id="start"><bpmn:outgoing>a</bpmn:outgoing></bpmn:startEvent>
    <bpmn:sequenceFlow id="a" sourceRef="start" targetRef="decide"/>
    <bpmn:businessRuleTask id="decide" camunda:decisionRef="approver">
      <bpmn:incoming>a</bpmn:incoming><bpmn:outgoing>b</bpmn:outgoing></bpmn:businessRuleTask>
    <bpmn:sequenceFlow id="b" sourceRef="decide" targetRef="end"/>
    <bpmn:endEvent id="end"><bpmn:incoming>b</bpmn:incoming></bpmn:endEvent>
  </bpmn:process></bpmn:definitions>"""
TABLE = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="approval" name="approval" namespace="approval">
  <decision id="approver" name="approver"><decisionTable id="table" hitPolicy="COLLECT" aggregation="{aggregation}">
    <input id="discount"><inputExpression id="e" typeRef="number"><text>discount</text></inputExpression></input>
    <output id="role" name="surcharge" typeRef="number"/>
    <rule id="r1"><inputEntry id="i1"><text>&gt; 5</text></inputEntry><outputEntry id="o1"><text>1</text></outputEntry></rule>
    <rule id="r2"><inputEntry id="i2"><text>&gt; 10</text></inputEntry><outputEntry id="o2"><text>2</text></outputEntry></rule>
  </decisionTable></decision></definitions>"""

for aggregation in ("SUM", "MIN", "MAX", "COUNT"):
    parser = CamundaParser()
    parser.add_bpmn_str(PROCESS.encode())
    parser.add_dmn_str(TABLE.format(aggregation=aggregation).encode())
    workflow = BpmnWorkflow(parser.get_spec("quote"))
    workflow.get_next_task().data["discount"] = 20
    workflow.run_all()
    print(aggregation, workflow.data["surcharge"])
PYTHON

cat "$work/seen"
diff - "$work/seen" <<'SEEN'
SUM [1, 2]
MIN [1, 2]
MAX [1, 2]
COUNT [1, 2]
SEEN
